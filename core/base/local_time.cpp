#include "core/base/local_time.hpp"

#include "core/base/day.hpp"

#include <algorithm>
#include <cstdio>

namespace phusa {

std::string local_time(const std::string& utc) {
  constexpr std::size_t kDayLength = 10;
  int hour = 0;
  int minute = 0;
  const auto day = parse_day(utc.substr(0, std::min(utc.size(), kDayLength)));
  if (!day || !utc.ends_with('Z') || std::sscanf(utc.c_str() + kDayLength, "T%2d:%2d", &hour, &minute) != 2)
    return utc;
  const WallTime time = *day + std::chrono::hours(hour) + std::chrono::minutes(minute);
  const Day local = local_day(time);
  const std::chrono::hh_mm_ss clock{time + std::chrono::hours(7) - local};
  char out[8];
  std::snprintf(out, sizeof out, "%02d:%02d", static_cast<int>(clock.hours().count()) % 24,
                static_cast<int>(clock.minutes().count()) % 60);
  return format_day(local) + " " + out;
}

}  // namespace phusa
