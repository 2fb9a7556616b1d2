#include "core/base/day.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <vector>

namespace phusa {
namespace {

using namespace std::chrono;

bool parse_number(std::string_view text, std::size_t digits_min, std::size_t digits_max, int& out) {
  if (text.size() < digits_min || text.size() > digits_max) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && text.front() != '-' &&
         text.front() != '+';
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t at = text.find(separator); at != std::string_view::npos; at = text.find(separator)) {
    parts.push_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  parts.push_back(text);
  return parts;
}

}  // namespace

WallTime within_calendar(WallTime time) {
  constexpr WallTime kFirst = sys_days{year{1900} / January / 1};
  constexpr WallTime kLast = sys_days{year{9999} / December / 31} + hours{24} - seconds{1};
  return std::clamp(time, kFirst, kLast);
}

Result<Day> parse_day(std::string_view text) {
  int y = 0, m = 0, d = 0;
  const auto dashed = split(text, '-');
  const auto slashed = split(text, '/');
  const bool iso = dashed.size() == 3 && parse_number(dashed[0], 4, 4, y) &&
                   parse_number(dashed[1], 2, 2, m) && parse_number(dashed[2], 2, 2, d);
  const bool vietnamese = !iso && slashed.size() == 3 && parse_number(slashed[0], 1, 2, d) &&
                          parse_number(slashed[1], 1, 2, m) && parse_number(slashed[2], 4, 4, y);
  const year_month_day date{year{y}, month{static_cast<unsigned>(m)}, day{static_cast<unsigned>(d)}};
  if ((!iso && !vietnamese) || !date.ok()) {
    return fail(ErrorCode::kInvalidArgument,
                "'" + std::string(text) + "' is not a day; write yyyy-mm-dd or d/m/yyyy");
  }
  return Day{date};
}

std::string format_day(Day day) {
  const year_month_day date{day};
  char out[32];
  std::snprintf(out, sizeof out, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return out;
}

std::string format_month(Day day) {
  return format_day(day).substr(0, 7);
}

std::string format_time(WallTime time) {
  time = within_calendar(time);
  const Day day = floor<days>(time);
  const hh_mm_ss clock{time - day};
  char out[32];
  std::snprintf(out, sizeof out, "T%02d:%02d:%02dZ", static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  return format_day(day) + out;
}

Day local_day(WallTime time) {
  return floor<days>(within_calendar(within_calendar(time) + hours{7}));
}

}  // namespace phusa
