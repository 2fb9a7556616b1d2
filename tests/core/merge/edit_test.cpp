#include "core/merge/edit.hpp"

#include "core/base/limits.hpp"
#include "core/merge/admission.hpp"
#include "core/merge/merge.hpp"
#include "tests/core/merge/random_states.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>

namespace phusa::merge {
namespace {

using namespace test;

const FieldKey kTrees = FieldKey::value_of(IndicatorNo{0});
constexpr std::array kRanks{Rank::kVolunteer, Rank::kOfficer, Rank::kOffice};

Bytes amount(std::int64_t value) {
  return value::of_amount({value, Qualifier::kExact});
}

/// A sealed edit over `displayed`, by a device that never edited before.
Node edit_of(const Node* displayed, Rank rank, std::uint8_t by, std::int64_t value) {
  const auto node =
      make_edit(kTrees, rank, device(by), {displayed, true, nullptr, std::nullopt}, amount(value), "");
  EXPECT_TRUE(node);
  return *node;
}

Change change_of(const Node& node) {
  Change change;
  change.record = record();
  change.edits = {{kTrees, node}};
  return change;
}

Author author(Rank rank, std::uint8_t by) {
  return {device(by), rank, true, false, [](UnitNo) { return true; }};
}

TEST(Edit, TheFirstOfEachRankCountsOneAndNamesNothing) {
  EXPECT_EQ(edit_of(nullptr, Rank::kVolunteer, 1, 5).version.counts, (Counts{0, 0, 1}));
  EXPECT_EQ(edit_of(nullptr, Rank::kOfficer, 1, 5).version.counts, (Counts{0, 1, 0}));
  EXPECT_EQ(edit_of(nullptr, Rank::kOffice, 1, 5).version.counts, (Counts{1, 0, 0}));
  EXPECT_TRUE(edit_of(nullptr, Rank::kOffice, 1, 5).names.empty());
}

TEST(Edit, RaisesItsRankKeepsThoseAboveAndZeroesThoseBelow) {
  Node shown;
  shown.version = {{4, 5, 6}, device(9), amount(1)};
  EXPECT_EQ(edit_of(&shown, Rank::kVolunteer, 1, 5).version.counts, (Counts{4, 5, 7}));
  EXPECT_EQ(edit_of(&shown, Rank::kOfficer, 1, 5).version.counts, (Counts{4, 6, 0}));
  EXPECT_EQ(edit_of(&shown, Rank::kOffice, 1, 5).version.counts, (Counts{5, 0, 0}));
}

RC_GTEST_PROP(Edit, AnyRanksEditBeatsWhatItSawAndTheServerAdmitsIt, ()) {
  RecordState state = joined({});
  Node shown = *any_node(kTrees);
  shown.names.clear();
  join(state.at(kTrees), shown);
  const Rank rank = *rc::gen::elementOf(kRanks);
  const Node next = edit_of(&shown, rank, 7, 42);
  RC_ASSERT(next.version > shown.version);
  RC_ASSERT(judge(state, change_of(next), author(rank, 7)) == HoldReason::kNone);
  join(state.at(kTrees), next);
  RC_ASSERT(winner(state, kTrees)->version == next.version);
  RC_ASSERT(conflicts(*state.find(kTrees)).empty());
}

// Blind edits of three ranks over one base, in every order of arrival.
TEST(Edit, OfBlindEditsOfOneBaseTheHighestRankStandsHoweverManyTheOthersMade) {
  const Node base = edit_of(nullptr, Rank::kVolunteer, 1, 1);
  const Node office = edit_of(&base, Rank::kOffice, 4, 100);
  const Node officer_first = edit_of(&base, Rank::kOfficer, 3, 10);
  const Node officer = edit_of(&officer_first, Rank::kOfficer, 3, 11);
  Node volunteer = edit_of(&base, Rank::kVolunteer, 2, 2);
  std::vector<std::pair<Node, Author>> arrivals{{base, author(Rank::kVolunteer, 1)},
                                                {office, author(Rank::kOffice, 4)},
                                                {officer_first, author(Rank::kOfficer, 3)},
                                                {officer, author(Rank::kOfficer, 3)},
                                                {volunteer, author(Rank::kVolunteer, 2)}};
  Node many = volunteer;
  for (int i = 0; i < 300; ++i) {
    const auto next = make_edit(kTrees, Rank::kVolunteer, device(2),
                                {&many, i == 0, i == 0 ? nullptr : &many, name_of(kTrees, volunteer.version)},
                                amount(3 + i), "");
    ASSERT_TRUE(next);
    many = *next;
  }
  arrivals.emplace_back(many, author(Rank::kVolunteer, 2));

  std::vector<std::size_t> order{0, 1, 2, 3, 4, 5};
  do {
    RecordState state = joined({});
    std::vector<std::size_t> waiting = order;
    for (std::size_t before = 0; before != waiting.size();) {
      before = waiting.size();
      std::erase_if(waiting, [&](std::size_t i) {
        if (judge(state, change_of(arrivals[i].first), arrivals[i].second) != HoldReason::kNone) return false;
        join(state, change_of(arrivals[i].first));
        return true;
      });
    }
    ASSERT_TRUE(waiting.empty());
    ASSERT_EQ(winner(state, kTrees)->version, office.version);
    const auto lost = conflicts(*state.find(kTrees));
    ASSERT_EQ(lost.size(), 2u) << "the officer's and the volunteer's last, not what they replaced themselves";
    ASSERT_EQ(lost[0]->version, officer.version);
    ASSERT_EQ(lost[1]->version, many.version);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Edit, TwoCopiesOfOnePhoneConvergeAndShowAConflict) {
  const Node base = edit_of(nullptr, Rank::kVolunteer, 1, 1);
  const Node here = edit_of(&base, Rank::kVolunteer, 1, 20);
  const Node there = edit_of(&base, Rank::kVolunteer, 1, 30);
  ASSERT_EQ(here.version.counts, there.version.counts);
  RecordState one = joined({change_of(base), change_of(here), change_of(there)});
  RecordState other = joined({change_of(there), change_of(base), change_of(here)});
  EXPECT_EQ(one, other);
  const auto lost = conflicts(*one.find(kTrees));
  ASSERT_EQ(lost.size(), 1u);
  EXPECT_EQ(std::max(here.version, there.version), winner(one, kTrees)->version);
  EXPECT_EQ(std::min(here.version, there.version), lost[0]->version);

  const Node resolved = edit_of(winner(one, kTrees), Rank::kOfficer, 3, 50);
  Node all_named = resolved;
  all_named.names.push_back(name_of(kTrees, lost[0]->version));
  std::sort(all_named.names.begin(), all_named.names.end());
  EXPECT_EQ(judge(one, change_of(all_named), author(Rank::kOfficer, 3)), HoldReason::kNone);
  join(one, change_of(all_named));
  EXPECT_TRUE(conflicts(*one.find(kTrees)).empty()) << "resolving names the losers";
}

TEST(Edit, CopiesThatSayTheSameAreOneVersionWithTheirNamesUnited) {
  const Node base = edit_of(nullptr, Rank::kVolunteer, 1, 1);
  Node here = edit_of(&base, Rank::kVolunteer, 1, 20);
  Node there = here;
  there.names = {name_of(kTrees, edit_of(nullptr, Rank::kVolunteer, 2, 9).version)};
  const RecordState state = joined({change_of(here), change_of(there)});
  ASSERT_EQ(state.find(kTrees)->nodes.size(), 1u);
  EXPECT_EQ(state.find(kTrees)->nodes[0].names.size(), 2u);
}

TEST(Edit, CoalescingRaisesTheCountAndKeepsWhatTheReplacedEditNamed) {
  const Node base = edit_of(nullptr, Rank::kVolunteer, 2, 1);
  const Node first = edit_of(&base, Rank::kVolunteer, 1, 2);
  const auto second =
      make_edit(kTrees, Rank::kVolunteer, device(1), {&first, false, &first, std::nullopt}, amount(3), "");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->version.counts, (Counts{0, 0, 3}));
  EXPECT_EQ(second->names, std::vector{name_of(kTrees, base.version)});
}

TEST(Edit, CoalescingOverAnOfficersArrivingEditBeatsItAndNamesBoth) {
  const Node base = edit_of(nullptr, Rank::kVolunteer, 1, 1);
  const Node pending = edit_of(&base, Rank::kVolunteer, 1, 2);
  const Node officer = edit_of(&base, Rank::kOfficer, 3, 10);
  const auto second = make_edit(kTrees, Rank::kVolunteer, device(1),
                                {&officer, true, &pending, name_of(kTrees, base.version)}, amount(11), "");
  ASSERT_TRUE(second);
  EXPECT_GT(second->version, officer.version);
  EXPECT_EQ(second->names, (std::vector{name_of(kTrees, base.version), name_of(kTrees, officer.version)}));
  const RecordState state = joined({change_of(base), change_of(officer)});
  EXPECT_EQ(judge(state, change_of(*second), author(Rank::kVolunteer, 1)), HoldReason::kNone);
}

// A restored server may show an older winner than the phone's own last sealed edit, which it will get again.
TEST(Edit, BeatsItsAuthorsOwnLastEditEvenWhenAnOlderOneIsShown) {
  const Node base = edit_of(nullptr, Rank::kVolunteer, 1, 1);
  Node last = base;
  for (int i = 0; i < 5; ++i) last = edit_of(&last, Rank::kVolunteer, 1, 10 + i);
  const auto next = make_edit(kTrees, Rank::kVolunteer, device(1),
                              {&base, true, nullptr, name_of(kTrees, last.version)}, amount(7), "");
  ASSERT_TRUE(next);
  EXPECT_GT(next->version, last.version);
  const RecordState state = joined({change_of(base), change_of(last)});
  EXPECT_EQ(judge(state, change_of(*next), author(Rank::kVolunteer, 1)), HoldReason::kNone);
}

TEST(Edit, FiftyTapsOrTenThousandAreOneChangeAndOneMoreIsRefused) {
  const Node base = edit_of(nullptr, Rank::kVolunteer, 1, 0);
  Node pending = edit_of(&base, Rank::kVolunteer, 1, 1);
  for (std::uint32_t taps = 2; taps <= limits::kOwnCountStepMax; ++taps) {
    const auto next = make_edit(kTrees, Rank::kVolunteer, device(1),
                                {&pending, false, &pending, name_of(kTrees, base.version)}, amount(taps), "");
    ASSERT_TRUE(next) << taps;
    pending = *next;
  }
  const RecordState state = joined({change_of(base)});
  EXPECT_EQ(judge(state, change_of(pending), author(Rank::kVolunteer, 1)), HoldReason::kNone);
  const auto over = make_edit(kTrees, Rank::kVolunteer, device(1),
                              {&pending, false, &pending, name_of(kTrees, base.version)}, amount(1), "");
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, ErrorCode::kLimitExceeded);
}

TEST(Edit, ACountAtItsCapIsNotRaised) {
  Node shown;
  shown.version = {{0, 0, limits::kCountMax}, device(1), amount(1)};
  const auto next =
      make_edit(kTrees, Rank::kVolunteer, device(1), {&shown, true, nullptr, std::nullopt}, amount(2), "");
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().code, ErrorCode::kLimitExceeded);
  EXPECT_TRUE(
      make_edit(kTrees, Rank::kOfficer, device(2), {&shown, true, nullptr, std::nullopt}, amount(2), ""));
}

TEST(Edit, NamesNoMoreVersionsThanAPeerReads) {
  const Node base = edit_of(nullptr, Rank::kVolunteer, 1, 0);
  Node pending = edit_of(&base, Rank::kVolunteer, 1, 1);
  Node shown = base;
  for (std::size_t named = 1; named < limits::kNamesPerEditMax; ++named) {
    shown = edit_of(&shown, Rank::kOfficer, 3, static_cast<std::int64_t>(named));
    const auto next =
        make_edit(kTrees, Rank::kVolunteer, device(1), {&shown, true, &pending, std::nullopt}, amount(1), "");
    ASSERT_TRUE(next) << named;
    pending = *next;
  }
  EXPECT_EQ(pending.names.size(), limits::kNamesPerEditMax);
  shown = edit_of(&shown, Rank::kOfficer, 3, 5);
  const auto over =
      make_edit(kTrees, Rank::kVolunteer, device(1), {&shown, true, &pending, std::nullopt}, amount(1), "");
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, ErrorCode::kLimitExceeded);
}

}  // namespace
}  // namespace phusa::merge
