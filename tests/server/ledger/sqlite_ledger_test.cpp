#include "sync-server/ledger/sqlite/sqlite_ledger.hpp"

#include "tests/support/phone_fixture.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>

namespace phusa::ledger {
namespace {

class SqliteLedgerTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<Ledger>> open() { return open_sqlite_ledger({path, false, 2}, random); }
  static EntryRow row(std::uint8_t mark) {
    EntryRow entry;
    entry.hash.bytes[0] = mark;
    entry.envelope = "envelope";
    return entry;
  }
  void run(const char* sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
  }

  test::FolderInMemory folder;
  std::string path = folder.file("ledger.sqlite");
  test::SeededRandom random{1};
};

TEST_F(SqliteLedgerTest, PositionsAreDenseAndCarryTheirTransactionsTag) {
  const auto ledger = open();
  for (std::uint8_t i = 1; i <= 3; ++i) {
    auto transaction = (*ledger)->begin_write();
    EntryRow first = row(i);
    EntryRow second = row(static_cast<std::uint8_t>(i + 100));
    ASSERT_TRUE((*transaction)->append(first).has_value());
    ASSERT_TRUE((*transaction)->append(second).has_value());
    EXPECT_EQ(first.point.position, i * 2u - 1);
    EXPECT_EQ(second.point, (LedgerPoint{i * 2u, (*transaction)->tag()}));
    ASSERT_TRUE((*transaction)->commit().has_value());
  }
}

TEST_F(SqliteLedgerTest, WhatIsNotCommittedLeavesNoGap) {
  const auto ledger = open();
  {
    auto transaction = (*ledger)->begin_write();
    EntryRow entry = row(1);
    ASSERT_TRUE((*transaction)->append(entry).has_value());
  }
  auto transaction = (*ledger)->begin_write();
  EntryRow entry = row(1);
  ASSERT_TRUE((*transaction)->append(entry).has_value());
  EXPECT_EQ(entry.point.position, 1u);
}

TEST_F(SqliteLedgerTest, ASnapshotDoesNotSeeWhatCameAfterIt) {
  const auto ledger = open();
  const auto before = (*ledger)->begin_read();
  {
    auto transaction = (*ledger)->begin_write();
    EntryRow entry = row(1);
    ASSERT_TRUE((*transaction)->append(entry).has_value());
    ASSERT_TRUE((*transaction)->commit().has_value());
  }
  EXPECT_EQ((*before)->head()->position, 0u);
  EXPECT_FALSE((*before)->entry(1)->has_value());
  EXPECT_EQ((*(*ledger)->begin_read())->head()->position, 1u);
}

TEST_F(SqliteLedgerTest, OneHashIsKeptOnce) {
  const auto ledger = open();
  auto transaction = (*ledger)->begin_write();
  EntryRow first = row(1);
  EntryRow again = row(1);
  ASSERT_TRUE((*transaction)->append(first).has_value());
  const auto refused = (*transaction)->append(again);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
}

TEST_F(SqliteLedgerTest, SumsAreExactPastSixtyFourBitsAndBelowZero) {
  const auto ledger = open();
  const CellKey key;
  auto transaction = (*ledger)->begin_write();
  Int128 expected = 0;
  const auto add = [&](Int128 sum) {
    expected += sum;
    ASSERT_TRUE((*transaction)->add_to_cell(key, {1, 0, 0, sum}).has_value());
  };
  add(Int128{INT64_MAX} * 4);
  add(-Int128{INT64_MAX} * 9 - 3);
  add(-1);
  add(Int128{1} << 40);
  Int128 stored = 0;
  ASSERT_TRUE((*transaction)
                  ->for_each_cell({},
                                  [&](const CellKey&, const Figures& figures) {
                                    stored = figures.sum;
                                    return true;
                                  })
                  .has_value());
  EXPECT_TRUE(stored == expected);
}

TEST_F(SqliteLedgerTest, ACellThatComesToNothingGoes) {
  const auto ledger = open();
  auto transaction = (*ledger)->begin_write();
  ASSERT_TRUE((*transaction)->add_to_cell({}, {1, 1, 0, 5}).has_value());
  ASSERT_TRUE((*transaction)->add_to_cell({}, {-1, -1, 0, -5}).has_value());
  int cells = 0;
  ASSERT_TRUE((*transaction)
                  ->for_each_cell({}, [&](const CellKey&, const Figures&) { return ++cells > 0; })
                  .has_value());
  EXPECT_EQ(cells, 0);
}

TEST_F(SqliteLedgerTest, ACodeIsRedeemedAsOftenAsItAllows) {
  const auto ledger = open();
  auto transaction = (*ledger)->begin_write();
  EnrolmentCodeRow code;
  code.code_hash.bytes[0] = 1;
  code.unit = "a";
  code.uses_left = 1;
  ASSERT_TRUE((*transaction)->put_enrolment_code(code).has_value());
  PublicKey one;
  PublicKey two;
  two.bytes[0] = 2;
  EXPECT_TRUE((*transaction)->redeem(code.code_hash, one).has_value());
  EXPECT_TRUE(*(*transaction)->has_redeemed(code.code_hash, one));
  EXPECT_EQ((*transaction)->redeem(code.code_hash, two).error().code, ErrorCode::kForbidden);
  EXPECT_EQ((*transaction)->redeem(Hash{}, two).error().code, ErrorCode::kNotFound);
}

TEST_F(SqliteLedgerTest, ASecondServerOnTheFileIsRefused) {
  const auto ledger = open();
  ASSERT_TRUE(ledger.has_value());
  const auto second = open();
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::kBusy);
}

TEST_F(SqliteLedgerTest, AFileOfANewerProgramIsRefused) {
  ASSERT_TRUE(open().has_value());
  run("PRAGMA user_version = 99");
  EXPECT_EQ(open().error().code, ErrorCode::kUnsupportedVersion);
}

TEST_F(SqliteLedgerTest, AFileThatIsNotALedgerIsRefused) {
  std::ofstream(path) << std::string(5000, 'x');
  EXPECT_EQ(open().error().code, ErrorCode::kCorrupt);
  std::filesystem::remove(path);
  run("CREATE TABLE other(a)");
  EXPECT_EQ(open().error().code, ErrorCode::kCorrupt);
}

TEST_F(SqliteLedgerTest, WritingItAnewTakesRoomOnTheDiskAndNotInMemory) {
  constexpr std::size_t kMegabyte = 1 << 20;
  constexpr int kMegabytes = 96;
  const auto ledger = open();
  for (int i = 0; i < kMegabytes; ++i) {
    auto transaction = (*ledger)->begin_write();
    ASSERT_TRUE((*transaction)->put_meta("much" + std::to_string(i), Bytes(kMegabyte, 'x')).has_value());
    ASSERT_TRUE((*transaction)->commit().has_value());
  }
  sqlite3_int64 now = 0;
  sqlite3_int64 most = 0;
  sqlite3_status64(SQLITE_STATUS_MEMORY_USED, &now, &most, 1);
  const sqlite3_int64 before = now;
  const auto compacted = (*ledger)->compact();
  ASSERT_TRUE(compacted) << compacted.error().context;
  sqlite3_status64(SQLITE_STATUS_MEMORY_USED, &now, &most, 0);
  EXPECT_LT(most - before, static_cast<sqlite3_int64>(kMegabytes * kMegabyte / 2));
  const auto snapshot = (*ledger)->begin_read();
  EXPECT_EQ(**(*snapshot)->meta("much7"), Bytes(kMegabyte, 'x'));
}

}  // namespace
}  // namespace phusa::ledger
