#include "core/model/figure.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace phusa {
namespace {

RC_GTEST_PROP(Figure, TextAndAmountAreOneAndTheSame, ()) {
  const auto decimals = *rc::gen::inRange(0u, 7u);
  const auto value = *rc::gen::arbitrary<std::int64_t>();
  RC_PRE(value != std::numeric_limits<std::int64_t>::min());
  RC_ASSERT(parse_decimal(format_decimal(value, decimals), decimals) == std::optional<std::int64_t>(value));
}

TEST(Figure, IsWrittenWithItsDecimals) {
  EXPECT_EQ(format_decimal(1930, 0), "1930");
  EXPECT_EQ(format_decimal(125, 1), "12.5");
  EXPECT_EQ(format_decimal(-5, 2), "-0.05");
  EXPECT_EQ(format_decimal(0, 0), "0");
  EXPECT_EQ(format_decimal(0, 1), "0.0");
}

TEST(Figure, SumsBeyond64BitsAreExact) {
  EXPECT_EQ(format_decimal(Int128{INT64_MAX} * 10, 0), "92233720368547758070");
}

TEST(Figure, MayEndInZerosItsIndicatorDoesNotHave) {
  EXPECT_EQ(parse_decimal("12.50", 1), 125);
}

TEST(Figure, RefusesWhatIsNoNumber) {
  for (const char* bad :
       {"", ".", "1.", ".5", "1,5", "0x1", "--1", "1.25", "99999999999999999999", " 1", "1 "}) {
    EXPECT_EQ(parse_decimal(bad, 1), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace phusa
