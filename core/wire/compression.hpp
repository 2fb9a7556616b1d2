#pragma once

#include "core/base/bytes.hpp"

namespace phusa::wire {

/// zstd, for what is text and travels seldom: the catalogue. `decompress` refuses what says that it would
/// grow past `plain_bytes_max` before it takes the memory, and unpacks no more than was said.
Bytes compress(BytesView plain);
Result<Bytes> decompress(BytesView packed, std::size_t plain_bytes_max);

}  // namespace phusa::wire
