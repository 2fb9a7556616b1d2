#include "core/wire/fates.hpp"

namespace phusa::wire {

Bytes encode_fates(const ReceiptParcel::Journal& journal) {
  Bytes out;
  put_u32(out, static_cast<std::uint32_t>(journal.batches.size()));
  for (std::size_t i = 0; i < journal.batches.size() && i < journal.verdicts.size(); ++i) {
    const Verdict& verdict = journal.verdicts[i];
    out.append(journal.batches[i].view());
    put_u8(out, static_cast<std::uint8_t>(verdict.status));
    put_u8(out, static_cast<std::uint8_t>(verdict.reason));
    put_u8(out, verdict.fork ? 1 : 0);
    put_u32(out, static_cast<std::uint32_t>(verdict.held.size()));
    for (const HeldChange& held : verdict.held) {
      put_u32(out, held.index);
      put_u8(out, static_cast<std::uint8_t>(held.reason));
    }
  }
  return out;
}

}  // namespace phusa::wire
