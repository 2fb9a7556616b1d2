#include "sync-server/access/attempt_limiter.hpp"

#include "tests/server/access/manual_clock.hpp"

#include <gtest/gtest.h>

namespace phusa::access {
namespace {

using phusa::test::ManualClock;

TEST(AttemptLimiter, MakesAnAddressWaitAfterTooManyFailures) {
  ManualClock clock;
  AttemptLimiter limiter(clock);
  for (std::size_t i = 0; i < AttemptLimiter::kFailuresPerAddressMax; ++i) {
    EXPECT_EQ(limiter.wait_s("a"), 0u);
    limiter.failed("a");
  }
  EXPECT_EQ(limiter.wait_s("a"), 60u);
  EXPECT_EQ(limiter.wait_s("b"), 0u);
  clock.advance(std::chrono::seconds(59));
  EXPECT_EQ(limiter.wait_s("a"), 1u);
  clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(limiter.wait_s("a"), 0u);
}

void fail_often(AttemptLimiter& limiter, const std::string& address) {
  for (std::size_t i = 0; i < AttemptLimiter::kFailuresPerAddressMax; ++i) limiter.failed(address);
}

TEST(AttemptLimiter, NoNumberOfStrangersShutsAnybodyElseOut) {
  ManualClock clock;
  AttemptLimiter limiter(clock);
  for (int i = 0; i < 1000; ++i)
    fail_often(limiter, "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250));
  EXPECT_GT(limiter.wait_s("10.0.0.1"), 0u);
  EXPECT_EQ(limiter.wait_s("10.1.0.1"), 0u);
}

TEST(AttemptLimiter, CountsAnIpv6AddressByItsNetworkAndAMappedOneAsIpv4) {
  ManualClock clock;
  AttemptLimiter limiter(clock);
  fail_often(limiter, "2001:db8:0:1::1");
  EXPECT_GT(limiter.wait_s("2001:db8:0:1:ffff:ffff:ffff:ffff"), 0u);
  EXPECT_GT(limiter.wait_s("2001:0db8:0000:0001::2"), 0u);
  EXPECT_EQ(limiter.wait_s("2001:db8:0:2::1"), 0u);
  fail_often(limiter, "::ffff:10.0.0.1");
  EXPECT_GT(limiter.wait_s("10.0.0.1"), 0u);
  EXPECT_EQ(limiter.wait_s("::ffff:10.0.0.2"), 0u);
}

TEST(AttemptLimiter, ForgetsTheOldestPastWhatItKeeps) {
  ManualClock clock;
  AttemptLimiter limiter(clock);
  fail_often(limiter, "10.0.0.1");
  for (std::size_t i = 0; i < AttemptLimiter::kFailuresKeptMax; ++i) {
    limiter.failed("2001:db8:" + to_hex(Bytes(1, static_cast<char>(i >> 8))) + ":" +
                   to_hex(Bytes(1, static_cast<char>(i & 0xff))) + "::1");
    ASSERT_LE(limiter.failures_kept(), AttemptLimiter::kFailuresKeptMax);
  }
  EXPECT_EQ(limiter.wait_s("10.0.0.1"), 0u);
}

TEST(AttemptLimiter, TakesNoHeedOfTheWallClock) {
  ManualClock clock;
  AttemptLimiter limiter(clock);
  for (std::size_t i = 0; i < AttemptLimiter::kFailuresPerAddressMax; ++i) limiter.failed("a");
  clock.set_wall(clock.wall() + std::chrono::hours(24 * 365));
  EXPECT_GT(limiter.wait_s("a"), 0u);
}

}  // namespace
}  // namespace phusa::access
