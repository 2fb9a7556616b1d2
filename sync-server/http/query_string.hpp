#pragma once

#include "core/base/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace phusa::http {

/// `by=unit%2Cindicator&unit=a+b` -> pairs in order, decoded. kInvalidArgument for a broken percent sign,
/// text that is not UTF-8, or more than 64 parameters.
Result<std::vector<std::pair<std::string, std::string>>> parse_query_string(std::string_view query);

}  // namespace phusa::http
