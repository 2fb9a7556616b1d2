#include "core/merge/merge.hpp"
#include "sync-server/totals/query.hpp"
#include "tests/server/ingest/keeping_phone.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace phusa::test {
namespace {

/// Servers that phones reach one after another, over copies of one ledger: a restored one, a replica that
/// lags behind and takes over, and back. Each copy goes on by itself, so positions come twice with other
/// tags.
class Histories {
 public:
  Histories() {
    servers_.push_back(std::make_unique<TestServer>(fresh()));
    for (KeepingPhone* phone : phones()) servers_[0]->enrol(phone->phone);
  }

  TestServer& active() { return *servers_[active_]; }
  std::vector<KeepingPhone*> phones() { return {&volunteer, &writer, &officer, &office}; }

  void back_up() { active().copy_to(backup_ = fresh()); }
  /// Last night's files over the present ones.
  void put_back() {
    if (backup_.empty()) return;
    const std::string path = fresh();
    std::filesystem::copy_file(backup_, path);
    servers_[active_] = std::make_unique<TestServer>(path);
  }
  /// Another takes over, from where it was copied.
  void replicate() {
    if (servers_.size() >= 3) return;
    const std::string path = fresh();
    active().copy_to(path);
    servers_.push_back(std::make_unique<TestServer>(path));
  }
  void fail_over(int which) { active_ = static_cast<std::size_t>(which) % servers_.size(); }

  void log(KeepingPhone& phone, int unit, int count) {
    LogContent content;
    content.unit = static_cast<std::uint32_t>(unit);
    content.values[0] = {count, Qualifier::kExact};
    records[phone.phone.log(content)] = unit;
    total += count;
  }
  void publish() {
    Catalogue next = *active().engine().catalogue();
    ++next.revision;
    Unit added;
    // One office, one folder: a revision made again is the same revision.
    added.code = "unit" + std::to_string(next.revision);
    added.parent = UnitNo{0};
    next.units.push_back(added);
    active().publish(next);
  }

  KeepingPhone volunteer{1, Rank::kVolunteer, "a"};
  KeepingPhone writer{2, Rank::kOffice, "root"};
  KeepingPhone officer{3, Rank::kOfficer, "a"};
  KeepingPhone office{4, Rank::kOffice, "root"};
  std::map<RecordId, int> records;  ///< and where they lie now
  std::int64_t total = 0;

 private:
  std::string fresh() { return folder_.file("ledger" + std::to_string(++files_) + ".sqlite"); }

  FolderInMemory folder_;
  int files_ = 0;
  std::string backup_;
  std::vector<std::unique_ptr<TestServer>> servers_;
  std::size_t active_ = 0;
};

struct Step {
  int what = 0;
  int which = 0;
  int unit = 0;
};

std::ostream& operator<<(std::ostream& out, const Step& step) {
  return out << "{" << step.what << ", " << step.which << ", " << step.unit << "}";
}

rc::Gen<std::vector<Step>> any_steps() {
  const auto step = rc::gen::build<Step>(rc::gen::set(&Step::what, rc::gen::inRange(0, 16)),
                                         rc::gen::set(&Step::which, rc::gen::inRange(0, 12)),
                                         rc::gen::set(&Step::unit, rc::gen::inRange(0, 4)));
  return rc::gen::scale(0.25, rc::gen::container<std::vector<Step>>(step));
}

void take(Histories& world, const Step& step) {
  KeepingPhone& phone = *world.phones()[static_cast<std::size_t>(step.which) % 4];
  switch (step.what) {
    case 0:
    case 1:
    case 2:
      for (int i = 0; i <= step.which; ++i) world.log(world.writer, step.unit, 1 + i);
      return;
    case 3:
      return world.log(world.volunteer, 1, 1 + step.which);
    case 4: {
      if (world.records.empty()) return;
      const auto at = std::next(world.records.begin(), step.which % static_cast<int>(world.records.size()));
      if (at->first.device != world.writer.phone.id()) return;
      world.writer.phone.edit(at->first, FieldKind::kUnit,
                              value::of_number(static_cast<std::uint32_t>(step.unit)));
      at->second = step.unit;
      return;
    }
    case 5:
      return world.back_up();
    case 6:
      return world.put_back();
    case 7:
      return world.replicate();
    case 8:
      return world.fail_over(step.which);
    case 9:
      return step.unit == 0 ? world.publish() : void();
    case 10: {
      phone.phone.page_bytes_max = static_cast<std::uint32_t>(1 + step.which * 20);
      RC_ASSERT(phone.exchange(world.active().engine()).has_value());
      return;
    }
    default:
      RC_ASSERT(phone.sync(world.active().engine()).has_value());
  }
}

std::int64_t total_of(TestServer& server) {
  const auto snapshot = server.ledger().begin_read();
  const auto table = totals::query(**snapshot, *server.engine().catalogue(), {});
  RC_ASSERT(table.has_value());
  std::int64_t sum = 0;
  for (const totals::Row& row : table->rows) sum += static_cast<std::int64_t>(row.figures.sum);
  return sum;
}

// Laws 9 and 11: whatever history the server goes on from, everything that a phone still holds counts once,
// and no reader misses a row.
RC_GTEST_PROP(Histories, ARestoredServerLosesNothingThatAPhoneHoldsAndNoReaderMissesARow, ()) {
  Histories world;
  for (const Step& step : *any_steps()) take(world, step);
  world.back_up();
  for (const Step& step : *any_steps()) take(world, step);
  world.put_back();
  for (const Step& step : *any_steps()) take(world, step);
  // Twice round: the first round may bring the server what the others have not read yet.
  for (int round = 0; round < 2; ++round) {
    for (KeepingPhone* phone : world.phones()) RC_ASSERT(phone->sync(world.active().engine()).has_value());
  }
  RC_ASSERT(total_of(world.active()) == world.total);
  RC_ASSERT(world.active().verify().differences == std::vector<std::string>{});
  for (KeepingPhone* reader : {&world.officer, &world.office}) {
    for (const auto& [record, unit] : world.records) {
      const bool sees = reader == &world.office || unit == 1 || unit == 2;
      if (!sees) continue;
      RC_ASSERT(reader->phone.base.contains(record));
      RC_ASSERT(merge::winning_value(reader->phone.displayed(record), FieldKind::kUnit) ==
                value::of_number(static_cast<std::uint32_t>(unit)));
    }
  }
  std::size_t resets = 0;
  for (const KeepingPhone* phone : world.phones()) resets += phone->phone.resets;
  RC_CLASSIFY(resets > 0, "a phone found out");
  RC_CLASSIFY(world.active().engine().catalogue()->revision > 1, "a revision");
}

}  // namespace
}  // namespace phusa::test
