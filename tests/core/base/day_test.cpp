#include "core/base/day.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace phusa {
namespace {

Day ymd(int y, unsigned m, unsigned d) {
  return Day{std::chrono::year_month_day{std::chrono::year{y}, std::chrono::month{m}, std::chrono::day{d}}};
}

TEST(Day, BothNotationsAreRead) {
  EXPECT_EQ(parse_day("2023-03-26"), ymd(2023, 3, 26));
  EXPECT_EQ(parse_day("26/3/2023"), ymd(2023, 3, 26));
  EXPECT_EQ(parse_day("26/03/2023"), ymd(2023, 3, 26));
  EXPECT_EQ(parse_day("1/1/2000"), ymd(2000, 1, 1));
}

TEST(Day, LeapYearsFollowTheGregorianRule) {
  EXPECT_TRUE(parse_day("2024-02-29"));
  EXPECT_TRUE(parse_day("29/2/2000"));
  EXPECT_FALSE(parse_day("2023-02-29"));
  EXPECT_FALSE(parse_day("29/2/1900"));
  EXPECT_FALSE(parse_day("29/2/2100"));
}

TEST(Day, ImpossibleAndForeignNotationsAreRefused) {
  for (const std::string_view text :
       {"",           "-",          "--",         "//",          "2023",        "2023-13-01",  "2023-00-10",
        "2023-01-00", "2023-01-32", "2023-04-31", "31/4/2023",   "0/1/2023",    "1/0/2023",    "1/13/2023",
        "2023-1-1",   "23-01-01",   "1/1/23",     "2023/01/01",  "2023-01-01 ", " 2023-01-01", "2023-01-01-",
        "1/1/2023/",  "+1/1/2023",  "-1/1/2023",  "1/-1/2023",   "2023-+1-01",  "2023-01-1a",  "20 3-01-01",
        "1.1.2023",   "2023-01/01", "12/2023",    "99999-01-01", "1/1/99999",   "001/1/2023"}) {
    const auto day = parse_day(text);
    ASSERT_FALSE(day) << text;
    EXPECT_EQ(day.error().code, ErrorCode::kInvalidArgument);
  }
}

RC_GTEST_PROP(Day, WhatIsWrittenIsReadBack, ()) {
  const auto number = *rc::gen::inRange<std::int64_t>(-25'567, 2'932'897);
  const Day day = day_from_number(number);
  RC_ASSERT(parse_day(format_day(day)) == day);
  RC_ASSERT(day_number(day) == number);
  RC_ASSERT(format_month(day) == format_day(day).substr(0, 7));
}

TEST(Day, VietNamIsSevenHoursAhead) {
  const WallTime last_second = ymd(2023, 12, 31) + std::chrono::hours(17) - std::chrono::seconds(1);
  EXPECT_EQ(local_day(last_second), ymd(2023, 12, 31));
  EXPECT_EQ(local_day(last_second + std::chrono::seconds(1)), ymd(2024, 1, 1));
}

TEST(Day, TimesBefore1970AreWrittenRight) {
  EXPECT_EQ(format_time(WallTime{}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_time(WallTime{} - std::chrono::seconds(1)), "1969-12-31T23:59:59Z");
}

TEST(Day, AClockThatClaimsTheEndOfTimeIsWrittenAsTheLastDay) {
  const WallTime never{std::chrono::seconds(std::numeric_limits<std::int64_t>::max())};
  const WallTime ever{std::chrono::seconds(std::numeric_limits<std::int64_t>::min())};
  EXPECT_EQ(format_time(never), "9999-12-31T23:59:59Z");
  EXPECT_EQ(format_time(ever), "1900-01-01T00:00:00Z");
  EXPECT_EQ(format_day(local_day(never)), "9999-12-31");
  EXPECT_EQ(format_day(local_day(ever)), "1900-01-01");
}

}  // namespace
}  // namespace phusa
