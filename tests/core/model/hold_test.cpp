#include "core/model/hold.hpp"

#include <gtest/gtest.h>

#include <set>

namespace phusa {
namespace {

TEST(Hold, EveryReasonHasItsOwnNameAndHoldsEitherAChangeOrARecord) {
  std::set<std::string_view> names;
  for (std::uint32_t number = 1; number < 256; ++number) {
    if (!is_hold_reason(number)) continue;
    const auto reason = static_cast<HoldReason>(number);
    EXPECT_TRUE(names.insert(hold_name(reason)).second) << number;
    EXPECT_NE(holds_change(reason), holds_record(reason)) << number;
  }
  EXPECT_EQ(names.size(), 23u);
}

TEST(Hold, NoneHoldsNothing) {
  EXPECT_FALSE(holds_change(HoldReason::kNone));
  EXPECT_FALSE(holds_record(HoldReason::kNone));
}

TEST(Hold, NumbersOfALaterVersionAreUnknown) {
  for (const std::uint32_t number : {16u, 19u, 28u, 255u, 256u, 257u, UINT32_MAX})
    EXPECT_FALSE(is_hold_reason(number)) << number;
}

}  // namespace
}  // namespace phusa
