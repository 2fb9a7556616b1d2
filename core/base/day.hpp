#pragma once

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace phusa {

/// A calendar day, without a zone: what people write on the paper.
using Day = std::chrono::sys_days;

/// `yyyy-mm-dd` or `d/m/yyyy`, a day that exists; else kInvalidArgument.
Result<Day> parse_day(std::string_view text);
/// `yyyy-mm-dd`
std::string format_day(Day day);
/// `yyyy-mm`
std::string format_month(Day day);
/// The nearest time from 1900 to 9999: what a peer's clock claims may be any int64, on which calendars overflow.
WallTime within_calendar(WallTime time);
/// `yyyy-mm-ddThh:mm:ssZ`; a time before 1900 or after 9999 is written as the first or last of them.
std::string format_time(WallTime time);
/// The day in Việt Nam (UTC+7 all year), where everybody's paper is written; from 1900 to 9999, as above.
Day local_day(WallTime time);

constexpr std::int64_t day_number(Day day) { return day.time_since_epoch().count(); }
constexpr Day day_from_number(std::int64_t days) { return Day{std::chrono::days{days}}; }

}  // namespace phusa
