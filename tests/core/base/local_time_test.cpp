#include "core/base/local_time.hpp"

#include <gtest/gtest.h>

namespace phusa {
namespace {

TEST(LocalTime, IsThatOfVietNam) {
  EXPECT_EQ(local_time("2026-11-22T01:06:44Z"), "2026-11-22 08:06");
  EXPECT_EQ(local_time("2026-12-31T17:00:00Z"), "2027-01-01 00:00");
  EXPECT_EQ(local_time("1900-01-01T00:00:00Z"), "1900-01-01 07:00");
}

TEST(LocalTime, WhatIsNoTimeStaysAsItIs) {
  for (const char* text : {"", "2026-11-22", "2026-11-22T01:06", "2026-02-30T01:06:44Z", "yesterday at noon"})
    EXPECT_EQ(local_time(text), text);
}

}  // namespace
}  // namespace phusa
