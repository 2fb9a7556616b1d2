#include "core/merge/merge.hpp"
#include "core/merge/state_codec.hpp"
#include "tests/core/merge/random_states.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <random>

namespace phusa::merge {
namespace {

using namespace test;

RecordState join_of(RecordState a, const RecordState& b) {
  join(a, b);
  return a;
}

std::vector<Version> conflicting_versions(const Register& reg) {
  std::vector<Version> out;
  for (const Node* node : conflicts(reg)) out.push_back(node->version);
  return out;
}

RC_GTEST_PROP(JoinLaws, IsCommutative, ()) {
  const RecordState a = joined(*any_changes()), b = joined(*any_changes());
  RC_ASSERT(join_of(a, b) == join_of(b, a));
}

RC_GTEST_PROP(JoinLaws, IsAssociative, ()) {
  const RecordState a = joined(*any_changes()), b = joined(*any_changes()), c = joined(*any_changes());
  RC_ASSERT(join_of(join_of(a, b), c) == join_of(a, join_of(b, c)));
}

RC_GTEST_PROP(JoinLaws, IsIdempotent, ()) {
  const RecordState a = joined(*any_changes());
  RC_ASSERT(join_of(a, a) == a);
}

RC_GTEST_PROP(JoinLaws, NothingIsJoinedByNothing, ()) {
  const RecordState a = joined(*any_changes());
  RC_ASSERT(join_of(a, joined({})) == a);
  RC_ASSERT(join_of(joined({}), a) == a);
}

RC_GTEST_PROP(JoinLaws, AnyOrderGroupingAndRepetitionGivesTheSameState, (std::uint64_t seed)) {
  auto changes = *any_changes();
  const RecordState straight = joined(changes);
  std::mt19937_64 random(seed);
  for (std::size_t i = changes.size(); i > 0; --i) changes.push_back(changes[random() % i]);
  std::shuffle(changes.begin(), changes.end(), random);
  std::vector<std::vector<Change>> groups(3);
  for (const Change& change : changes) groups[random() % 3].push_back(change);
  const RecordState grouped = join_of(joined(groups[2]), join_of(joined(groups[0]), joined(groups[1])));

  RC_ASSERT(grouped == straight);
  RC_ASSERT(encode_state(grouped) == encode_state(straight));
  RC_ASSERT(content_digest(grouped) == content_digest(straight));
  for (const FieldKey field : some_fields()) {
    RC_ASSERT(winning_value(grouped, field) == winning_value(straight, field));
    if (const Register* reg = straight.find(field)) {
      RC_ASSERT(conflicting_versions(*reg) == conflicting_versions(*grouped.find(field)));
    }
  }
}

RC_GTEST_PROP(JoinLaws, SaysWhetherSomethingWasLearnt, ()) {
  RecordState state = joined(*any_changes());
  const Change change = *any_change();
  const RecordState before = state;
  const bool learnt = join(state, change);
  RC_ASSERT(learnt == (state != before));
  RC_ASSERT(!join(state, change));
}

RC_GTEST_PROP(JoinLaws, NamesInAnyOrderAreOneSet, (std::uint64_t seed)) {
  // A peer may send names in another order, or twice: the state must not depend on it.
  auto changes = *any_changes();
  const RecordState straight = joined(changes);
  std::mt19937_64 random(seed);
  for (Change& change : changes) {
    for (FieldEdit& edit : change.edits) {
      auto& names = edit.node.names;
      if (!names.empty()) names.push_back(names[random() % names.size()]);
      std::shuffle(names.begin(), names.end(), random);
    }
  }
  RC_ASSERT(joined(changes) == straight);
}

RC_GTEST_PROP(JoinLaws, TheWinnerIsTheGreatestVersionEverJoined, ()) {
  const auto changes = *any_changes();
  const RecordState state = joined(changes);
  for (const FieldKey field : some_fields()) {
    std::optional<Version> greatest;
    for (const Change& change : changes) {
      for (const FieldEdit& edit : change.edits) {
        if (edit.field == field && (!greatest || *greatest < edit.node.version)) greatest = edit.node.version;
      }
    }
    const Node* node = winner(state, field);
    RC_ASSERT((node != nullptr) == greatest.has_value());
    if (node != nullptr) RC_ASSERT(node->version == *greatest);
  }
}

RC_GTEST_PROP(JoinLaws, ConflictsAreWhatNobodyNamedAndSaysSomethingElse, ()) {
  const RecordState state = joined(*any_changes());
  for (const Register& reg : state.registers) {
    std::vector<Version> expected;
    for (std::size_t i = 1; i < reg.nodes.size(); ++i) {
      const Node& node = reg.nodes[i];
      const bool named = std::any_of(reg.nodes.begin(), reg.nodes.end(), [&](const Node& other) {
        return std::count(other.names.begin(), other.names.end(), name_of(reg.field, node.version)) > 0;
      });
      const bool same = reg.field.is_personal() ? node.text == reg.nodes.front().text
                                                : node.version.value == reg.nodes.front().version.value;
      if (!named && !same) expected.push_back(node.version);
    }
    RC_ASSERT(conflicting_versions(reg) == expected);
  }
}

RC_GTEST_PROP(JoinLaws, TheDigestSeesEveryFactAndNoWords, ()) {
  RecordState state = joined(*any_changes());
  const ContentDigest before = content_digest(state);
  const FieldKey field = *rc::gen::elementOf(some_fields());
  Node node = *any_node(field);
  node.version.counts.office = 9;  // wins
  join(state.at(field), node);
  const bool is_fact = field != FieldKey(FieldKind::kNote) && field != FieldKey(FieldKind::kReview) &&
                       field != FieldKey(FieldKind::kRetracted);
  RC_ASSERT((content_digest(state) != before) == is_fact);
}

RC_GTEST_PROP(JoinLaws, AClaimedTimeMovesNothingButItself, (const std::vector<std::int64_t>& clocks)) {
  auto changes = *any_changes();
  const RecordState honest = joined(changes);
  for (std::size_t i = 0; i < changes.size() && i < clocks.size(); ++i) {
    changes[i].logged_at = WallTime(std::chrono::seconds(clocks[i]));
  }
  const RecordState forged = joined(changes);
  RC_ASSERT(forged.registers == honest.registers);
  RC_ASSERT(content_digest(forged) == content_digest(honest));
}

TEST(JoinLaws, TheFirstTimeTheRecordsOwnDeviceClaimsIsKept) {
  Change own, other;
  own.record = other.record = record();
  own.edits = {{FieldKind::kUnit, {{{0, 0, 1}, record().device, value::of_number(1)}, "", {}}}};
  other.edits = {{FieldKind::kUnit, {{{0, 1, 0}, device(2), value::of_number(2)}, "", {}}}};
  own.logged_at = WallTime(std::chrono::seconds(500));
  other.logged_at = WallTime(std::chrono::seconds(100));
  EXPECT_EQ(joined({own, other}).logged_at, own.logged_at);
  EXPECT_EQ(joined({other}).logged_at, std::nullopt);
  Change nothing;
  nothing.record = record();
  EXPECT_EQ(joined({nothing}).logged_at, std::nullopt) << "a change without edits has no author";
}

TEST(JoinLaws, AClockAtTheEndOfTimeIsStoredAsWhatCanBeStored) {
  for (const std::int64_t claim :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    Change change;
    change.record = record();
    change.edits = {{FieldKind::kUnit, {{{0, 0, 1}, record().device, value::of_number(1)}, "", {}}}};
    change.logged_at = WallTime(std::chrono::seconds(claim));
    const RecordState state = joined({change});
    const auto again = decode_state(state.id, encode_state(state));
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, state);
  }
}

TEST(Review, CountsOnlyForTheContentItSaw) {
  RecordState state = joined({});
  const FieldKey trees = FieldKey::value_of(IndicatorNo{0});
  join(state.at(trees), {{{0, 0, 1}, device(1), value::of_amount({5, Qualifier::kExact})}, "", {}});
  const Review review{ReviewState::kConfirmed, content_digest(state), ""};
  join(state.at(FieldKind::kReview), {{{0, 1, 0}, device(2), value::of_review(review)}, "", {}});
  EXPECT_EQ(review_state(state), ReviewState::kConfirmed);
  EXPECT_FALSE(is_review_outdated(state));

  join(state.at(FieldKind::kNote), {{{0, 0, 1}, device(1), leaf(0, "a")}, "a", {}});
  EXPECT_EQ(review_state(state), ReviewState::kConfirmed) << "words are not content";

  join(state.at(trees), {{{0, 0, 2}, device(1), value::of_amount({6, Qualifier::kExact})}, "", {}});
  EXPECT_EQ(review_state(state), ReviewState::kAwaiting);
  EXPECT_TRUE(is_review_outdated(state));
}

TEST(Retraction, StillRemovesWhenTheContentChangedButIsFlagged) {
  RecordState state = joined({});
  const FieldKey trees = FieldKey::value_of(IndicatorNo{0});
  join(state.at(trees), {{{0, 0, 1}, device(1), value::of_amount({5, Qualifier::kExact})}, "", {}});
  const Bytes retraction = value::of_retraction({content_digest(state)});
  join(state.at(FieldKind::kRetracted), {{{0, 0, 1}, device(1), retraction}, "", {}});
  EXPECT_TRUE(is_retracted(state));
  EXPECT_FALSE(is_retraction_outdated(state));
  join(state.at(trees), {{{0, 1, 0}, device(2), value::of_amount({6, Qualifier::kExact})}, "", {}});
  EXPECT_TRUE(is_retracted(state));
  EXPECT_TRUE(is_retraction_outdated(state));
  join(state.at(FieldKind::kRetracted), {{{0, 1, 0}, device(2), ""}, "", {}});
  EXPECT_FALSE(is_retracted(state)) << "restored";
}

}  // namespace
}  // namespace phusa::merge
