#pragma once

#include "core/base/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace phusa {

/// An Error that also says where in the request, and what to tell a person in any language: `key` with
/// `args`.
struct Fault {
  Error error;
  std::string field;
  std::uint32_t item = 0;
  std::string key;
  std::vector<std::string> args;

  Fault() = default;
  Fault(Error e) : error(std::move(e)), key(error_name(error.code)) {}  // NOLINT(google-explicit-constructor)
  Fault(std::string where, std::string what, std::string name, std::vector<std::string> values = {})
      : error{ErrorCode::kInvalidArgument, std::move(what)},
        field(std::move(where)),
        key(std::move(name)),
        args(std::move(values)) {}
};

}  // namespace phusa
