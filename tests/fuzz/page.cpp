// A page of records as a phone takes it from a server.
#include "core/wire/page.hpp"

#include "core/base/limits.hpp"
#include "tests/fuzz/target.hpp"

using namespace phusa;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto deltas = wire::unpack_page(fuzz::view_of(data, size));
  if (!deltas) return 0;
  fuzz::expect(deltas->size() <= limits::kPageRecordsMax, "no more records than a page holds");
  for (const wire::RecordDelta& delta : *deltas) {
    if (!delta.gone) (void)wire::state_of(delta);
  }
  const auto packed = wire::pack_page(*deltas);
  fuzz::expect(packed.has_value(), "what was unpacked packs again");
  const auto again = wire::unpack_page(*packed);
  fuzz::expect(again.has_value() && *again == *deltas, "and unpacks to the same");
  return 0;
}
