#include "core/base/limits.hpp"

#include "core/base/day.hpp"
#include "core/base/hash.hpp"

#include <gtest/gtest.h>

namespace phusa {
namespace {

using namespace limits;

TEST(Limits, ABatchFitsIntoARequestAndARequestIntoTheTarget) {
  EXPECT_GE(kBatchWireBytesMax, kBatchPlainBytesMax);
  EXPECT_GE(kRequestBytesMax, kRequestTargetBytes + kBatchWireBytesMax)
      << "the batch that crosses the target must still fit";
  EXPECT_GT(kReplyBytesMax, kCatalogueBytesMax + kPagePlainBytesMax);
}

TEST(Limits, WhatIsTakenFitsIntoWhatIsReadOnceItsHashesAreWhole) {
  constexpr std::size_t kTagAndLength = 2;
  EXPECT_EQ(kBatchKeptBytesMax, kBatchWireBytesMax + 2 * (kTagAndLength + Hash::kSize));
}

TEST(Limits, TheLargestSetFitsIntoABatch) {
  EXPECT_LT(kMembersMax * (kCodeBytesMax + 1), kBatchPlainBytesMax);
  EXPECT_LT(kTextBytesMax, kBatchPlainBytesMax);
}

TEST(Limits, AmountsAddUpFarBelow128Bits) {
  static_assert(kAmountMax <
                INT64_MAX / 1'000);  // a sum of the two columns hi*2^32+lo holds 2^31 such amounts each
  EXPECT_EQ(kAmountMax, 1'000'000'000'000'000);
}

TEST(Limits, TheEarliestDayIsTheFirstOf2000) {
  EXPECT_EQ(format_day(day_from_number(kEarliestDay)), "2000-01-01");
}

TEST(Limits, CountsCannotOverflow) {
  EXPECT_LT(static_cast<std::uint64_t>(kCountMax) + kOwnCountStepMax, UINT32_MAX);
}

TEST(Limits, BackOffGrows) {
  EXPECT_LT(kBackOffFirst, kBackOffLast);
  EXPECT_EQ(kBackOffFirst.count(), 1'000);
  EXPECT_EQ(kBackOffLast.count(), 300'000);
}

}  // namespace
}  // namespace phusa
