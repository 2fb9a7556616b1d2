#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace phusa::app {

/// A line of JSON. Whoever enrols or vouches writes what bytes it likes, and a file's name may hold any:
/// what is not UTF-8 is replaced, never thrown over.
template <class Json = nlohmann::json>
std::string json_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace phusa::app
