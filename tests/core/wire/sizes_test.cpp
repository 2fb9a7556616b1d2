#include "core/base/limits.hpp"
#include "core/merge/merge.hpp"
#include "core/wire/facts.hpp"
#include "core/wire/page.hpp"
#include "tests/core/wire/samples.hpp"

#include <gtest/gtest.h>

/// Bounds with room to spare: tests/bench/wire_sizes measures; this only catches a column that stopped being
/// one.
namespace phusa::wire {
namespace {

double facts_bytes_per_change(std::size_t count) {
  const std::vector<Change> changes = test::field_work(count, false);
  const auto packed = pack_facts(changes, changes.front().record.device);
  return static_cast<double>(packed.value().facts.size()) / static_cast<double>(count);
}

TEST(Sizes, TwentyChanges) {
  EXPECT_LE(facts_bytes_per_change(20), 11.0);
}

TEST(Sizes, AHundredChanges) {
  EXPECT_LE(facts_bytes_per_change(100), 8.0);
}

TEST(Sizes, AWholeBatch) {
  EXPECT_LE(facts_bytes_per_change(limits::kChangesPerBatchMax), 7.0);
}

TEST(Sizes, AnAmendmentCostsItsNameAndLittleElse) {
  std::vector<Change> changes = test::field_work(100, false);
  const DeviceId author = changes.front().record.device;
  const std::size_t before = pack_facts(changes, author)->facts.size();
  for (std::uint32_t i = 0; i < 50; ++i) {
    const Change& old = changes[2 * i];
    Change change{old.record, changes.back().logged_at + std::chrono::seconds(10), {old.edits.back()}};
    Node& node = change.edits[0].node;
    node.names = {name_of(change.edits[0].field, node.version)};
    node.version.counts.volunteer = 2;
    node.version.value = value::of_amount({static_cast<std::int64_t>(3 * i), Qualifier::kExact});
    changes.push_back(std::move(change));
  }
  EXPECT_LE(pack_facts(changes, author)->facts.size() - before, 50u * 10);
}

TEST(Sizes, APageOfRecords) {
  std::vector<Change> changes = test::field_work(2'000, true);
  test::fill_leaves(changes);
  std::vector<RecordDelta> deltas;
  for (const Change& change : changes) {
    RecordState state;
    state.id = change.record;
    merge::join(state, change);
    deltas.push_back(delta_of(state));
  }
  EXPECT_LE(static_cast<double>(pack_page(deltas)->size()) / 2'000, 11.5);
}

TEST(Sizes, NotesOfAWholeBatch) {
  PersonalPart part;
  for (const Change& change : test::field_work(2'000, true)) {
    for (const FieldEdit& edit : change.edits) {
      if (!edit.node.text.empty()) part.texts.push_back(edit.node.text);
    }
  }
  EXPECT_LE(static_cast<double>(pack_personal(part).size()) / static_cast<double>(part.texts.size()), 4.0);
}

}  // namespace
}  // namespace phusa::wire
