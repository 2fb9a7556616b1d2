#include "sync-server/ledger/sqlite/sqlite_ledger.hpp"
#include "tests/support/phone_fixture.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <fstream>
#include <thread>

namespace phusa::ledger {
namespace {

class CopyTest : public ::testing::Test {
 protected:
  void add(std::uint8_t mark, std::size_t bytes = 8) {
    auto transaction = (*ledger)->begin_write();
    EntryRow entry;
    entry.hash.bytes[0] = mark;
    entry.hash.bytes[1] = static_cast<std::uint8_t>(++added);
    entry.hash.bytes[2] = static_cast<std::uint8_t>(added >> 8);
    entry.envelope = Bytes(bytes, 'e');
    ASSERT_TRUE((*transaction)->append(entry).has_value());
    ASSERT_TRUE((*transaction)->commit().has_value());
  }
  LedgerPoint head() { return *(*(*ledger)->begin_read())->head(); }

  test::FolderInMemory folder;
  std::string path = folder.file("ledger.sqlite");
  std::string copy = folder.file("copy.sqlite");
  test::SeededRandom random{1};
  int added = 0;
  Result<std::unique_ptr<Ledger>> ledger = open_sqlite_ledger({path, false, 2}, random);
};

TEST_F(CopyTest, WhatIsWrittenMeanwhileIsNotInItAndHoldsNobodyUp) {
  for (int i = 0; i < 300; ++i) add(1, 8'000);
  const LedgerPoint before = head();
  std::size_t steps = 0;
  std::uint64_t last = 0;
  const auto copied = (*ledger)->copy_to(copy, [&](std::uint64_t done, std::uint64_t total) {
    EXPECT_GE(done, last);
    EXPECT_LE(done, total);
    last = done;
    ++steps;
    add(2, 20'000);  // a writer between any two steps
  });
  ASSERT_TRUE(copied.has_value()) << copied.error().context;
  EXPECT_GT(steps, 3u);
  EXPECT_GT(head(), before);
  const auto point = check_sqlite_ledger(copy);
  ASSERT_TRUE(point.has_value()) << point.error().context;
  EXPECT_EQ(*point, before);
  EXPECT_FALSE(std::filesystem::exists(copy + "-wal"));
  auto opened = open_sqlite_ledger({copy, false, 2}, random);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(*(*(*opened)->begin_read())->head(), before);
}

TEST_F(CopyTest, AFileThatIsThereStaysAsItIs) {
  std::ofstream(copy) << "mine";
  const auto refused = (*ledger)->copy_to(copy, [](std::uint64_t, std::uint64_t) {});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  std::string text;
  std::ifstream(copy) >> text;
  EXPECT_EQ(text, "mine");
}

TEST_F(CopyTest, DamageIsFound) {
  for (int i = 0; i < 50; ++i) add(1, 8'000);
  ASSERT_TRUE((*ledger)->copy_to(copy, [](std::uint64_t, std::uint64_t) {}).has_value());
  ASSERT_TRUE(check_sqlite_ledger(copy).has_value());
  {
    std::fstream file(copy, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(8192 * 3);
    file << std::string(8192, '\xff');
  }
  const auto found = check_sqlite_ledger(copy);
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().code, ErrorCode::kCorrupt);
}

TEST_F(CopyTest, SomethingElseIsNoLedger) {
  std::ofstream(copy) << std::string(10'000, 'x');
  EXPECT_FALSE(check_sqlite_ledger(copy).has_value());
  EXPECT_FALSE(check_sqlite_ledger(folder.file("nowhere")).has_value());
}

/// What SQLite may do is asked of an authorizer, which sees every statement that is prepared.
class DeafWriterTest : public CopyTest {
 protected:
  static inline std::vector<sqlite3*> connections;
  static inline std::atomic<bool> refuses_commit{false};
  static inline std::atomic<bool> refuses_rollback{false};

  static int authorize(void*, int what, const char* operation, const char*, const char*, const char*) {
    if (what != SQLITE_TRANSACTION) return SQLITE_OK;
    const bool refuses = (refuses_commit && std::string_view(operation) == "COMMIT") ||
                         (refuses_rollback && std::string_view(operation) == "ROLLBACK");
    return refuses ? SQLITE_DENY : SQLITE_OK;
  }
  static int watch(sqlite3* database, char**, const struct sqlite3_api_routines*) {
    connections.push_back(database);
    sqlite3_set_authorizer(database, authorize, nullptr);
    return SQLITE_OK;
  }
  void SetUp() override {
    ledger->reset();
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(watch));
    ledger = open_sqlite_ledger({path, false, 2}, random);
    ASSERT_TRUE(ledger.has_value());
  }
  void TearDown() override {
    refuses_commit = false;
    refuses_rollback = false;
    ledger->reset();
    sqlite3_reset_auto_extension();
    connections.clear();
  }
  void fail_to_commit() {
    auto transaction = (*ledger)->begin_write();
    ASSERT_TRUE(transaction.has_value());
    EntryRow entry;
    entry.hash.bytes[0] = 99;
    ASSERT_TRUE((*transaction)->append(entry).has_value());
    refuses_commit = true;
    EXPECT_FALSE((*transaction)->commit().has_value());
    refuses_commit = false;
  }
};

TEST_F(DeafWriterTest, ATransactionThatCannotBeEndedIsNotPartOfTheNextOne) {
  add(1);
  const LedgerPoint before = head();
  refuses_rollback = true;
  fail_to_commit();
  const std::size_t opened = connections.size();
  add(2);  // takes another connection: the old one does not end its transaction
  EXPECT_GT(connections.size(), opened);
  EXPECT_EQ(head().position, before.position + 1);
  refuses_rollback = false;
  EXPECT_FALSE((*(*ledger)->begin_read())->entry_by_hash(Hash{{99}})->has_value());
}

TEST_F(DeafWriterTest, OneThatCanBeUndoneLaterIs) {
  add(1);
  refuses_rollback = true;
  fail_to_commit();
  refuses_rollback = false;
  const std::size_t opened = connections.size();
  add(2);
  EXPECT_EQ(connections.size(), opened);
  EXPECT_EQ(head().position, 2u);
}

}  // namespace
}  // namespace phusa::ledger
