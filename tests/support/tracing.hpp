#pragma once

#include "tests/support/process.hpp"

namespace phusa::test {

inline constexpr const char* kNoTracing =
    "strace cannot trace here (not installed, or ptrace is not allowed)";

inline bool can_trace() {
  static const bool can = run({"strace", "-qq", "-o", "/dev/null", "true"}).status == 0;
  return can;
}

}  // namespace phusa::test
