#include "sync-server/ledger/sqlite/sqlite_ledger.hpp"
#include "tests/sim/sim_disk.hpp"
#include "tests/support/phone_fixture.hpp"

#include <gtest/gtest.h>

namespace phusa::ledger {
namespace {

using sim::Crash;
using sim::SimDisk;

Result<void> append(Ledger& ledger, std::uint8_t mark) {
  PHUSA_ASSIGN(const auto transaction, ledger.begin_write());
  EntryRow entry;
  entry.hash.bytes[0] = mark;
  entry.envelope = "envelope";
  PHUSA_TRY(transaction->append(entry));
  return transaction->commit();
}

/// A server dies at each write and sync of a commit, the next one reads what it finds, for to acknowledge it
/// as known, and then the power goes.
TEST(DeadServer, LeavesNothingThatTheNextOneKnowsAndThenForgets) {
  const test::FolderInMemory folder;  // for the lock file
  SimDisk disk(folder.path());
  test::SeededRandom random(1);
  const auto open = [&] {
    auto ledger = open_sqlite_ledger({disk.path("ledger.sqlite"), true, 2}, random);
    EXPECT_TRUE(ledger) << ledger.error().context;
    return ledger ? std::move(*ledger) : nullptr;
  };
  ASSERT_TRUE(append(*open(), 1));
  const SimDisk::Image start = disk.image();
  std::size_t known_unreported = 0;
  for (std::uint64_t at = 1;; ++at) {
    disk.put_back(start);
    auto ledger = open();
    disk.crash_at(at, Crash::kProcessDies);
    const bool reported = append(*ledger, 2).has_value();
    const bool died = disk.is_dead();
    disk.crash_now(Crash::kProcessDies);
    ledger.reset();
    sim::Dice dice(at);
    disk.recover(dice);

    ledger = open();
    ASSERT_TRUE(ledger);
    const auto seen = (*ledger->begin_read())->head();
    ASSERT_TRUE(seen);
    known_unreported += !reported && seen->position == 2 ? 1 : 0;
    disk.crash_now(Crash::kPowerLoss);
    ledger.reset();
    disk.recover_what_was_synced();

    ledger = open();
    ASSERT_TRUE(ledger);
    EXPECT_EQ(*(*ledger->begin_read())->head(), *seen) << "the server died at write or sync " << at;
    if (!died) break;
  }
  EXPECT_GT(known_unreported, 0u);
}

}  // namespace
}  // namespace phusa::ledger
