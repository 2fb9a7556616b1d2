#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace phusa::cli {

using Json = nlohmann::ordered_json;

/// Indented, one line break at the end. Bytes that are not UTF-8 become U+FFFD: a program must be able to
/// read the rest.
inline std::string print_json(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace phusa::cli
