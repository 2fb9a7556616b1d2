#include "core/base/day.hpp"
#include "core/model/figure.hpp"
#include "sync-server/ledger/sqlite/sqlite_ledger.hpp"
#include "sync-server/totals/query.hpp"
#include "tests/sim/laws.hpp"

#include <filesystem>

namespace phusa::sim {

Bytes Laws::winning(const Seen& seen, FieldKey field) const {
  const auto at = seen.winners.find(field);
  return at == seen.winners.end() ? Bytes() : world_.oracle_.intent(at->second).value;
}

/// The oracle's own idea of what may count; no reason's place in any order matters here.
HoldReason Laws::expected_hold(const Seen& seen) const {
  const Catalogue& last = world_.catalogues_.back();
  const auto unit = value::number(winning(seen, FieldKind::kUnit));
  const auto kind = value::number(winning(seen, FieldKind::kKind));
  const auto day = value::day(winning(seen, FieldKind::kDay));
  if (!unit || !kind || !day) return HoldReason::kIncomplete;
  if (*unit >= last.units.size() || *kind >= last.kinds.size()) return HoldReason::kUnknownCode;
  const DeviceId author = world_.oracle_.intent(seen.winners.at(FieldKind::kUnit)).device;
  const bool may_log = world_.standing_.reaches(author, *unit, Rank::kVolunteer, world_.catalogues_);
  if (!may_log) return HoldReason::kForeignUnit;
  if (*day < Day(std::chrono::year(2000) / 1 / 1)) return HoldReason::kDayImplausible;
  if (*day > local_day(world_.server_.clock().wall()) + std::chrono::days(1)) return HoldReason::kDayInFuture;
  for (const std::uint32_t no :
       value::numbers(winning(seen, FieldKind::kCampaigns)).value_or(std::vector<std::uint32_t>())) {
    const bool valid = std::any_of(world_.catalogues_.begin(), world_.catalogues_.end(),
                                   [&](const Catalogue& c) { return c.campaigns[no].validity.covers(*day); });
    if (!valid) return HoldReason::kCodeNotValid;
  }
  const auto labels = value::numbers(winning(seen, FieldKind::kLabels));
  if (labels && labels->size() > 1) return HoldReason::kLabelClash;
  const auto trees = value::amount(winning(seen, FieldKey::value_of(IndicatorNo{0})));
  const bool too_many =
      trees && std::all_of(world_.catalogues_.begin(), world_.catalogues_.end(), [&](const Catalogue& c) {
        return c.indicators[0].maximum && trees->value > *c.indicators[0].maximum;
      });
  return too_many ? HoldReason::kValueOutOfRange : HoldReason::kNone;
}

void Laws::records_are_held_rightly() {
  for (auto& [id, seen] : records_) {
    if (seen.state.registers.empty()) continue;  // all its changes are held
    const HoldReason expected = expected_hold(seen);
    if (expected != seen.row.hold) {
      throw LawBroken(7, "record " + format_ref(ref_of(id)) + " should be held for " +
                             std::string(hold_name(expected)) + " and is for " +
                             std::string(hold_name(seen.row.hold)));
    }
    const bool retracted = !winning(seen, FieldKind::kRetracted).empty();
    if (retracted != seen.row.retracted)
      throw LawBroken(5, "record " + format_ref(ref_of(id)) + " is not retracted as was said");
    seen.counts =
        expected == HoldReason::kNone && !retracted && expected_review(seen) != ReviewState::kReturned;
    if (expected != HoldReason::kNone) world_.trace_.mark("held: " + std::string(hold_name(expected)));
  }
}

ReviewState Laws::expected_review(const Seen& seen) const {
  const auto at = seen.winners.find(FieldKind::kReview);
  if (at == seen.winners.end()) return ReviewState::kAwaiting;
  const Intent& intent = world_.oracle_.intent(at->second);
  const auto review = value::review(intent.value);
  if (!review) return ReviewState::kAwaiting;
  // It holds as long as the record still says what the reviewer saw.
  for (const auto& [field, winner] : seen.winners) {
    if (field.is_personal() || field == FieldKey(FieldKind::kReview) ||
        field == FieldKey(FieldKind::kRetracted))
      continue;
    const auto saw = intent.saw.find(field);
    if (saw == intent.saw.end() || saw->second != winner) return ReviewState::kAwaiting;
  }
  for (const auto& [field, saw] : intent.saw) {
    if (!seen.winners.contains(field)) return ReviewState::kAwaiting;
  }
  return review->state;
}

void Laws::totals_are_exact() {
  const Catalogue& catalogue = world_.catalogues_.back();
  std::map<std::string, std::pair<std::int64_t, std::uint64_t>> expected;
  for (const auto& [id, seen] : records_) {
    if (!seen.counts) continue;
    const auto unit = value::number(winning(seen, FieldKind::kUnit));
    const auto day = value::day(winning(seen, FieldKind::kDay));
    for (const auto& [field, winner] : seen.winners) {
      if (!field.is_value()) continue;
      const auto amount = value::amount(world_.oracle_.intent(winner).value);
      if (!amount) continue;
      auto& [sum, records] = expected[catalogue.indicators[field.indicator().value].code + " " +
                                      catalogue.units[*unit].code + " " + format_month(*day)];
      sum += amount->value;
      ++records;
    }
  }
  const auto snapshot = world_.server_.ledger().begin_read();
  totals::Query query;
  query.by_unit = query.by_month = true;
  const auto table = totals::query(**snapshot, *world_.server_.catalogue(), query);
  if (!table) throw LawBroken(6, "totals cannot be read: " + table.error().context);
  std::map<std::string, std::pair<std::int64_t, std::uint64_t>> stored;
  for (const totals::Row& row : table->rows) {
    if (row.figures.records == 0) continue;
    stored[row.indicator + " " + row.unit + " " + row.month] = {static_cast<std::int64_t>(row.figures.sum),
                                                                row.figures.records};
    world_.trace_.line("total " + row.indicator + " " + row.unit + " " + row.month + " " +
                       std::to_string(static_cast<std::int64_t>(row.figures.sum)) + " of " +
                       std::to_string(row.figures.records));
  }
  for (const auto& [key, figures] : expected) {
    const auto at = stored.find(key);
    if (at == stored.end() || at->second != figures) {
      throw LawBroken(3, "the total of " + key + " should be " + std::to_string(figures.first) + " from " +
                             std::to_string(figures.second) + " records, and is " +
                             (at == stored.end() ? "nothing"
                                                 : std::to_string(at->second.first) + " from " +
                                                       std::to_string(at->second.second)));
    }
  }
  if (stored.size() != expected.size())
    throw LawBroken(3, "the server has totals of records that nobody logged");
}

/// The ledger replayed in its order gives itself.
void Laws::replays_agree() {
  std::filesystem::create_directories(world_.folder_ + "/scratch");
  SimDisk disk(world_.folder_ + "/scratch");
  SimRandom random(Dice(world_.plan_.seed, "scratch"));
  const auto scratch = ledger::open_sqlite_ledger({disk.path("scratch.sqlite"), false, 1}, random);
  if (!scratch) throw std::runtime_error("no scratch ledger: " + scratch.error().context);
  const auto snapshot = world_.server_.ledger().begin_read();
  const auto report = ingest::verify(engine_options(), **snapshot, **scratch);
  if (!report) throw LawBroken(6, "the ledger cannot be replayed: " + report.error().context);
  if (report->differences_found != 0) throw LawBroken(6, "verify: " + report->differences.front());
  world_.trace_.mark("a ledger is replayed");
}

}  // namespace phusa::sim
