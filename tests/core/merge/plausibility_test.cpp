#include "core/merge/plausibility.hpp"

#include "core/base/limits.hpp"
#include "core/merge/merge.hpp"
#include "tests/core/merge/random_states.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace phusa::merge {
namespace {

using namespace test;

const FieldKey kTrees = FieldKey::value_of(IndicatorNo{0});
const FieldKey kGifts = FieldKey::value_of(IndicatorNo{1});
const Day kToday = day_from_number(19'000);

template <class Row>
Row row(std::string code) {
  Row out;
  out.code = std::move(code);
  return out;
}

Catalogue small_catalogue() {
  Catalogue out;
  out.units = {row<Unit>("A"), row<Unit>("CLOSED")};
  out.units[1].validity.until = kToday - std::chrono::days(100);
  out.kinds = {row<Kind>("tree-planting")};
  out.clusters = {row<Cluster>("C1")};
  out.campaigns = {row<Campaign>("MARCH"), row<Campaign>("ANY")};
  out.campaigns[0].validity = {kToday - std::chrono::days(10), kToday - std::chrono::days(5)};
  out.indicators = {row<Indicator>("trees"), row<Indicator>("gifts"), row<Indicator>("odd")};
  out.indicators[0].maximum = 1'000;
  out.indicators[2].maximum = std::numeric_limits<std::int64_t>::min();
  out.labels = {row<Label>("city"), row<Label>("block"), row<Label>("online"), row<Label>("free1"),
                row<Label>("free2")};
  out.labels[0].group = out.labels[1].group = "level";
  out.labels[2].group = "manner";
  return out;
}

class Plausibility : public testing::Test {
 protected:
  Plausibility() : state_(joined({})) {
    standard_.catalogue = &catalogue_;
    standard_.today = kToday;
    standard_.may_log_for = [](const DeviceId& author, UnitNo) {
      return author == device(1) || author == device(3);
    };
    set(FieldKind::kUnit, value::of_number(0));
    set(FieldKind::kKind, value::of_number(0));
    set(FieldKind::kDay, value::of_day(kToday - std::chrono::days(7)));
    set(kTrees, value::of_amount({500, Qualifier::kExact}));
  }

  void set(FieldKey field, Bytes value, std::uint8_t by = 1) {
    join(state_.at(field), {{{0, ++edits_, 0}, device(by), std::move(value)}, "", {}});
  }
  HoldReason judged() const { return judge_record(state_, standard_); }
  /// That `bad` is held for `reason`, and an ordinary edit to `good` mends it.
  void expect_held_and_mended(FieldKey field, const Bytes& bad, HoldReason reason, const Bytes& good) {
    set(field, bad);
    EXPECT_EQ(judged(), reason) << hold_name(judged());
    set(field, good);
    EXPECT_EQ(judged(), HoldReason::kNone) << hold_name(judged());
  }
  static Bytes day(int days_from_today) { return value::of_day(kToday + std::chrono::days(days_from_today)); }

  Catalogue catalogue_ = small_catalogue();
  Standard standard_;
  RecordState state_;
  std::uint32_t edits_ = 0;
};

TEST_F(Plausibility, AnOrdinaryRecordCounts) {
  EXPECT_EQ(judged(), HoldReason::kNone);
}

TEST_F(Plausibility, UnitKindAndDayAreNeeded) {
  expect_held_and_mended(FieldKind::kUnit, "", HoldReason::kIncomplete, value::of_number(0));
  expect_held_and_mended(FieldKind::kKind, "", HoldReason::kIncomplete, value::of_number(0));
  expect_held_and_mended(FieldKind::kDay, "", HoldReason::kIncomplete, day(-7));
  EXPECT_EQ(judge_record(joined({}), standard_), HoldReason::kIncomplete);
}

TEST_F(Plausibility, CodesOfNoRevisionAreHeldWhereverTheyStand) {
  constexpr auto kUnknown = HoldReason::kUnknownCode;
  expect_held_and_mended(FieldKind::kUnit, value::of_number(2), kUnknown, value::of_number(0));
  expect_held_and_mended(FieldKind::kKind, value::of_number(1), kUnknown, value::of_number(0));
  expect_held_and_mended(FieldKind::kCampaigns, value::of_numbers({1, 2}), kUnknown, "");
  expect_held_and_mended(FieldKind::kLabels, value::of_numbers({0, 5}), kUnknown, "");
  expect_held_and_mended(FieldKind::kPartners, value::of_partners({UnitNo{2}}), kUnknown,
                         value::of_partners({UnitNo{1}}));
  expect_held_and_mended(FieldKind::kPartners, value::of_partners({ClusterNo{1}, std::string("x")}), kUnknown,
                         value::of_partners({ClusterNo{0}, std::string("x")}));
  expect_held_and_mended(FieldKey::value_of(IndicatorNo{3}), value::of_amount({1, Qualifier::kExact}),
                         kUnknown, "");
}

TEST_F(Plausibility, CodesAreHeldOutsideTheirDays) {
  expect_held_and_mended(FieldKind::kUnit, value::of_number(1), HoldReason::kCodeNotValid,
                         value::of_number(0));
  set(FieldKind::kCampaigns, value::of_numbers({0}));
  EXPECT_EQ(judged(), HoldReason::kNone);
  expect_held_and_mended(FieldKind::kDay, day(-11), HoldReason::kCodeNotValid, day(-10));
  expect_held_and_mended(FieldKind::kDay, day(-4), HoldReason::kCodeNotValid, day(-5));
  // Or the office widens the code's days.
  set(FieldKind::kDay, day(-4));
  EXPECT_EQ(judged(), HoldReason::kCodeNotValid);
  catalogue_.campaigns[0].validity.until = kToday;
  EXPECT_EQ(judged(), HoldReason::kNone);
}

TEST_F(Plausibility, AFigureAboveTheIndicatorsMaximumIsHeld) {
  const auto amount = [](std::int64_t value) { return value::of_amount({value, Qualifier::kExact}); };
  expect_held_and_mended(kTrees, amount(1'001), HoldReason::kValueOutOfRange, amount(1'000));
  expect_held_and_mended(kTrees, amount(-1), HoldReason::kValueOutOfRange, amount(0));
  set(kGifts, amount(limits::kAmountMax));
  EXPECT_EQ(judged(), HoldReason::kNone) << "no maximum but the cap";
  expect_held_and_mended(FieldKey::value_of(IndicatorNo{2}), amount(0), HoldReason::kValueOutOfRange, "");
}

TEST_F(Plausibility, AnImplausibleDayIsHeldAndMendedByAnEdit) {
  const Day first = day_from_number(limits::kEarliestDay);
  expect_held_and_mended(FieldKind::kDay, value::of_day(first - std::chrono::days(1)),
                         HoldReason::kDayImplausible, value::of_day(first));
  set(FieldKind::kDay, day(-7));
  expect_held_and_mended(FieldKind::kLastDay, day(-8), HoldReason::kDayImplausible, day(-7));
}

TEST_F(Plausibility, ADayToComeIsHeldUntilItHasCome) {
  set(FieldKind::kDay, day(limits::kFutureDaysMax));
  EXPECT_EQ(judged(), HoldReason::kNone);
  set(FieldKind::kDay, day(limits::kFutureDaysMax + 1));
  EXPECT_EQ(judged(), HoldReason::kDayInFuture);
  standard_.today += std::chrono::days(1);
  EXPECT_EQ(judged(), HoldReason::kNone);
  set(FieldKind::kLastDay, value::of_day(standard_.today + std::chrono::days(limits::kFutureDaysMax + 1)));
  EXPECT_EQ(judged(), HoldReason::kDayInFuture) << "the last day, too";
  set(FieldKind::kDay, value::of_day(day_from_number(2'932'896)));
  set(FieldKind::kLastDay, "");
  EXPECT_EQ(judged(), HoldReason::kDayInFuture) << "a clock ten thousand years ahead";
}

TEST_F(Plausibility, AUnitTheAuthorHasNoGrantForIsHeldUntilSomeoneWithOneSaysSo) {
  set(FieldKind::kUnit, value::of_number(0), 2);
  EXPECT_EQ(judged(), HoldReason::kForeignUnit);
  set(FieldKind::kUnit, value::of_number(0), 3);
  EXPECT_EQ(judged(), HoldReason::kNone);
}

TEST_F(Plausibility, TwoLabelsOfOneGroupClashAndLabelsWithoutGroupDoNot) {
  expect_held_and_mended(FieldKind::kLabels, value::of_numbers({0, 1}), HoldReason::kLabelClash,
                         value::of_numbers({0, 2}));
  set(FieldKind::kLabels, value::of_numbers({1, 2, 3, 4}));
  EXPECT_EQ(judged(), HoldReason::kNone);
}

TEST_F(Plausibility, OnlyTheWinnerIsJudged) {
  join(state_.at(kTrees), {{{0, 0, 1}, device(2), value::of_amount({9'999, Qualifier::kExact})}, "", {}});
  EXPECT_EQ(judged(), HoldReason::kNone);
}

}  // namespace
}  // namespace phusa::merge
