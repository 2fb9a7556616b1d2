#include "bindings/cli/local_time.hpp"

#include "core/base/day.hpp"

#include <cstdio>

namespace phusa::cli {

std::string local_time(const std::string& utc) {
  constexpr std::size_t kDayLength = 10;
  int hour = 0;
  int minute = 0;
  int second = 0;
  char end = 0;
  const auto day = parse_day(utc.substr(0, kDayLength));
  if (!day || utc.size() <= kDayLength ||
      std::sscanf(utc.c_str() + kDayLength, "T%2d:%2d:%2d%c", &hour, &minute, &second, &end) != 4 ||
      end != 'Z')
    return utc;
  const WallTime time = *day + std::chrono::hours(hour) + std::chrono::minutes(minute);
  const Day local = local_day(time);
  const std::chrono::hh_mm_ss clock{time + std::chrono::hours(7) - local};
  char out[16];
  std::snprintf(out, sizeof out, " %02d:%02d", static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()));
  return format_day(local) + out;
}

}  // namespace phusa::cli
