#include "core/base/limits.hpp"
#include "core/wire/compression.hpp"
#include "core/wire/facts.hpp"
#include "core/wire/texts.hpp"

namespace phusa::wire {
namespace {

// A personal part: a byte of form, the salt, then packed texts or, once these are erased, their leaves.
enum class Form : std::uint8_t { kTexts = 0, kErased = 1 };

constexpr std::size_t kTextsMax = 2 * limits::kChangesPerBatchMax;  // place and note of each change

Result<std::vector<Leaf>> split_leaves(BytesView bytes) {
  if (bytes.empty() || bytes.size() % Leaf::kSize != 0 || bytes.size() / Leaf::kSize > kTextsMax) {
    return fail(ErrorCode::kCorrupt, "a batch's leaves do not hold together");
  }
  std::vector<Leaf> leaves;
  leaves.reserve(bytes.size() / Leaf::kSize);
  for (; !bytes.empty(); bytes.remove_prefix(Leaf::kSize))
    leaves.push_back(*Leaf::from(bytes.substr(0, Leaf::kSize)));
  return leaves;
}

}  // namespace

Bytes pack_personal(const PersonalPart& part) {
  if (part.texts.empty() && part.leaves.empty()) return {};
  const bool is_erased = part.texts.empty();
  Bytes out(1, static_cast<char>(is_erased ? Form::kErased : Form::kTexts));
  out.append(part.salt.view());
  if (is_erased) {
    for (const Leaf& leaf : part.leaves) out.append(leaf.view());
  } else {
    out.append(pack_texts(part.texts, kLevelUp));
  }
  return out;
}

Result<PersonalPart> unpack_personal(BytesView bytes) {
  PersonalPart out;
  if (bytes.empty()) return out;
  ByteReader in(bytes);
  const std::uint8_t form = in.u8();
  const BytesView salt = in.take(BatchSalt::kSize);
  if (!in.ok() || form > static_cast<std::uint8_t>(Form::kErased)) {
    return fail(ErrorCode::kCorrupt, "a batch's personal part cannot be read");
  }
  PHUSA_ASSIGN(out.salt, BatchSalt::from(salt));
  const BytesView rest = in.take(in.remaining());
  if (static_cast<Form>(form) == Form::kErased) {
    PHUSA_ASSIGN(out.leaves, split_leaves(rest));
    return out;
  }
  PHUSA_ASSIGN(out.texts, unpack_texts(rest, limits::kBatchPlainBytesMax, kTextsMax));
  if (out.texts.empty()) return fail(ErrorCode::kCorrupt, "a batch's personal part is there but empty");
  return out;
}

std::uint32_t personal_plain_bytes(const PersonalPart& part) {
  return static_cast<std::uint32_t>(part.texts.empty() ? part.leaves.size() * Leaf::kSize
                                                       : plain_bytes_of(part.texts));
}

}  // namespace phusa::wire
