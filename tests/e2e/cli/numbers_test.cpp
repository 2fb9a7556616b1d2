#include "bindings/cli/numbers.hpp"

#include <gtest/gtest.h>

namespace phusa::cli {
namespace {

using enum NumberStyle;

Figure figure(std::string_view text, NumberStyle style = kUnsaid) {
  auto parsed = parse_figure(text, style);
  EXPECT_TRUE(parsed.has_value()) << text << ": " << (parsed ? "" : parsed.error().key);
  return parsed.value_or(Figure{"?", "?"});
}

std::string error_key(std::string_view text, NumberStyle style = kUnsaid) {
  const auto parsed = parse_figure(text, style);
  return parsed ? "read as " + parsed->amount : parsed.error().key;
}

TEST(Numbers, PlainFiguresAreReadAsTheyStand) {
  EXPECT_EQ(figure("1000"), (Figure{"1000", ""}));
  EXPECT_EQ(figure(" 12.5 "), (Figure{"12.5", ""}));
  EXPECT_EQ(figure("-3"), (Figure{"-3", ""}));
  EXPECT_EQ(figure("0"), (Figure{"0", ""}));
  EXPECT_EQ(figure("007"), (Figure{"7", ""}));
  EXPECT_EQ(figure("0.125"), (Figure{"0.125", ""}));  // no group of thousands begins with 0
  EXPECT_EQ(figure("1234.567"), (Figure{"1234.567", ""}));
  EXPECT_EQ(figure("12.50"), (Figure{"12.50", ""}));
}

TEST(Numbers, BlankIsBlankAndNotZero) {
  EXPECT_EQ(figure(""), Figure{});
  EXPECT_EQ(figure("   "), Figure{});
}

TEST(Numbers, WhatCanBeReadEitherWayIsRefusedWithBothReadings) {
  const auto parsed = parse_figure("1.234", kUnsaid);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().key, "ambiguous_number");
  EXPECT_EQ(parsed.error().args, (std::vector<std::string>{"1.234", "1234", "1.234"}));
  for (const char* text : {"1,234", "12.345", "999.000", "-1.234", "more:1.234", "hơn 1.500", ">2.745"}) {
    EXPECT_EQ(error_key(text), "ambiguous_number") << text;
  }
}

TEST(Numbers, SayingTheStyleSettlesIt) {
  EXPECT_EQ(figure("1.234", kPlain).amount, "1.234");
  EXPECT_EQ(figure("1.234", kVietnamese).amount, "1234");
  EXPECT_EQ(figure("1,234", kVietnamese).amount, "1.234");
  EXPECT_EQ(figure("1.234.567,5", kVietnamese).amount, "1234567.5");
  EXPECT_EQ(figure("1234,5", kVietnamese).amount, "1234.5");
  EXPECT_EQ(figure("139.500.000", kVietnamese).amount, "139500000");
}

TEST(Numbers, VietnameseWritingIsNotGuessedFromPlain) {
  EXPECT_EQ(error_key("12,5"), "number_not_plain");
  EXPECT_EQ(error_key("1.234.567"), "number_not_plain");
  EXPECT_EQ(error_key("1.234,5"), "number_not_plain");
  EXPECT_EQ(error_key("1,234", kPlain), "number_not_plain");
}

TEST(Numbers, PlainWritingIsNotGuessedFromVietnamese) {
  EXPECT_EQ(error_key("12.5", kVietnamese), "number_not_vietnamese");
  EXPECT_EQ(error_key("1234.567", kVietnamese), "number_not_vietnamese");
}

TEST(Numbers, GroupsMustBeOfThree) {
  for (const char* text :
       {"1.23.456", "1234.567.890", ".123", "1..234", "1.234.", "0.123.456", "1.234,", ",5"}) {
    EXPECT_NE(error_key(text, kVietnamese).rfind("read", 0), 0u)
        << text << ": " << error_key(text, kVietnamese);
  }
}

TEST(Numbers, QualifiersAreReadInBothLanguages) {
  for (const char* text : {"more:2745", "hon:2745", "hơn:2745", "hơn 2745", "Hơn 2745", ">2745", "> 2745",
                           "more than 2745", "trên 2745"}) {
    EXPECT_EQ(figure(text), (Figure{"2745", "more"})) << text;
  }
  for (const char* text : {"nearly:1500", "gan:1500", "gần:1500", "gần 1500", "nearly 1500", "Gần 1500"}) {
    EXPECT_EQ(figure(text), (Figure{"1500", "nearly"})) << text;
  }
  EXPECT_EQ(figure("exact:5"), (Figure{"5", ""}));
}

TEST(Numbers, AQualifierNeedsAFigure) {
  EXPECT_EQ(error_key("more:"), "qualifier_without_number");
  EXPECT_EQ(error_key("hơn"), "bad_number");
  EXPECT_EQ(error_key(">"), "qualifier_without_number");
}

TEST(Numbers, OtherThingsAreNoFigures) {
  for (const char* text : {"abc", "1e5", "0x10", "+5", "--5", "1 000", "1'000", "12.", ".5", "٣", "five",
                           "1,2,3", "NaN", "inf", "-", "1-2", "=1"}) {
    EXPECT_NE(error_key(text).rfind("read", 0), 0u) << text << " was " << error_key(text);
  }
  EXPECT_EQ(error_key(std::string(1000, '9')), "bad_number");
}

TEST(Numbers, PeopleSeeGroups) {
  EXPECT_EQ(group_digits("1930", true), "1.930");
  EXPECT_EQ(group_digits("1930", false), "1,930");
  EXPECT_EQ(group_digits("-1234567.5", true), "-1.234.567,5");
  EXPECT_EQ(group_digits("999", true), "999");
  EXPECT_EQ(group_digits("", true), "");
}

}  // namespace
}  // namespace phusa::cli
