#include "core/base/limits.hpp"
#include "core/wire/facts.hpp"
#include "core/wire/text_column.hpp"

#include <bit>
#include <memory>

namespace phusa::wire {
namespace {

// A personal part: a byte of form, the salt, then the texts through a range coder or, once these are erased,
// their leaves.
enum class Form : std::uint8_t { kTexts = 0, kErased = 1 };

constexpr std::size_t kTextsMax = 2 * limits::kChangesPerBatchMax;  // place and note of each change
constexpr unsigned kTextCountBits = std::bit_width(kTextsMax);
constexpr std::size_t kTextPlainBytes = 2;  // beside its bytes

tl::unexpected<Error> unreadable() {
  return fail(ErrorCode::kCorrupt, "a batch's texts cannot be read");
}

Bytes pack_texts(std::span<const std::string> texts) {
  RangeEncoder coder;
  coder.raw(static_cast<std::uint32_t>(texts.size()), kTextCountBits);
  const auto column = std::make_unique<TextColumn>();
  for (const std::string& text : texts) code_text(coder, *column, text, limits::kTextBytesMax);
  return coder.finish();
}

Result<std::vector<std::string>> unpack_texts(BytesView bytes) {
  RangeDecoder coder(bytes);
  const std::uint32_t count = coder.raw(0, kTextCountBits);
  if (!coder.ok() || count == 0 || count > kTextsMax) return unreadable();
  const auto column = std::make_unique<TextColumn>();
  std::vector<std::string> texts;
  std::size_t plain = 0;
  for (std::uint32_t i = 0; i < count && coder.ok(); ++i) {
    texts.push_back(code_text(coder, *column, {}, limits::kTextBytesMax));
    plain += texts.back().size() + kTextPlainBytes;
    if (plain > limits::kBatchPlainBytesMax) {
      return fail(ErrorCode::kLimitExceeded, "a batch's texts are larger than they may be");
    }
  }
  if (!coder.done()) return unreadable();
  return texts;
}

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
    out.append(pack_texts(part.texts));
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
  } else {
    PHUSA_ASSIGN(out.texts, unpack_texts(rest));
  }
  return out;
}

std::uint32_t personal_plain_bytes(const PersonalPart& part) {
  if (part.texts.empty()) return static_cast<std::uint32_t>(part.leaves.size() * Leaf::kSize);
  std::size_t bytes = 0;
  for (const std::string& text : part.texts) bytes += text.size() + kTextPlainBytes;
  return static_cast<std::uint32_t>(bytes);
}

}  // namespace phusa::wire
