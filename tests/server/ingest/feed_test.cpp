#include "sync-server/ingest/feed.hpp"

#include "core/merge/merge.hpp"
#include "tests/support/phone_fixture.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <thread>

namespace phusa::test {
namespace {

const FieldKey kTrees = FieldKey::value_of(IndicatorNo{0});

// Law 11: whatever the size of its pages and whatever is written between them, a reader misses nothing.
RC_GTEST_PROP(Feed, ACursorNeverStepsOverARow, ()) {
  TestServer server;
  FakePhone officer(1, Rank::kOfficer, "a");
  FakePhone office(2, Rank::kOffice, "root");
  FakePhone writer(3, Rank::kOffice, "root");
  for (const FakePhone* phone : {&officer, &office, &writer}) server.enrol(*phone);
  std::vector<RecordId> records;
  const auto steps = *rc::gen::container<std::vector<std::tuple<int, int, int>>>(
      rc::gen::tuple(rc::gen::inRange(0, 5), rc::gen::inRange(0, 30), rc::gen::inRange(0, 4)));
  for (const auto& [what, which, unit] : steps) {
    if (what <= 1 || records.empty()) {
      for (int i = 0; i <= which; ++i) {
        LogContent content;
        content.unit = static_cast<std::uint32_t>(unit);
        content.values[0] = {which, Qualifier::kExact};
        records.push_back(writer.log(content));
      }
    } else if (what == 2) {
      const RecordId record = records[static_cast<std::size_t>(which) % records.size()];
      writer.edit(record, FieldKind::kUnit, value::of_number(static_cast<std::uint32_t>(unit)));
    } else if (what == 3) {
      RC_ASSERT(writer.sync(server.engine()).has_value());
    } else {
      FakePhone& reader = which % 2 == 0 ? officer : office;
      reader.page_bytes_max = static_cast<std::uint32_t>(1 + which * 20);
      RC_ASSERT(reader.exchange(server.engine()).has_value());
    }
  }
  RC_ASSERT(writer.sync(server.engine()).has_value());
  for (FakePhone* reader : {&officer, &office}) {
    RC_ASSERT(reader->sync(server.engine()).has_value());
    std::set<RecordId> seen;
    for (const auto& [record, state] : reader->base) seen.insert(record);
    std::set<RecordId> expected;
    for (const RecordId& record : records) {
      const auto unit = value::number(merge::winning_value(writer.displayed(record), FieldKind::kUnit));
      if (reader == &office || *unit == 1 || *unit == 2) expected.insert(record);
    }
    RC_ASSERT(seen == expected);
    for (const RecordId& record : expected) {
      RC_ASSERT(merge::winning_value(reader->displayed(record), FieldKind::kUnit) ==
                merge::winning_value(writer.displayed(record), FieldKind::kUnit));
    }
  }
}

// Law 11 with many writers: pages are read while other threads commit.
TEST(Feed, ACursorStepsOverNoRowWhileManyWrite) {
  TestServer server;
  FakePhone reader(1, Rank::kOfficer, "a");
  reader.page_bytes_max = 200;
  server.enrol(reader);
  std::vector<FakePhone> writers;
  for (std::uint64_t i = 0; i < 4; ++i) server.enrol(writers.emplace_back(10 + i, Rank::kVolunteer, "a"));
  std::atomic<std::size_t> writing = writers.size();
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (FakePhone& writer : writers) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) {
        LogContent content;
        content.values[0] = {1 + i, Qualifier::kExact};
        writer.log(content);
        if (!writer.exchange(server.engine())) ++failed;
      }
      --writing;
    });
  }
  while (writing > 0) {
    if (!reader.exchange(server.engine())) ++failed;
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_EQ(failed, 0);
  ASSERT_TRUE(reader.sync(server.engine()).has_value());
  EXPECT_EQ(reader.base.size(), writers.size() * 25);
}

class FeedOf : public ::testing::Test {
 protected:
  FeedOf() {
    server.enrol(volunteer);
    server.enrol(neighbour);
    for (int i = 0; i < 5; ++i) {
      LogContent content;
      content.values[0] = {i + 1, Qualifier::kExact};
      volunteer.log(content);
    }
    EXPECT_TRUE(volunteer.sync(server.engine()).has_value());
  }
  /// Behind the server's back.
  void tamper(const char* sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(server.path().c_str(), &database), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
    ASSERT_GT(sqlite3_changes(database), 0);
    sqlite3_close(database);
  }

  TestServer server;
  FakePhone volunteer{1, Rank::kVolunteer, "a"};
  FakePhone neighbour{2, Rank::kVolunteer, "a"};
};

TEST_F(FeedOf, AVolunteerSeesNobodyElsesRecords) {
  ASSERT_TRUE(neighbour.sync(server.engine()).has_value());
  EXPECT_TRUE(neighbour.base.empty());
}

TEST_F(FeedOf, ACursorOfAnotherHistoryStartsFromTheBeginning) {
  ingest::Cursor lost{{3, TransactionTag{}}, std::nullopt, 0};
  FakePhone restored = volunteer;
  restored.cursor = ingest::encode_cursor(lost);
  restored.furthest.reset();
  ASSERT_TRUE(restored.sync(server.engine()).has_value());
  EXPECT_EQ(restored.resets, 1u);
  EXPECT_EQ(restored.pulled, 5u);
}

TEST_F(FeedOf, AnyPointSeenThatTheServerLostStartsFromTheBeginning) {
  const LedgerPoint held = (*server.ledger().begin_read())->head().value();
  const auto is_reset = [&](std::vector<LedgerPoint> seen, bool push_only) {
    wire::SyncRequest request = volunteer.request();
    request.own.clear();
    request.seen = std::move(seen);
    request.push_only = push_only;
    return wire::decode_sync_reply(*server.engine().sync(wire::encode_sync_request(request)))->reset;
  };
  for (const bool push_only : {false, true}) {
    EXPECT_FALSE(is_reset({held, held}, push_only));
    EXPECT_TRUE(is_reset({held, {held.position, TransactionTag{{9}}}}, push_only));
    EXPECT_TRUE(is_reset({{held.position + 1000, held.tag}, held}, push_only));
  }
}

TEST_F(FeedOf, APointThatTheServerLostStartsFromTheBeginning) {
  volunteer.furthest = LedgerPoint{1000, TransactionTag{}};
  ASSERT_TRUE(volunteer.exchange(server.engine()).has_value());
  EXPECT_EQ(volunteer.resets, 1u);
  EXPECT_EQ(volunteer.pulled, 5u);
}

TEST_F(FeedOf, AnotherScopeStartsFromTheBeginning) {
  ASSERT_TRUE(neighbour.sync(server.engine()).has_value());
  const FakePhone promoted(2, Rank::kOfficer, "a");  // the same key, a higher rank
  server.enrol(promoted);
  ASSERT_TRUE(neighbour.sync(server.engine()).has_value());
  EXPECT_EQ(neighbour.base.size(), 5u);
}

TEST_F(FeedOf, ACursorIsShort) {
  const ingest::Cursor cursor{{UINT32_MAX, TransactionTag{}}, std::nullopt, UINT32_MAX};
  EXPECT_LE(ingest::encode_cursor(cursor).size(), 24u);
  EXPECT_FALSE(ingest::decode_cursor("nonsense").has_value());
}

TEST_F(FeedOf, VerifyFindsNothingInAnHonestLedger) {
  const auto report = server.verify();
  EXPECT_EQ(report.differences_found, 0u) << report.differences.at(0);
  EXPECT_EQ(report.records, 5u);
}

TEST_F(FeedOf, VerifyFindsATamperedBatch) {
  // One bit of the facts, deep inside.
  tamper(
      "UPDATE entries SET envelope = substr(envelope, 1, length(envelope) - 70) || x'55' || "
      "substr(envelope, length(envelope) - 68) WHERE kind = 1");
  EXPECT_GT(server.verify().differences_found, 0u);
}

TEST_F(FeedOf, VerifyFindsATamperedRecord) {
  tamper("UPDATE records SET hold = 23 WHERE key = (SELECT min(key) FROM records)");
  EXPECT_GT(server.verify().differences_found, 0u);
}

TEST_F(FeedOf, VerifyFindsATamperedTotal) {
  tamper("UPDATE cells SET lo = lo + 1 WHERE records > 0");
  EXPECT_GT(server.verify().differences_found, 0u);
}

TEST_F(FeedOf, VerifyFindsATamperedMonthAndLog) {
  tamper("UPDATE coarse_cells SET records = records + 1");
  EXPECT_GT(server.verify().differences_found, 0u);
}

TEST_F(FeedOf, VerifyFindsARemovedEntry) {
  tamper("DELETE FROM entries WHERE position = 2");
  EXPECT_GT(server.verify().differences_found, 0u);
}

}  // namespace
}  // namespace phusa::test
