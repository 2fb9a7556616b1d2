#include "core/merge/admission.hpp"

#include "core/base/limits.hpp"
#include "core/merge/merge.hpp"
#include "core/merge/state_codec.hpp"
#include "tests/core/merge/random_states.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

namespace phusa::merge {
namespace {

using namespace test;
using limits::kOwnCountStepMax;

const FieldKey kTrees = FieldKey::value_of(IndicatorNo{0});

Bytes amount(std::int64_t value) {
  return value::of_amount({value, Qualifier::kExact});
}

Node node_of(Counts counts, std::uint8_t by, std::vector<VersionName> names = {}, std::int64_t value = 5) {
  return {{counts, device(by), amount(value)}, "", std::move(names)};
}

Change change_of(std::vector<FieldEdit> edits) {
  Change change;
  change.record = record();
  change.edits = std::move(edits);
  return change;
}

Author author(Rank rank, std::uint8_t by = 1, bool owns = true) {
  return {device(by), rank, owns, false, [](UnitNo) { return false; }};
}

/// A state in which the officer of device 3 has edited a volunteer's first version.
struct Seen {
  Node first = node_of({0, 0, 1}, 1);
  Node second = node_of({0, 1, 0}, 3, {name_of(kTrees, first.version)}, 6);
  RecordState state = joined({change_of({{kTrees, first}}), change_of({{kTrees, second}})});
  std::vector<VersionName> both{name_of(kTrees, first.version), name_of(kTrees, second.version)};
};

TEST(Admission, CountsThatDoNotFollowFromTheNamesAreForged) {
  const Seen seen;
  struct Case {
    Rank rank;
    Counts counts;
    HoldReason reason;
  };
  constexpr auto kForged = HoldReason::kForgedCounts;
  constexpr auto kNone = HoldReason::kNone;
  for (const Case& c : {Case{Rank::kVolunteer, {0, 1, 1}, kNone},
                        Case{Rank::kVolunteer, {0, 1, kOwnCountStepMax}, kNone},
                        Case{Rank::kVolunteer, {0, 1, kOwnCountStepMax + 1}, kForged},
                        Case{Rank::kVolunteer, {0, 1, UINT32_MAX}, kForged},
                        Case{Rank::kVolunteer, {0, 1, 0}, kForged},
                        Case{Rank::kVolunteer, {0, 0, 2}, kForged},
                        Case{Rank::kVolunteer, {0, 2, 0}, kForged},
                        Case{Rank::kVolunteer, {0, 2, 1}, kForged},
                        Case{Rank::kVolunteer, {1, 1, 1}, kForged},
                        Case{Rank::kVolunteer, {1, 0, 0}, kForged},
                        Case{Rank::kOfficer, {0, 2, 0}, kNone},
                        Case{Rank::kOfficer, {0, 2, 1}, kForged},
                        Case{Rank::kOfficer, {0, 1, 0}, kForged},
                        Case{Rank::kOfficer, {1, 2, 0}, kForged},
                        Case{Rank::kOfficer, {0, 1 + kOwnCountStepMax, 0}, kNone},
                        Case{Rank::kOfficer, {0, 2 + kOwnCountStepMax, 0}, kForged},
                        Case{Rank::kOffice, {1, 0, 0}, kNone},
                        Case{Rank::kOffice, {1, 1, 0}, kForged},
                        Case{Rank::kOffice, {1, 0, 1}, kForged},
                        Case{Rank::kOffice, {0, 2, 0}, kForged},
                        Case{Rank::kOffice, {0, 0, 0}, kForged}}) {
    const Change change = change_of({{kTrees, node_of(c.counts, 2, seen.both)}});
    EXPECT_EQ(judge(seen.state, change, author(c.rank, 2)), c.reason)
        << rank_name(c.rank) << " " << c.counts.office << "," << c.counts.officer << ","
        << c.counts.volunteer;
  }
}

TEST(Admission, NamesInAnotherOrderForgeNothing) {
  const Seen seen;
  std::vector<VersionName> reversed(seen.both.rbegin(), seen.both.rend());
  // Were the last name taken for the greatest, this would pass for an edit that never saw the officer's.
  EXPECT_EQ(
      judge(seen.state, change_of({{kTrees, node_of({0, 0, 2}, 2, reversed)}}), author(Rank::kVolunteer, 2)),
      HoldReason::kForgedCounts);
  EXPECT_EQ(
      judge(seen.state, change_of({{kTrees, node_of({0, 1, 1}, 2, reversed)}}), author(Rank::kVolunteer, 2)),
      HoldReason::kNone);
}

TEST(Admission, WithoutNamesAnEditStartsFromZero) {
  const RecordState empty = joined({});
  EXPECT_EQ(judge(empty, change_of({{kTrees, node_of({0, 0, 1}, 1)}}), author(Rank::kVolunteer)),
            HoldReason::kNone);
  EXPECT_EQ(judge(empty, change_of({{kTrees, node_of({0, 1, 1}, 1)}}), author(Rank::kVolunteer)),
            HoldReason::kForgedCounts);
  EXPECT_EQ(
      judge(empty, change_of({{kTrees, node_of({0, 0, kOwnCountStepMax + 1}, 1)}}), author(Rank::kVolunteer)),
      HoldReason::kForgedCounts);
}

TEST(Admission, NobodyClimbsPastTheCap) {
  const Node high = node_of({0, 0, limits::kCountMax}, 1);
  const RecordState state = joined({change_of({{kTrees, high}})});
  const auto names = std::vector{name_of(kTrees, high.version)};
  EXPECT_EQ(judge(state, change_of({{kTrees, node_of({0, 0, limits::kCountMax + 1}, 1, names)}}),
                  author(Rank::kVolunteer)),
            HoldReason::kForgedCounts);
  EXPECT_EQ(judge(state, change_of({{kTrees, node_of({0, 1, 0}, 3, names)}}), author(Rank::kOfficer, 3)),
            HoldReason::kNone)
      << "a higher rank still mends it";
}

TEST(Admission, AnEditOfWhatHasNotArrivedWaitsAndIsAdmittedThen) {
  const Seen seen;
  const Change third = change_of({{kTrees, node_of({0, 1, 1}, 1, seen.both)}});
  RecordState state = joined({});
  EXPECT_EQ(judge(state, third, author(Rank::kVolunteer)), HoldReason::kMissingVersion);
  join(state, change_of({{kTrees, seen.first}}));
  EXPECT_EQ(judge(state, third, author(Rank::kVolunteer)), HoldReason::kMissingVersion);
  join(state, change_of({{kTrees, seen.second}}));
  EXPECT_EQ(judge(state, third, author(Rank::kVolunteer)), HoldReason::kNone);
}

TEST(Admission, EveryPartOfANameMustFit) {
  const Seen seen;
  for (int part = 0; part < 5; ++part) {
    auto names = seen.both;
    if (part == 0) names[0].counts.volunteer += 1;
    if (part == 1) names[0].device = device(9);
    if (part == 2) names[0].value_hash ^= 1;
    if (part == 3) names[0].value_hash = 0;
    if (part == 4) names[0].counts.officer += 1;
    EXPECT_EQ(
        judge(seen.state, change_of({{kTrees, node_of({0, 1, 1}, 1, names)}}), author(Rank::kVolunteer)),
        HoldReason::kMissingVersion)
        << part;
  }
  // The same version in another field is another version.
  const FieldKey gifts = FieldKey::value_of(IndicatorNo{1});
  EXPECT_EQ(
      judge(seen.state, change_of({{gifts, node_of({0, 1, 1}, 1, seen.both)}}), author(Rank::kVolunteer)),
      HoldReason::kMissingVersion);
}

TEST(Admission, OneBadEditHoldsTheWholeChange) {
  const Change change = change_of({{FieldKind::kUnit, {{{0, 0, 1}, device(1), value::of_number(1)}, "", {}}},
                                   {kTrees, node_of({0, 0, kOwnCountStepMax + 1}, 1)}});
  EXPECT_EQ(judge(joined({}), change, author(Rank::kVolunteer)), HoldReason::kForgedCounts);
}

TEST(Admission, AVolunteerWritesOnlyThePersonsOwnRecordsAndReviewsNone) {
  const Change edit = change_of({{kTrees, node_of({0, 0, 1}, 2)}});
  EXPECT_EQ(judge(joined({}), edit, author(Rank::kVolunteer, 2, false)), HoldReason::kNotYours);
  EXPECT_EQ(judge(joined({}), edit, author(Rank::kVolunteer, 2, true)), HoldReason::kNone);
  const Bytes confirmed = value::of_review({ReviewState::kConfirmed, {}, ""});
  const Change review = change_of({{FieldKind::kReview, {{{0, 0, 1}, device(2), confirmed}, "", {}}}});
  EXPECT_EQ(judge(joined({}), review, author(Rank::kVolunteer, 2, true)), HoldReason::kRankTooLow);
  const Change blank = change_of({{FieldKind::kReview, {{{0, 0, 1}, device(2), ""}, "", {}}}});
  EXPECT_EQ(judge(joined({}), blank, author(Rank::kVolunteer, 2, true)), HoldReason::kRankTooLow);
}

Node unit_of(Counts counts, std::uint8_t by, std::uint32_t unit, std::vector<VersionName> names = {}) {
  return {{counts, device(by), value::of_number(unit)}, "", std::move(names)};
}

TEST(Admission, AnOfficerWritesRecordsThatEverLayInTheOfficersUnits) {
  Author officer = author(Rank::kOfficer, 3, false);
  officer.oversees = [](UnitNo unit) { return unit.value == 1; };
  const Change edit = change_of({{kTrees, node_of({0, 1, 0}, 3)}});
  RecordState state = joined({});
  EXPECT_EQ(judge(state, edit, officer), HoldReason::kOutsideScope) << "no unit yet";
  const Node first = unit_of({0, 0, 1}, 1, 1);
  join(state.at(FieldKind::kUnit), first);
  EXPECT_EQ(judge(state, edit, officer), HoldReason::kNone);
  // Moved away: what the officer corrected blind meanwhile still counts.
  join(state.at(FieldKind::kUnit), unit_of({0, 0, 2}, 1, 2, {name_of(FieldKind::kUnit, first.version)}));
  EXPECT_EQ(judge(state, edit, officer), HoldReason::kNone);
  officer.oversees = [](UnitNo unit) { return unit.value == 3; };
  EXPECT_EQ(judge(state, edit, officer), HoldReason::kOutsideScope);
  officer.rank = Rank::kOffice;
  officer.oversees = [](UnitNo) { return false; };
  EXPECT_EQ(judge(state, change_of({{kTrees, node_of({1, 0, 0}, 3)}}), officer), HoldReason::kNone)
      << "the office sees all";
}

TEST(Admission, TheOfficerOfTheAuthorsUnitMendsWhatWasLoggedForAnother) {
  Author officer = author(Rank::kOfficer, 3, false);
  const RecordState state = joined({change_of({{FieldKind::kUnit, unit_of({0, 0, 1}, 1, 2)}})});
  const Change edit = change_of({{kTrees, node_of({0, 1, 0}, 3)}});
  EXPECT_EQ(judge(state, edit, officer), HoldReason::kOutsideScope);
  officer.oversees_owner = true;
  EXPECT_EQ(judge(state, edit, officer), HoldReason::kNone);
}

TEST(Admission, AnOfficerGainsNoRecordByMovingItThere) {
  Author officer = author(Rank::kOfficer, 3, false);
  officer.oversees = [](UnitNo unit) { return unit.value == 1; };
  const Node first = unit_of({0, 0, 1}, 1, 2);
  RecordState state = joined({change_of({{FieldKind::kUnit, first}})});
  const Node grab = unit_of({0, 1, 0}, 3, 1, {name_of(FieldKind::kUnit, first.version)});
  EXPECT_EQ(judge(state, change_of({{FieldKind::kUnit, grab}}), officer), HoldReason::kOutsideScope);
  join(state.at(FieldKind::kUnit), grab);
  EXPECT_EQ(judge(state, change_of({{kTrees, node_of({0, 1, 0}, 3)}}), officer), HoldReason::kOutsideScope);
}

Change naming_change(const RecordState& state, Rank rank, std::uint8_t by) {
  Change change = change_of({});
  for (const Register& reg : state.registers) {
    if (*rc::gen::arbitrary<bool>()) continue;
    Node node;
    node.version = *any_version(reg.field);
    for (const Node& other : reg.nodes) {
      if (*rc::gen::arbitrary<bool>()) node.names.push_back(name_of(reg.field, other.version));
    }
    std::sort(node.names.begin(), node.names.end());
    Counts counts = node.names.empty() ? Counts{} : node.names.back().counts;
    if (rank >= Rank::kOfficer) counts.volunteer = 0;
    if (rank >= Rank::kOffice) counts.officer = 0;
    counts.of(rank) += 1;
    node.version.counts = counts;
    node.version.device = device(by);
    change.edits.push_back({reg.field, node});
  }
  return change;
}

RC_GTEST_PROP(Admission, IsMonotone, ()) {
  RecordState state = joined(*any_changes());
  const Rank rank = *rc::gen::element(Rank::kVolunteer, Rank::kOfficer, Rank::kOffice);
  const Change change = naming_change(state, rank, 2);
  Author who = author(rank, 2, *rc::gen::arbitrary<bool>());
  who.oversees = [](UnitNo unit) { return unit.value == 1; };
  const bool admitted = judge(state, change, who) == HoldReason::kNone;
  RC_CLASSIFY(admitted);
  join(state, joined(*any_changes()));
  if (admitted) RC_ASSERT(judge(state, change, who) == HoldReason::kNone);
}

TEST(Admission, OneDeviceCannotFillAFieldAndShutOthersOut) {
  RecordState state = joined({});
  Register& reg = state.at(kTrees);
  for (std::size_t i = 0; i < limits::kNodesPerFieldMax; ++i) {
    reg.nodes.push_back(node_of({0, 0, static_cast<std::uint32_t>(limits::kNodesPerFieldMax - i)}, 1));
  }
  const auto names = std::vector{name_of(kTrees, reg.nodes[0].version)};
  const std::uint32_t next = limits::kNodesPerFieldMax + 1;
  EXPECT_EQ(judge(state, change_of({{kTrees, node_of({0, 0, next}, 1, names)}}), author(Rank::kVolunteer, 1)),
            HoldReason::kTooManyVersions);
  EXPECT_EQ(judge(state, change_of({{kTrees, node_of({0, 1, 0}, 3, names)}}), author(Rank::kOfficer, 3)),
            HoldReason::kNone);
  EXPECT_EQ(judge(state, change_of({{kTrees, node_of({0, 0, 1}, 1)}}), author(Rank::kVolunteer, 1)),
            HoldReason::kNone)
      << "what is there already adds nothing";
}

Node members_of(std::uint32_t edit, std::uint8_t by, std::size_t bytes) {
  return {{{0, 0, edit}, device(by), Bytes(bytes, 'm')}, "", {}};
}

/// Edits of one device, each a list as long as may be, until no more are admitted.
std::size_t fill_with_members(RecordState& state) {
  std::size_t admitted = 0;
  for (std::uint32_t edit = 1; edit <= 100; ++edit) {
    const Change change = change_of({{FieldKind::kMembers, members_of(edit, 1, 65'000)}});
    if (judge(state, change, author(Rank::kVolunteer)) != HoldReason::kNone) break;
    join(state, change);
    ++admitted;
  }
  return admitted;
}

TEST(Admission, FewLongVersionsOfADeviceFillARecordForItAlone) {
  RecordState state = joined({});
  const std::size_t admitted = fill_with_members(state);
  EXPECT_EQ(admitted, limits::kVersionBytesMax / 65'128);
  EXPECT_LE(encode_state(state).size(), limits::kVersionBytesMax);

  const auto next = static_cast<std::uint32_t>(admitted + 1);
  const Change again = change_of({{FieldKind::kMembers, members_of(next, 1, 65'000)}});
  EXPECT_EQ(judge(state, again, author(Rank::kVolunteer)), HoldReason::kTooManyVersions);
  const Change known = change_of({{FieldKind::kMembers, members_of(next - 1, 1, 65'000)}});
  EXPECT_EQ(judge(state, known, author(Rank::kVolunteer)), HoldReason::kNone)
      << "what is there already adds nothing";
  const Change shorter = change_of({{kTrees, node_of({0, 0, 1}, 1)}});
  EXPECT_EQ(judge(state, shorter, author(Rank::kVolunteer)), HoldReason::kNone);
  const Change others = change_of({{FieldKind::kMembers, members_of(1, 2, 65'000)}});
  EXPECT_EQ(judge(state, others, author(Rank::kVolunteer, 2)), HoldReason::kNone);
}

TEST(Admission, ManyFieldsOfADeviceFillARecordAsOneDoes) {
  RecordState state = joined({});
  Register& full = state.at(FieldKind::kMembers);
  full.nodes.push_back(members_of(1, 1, limits::kVersionBytesMax - 600));
  Change change = change_of({});
  for (std::uint32_t i = 0; i < 4; ++i) {
    change.edits.push_back({FieldKey::value_of(IndicatorNo{i}), node_of({0, 0, 1}, 1)});
  }
  EXPECT_EQ(judge(state, change, author(Rank::kVolunteer)), HoldReason::kTooManyVersions);
  change.edits.pop_back();
  EXPECT_EQ(judge(state, change, author(Rank::kVolunteer)), HoldReason::kNone);
}

TEST(Admission, NamesThatAVersionGrowsByTakeRoom) {
  const Node first = node_of({0, 0, 1}, 1);
  const Node second = node_of({0, 0, 1}, 2);
  Node officers = node_of({0, 1, 0}, 3, {name_of(kTrees, first.version)});
  RecordState state =
      joined({change_of({{kTrees, first}}), change_of({{kTrees, second}}), change_of({{kTrees, officers}})});
  state.at(FieldKind::kMembers).nodes.push_back(members_of(1, 3, limits::kVersionBytesMax - 300));
  EXPECT_EQ(judge(state, change_of({{kTrees, officers}}), author(Rank::kOfficer, 3)), HoldReason::kNone);
  officers.names.push_back(name_of(kTrees, second.version));
  EXPECT_EQ(judge(state, change_of({{kTrees, officers}}), author(Rank::kOfficer, 3)),
            HoldReason::kTooManyVersions);
}

TEST(Admission, AnErasedTextTakesTheRoomItTook) {
  Node note{{{0, 0, 1}, device(1), Bytes(16, 'l')}, std::string(limits::kTextBytesMax, 'x'), {}};
  const RecordState whole = joined({change_of({{FieldKind::kNote, note}})});
  note.text.clear();
  const RecordState erased = joined({change_of({{FieldKind::kNote, note}})});
  EXPECT_EQ(version_bytes(whole, device(1)), version_bytes(erased, device(1)));
  EXPECT_GE(version_bytes(whole, device(1)), encode_state(whole).size());
}

RC_GTEST_PROP(Admission, AStateIsNeverLongerThanTheRoomOfItsDevices, ()) {
  const RecordState state = joined(*any_changes());
  std::set<DeviceId> devices;
  for (const Register& reg : state.registers) {
    for (const Node& node : reg.nodes) devices.insert(node.version.device);
  }
  constexpr std::size_t kTimeBytes = 10;
  std::size_t room = kTimeBytes;
  for (const DeviceId& device : devices) room += version_bytes(state, device);
  RC_ASSERT(encode_state(state).size() <= room);
}

}  // namespace
}  // namespace phusa::merge
