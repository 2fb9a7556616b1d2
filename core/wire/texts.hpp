#pragma once

#include "core/base/bytes.hpp"

#include <span>
#include <string>
#include <vector>

namespace phusa::wire {

/// Texts one after another: one byte of form, then their count, lengths and bytes, compressed where that is
/// smaller. `level` is zstd's.
Bytes pack_texts(std::span<const std::string> texts, int level);
/// kCorrupt, or kLimitExceeded when they would take more than `plain_bytes_max`, or be more than `count_max`.
Result<std::vector<std::string>> unpack_texts(BytesView bytes, std::size_t plain_bytes_max,
                                              std::size_t count_max);
std::size_t plain_bytes_of(std::span<const std::string> texts);

}  // namespace phusa::wire
