#include "sync-server/ledger/sqlite/sqlite_ledger.hpp"
#include "tests/sim/sim_disk.hpp"
#include "tests/support/phone_fixture.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace phusa::ledger {
namespace {

using sim::Crash;
using sim::SimDisk;

constexpr const char* kFile = "ledger.sqlite";
constexpr const char* kBackup = "backup.sqlite";
constexpr int kValues = 40;
constexpr const char* kLog = "ledger.sqlite-wal";
constexpr int kDaysUncounted = 4;

/// What somebody who reads it all finds; nothing of what cannot be read.
std::optional<std::string> all_of(Ledger& ledger) {
  const auto snapshot = ledger.begin_read();
  if (!snapshot) return std::nullopt;
  std::string all;
  const auto read = (*snapshot)->for_each_entry(1, [&](const EntryRow& row) {
    all += row.hash.hex() + std::to_string(row.envelope.size()) + " ";
    return true;
  });
  if (!read) return std::nullopt;
  for (int key = 0; key < kValues; ++key) {
    const auto value = (*snapshot)->meta("value" + std::to_string(key));
    if (!value) return std::nullopt;
    all += *value ? (*value)->substr(0, 8) + " " : "- ";
  }
  return all;
}

class LogNumber : public ::testing::Test {
 protected:
  void write_out(const std::string& file, const std::string& log) {
    std::filesystem::remove(folder.file("ledger.sqlite-shm"));
    std::ofstream(folder.file(kFile), std::ios::binary) << file;
    std::ofstream(folder.file(kLog), std::ios::binary) << log;
  }
  std::string on_disk(const char* name) {
    std::ifstream file(folder.file(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  /// Puts an entry in, and a value in the stead of an older: what a total is to a ledger. A large one now and
  /// then: two of them, and the log goes into the file while the server runs.
  Result<void> write(Ledger& ledger) {
    ++written;
    PHUSA_ASSIGN(const auto transaction, ledger.begin_write());
    EntryRow entry;
    entry.hash.bytes[0] = static_cast<std::uint8_t>(written);
    entry.hash.bytes[1] = static_cast<std::uint8_t>(written >> 8);
    entry.envelope = Bytes(dice.below(3'000), 'e');
    PHUSA_TRY(transaction->append(entry));
    const std::uint64_t value = dice.below(kValues);
    const std::size_t size = value < 4 ? 4'200'000 / (1 + 3 * value) : 900;
    PHUSA_TRY(transaction->put_meta("value" + std::to_string(value),
                                    std::to_string(10'000'000 + written) + Bytes(size, 'v')));
    return transaction->commit();
  }

  std::string backup_of(Ledger& ledger) {
    std::filesystem::remove(folder.file(kBackup));
    const auto copied = ledger.copy_to(folder.file(kBackup), [](std::uint64_t, std::uint64_t) {});
    EXPECT_TRUE(copied) << copied.error().context;
    return on_disk(kBackup);
  }

  std::optional<std::string> seen_in_folder() {
    const auto ledger = open(folder.file(kFile));
    return ledger ? all_of(**ledger) : std::nullopt;
  }

  Result<std::unique_ptr<Ledger>> open(const std::string& path, bool counts_logs = true) {
    SqliteOptions options;
    options.path = path;
    options.counts_logs = counts_logs;
    return open_sqlite_ledger(options, random);
  }

  test::FolderInMemory folder;
  test::SeededRandom random{1};
  sim::Dice dice{1};
  int written = 0;
};

/// Days of a ledger whose server is stopped, or dies at any write or sync, by itself or with the power; the
/// first of them with a release that did not count. Each time the file is copied, and each older copy is put
/// beside each log.
TEST_F(LogNumber, OnlyAFileThatTheLogCompletesFits) {
  std::vector<std::string> copies;
  int refused = 0;
  int broken = 0;
  int taken = 0;
  for (std::uint64_t life = 0; life < 2; ++life) {
    copies.clear();
    bool counted = false;
    const test::FolderInMemory its;
    SimDisk disk(its.path());
    for (int day = 0; day < 25; ++day) {
      {
        const bool dies = dice.below(3) != 0;
        const bool dies_early = dies && dice.below(8) == 0;
        if (dies_early)
          disk.crash_at(1 + dice.below(20), dice.below(2) == 0 ? Crash::kPowerLoss : Crash::kProcessDies);
        const auto ledger = open(disk.path(kFile), day >= kDaysUncounted);
        ASSERT_TRUE(ledger || disk.is_dead()) << ledger.error().context;
        counted = counted || (day >= kDaysUncounted && !disk.is_dead());
        if (dies && !dies_early && dice.below(2) == 0)
          disk.crash_at(1 + dice.below(60), dice.below(2) == 0 ? Crash::kPowerLoss : Crash::kProcessDies);
        bool compacts = dice.below(3) == 0;
        for (std::uint64_t left = dice.below(14); left > 0 && !disk.is_dead(); --left) {
          const bool done = (compacts ? (*ledger)->compact() : write(**ledger)).has_value();
          compacts = dice.below(16) == 0;
          ASSERT_TRUE(done || disk.is_dead());
          if (!done) continue;
          if (dice.below(3) == 0) copies.push_back(disk.image().at(kFile));
          if (dice.below(8) == 0) copies.push_back(backup_of(**ledger));
        }
        if (dies && !disk.is_dead()) disk.crash_now(Crash::kProcessDies);
      }
      disk.recover(dice);
      SimDisk::Image image = disk.image();
      const std::string log = image[kLog];
      copies.push_back(image.at(kFile));
      while (copies.size() > 12) copies.erase(copies.begin() + static_cast<long>(dice.below(copies.size())));
      write_out(image.at(kFile), log);
      const auto own = log_fits(folder.file(kFile));
      ASSERT_TRUE(own) << own.error().context;
      ASSERT_TRUE(*own) << "its own log, day " << day << " of life " << life;
      const auto whole = all_of(**open(disk.path(kFile), counted));
      ASSERT_TRUE(whole);
      if (log.empty() || !counted) continue;
      for (const std::string& copy : copies) {
        write_out(copy, log);
        const auto fits = log_fits(folder.file(kFile));
        ASSERT_TRUE(fits || fits.error().code == ErrorCode::kCorrupt) << fits.error().context;
        ASSERT_EQ(on_disk(kLog), log) << "what may still be needed was changed";
        const auto mixed = seen_in_folder();
        write_out(copy, "");
        // A log without one whole commit adds nothing: it is an old ledger, as when its server is put back.
        const bool harmless = mixed && (mixed == whole || mixed == seen_in_folder());
        broken += harmless ? 0 : 1;
        if (fits && *fits) {
          ASSERT_TRUE(harmless) << "an old file was taken on day " << day << " of life " << life;
          ++taken;
        } else {
          ++refused;
        }
      }
    }
  }
  EXPECT_GT(broken, 100);
  EXPECT_GE(refused, broken);
  EXPECT_GT(taken, 30);
  std::cout << taken << " taken, " << refused << " refused, " << broken << " would have been served broken\n";
}

/// A server that is stopped, or starts after another died, moves its log into the file, which grows; it dies
/// at each write and sync of that, by itself or with the power.
TEST_F(LogNumber, ALogFitsItsFileWhereverItsWayIntoItEnds) {
  const test::FolderInMemory its;
  SimDisk disk(its.path());
  {
    const auto ledger = open(disk.path(kFile));
    for (int i = 0; i < 30; ++i) ASSERT_TRUE(write(**ledger));
    disk.crash_now(Crash::kProcessDies);
  }
  disk.recover(dice);
  const SimDisk::Image start = disk.image();
  int lacks_pages = 0;
  for (const Crash how : {Crash::kPowerLoss, Crash::kProcessDies}) {
    for (std::uint64_t at = 1, died = 1; died == 1; at += 7) {
      disk.put_back(start);
      disk.crash_at(at, how);
      { const auto ledger = open(disk.path(kFile)); }
      died = disk.is_dead() ? 1 : 0;
      if (died == 0) disk.crash_now(how);
      disk.recover(dice);
      SimDisk::Image image = disk.image();
      write_out(image.at(kFile), image[kLog]);
      const auto fits = log_fits(folder.file(kFile));
      ASSERT_TRUE(fits) << fits.error().context;
      EXPECT_TRUE(*fits) << "it died at write or sync " << at;
      lacks_pages += died == 1 && image.at(kFile).size() > start.at(kFile).size() ? 1 : 0;
    }
  }
  EXPECT_GT(lacks_pages, 10);
}

}  // namespace
}  // namespace phusa::ledger
