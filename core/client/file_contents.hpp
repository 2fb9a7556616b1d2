#pragma once

#include "core/base/hash.hpp"

#include <functional>

/// What of the store lies in a file that a host was handed, so that it can be noted once that file is on a
/// disk: a number and a hash for each row, since a store that was emptied meanwhile gives its numbers again.
namespace phusa {

void add_content(Bytes& contents, std::int64_t seq, const Hash& hash);

/// kInvalidArgument: not what add_content() made.
Result<void> for_each_content(BytesView contents,
                              const std::function<Result<void>(std::int64_t seq, const Hash& hash)>& visit);

}  // namespace phusa
