#pragma once

#include "core/base/bytes.hpp"

namespace phusa::wire {

inline constexpr int kLevelUp = 19;   ///< a phone packs little, and pays by the byte
inline constexpr int kLevelDown = 6;  ///< the server packs for everybody

/// zstd. `decompress` refuses anything that would grow past `plain_bytes_max` before it takes the memory.
Bytes compress(BytesView plain, int level = kLevelUp);
Result<Bytes> decompress(BytesView packed, std::size_t plain_bytes_max);

}  // namespace phusa::wire
