#include "core/journal/office_journal.hpp"
#include "core/merge/merge.hpp"
#include "sync-server/ingest/admission.hpp"
#include "sync-server/ledger/sqlite/sqlite_ledger.hpp"
#include "sync-server/totals/query.hpp"
#include "tests/support/phone_fixture.hpp"

#include <gtest/gtest.h>

namespace phusa::test {
namespace {

/// Two records of one event, 40 and 50 guests, of which one counts.
class EventChoice : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const FakePhone* phone : {&volunteer, &officer}) server.enrol(*phone);
    LogContent header;
    header.event_header = true;
    LogContent guests;
    guests.event = officer.log(header);
    guests.values[2] = {40, Qualifier::kExact};
    one = volunteer.log(guests);
    guests.values[2] = {50, Qualifier::kExact};
    two = volunteer.log(guests);
    sync();
  }
  void sync() {
    for (FakePhone* phone : {&volunteer, &officer}) ASSERT_TRUE(phone->sync(server.engine()).has_value());
  }
  void review(const RecordId& record, ReviewState state) {
    officer.review(record, state);
    sync();
  }
  static std::int64_t guests(TestServer& at, totals::Query query = {}) {
    query.indicator = IndicatorNo{2};
    const auto snapshot = at.ledger().begin_read();
    const auto table = totals::query(**snapshot, *at.engine().catalogue(), query);
    EXPECT_TRUE(table.has_value());
    std::int64_t sum = 0;
    for (const totals::Row& row : table->rows) sum += static_cast<std::int64_t>(row.figures.sum);
    return sum;
  }
  static std::vector<std::int64_t> counted_lines(TestServer& at) {
    totals::Query query;
    query.indicator = IndicatorNo{2};
    query.review = *totals::parse_review("all");
    const auto snapshot = at.ledger().begin_read();
    const auto page = totals::lines(**snapshot, *at.engine().catalogue(), query, 0, 10);
    EXPECT_TRUE(page.has_value());
    std::vector<std::int64_t> out;
    for (const totals::Line& line : page->lines) {
      if (line.counted) out.push_back(line.amount.value);
    }
    return out;
  }
  static void expect_clean(TestServer& at) {
    const ingest::VerifyReport report = at.verify();
    for (const std::string& difference : report.differences) ADD_FAILURE() << difference;
    EXPECT_EQ(report.differences_found, 0u);
  }
  static totals::Query all() {
    totals::Query query;
    query.review = *totals::parse_review("all");
    return query;
  }
  std::uint64_t head() { return (*server.ledger().begin_read())->head()->position; }

  FolderInMemory folder;
  TestServer server;
  FakePhone volunteer{1, Rank::kVolunteer, "a"};
  FakePhone officer{2, Rank::kOfficer, "a"};
  RecordId one;
  RecordId two;
};

TEST_F(EventChoice, AReturnedRecordGivesWayToTheOthers) {
  EXPECT_EQ(guests(server), 40);
  review(one, ReviewState::kReturned);
  EXPECT_EQ(guests(server), 50);
  EXPECT_EQ(guests(server, all()), 50);
  EXPECT_EQ(counted_lines(server), std::vector<std::int64_t>{50});
  review(two, ReviewState::kReturned);
  EXPECT_EQ(guests(server), 0);
  EXPECT_EQ(guests(server, all()), 40) << "of returned ones the first";
  review(two, ReviewState::kConfirmed);
  EXPECT_EQ(guests(server), 50);
  expect_clean(server);
}

/// The same entries in the same order in another file, as the program with rules 1 wrote them.
void write_as_before(ledger::Snapshot& entries, const std::string& path) {
  SeededRandom random(5);
  const auto ledger = *ledger::open_sqlite_ledger({path, false, 1}, random);
  const auto transaction = *ledger->begin_write();
  ingest::World world(test_keys().server_key.public_key);
  ingest::Admission admission(*transaction, world);
  ingest::ExactRecords exact;
  ASSERT_TRUE(entries.for_each_entry(1, [&](const ledger::EntryRow& entry) {
    ledger::EntryRow row = entry;
    row.rules_version = 1;
    if (row.kind == ledger::EntryKind::kOffice) {
      EXPECT_TRUE(admission.apply(row, *journal::decode_office_entry(row.envelope)).has_value());
    } else {
      EXPECT_TRUE(admission.admit(row, *ingest::open_entry(row), exact).has_value());
    }
    return true;
  }));
  ASSERT_TRUE(admission.finish());
  ASSERT_TRUE(transaction->commit());
}

TEST_F(EventChoice, ALedgerJudgedByOlderRulesIsPutRightByItsNextEntryAndKeepsItsPast) {
  const std::uint64_t logged = head();
  review(one, ReviewState::kReturned);
  const std::uint64_t returned = head();
  write_as_before(**server.ledger().begin_read(), folder.file("old.sqlite"));
  TestServer old(folder.file("old.sqlite"));
  EXPECT_EQ(guests(old), 0) << "nothing says yet that it is judged otherwise";
  EXPECT_EQ(counted_lines(old), std::vector<std::int64_t>{40});
  expect_clean(old);

  LogContent trees;
  trees.values[0] = {7, Qualifier::kExact};
  volunteer.log(trees);
  volunteer.seal();
  old.deliver(volunteer.key(), {volunteer.sealed.back().whole});
  EXPECT_EQ(guests(old), 50);
  EXPECT_EQ(guests(old, all()), 50);
  EXPECT_EQ(counted_lines(old), std::vector<std::int64_t>{50});
  for (const bool fine : {false, true}) {
    totals::Query query;
    query.by_kind = fine;
    query.as_of = logged;
    EXPECT_EQ(guests(old, query), 40);
    query.as_of = returned;
    EXPECT_EQ(guests(old, query), 0) << "what was said then";
  }
  expect_clean(old);
  old.restart();
  officer.retract(two);
  officer.seal();
  old.deliver(officer.key(), {officer.sealed.back().whole});
  EXPECT_EQ(guests(old), 0);
  EXPECT_EQ(guests(old, all()), 40);
  expect_clean(old);
}

}  // namespace
}  // namespace phusa::test
