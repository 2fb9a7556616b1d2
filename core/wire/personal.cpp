#include "core/base/limits.hpp"
#include "core/wire/compression.hpp"
#include "core/wire/facts.hpp"

#include <algorithm>
#include <limits>

namespace phusa::wire {
namespace {

// First byte of a personal part. Then the salt; then, for texts, zstd over their lengths and bytes, or, where
// that is no smaller, lengths and bytes as they are; for an erased part the leaves.
enum class Form : std::uint8_t { kErased = 0, kPlain = 1, kZstd = 2 };

constexpr std::size_t kTextsMax = 2 * limits::kChangesPerBatchMax;  // place and note of each change

Bytes join_texts(std::span<const std::string> texts) {
  Bytes out;
  put_varint(out, texts.size());
  for (const std::string& text : texts) put_varint(out, text.size());
  for (const std::string& text : texts) out.append(text);
  return out;
}

Result<std::vector<std::string>> split_texts(BytesView plain) {
  ByteReader in(plain);
  const std::uint64_t count = in.varint_up_to(std::min<std::uint64_t>(kTextsMax, in.remaining()));
  std::vector<std::uint32_t> sizes;
  sizes.reserve(count);
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    sizes.push_back(static_cast<std::uint32_t>(in.varint_up_to(limits::kTextBytesMax)));
  }
  std::vector<std::string> texts;
  texts.reserve(sizes.size());
  for (const std::uint32_t size : sizes) texts.emplace_back(in.take(size));
  if (!in.done()) return fail(ErrorCode::kCorrupt, "a batch's texts do not hold together");
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
  const bool is_erased = part.texts.empty() && !part.leaves.empty();
  if (part.texts.empty() && part.leaves.empty()) return {};
  Bytes out(1, '\0');
  out.append(part.salt.view());
  if (is_erased) {
    for (const Leaf& leaf : part.leaves) out.append(leaf.view());
    return out;
  }
  const Bytes plain = join_texts(part.texts);
  const Bytes packed = compress(plain);
  const bool is_smaller = !packed.empty() && packed.size() < plain.size();
  out[0] = static_cast<char>(is_smaller ? Form::kZstd : Form::kPlain);
  out.append(is_smaller ? packed : plain);
  return out;
}

Result<PersonalPart> unpack_personal(BytesView bytes) {
  PersonalPart out;
  if (bytes.empty()) return out;
  ByteReader in(bytes);
  const std::uint8_t form = in.u8();
  const BytesView salt = in.take(BatchSalt::kSize);
  if (!in.ok() || form > static_cast<std::uint8_t>(Form::kZstd)) {
    return fail(ErrorCode::kCorrupt, "a batch's personal part cannot be read");
  }
  PHUSA_ASSIGN(out.salt, BatchSalt::from(salt));
  const BytesView rest = in.take(in.remaining());
  switch (static_cast<Form>(form)) {
    case Form::kErased: {
      PHUSA_ASSIGN(out.leaves, split_leaves(rest));
      return out;
    }
    case Form::kPlain: {
      if (rest.size() > limits::kBatchPlainBytesMax) {
        return fail(ErrorCode::kLimitExceeded, "a batch's texts are larger than they may be");
      }
      PHUSA_ASSIGN(out.texts, split_texts(rest));
      break;
    }
    case Form::kZstd: {
      PHUSA_ASSIGN(const Bytes plain, decompress(rest, limits::kBatchPlainBytesMax));
      PHUSA_ASSIGN(out.texts, split_texts(plain));
      break;
    }
  }
  if (out.texts.empty()) return fail(ErrorCode::kCorrupt, "a batch's personal part is there but empty");
  return out;
}

std::uint32_t personal_plain_bytes(const PersonalPart& part) {
  std::size_t bytes = part.texts.empty() ? part.leaves.size() * Leaf::kSize : join_texts(part.texts).size();
  return static_cast<std::uint32_t>(std::min<std::size_t>(bytes, std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace phusa::wire
