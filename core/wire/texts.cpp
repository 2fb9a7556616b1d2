#include "core/wire/texts.hpp"

#include "core/base/limits.hpp"
#include "core/wire/compression.hpp"

#include <algorithm>

namespace phusa::wire {
namespace {

enum class Form : std::uint8_t { kPlain = 0, kZstd = 1 };

Bytes join(std::span<const std::string> texts) {
  Bytes out;
  out.reserve(plain_bytes_of(texts) + 8);
  put_varint(out, texts.size());
  for (const std::string& text : texts) put_varint(out, text.size());
  for (const std::string& text : texts) out.append(text);
  return out;
}

Result<std::vector<std::string>> split(BytesView plain, std::size_t count_max) {
  ByteReader in(plain);
  const std::uint64_t count = in.varint_up_to(std::min(count_max, in.remaining()));
  std::vector<std::uint32_t> sizes;
  sizes.reserve(count);
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    sizes.push_back(static_cast<std::uint32_t>(in.varint_up_to(limits::kTextBytesMax)));
  }
  std::vector<std::string> texts;
  texts.reserve(sizes.size());
  for (const std::uint32_t size : sizes) texts.emplace_back(in.take(size));
  if (!in.done()) return fail(ErrorCode::kCorrupt, "packed texts do not hold together");
  return texts;
}

}  // namespace

std::size_t plain_bytes_of(std::span<const std::string> texts) {
  std::size_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size() + 2;
  return bytes;
}

Bytes pack_texts(std::span<const std::string> texts, int level) {
  const Bytes plain = join(texts);
  const Bytes packed = compress(plain, level);
  const bool is_smaller = !packed.empty() && packed.size() < plain.size();
  Bytes out(1, static_cast<char>(is_smaller ? Form::kZstd : Form::kPlain));
  out.append(is_smaller ? packed : plain);
  return out;
}

Result<std::vector<std::string>> unpack_texts(BytesView bytes, std::size_t plain_bytes_max,
                                              std::size_t count_max) {
  if (bytes.empty()) return fail(ErrorCode::kCorrupt, "packed texts do not hold together");
  const auto form = static_cast<std::uint8_t>(bytes.front());
  bytes.remove_prefix(1);
  if (form > static_cast<std::uint8_t>(Form::kZstd))
    return fail(ErrorCode::kCorrupt, "packed texts of an unknown form");
  switch (static_cast<Form>(form)) {
    case Form::kPlain:
      if (bytes.size() > plain_bytes_max)
        return fail(ErrorCode::kLimitExceeded, "texts are larger than they may be");
      return split(bytes, count_max);
    case Form::kZstd: {
      PHUSA_ASSIGN(const Bytes plain, decompress(bytes, plain_bytes_max));
      return split(plain, count_max);
    }
  }
  return fail(ErrorCode::kCorrupt, "packed texts of an unknown form");
}

}  // namespace phusa::wire
