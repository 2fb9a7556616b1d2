#include "core/merge/merge.hpp"
#include "core/merge/state_codec.hpp"
#include "sync-server/totals/query.hpp"
#include "tests/support/phone_fixture.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace phusa::test {
namespace {

constexpr IndicatorNo kTrees{0};
constexpr std::uint32_t kUnits = 4;  // root > a > a1, root > b

/// One thing that somebody does; the numbers choose who, to which record and what.
struct Deed {
  int what = 0;
  int who = 0;
  int which = 0;
  int value = 0;
};

std::ostream& operator<<(std::ostream& out, const Deed& deed) {
  return out << "{" << deed.what << ", " << deed.who << ", " << deed.which << ", " << deed.value << "}";
}

rc::Gen<Deed> any_deed() {
  return rc::gen::build<Deed>(rc::gen::set(&Deed::what, rc::gen::inRange(0, 12)),
                              rc::gen::set(&Deed::who, rc::gen::inRange(0, 4)),
                              rc::gen::set(&Deed::which, rc::gen::inRange(0, 30)),
                              rc::gen::set(&Deed::value, rc::gen::inRange(0, 60)));
}

/// Two volunteers, an officer and the office, who log, correct, move, review and retract, some of it for
/// units that are not theirs, and sync when they like.
class Field {
 public:
  explicit Field(TestServer& server) : server_(server) {
    phones_.emplace_back(1, Rank::kVolunteer, "a1");
    phones_.emplace_back(2, Rank::kVolunteer, "b");
    phones_.emplace_back(3, Rank::kOfficer, "a");
    phones_.emplace_back(4, Rank::kOffice, "root");
    for (const FakePhone& phone : phones_) server.enrol(phone);
  }

  void act(const Deed& deed) {
    FakePhone& phone = phones_[static_cast<std::size_t>(deed.who)];
    if (deed.what <= 3 || records_.empty()) return log(phone, deed);
    const RecordId record = records_[static_cast<std::size_t>(deed.which) % records_.size()];
    const auto number = static_cast<std::uint32_t>(deed.value);
    switch (deed.what) {
      case 4:
        return phone.edit(record, FieldKey::value_of(kTrees),
                          value::of_amount({deed.value * 90, Qualifier::kExact}));
      case 5:
        return phone.edit(record, FieldKind::kUnit, value::of_number(number % kUnits));
      case 6:
        return phone.retract(record);
      case 7:
        return phone.restore(record);
      case 8:
        return phone.review(record, static_cast<ReviewState>(deed.value % 3));
      default:
        RC_ASSERT(phone.sync(server_.engine()).has_value());
    }
  }

  const std::vector<FakePhone>& phones() const { return phones_; }
  const std::vector<RecordId>& records() const { return records_; }

 private:
  void log(FakePhone& phone, const Deed& deed) {
    LogContent content;
    content.unit = static_cast<std::uint32_t>(deed.which) % kUnits;
    content.day = Day(std::chrono::year(2026) / 3 / 1) + std::chrono::days(deed.value % 20);
    content.values[kTrees.value] = {deed.value * 100, Qualifier::kExact};  // some above the maximum of 5,000
    records_.push_back(phone.log(content));
  }

  TestServer& server_;
  std::vector<FakePhone> phones_;
  std::vector<RecordId> records_;
};

std::map<RecordId, std::pair<ledger::RecordRow, RecordState>> merged_records(ledger::Snapshot& snapshot) {
  std::map<RecordId, std::pair<ledger::RecordRow, RecordState>> out;
  const auto walked = snapshot.for_each_record({}, [&](const ledger::RecordRow& row) {
    const auto block = snapshot.block_by_no(row.key.block_no());
    const RecordId id{(*block)->device, (*block)->block, row.key.n()};
    out.emplace(id, std::pair{row, *merge::decode_state(id, row.state)});
    return true;
  });
  RC_ASSERT(walked.has_value());
  return out;
}

bool holds_version(const RecordState& state, const FieldEdit& edit) {
  const Register* reg = state.find(edit.field);
  return reg != nullptr &&
         std::ranges::any_of(reg->nodes, [&](const Node& node) { return node.version == edit.node.version; });
}

/// Acknowledged is within merged and held, which is within attempted.
void check_nothing_is_lost_or_invented(ledger::Snapshot& snapshot, const Field& field) {
  const auto merged = merged_records(snapshot);
  std::set<RecordId> attempted(field.records().begin(), field.records().end());
  for (const auto& [id, record] : merged) RC_ASSERT(attempted.contains(id));
  for (const FakePhone& phone : field.phones()) {
    for (const SealedByPhone& batch : phone.sealed) {
      if (!batch.received) continue;
      const auto entry = snapshot.entry_by_hash(batch.hash);
      RC_ASSERT(entry.has_value() && entry->has_value());
      const auto held = *snapshot.held_changes_at((*entry)->point.position);
      for (std::uint32_t i = 0; i < batch.changes.size(); ++i) {
        if (std::ranges::any_of(held, [&](const auto& change) { return change.index == i; })) continue;
        const auto record = merged.find(batch.changes[i].record);
        RC_ASSERT(record != merged.end());
        for (const FieldEdit& edit : batch.changes[i].edits)
          RC_ASSERT(holds_version(record->second.second, edit));
      }
    }
  }
}

using Contributions = std::map<RecordId, std::int64_t>;

/// What each merged record contributes, taken anew from its winning values.
Contributions contributions(ledger::Snapshot& snapshot) {
  Contributions out;
  for (const auto& [id, record] : merged_records(snapshot)) {
    const auto& [row, state] = record;
    if (row.hold != HoldReason::kNone || merge::is_retracted(state)) continue;
    if (merge::review_state(state) == ReviewState::kReturned) continue;
    const auto amount = value::amount(merge::winning_value(state, FieldKey::value_of(kTrees)));
    if (amount) out[id] = amount->value;
  }
  return out;
}

Int128 sum_of(const Contributions& contributions) {
  Int128 sum = 0;
  for (const auto& [id, amount] : contributions) sum += amount;
  return sum;
}

Int128 total_of(TestServer& server, ledger::Snapshot& snapshot, std::optional<UnitNo> unit) {
  totals::Query query;
  query.indicator = kTrees;
  query.unit = unit;
  const auto table = totals::query(snapshot, *server.engine().catalogue(), query);
  RC_ASSERT(table.has_value());
  return table->rows.empty() ? Int128{0} : table->rows.front().figures.sum;
}

Int128 own_figure(TestServer& server, ledger::Snapshot& snapshot, UnitNo unit) {
  totals::Query query;
  query.indicator = kTrees;
  query.by_unit = true;
  const auto catalogue = server.engine().catalogue();
  const auto table = totals::query(snapshot, *catalogue, query);
  RC_ASSERT(table.has_value());
  Int128 sum = 0;
  for (const totals::Row& row : table->rows) {
    if (row.unit == catalogue->units[unit.value].code) sum += row.figures.sum;
  }
  return sum;
}

/// A parent is its own figures and its children's.
void check_every_unit_is_the_sum_of_its_parts(TestServer& server, ledger::Snapshot& snapshot) {
  const auto catalogue = server.engine().catalogue();
  for (std::uint32_t no = 0; no < kUnits; ++no) {
    Int128 parts = own_figure(server, snapshot, UnitNo{no});
    for (std::uint32_t child = 0; child < kUnits; ++child) {
      if (catalogue->units[child].parent == UnitNo{no}) parts += total_of(server, snapshot, UnitNo{child});
    }
    RC_ASSERT((total_of(server, snapshot, UnitNo{no}) == parts));
  }
}

// Law 5.
RC_GTEST_PROP(Conservation, WhatIsAcknowledgedIsMergedOrHeldAndEveryTotalIsTheSumOfItsParts, ()) {
  const auto count = *rc::gen::resize(100, rc::gen::inRange<std::size_t>(0, 90));
  const auto deeds = *rc::gen::container<std::vector<Deed>>(count, rc::gen::resize(100, any_deed()));
  TestServer server;
  Field field(server);
  for (const Deed& deed : deeds) field.act(deed);

  Contributions before;
  {
    const auto snapshot = *server.ledger().begin_read();
    check_nothing_is_lost_or_invented(*snapshot, field);
    before = contributions(*snapshot);
    RC_ASSERT((total_of(server, *snapshot, std::nullopt) == sum_of(before)));
    RC_ASSERT((total_of(server, *snapshot, UnitNo{0}) == sum_of(before)));
    check_every_unit_is_the_sum_of_its_parts(server, *snapshot);
    RC_CLASSIFY(!before.empty(), "something is counted");
    RC_CLASSIFY(!snapshot->held_changes()->empty(), "a change is held");
  }

  // A reorganisation moves a1 from a to b: the parts change, the whole does not. Only what was held because
  // a1 was foreign to b's people may come to count.
  Catalogue moved = test_catalogue();
  moved.revision = 2;
  moved.units[2].parent = UnitNo{3};
  server.publish(moved);
  const auto snapshot = *server.ledger().begin_read();
  const Contributions after = contributions(*snapshot);
  for (const auto& [id, amount] : before) RC_ASSERT(after.contains(id) && after.at(id) == amount);
  RC_ASSERT((total_of(server, *snapshot, std::nullopt) == sum_of(after)));
  RC_ASSERT((total_of(server, *snapshot, UnitNo{0}) == sum_of(after)));
  check_every_unit_is_the_sum_of_its_parts(server, *snapshot);
  RC_CLASSIFY(after.size() > before.size(), "the move lets a held record count");
}

}  // namespace
}  // namespace phusa::test
