#include "core/wire/facts.hpp"

#include "core/base/limits.hpp"
#include "core/wire/row_coder.hpp"
#include "tests/core/wire/samples.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>

namespace phusa::wire {
namespace {

using test::fill_leaves;
using test::leaves_of;
using test::Samples;

ErrorCode error_of(const auto& result) {
  return result ? ErrorCode::kInternal : result.error().code;
}

DeviceId author() {
  DeviceId out;
  out.bytes.fill(1);
  return out;
}

std::vector<Change> some_changes(std::uint64_t seed, std::size_t count) {
  Samples samples(seed);
  std::vector<Change> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(samples.change(author()));
    if (i > 0 && samples.once_in(2)) {  // the next of the same block
      out.back().record = out[i - 1].record;
      if (out.back().record.n != UINT32_MAX) ++out.back().record.n;
    }
  }
  return out;
}

Change one_edit(FieldKey field, Bytes value, std::string text = {}) {
  Change out;
  out.record = {author(), 1, 1};
  out.edits.push_back({field, Node{Version{{0, 0, 1}, author(), std::move(value)}, std::move(text), {}}});
  return out;
}

RC_GTEST_PROP(Facts, UnpackToWhatWasPacked, (std::uint64_t seed)) {
  std::vector<Change> changes = some_changes(seed, *rc::gen::inRange<std::size_t>(0, 40));
  const auto packed = pack_facts(changes, author());
  RC_ASSERT(packed.has_value());
  fill_leaves(changes);
  const auto unpacked = unpack_facts(packed->facts, author(), leaves_of(packed->texts), packed->texts);
  RC_ASSERT(unpacked.has_value());
  RC_ASSERT(*unpacked == changes);
}

RC_GTEST_PROP(Facts, OutliveTheirWords, (std::uint64_t seed)) {
  std::vector<Change> changes = some_changes(seed, 20);
  const auto packed = pack_facts(changes, author());
  RC_ASSERT(packed.has_value());
  fill_leaves(changes);
  for (Change& change : changes) {
    for (FieldEdit& edit : change.edits) edit.node.text.clear();
  }
  const auto unpacked = unpack_facts(packed->facts, author(), leaves_of(packed->texts), {});
  RC_ASSERT(unpacked.has_value());
  RC_ASSERT(*unpacked == changes);
}

TEST(Facts, PlainBytesAreTheSumOfTheChanges) {
  const std::vector<Change> changes = some_changes(3, 30);
  std::size_t sum = 0;
  for (const Change& change : changes) sum += plain_bytes_of(change);
  EXPECT_EQ(pack_facts(changes, author())->plain_bytes, sum);
}

TEST(Facts, AWholeBatchOfFieldWorkFits) {
  const std::vector<Change> changes = test::field_work(limits::kChangesPerBatchMax, true);
  const auto packed = pack_facts(changes, changes.front().record.device);
  ASSERT_TRUE(packed.has_value());
  EXPECT_LE(packed->plain_bytes, limits::kBatchPlainBytesMax);
}

TEST(Facts, TooManyChangesAreRefused) {
  const std::vector<Change> changes(limits::kChangesPerBatchMax + 1);
  EXPECT_EQ(error_of(pack_facts(changes, author())), ErrorCode::kLimitExceeded);
}

TEST(Facts, AFewBytesDoNotGrowWithoutBound) {
  // The same members again and again cost a bit each: what unpacking builds is bounded all the same.
  std::vector<std::string> members;
  for (int i = 0; i < 900; ++i) members.push_back("member-" + std::to_string(1'000'000'000 + i));
  const Change change = one_edit(FieldKind::kMembers, value::of_strings(members));
  const std::size_t fitting = limits::kBatchPlainBytesMax / plain_bytes_of(change);
  for (const std::size_t count : {fitting, fitting + 1, limits::kChangesPerBatchMax}) {
    const auto packed = pack_facts(std::vector<Change>(count, change), author());
    ASSERT_TRUE(packed.has_value());
    EXPECT_EQ(packed->plain_bytes, count * plain_bytes_of(change));
    EXPECT_LT(packed->facts.size(), 20'000u);
    EXPECT_EQ(unpack_facts(packed->facts, author(), {}, {}).has_value(), count == fitting);
  }
}

/// Facts of one change as a forger writes them: sound up to the number of figures, then as told.
Bytes forged(std::uint64_t figures, std::span<const std::uint64_t> steps) {
  RangeEncoder coder;
  coder.raw(1, std::bit_width(limits::kChangesPerBatchMax));
  RowCoder<RangeEncoder> rows(coder);
  rows.know_device(author());
  rows.id({author(), 1, 1});
  rows.logged_at(WallTime{});
  RowColumns columns;  // as fresh as the reader's
  for (std::size_t code = 1; code <= 16; ++code) coder.bit(columns.has_field[1][code], code <= 3);
  code_category(coder, columns.value_count[1], figures);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    code_number(coder, i == 0 ? columns.first_indicator : columns.next_indicator, steps[i]);
  }
  return coder.finish() + Bytes(4'000, 'x');
}

/// What a reader makes of the forged fields, or nothing when it refuses them.
std::vector<FieldEdit> fields_read(const Bytes& facts) {
  RangeDecoder coder(facts);
  coder.raw(0, std::bit_width(limits::kChangesPerBatchMax));
  RowCoder<RangeDecoder> rows(coder);
  rows.know_device(author());
  Change change;
  rows.id(change.record);
  rows.logged_at(change.logged_at);
  rows.fields(change.edits);
  EXPECT_LE(change.edits.size(), limits::kFieldsPerChangeMax);
  if (!coder.ok()) change.edits.clear();
  return change.edits;
}

TEST(Facts, ForgedCountsOfFiguresAreRefused) {
  const std::vector<std::uint64_t> small(300, 0);
  EXPECT_EQ(fields_read(forged(253, small)).size(), 256u);
  for (const std::uint64_t figures :
       {UINT64_MAX, UINT64_MAX - 1, UINT64_MAX - 2, std::uint64_t{254}, UINT64_MAX / 2}) {
    EXPECT_TRUE(fields_read(forged(figures, small)).empty()) << figures;
  }
}

TEST(Facts, ForgedIndicatorsDoNotTurnRoundOrStandTwice) {
  const std::vector<std::uint64_t> sound{5, 0};
  EXPECT_EQ(fields_read(forged(2, sound)).size(), 5u);
  for (const std::uint64_t step : {UINT64_MAX, UINT64_MAX - 1, std::uint64_t{1} << 24, UINT64_MAX / 2}) {
    const std::vector<std::uint64_t> steps{5, step};
    EXPECT_TRUE(fields_read(forged(2, steps)).empty()) << step;
  }
}

TEST(Facts, WhatNoDecoderTakesIsNotPacked) {
  const auto refused = [](const Change& change) {
    return error_of(pack_facts(std::vector<Change>{change}, author())) == ErrorCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused(one_edit(FieldKind::kUnit, "\xff\xff")));
  EXPECT_TRUE(refused(one_edit(FieldKind::kDay, value::of_day(day_from_number(4'000'000)))));
  EXPECT_TRUE(refused(one_edit(FieldKind::kCampaigns, Bytes("\x01\x00", 2))));
  EXPECT_TRUE(refused(one_edit(FieldKind::kHighlight, "\2")));
  EXPECT_TRUE(refused(one_edit(FieldKind::kMembers, "\1\xff")));
  EXPECT_TRUE(refused(one_edit(FieldKind::kReview, "\7")));
  EXPECT_TRUE(refused(one_edit(FieldKind::kPhotos, "short")));
  EXPECT_TRUE(refused(one_edit(FieldKind::kEvent, "short")));
  EXPECT_TRUE(
      refused(one_edit(FieldKey::value_of(IndicatorNo{1}), value::of_amount({limits::kAmountMax + 1, {}}))));
  EXPECT_TRUE(refused(one_edit(FieldKey::from_code(17), "")));
  EXPECT_TRUE(refused(one_edit(FieldKind::kNote, "", "\xff\xfe")));
  EXPECT_TRUE(refused(one_edit(FieldKind::kNote, Bytes(16, 'x'))));  // erased: only its leaf is left
  EXPECT_TRUE(refused(one_edit(FieldKind::kUnit, value::of_number(1), "text")));
  Change twice = one_edit(FieldKind::kUnit, value::of_number(1));
  twice.edits.push_back(twice.edits.front());
  EXPECT_TRUE(refused(twice));
  Change foreign = one_edit(FieldKind::kUnit, value::of_number(1));
  foreign.edits.front().node.version.device = DeviceId{};
  EXPECT_TRUE(refused(foreign));
  Change late = one_edit(FieldKind::kUnit, value::of_number(1));
  late.logged_at = WallTime(std::chrono::seconds(INT64_MAX));
  EXPECT_TRUE(refused(late));
}

TEST(Facts, LeavesAndTextsMustMatchTheEdits) {
  std::vector<Change> changes{one_edit(FieldKind::kNote, "", "một"), one_edit(FieldKind::kNote, "", "hai")};
  changes[1].record.n = 2;
  const auto packed = pack_facts(changes, author());
  ASSERT_TRUE(packed.has_value());
  const std::vector<std::string> texts = packed->texts;
  ASSERT_EQ(texts, (std::vector<std::string>{"một", "hai"}));
  const auto unpack = [&](std::vector<std::string> given) {
    return error_of(unpack_facts(packed->facts, author(), leaves_of(given), given));
  };
  EXPECT_EQ(unpack({"một"}), ErrorCode::kCorrupt);
  EXPECT_EQ(unpack({"một", "hai", "ba"}), ErrorCode::kCorrupt);
  EXPECT_EQ(unpack({"một", ""}), ErrorCode::kCorrupt);
  EXPECT_EQ(unpack({"một", "\xff"}), ErrorCode::kCorrupt);
  EXPECT_EQ(
      error_of(unpack_facts(packed->facts, author(), leaves_of(texts), std::vector<std::string>{"một"})),
      ErrorCode::kCorrupt);
}

TEST(Facts, BytesLeftOverAreRefused) {
  const auto packed =
      pack_facts(test::field_work(10, false), test::field_work(1, false).front().record.device);
  ASSERT_TRUE(packed.has_value());
  EXPECT_EQ(error_of(unpack_facts(packed->facts + Bytes(8, '\1'), author(), {}, {})), ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace phusa::wire
