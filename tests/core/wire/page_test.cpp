#include "core/wire/page.hpp"

#include "core/base/limits.hpp"
#include "core/merge/merge.hpp"
#include "tests/core/wire/samples.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace phusa::wire {
namespace {

using test::Samples;

ErrorCode error_of(const auto& result) {
  return result ? ErrorCode::kInternal : result.error().code;
}

DeviceId device(std::uint8_t n) {
  DeviceId out;
  out.bytes.fill(n);
  return out;
}

std::vector<RecordDelta> some_deltas(std::uint64_t seed, std::size_t count) {
  Samples samples(seed);
  std::vector<RecordDelta> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(samples.delta());
  return out;
}

Node node(std::uint32_t volunteer, std::uint8_t by, Bytes value, std::vector<VersionName> names = {}) {
  return Node{Version{{0, 0, volunteer}, device(by), std::move(value)}, {}, std::move(names)};
}

RecordState one_field(FieldKey field, std::vector<Node> nodes) {
  RecordState state;
  state.id = {device(1), 5, 6};
  state.logged_at = WallTime(std::chrono::seconds(1'700'000'000));
  for (Node& each : nodes) merge::join(state.at(field), std::move(each));
  return state;
}

RC_GTEST_PROP(Page, UnpacksToWhatWasPacked, (std::uint64_t seed)) {
  const std::vector<RecordDelta> deltas = some_deltas(seed, *rc::gen::inRange<std::size_t>(0, 40));
  const auto packed = pack_page(deltas);
  RC_ASSERT(packed.has_value());
  const auto unpacked = unpack_page(*packed);
  RC_ASSERT(unpacked.has_value());
  RC_ASSERT(*unpacked == deltas);
}

RC_GTEST_PROP(Page, AStateMadeOfADeltaGivesTheDelta, (std::uint64_t seed)) {
  // Random versions of one field may say the same as the winner, or share counts: those are no conflicts.
  Samples samples(seed);
  std::vector<Node> nodes;
  for (std::size_t left = 1 + samples.below(30); left > 0; --left) {
    nodes.push_back(node(static_cast<std::uint32_t>(samples.below(4)),
                         static_cast<std::uint8_t>(samples.below(3)),
                         value::of_number(static_cast<std::uint32_t>(samples.below(9)))));
  }
  const RecordDelta delta = delta_of(one_field(FieldKind::kUnit, nodes));
  RC_ASSERT(delta_of(state_of(delta)) == delta);
}

TEST(Page, ADeltaHasTheWinnerThenTheConflicts) {
  const Node lost = node(1, 1, value::of_number(1));
  const Node named = node(2, 1, value::of_number(2));
  const Node other = node(2, 2, value::of_number(3));
  const Node winner = node(3, 1, value::of_number(4), {name_of(FieldKind::kUnit, named.version)});
  const RecordDelta delta = delta_of(one_field(FieldKind::kUnit, {lost, named, other, winner}));
  ASSERT_EQ(delta.versions.size(), 3u);
  EXPECT_EQ(delta.versions[0].node.version, winner.version);
  EXPECT_EQ(delta.versions[1].node.version, other.version);
  EXPECT_EQ(delta.versions[2].node.version, lost.version);
  EXPECT_TRUE(delta.versions[0].node.names.empty());
}

TEST(Page, APersonalVersionTravelsAsTheStartOfItsLeaf) {
  Node note = node(1, 1, "0123456789abcdef");
  note.text = "một";
  const RecordDelta delta = delta_of(one_field(FieldKind::kNote, {note}));
  EXPECT_EQ(delta.versions[0].node.version.value, "0123" + Bytes(12, '\0'));
  EXPECT_EQ(delta.versions[0].node.text, "một");
  // It still names what it stands for.
  EXPECT_EQ(name_of(FieldKind::kNote, delta.versions[0].node.version),
            name_of(FieldKind::kNote, note.version));
}

TEST(Page, OnlyTheGreatestConflictsTravel) {
  std::vector<Node> nodes;
  for (std::uint32_t i = 1; i <= 100; ++i) nodes.push_back(node(i, 1, value::of_number(i)));
  const RecordDelta delta = delta_of(one_field(FieldKind::kUnit, nodes));
  EXPECT_EQ(delta.versions.size(), 1 + limits::kConflictsSentMax);
  EXPECT_EQ(delta.versions.back().node.version.counts.volunteer, 100 - limits::kConflictsSentMax);
  const auto packed = pack_page(std::vector<RecordDelta>{delta});
  ASSERT_TRUE(packed.has_value());
  EXPECT_EQ(unpack_page(*packed)->front(), delta);
}

TEST(Page, WhatNoReaderTakesIsNotPacked) {
  const auto refused = [](const RecordDelta& delta) {
    return error_of(pack_page(std::vector<RecordDelta>{delta})) == ErrorCode::kInvalidArgument;
  };
  const RecordDelta sound = delta_of(one_field(FieldKind::kUnit, {node(1, 1, value::of_number(1))}));
  EXPECT_FALSE(refused(sound));
  RecordDelta named = sound;
  named.versions[0].node.names.push_back({});
  EXPECT_TRUE(refused(named));
  RecordDelta with_text = sound;
  with_text.versions[0].node.text = "text";
  EXPECT_TRUE(refused(with_text));
  RecordDelta out_of_order = sound;
  out_of_order.versions.push_back(sound.versions[0]);
  ++out_of_order.versions[1].node.version.counts.volunteer;
  EXPECT_TRUE(refused(out_of_order));
  RecordDelta not_canonical = sound;
  not_canonical.versions[0].node.version.value = "\x80";
  EXPECT_TRUE(refused(not_canonical));
  RecordDelta crowded = sound;
  crowded.versions.assign(limits::kConflictsSentMax + 2, sound.versions[0]);
  EXPECT_TRUE(refused(crowded));
}

TEST(Page, TooManyRecordsAreRefused) {
  EXPECT_EQ(error_of(pack_page(std::vector<RecordDelta>(limits::kPageRecordsMax + 1))),
            ErrorCode::kLimitExceeded);
}

TEST(Page, ALaterFormatIsNamedAsSuch) {
  Bytes page = *pack_page(some_deltas(1, 3));
  page[0] = '\x02';
  EXPECT_EQ(error_of(unpack_page(page)), ErrorCode::kUnsupportedVersion);
  EXPECT_EQ(error_of(unpack_page("")), ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace phusa::wire
