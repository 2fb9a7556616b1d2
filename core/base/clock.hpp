#pragma once

#include <chrono>

namespace phusa {

/// Wall time, whole seconds since 1970. What a clock claims, never what orders anything (law 8). A Clock
/// gives times that within_calendar() leaves as they are.
using WallTime = std::chrono::sys_seconds;
using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::milliseconds>;

/// The seam to time: tests and the simulator hand in their own. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall() const = 0;
  virtual MonotonicTime monotonic() const = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  WallTime wall() const override;
  MonotonicTime monotonic() const override;
};

}  // namespace phusa
