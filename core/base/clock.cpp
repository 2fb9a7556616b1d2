#include "core/base/clock.hpp"

#include "core/base/day.hpp"

#include <ctime>

namespace phusa {

WallTime SystemClock::wall() const {
  // system_clock counts nanoseconds, of which there are no more after the year 2262.
  return within_calendar(WallTime(std::chrono::seconds(std::time(nullptr))));
}

MonotonicTime SystemClock::monotonic() const {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::steady_clock::now());
}

}  // namespace phusa
