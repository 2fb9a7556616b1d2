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

TEST(AttemptLimiter, BoundsAllAddressesTogether) {
  ManualClock clock;
  AttemptLimiter limiter(clock);
  for (std::size_t i = 0; i < AttemptLimiter::kFailuresMax; ++i) limiter.failed(std::to_string(i));
  EXPECT_GT(limiter.wait_s("somebody else"), 0u);
  clock.advance(AttemptLimiter::kWindow);
  EXPECT_EQ(limiter.wait_s("somebody else"), 0u);
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
