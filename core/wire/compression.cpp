#include "core/wire/compression.hpp"

#include <zstd.h>

namespace phusa::wire {
namespace {

constexpr int kLevel = 9;  // a megabyte costs the server some 30 ms

}  // namespace
Bytes compress(BytesView plain) {
  Bytes out(ZSTD_compressBound(plain.size()), '\0');
  const std::size_t size = ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), kLevel);
  out.resize(ZSTD_isError(size) ? 0 : size);
  return out;
}

Result<Bytes> decompress(BytesView packed, std::size_t plain_bytes_max) {
  const unsigned long long plain_bytes = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (plain_bytes == ZSTD_CONTENTSIZE_ERROR || plain_bytes == ZSTD_CONTENTSIZE_UNKNOWN) {
    return fail(ErrorCode::kCorrupt, "compressed bytes do not start as they must");
  }
  if (plain_bytes > plain_bytes_max)
    return fail(ErrorCode::kLimitExceeded, "compressed bytes would grow too large");
  // One frame and nothing behind it: the library would read on through frames that hold nothing.
  if (ZSTD_findFrameCompressedSize(packed.data(), packed.size()) != packed.size())
    return fail(ErrorCode::kCorrupt, "compressed bytes do not end as they must");
  Bytes out(static_cast<std::size_t>(plain_bytes), '\0');
  const std::size_t size = ZSTD_decompress(out.data(), out.size(), packed.data(), packed.size());
  if (ZSTD_isError(size) || size != out.size())
    return fail(ErrorCode::kCorrupt, "compressed bytes are damaged");
  return out;
}

}  // namespace phusa::wire
