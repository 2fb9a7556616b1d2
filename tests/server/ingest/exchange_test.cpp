#include "core/merge/merge.hpp"
#include "sync-server/ingest/revocation.hpp"
#include "sync-server/totals/query.hpp"
#include "tests/support/phone_fixture.hpp"

#include <gtest/gtest.h>

namespace phusa::test {
namespace {

Result<ledger::Figures> total(TestServer& server, std::uint32_t indicator, totals::Query query = {}) {
  PHUSA_ASSIGN(const auto snapshot, server.ledger().begin_read());
  query.indicator = IndicatorNo{indicator};
  PHUSA_ASSIGN(const totals::Table table, totals::query(*snapshot, *server.engine().catalogue(), query));
  ledger::Figures sum;
  for (const totals::Row& row : table.rows) sum += row.figures;
  return sum;
}

std::int64_t sum_of(TestServer& server, std::uint32_t indicator, totals::Query query = {}) {
  const auto figures = total(server, indicator, std::move(query));
  EXPECT_TRUE(figures.has_value());
  return figures ? static_cast<std::int64_t>(figures->sum) : -1;
}

LogContent trees(std::int64_t amount, std::uint32_t unit = 1) {
  LogContent content;
  content.unit = unit;
  content.values[0] = {amount, Qualifier::kExact};
  return content;
}

TEST(Exchange, WhatAPhoneLogsIsCountedOnceAndOthersSeeIt) {
  TestServer server;
  FakePhone volunteer(1, Rank::kVolunteer, "a");
  FakePhone officer(2, Rank::kOfficer, "a");
  FakePhone office(3, Rank::kOffice, "root");
  for (const FakePhone* phone : {&volunteer, &officer, &office}) server.enrol(*phone);
  const RecordId record = volunteer.log(trees(30));
  ASSERT_TRUE(volunteer.sync(server.engine()).has_value());
  EXPECT_EQ(sum_of(server, 0), 30);
  EXPECT_EQ(volunteer.pulled, 0u) << "an echo came down";
  ASSERT_TRUE(officer.sync(server.engine()).has_value());
  ASSERT_TRUE(officer.base.contains(record));
  officer.edit(record, FieldKey::value_of(IndicatorNo{0}), value::of_amount({25, Qualifier::kMore}));
  ASSERT_TRUE(officer.sync(server.engine()).has_value());
  EXPECT_EQ(sum_of(server, 0), 25);
  ASSERT_TRUE(volunteer.sync(server.engine()).has_value());
  EXPECT_EQ(
      value::amount(merge::winning_value(volunteer.displayed(record), FieldKey::value_of(IndicatorNo{0})))
          ->value,
      25);
  ASSERT_TRUE(office.sync(server.engine()).has_value());
  EXPECT_EQ(office.base.size(), 1u);
}

class ExchangeOf : public ::testing::Test {
 protected:
  ExchangeOf() {
    for (const FakePhone* phone : {&volunteer, &officer, &office}) server.enrol(*phone);
  }
  Result<wire::SyncReply> send(const wire::SyncRequest& request) {
    PHUSA_ASSIGN(const Bytes body, server.engine().sync(wire::encode_sync_request(request)));
    return wire::decode_sync_reply(body);
  }
  std::vector<wire::Verdict> carry(const FakePhone& phone) {
    std::vector<Bytes> batches;
    for (const SealedByPhone& batch : phone.sealed) batches.push_back(batch.whole);
    return server.deliver(phone.key(), batches);
  }

  TestServer server;
  FakePhone volunteer{1, Rank::kVolunteer, "a"};
  FakePhone officer{2, Rank::kOfficer, "a"};
  FakePhone office{3, Rank::kOffice, "root"};
};

TEST_F(ExchangeOf, ADuplicateIsAcknowledgedAgainAndCountsOnce) {
  volunteer.log(trees(30));
  ASSERT_TRUE(volunteer.sync(server.engine()).has_value());
  const auto verdicts = carry(volunteer);
  ASSERT_EQ(verdicts.size(), 1u);
  EXPECT_EQ(verdicts[0].status, wire::VerdictStatus::kDuplicate);
  EXPECT_EQ(verdicts[0].point, *volunteer.sealed[0].received);
  EXPECT_EQ(sum_of(server, 0), 30);
}

TEST_F(ExchangeOf, WithNothingNewTheReplyIsAHandfulOfBytes) {
  volunteer.log(trees(30));
  ASSERT_TRUE(volunteer.sync(server.engine()).has_value());
  const auto body = server.engine().sync(wire::encode_sync_request(volunteer.request()));
  ASSERT_TRUE(body.has_value());
  EXPECT_LE(body->size(), 8u);
}

TEST_F(ExchangeOf, AWrongTokenReadsNothingButItsBatchesCount) {
  auto request = volunteer.request();
  request.token = "wrong";
  const auto refused = send(request);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnauthorized);
  volunteer.log(trees(12));
  volunteer.seal();
  request = volunteer.request();
  request.token = "wrong";
  const auto reply = send(request);
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->verdicts.at(0).status, wire::VerdictStatus::kAdmitted);
  EXPECT_TRUE(reply->cursor.empty());
  EXPECT_EQ(sum_of(server, 0), 12);
}

TEST_F(ExchangeOf, AForeignSignatureOrAFlippedBitIsInvalidAndCountsNothing) {
  volunteer.log(trees(12));
  volunteer.seal();
  EXPECT_EQ(server.deliver(officer.key(), {volunteer.sealed[0].whole}).at(0).status,
            wire::VerdictStatus::kInvalid);
  auto batch = wire::decode_batch(volunteer.sealed[0].whole)->batch;
  batch.facts.back() = static_cast<char>(batch.facts.back() ^ 1);
  EXPECT_EQ(server.deliver(volunteer.key(), {wire::encode_batch(batch, wire::HashForm::kWhole)}).at(0).status,
            wire::VerdictStatus::kInvalid);
  EXPECT_EQ(sum_of(server, 0), 0);
}

TEST_F(ExchangeOf, AStrangersBatchAsksForItsCertificate) {
  FakePhone stranger(9, Rank::kVolunteer, "a");
  stranger.log(trees(5));
  stranger.seal();
  EXPECT_EQ(carry(stranger).at(0).status, wire::VerdictStatus::kNeedCertificate);
}

TEST_F(ExchangeOf, AShortHashThatNobodyKnowsIsAskedForInFullAndAGapIsTold) {
  volunteer.log(trees(5));
  volunteer.seal();
  volunteer.log(trees(6));
  volunteer.seal();
  EXPECT_EQ(server.deliver(volunteer.key(), {volunteer.sealed[1].encoded}).at(0).status,
            wire::VerdictStatus::kNeedFull);
  const auto late = server.deliver(volunteer.key(), {volunteer.sealed[1].whole}).at(0);
  EXPECT_EQ(late.status, wire::VerdictStatus::kAdmitted);
  EXPECT_TRUE(late.gap);
  EXPECT_EQ(sum_of(server, 0), 6);
  EXPECT_FALSE(server.deliver(volunteer.key(), {volunteer.sealed[0].encoded}).at(0).gap);
  EXPECT_EQ(sum_of(server, 0), 11);
}

/// A copy of `phone`; each of both has sealed a batch of its own under the same number.
FakePhone forked(FakePhone& phone) {
  FakePhone copy = phone;
  copy.reopen();
  phone.log(trees(5));
  copy.log(trees(7));
  phone.seal();
  copy.seal();
  return copy;
}

TEST_F(ExchangeOf, ACopiedPhoneIsToldOfTheForkAndBothCount) {
  FakePhone copy = forked(volunteer);
  EXPECT_FALSE(carry(volunteer).at(0).fork);
  EXPECT_TRUE(carry(copy).at(0).fork);
  EXPECT_EQ(sum_of(server, 0), 12);
}

// The reply that told it may have been lost, and the retry is a duplicate.
TEST_F(ExchangeOf, AForkIsToldAgainToTheDuplicate) {
  FakePhone copy = forked(volunteer);
  carry(volunteer);
  carry(copy);
  const auto again = carry(copy).at(0);
  EXPECT_EQ(again.status, wire::VerdictStatus::kDuplicate);
  EXPECT_TRUE(again.fork);
  // Whose batch came first goes on in the journal, and is not told to leave it.
  EXPECT_FALSE(carry(volunteer).at(0).fork);
  EXPECT_EQ(sum_of(server, 0), 12);
}

TEST_F(ExchangeOf, ABatchUnderAnUnknownCatalogueWaitsWholeAndCountsWhenItComes) {
  Catalogue next = test_catalogue();
  next.revision = 2;
  volunteer.use_catalogue(2, hash_of(wire::encode_catalogue(next)));
  volunteer.log(trees(5));
  volunteer.seal();
  const auto verdict = carry(volunteer).at(0);
  EXPECT_EQ(verdict.status, wire::VerdictStatus::kHeld);
  EXPECT_EQ(verdict.reason, HoldReason::kUnknownCatalogue);
  EXPECT_EQ(sum_of(server, 0), 0);
  server.publish(next);
  EXPECT_EQ(sum_of(server, 0), 5);
}

TEST_F(ExchangeOf, ADayAheadIsHeldUntilItComesOrIsMended) {
  LogContent ahead = trees(5);
  ahead.day = Day(std::chrono::year(2026) / 3 / 25);
  const RecordId waits = volunteer.log(ahead);
  ahead.day = Day(std::chrono::year(2035) / 1 / 1);
  const RecordId mended = volunteer.log(ahead);
  ASSERT_TRUE(volunteer.sync(server.engine()).has_value());
  EXPECT_EQ(sum_of(server, 0), 0);
  EXPECT_EQ(volunteer.holds[waits], HoldReason::kDayInFuture);
  ASSERT_TRUE(officer.sync(server.engine()).has_value());
  officer.edit(mended, FieldKind::kDay, value::of_day(Day(std::chrono::year(2026) / 3 / 1)));
  ASSERT_TRUE(officer.sync(server.engine()).has_value());
  EXPECT_EQ(sum_of(server, 0), 5);
  server.clock().set(Day(std::chrono::year(2026) / 3 / 25));
  ASSERT_TRUE(server.engine().note_day().has_value());
  EXPECT_EQ(sum_of(server, 0), 10);
  ASSERT_TRUE(volunteer.sync(server.engine()).has_value());
  EXPECT_EQ(volunteer.holds[waits], HoldReason::kNone);
}

TEST_F(ExchangeOf, AForeignUnitIsHeldShownToTheOfficerAndCountsOnceGranted) {
  const RecordId record = volunteer.log(trees(5, 3));
  ASSERT_TRUE(volunteer.sync(server.engine()).has_value());
  EXPECT_EQ(sum_of(server, 0), 0);
  ASSERT_TRUE(officer.sync(server.engine()).has_value());
  EXPECT_EQ(officer.holds[record], HoldReason::kForeignUnit);
  const FakePhone moved(1, Rank::kVolunteer, "b");  // the same key, another unit
  server.enrol(moved);
  EXPECT_EQ(sum_of(server, 0), 5);
  ASSERT_TRUE(officer.sync(server.engine()).has_value());
  EXPECT_FALSE(officer.base.contains(record)) << "it left the officer's unit";
}

TEST_F(ExchangeOf, ARevokedDeviceReadsNothingAndWhatItSealsLaterIsHeld) {
  const RecordId record = volunteer.log(trees(5));
  ASSERT_TRUE(volunteer.sync(server.engine()).has_value());
  std::vector<ingest::LastGood> good;
  {
    const auto snapshot = server.ledger().begin_read();
    good = *ingest::last_batches(**snapshot, volunteer.key());
  }
  ASSERT_TRUE(server.engine()
                  .append_office(OfficeAct::kRevoke, ingest::revoke_payload(volunteer.id(), good))
                  .has_value());
  EXPECT_EQ(sum_of(server, 0), 5);
  const auto told = send(volunteer.request());
  ASSERT_TRUE(told.has_value()) << told.error().context;
  EXPECT_EQ(told->revoked_at, server.clock().wall());
  EXPECT_TRUE(told->page.empty());
  EXPECT_TRUE(told->cursor.empty());
  auto stranger = volunteer.request();
  stranger.token = Bytes(32, 'x');
  EXPECT_EQ(send(stranger).error().code, ErrorCode::kUnauthorized) << "nobody else learns it";
  volunteer.edit(record, FieldKey::value_of(IndicatorNo{0}), value::of_amount({500, Qualifier::kExact}));
  volunteer.seal();
  EXPECT_EQ(carry(volunteer).at(1).reason, HoldReason::kRevoked);
  EXPECT_EQ(sum_of(server, 0), 5);
}

TEST_F(ExchangeOf, ARevocationKeepsBothBranchesOfAForkAndWhatLiesBeforeAGap) {
  volunteer.log(trees(1));
  volunteer.seal();
  FakePhone copy = volunteer;
  copy.reopen();
  volunteer.log(trees(2));
  volunteer.seal();
  copy.log(trees(4));
  copy.seal();
  volunteer.log(trees(8));
  volunteer.seal();
  server.deliver(copy.key(), {copy.sealed[0].whole, copy.sealed[1].whole});
  server.deliver(volunteer.key(), {volunteer.sealed[2].whole});  // the one before it is still on its way
  EXPECT_EQ(sum_of(server, 0), 13);
  std::vector<ingest::LastGood> good;
  {
    const auto snapshot = server.ledger().begin_read();
    good = *ingest::last_batches(**snapshot, volunteer.key());
  }
  const Bytes payload = ingest::revoke_payload(volunteer.id(), good);
  ASSERT_TRUE(server.engine().append_office(OfficeAct::kRevoke, payload).has_value());
  EXPECT_EQ(sum_of(server, 0), 13) << "what arrived before still counts";
  server.deliver(volunteer.key(), {volunteer.sealed[1].whole});
  EXPECT_EQ(sum_of(server, 0), 15) << "what a good batch follows counts whenever it comes";
}

TEST_F(ExchangeOf, ARevocationTakesBackWhatCameAfterTheLastGoodBatchInEitherOrder) {
  const RecordId record = volunteer.log(trees(5));
  volunteer.seal();
  volunteer.edit(record, FieldKey::value_of(IndicatorNo{0}), value::of_amount({500, Qualifier::kExact}));
  volunteer.log(trees(9));
  volunteer.seal();
  const Bytes payload = ingest::revoke_payload(
      volunteer.id(), std::vector<ingest::LastGood>{{JournalId{}, volunteer.sealed[0].hash}});
  carry(volunteer);
  EXPECT_EQ(sum_of(server, 0), 509);
  ASSERT_TRUE(server.engine().append_office(OfficeAct::kRevoke, payload).has_value());
  EXPECT_EQ(sum_of(server, 0), 5);
  TestServer other;
  other.enrol(volunteer);
  ASSERT_TRUE(other.engine().append_office(OfficeAct::kRevoke, payload).has_value());
  for (const std::size_t i : {1u, 0u}) other.deliver(volunteer.key(), {volunteer.sealed[i].whole});
  EXPECT_EQ(sum_of(other, 0), 5);
}

TEST_F(ExchangeOf, TheOfficeMayAcceptOrRefuseAHeldChange) {
  const RecordId record = officer.log(trees(5, 1));
  ASSERT_TRUE(officer.sync(server.engine()).has_value());
  volunteer.edit(record, FieldKey::value_of(IndicatorNo{0}), value::of_amount({8, Qualifier::kExact}));
  volunteer.seal();
  const auto verdict = carry(volunteer).at(0);
  ASSERT_EQ(verdict.held.size(), 1u);
  EXPECT_EQ(verdict.held[0].reason, HoldReason::kNotYours);
  const Bytes payload = ingest::decision_payload(volunteer.sealed[0].hash, 0);
  ASSERT_TRUE(server.engine().append_office(OfficeAct::kRefuse, payload).has_value());
  EXPECT_EQ(carry(volunteer).at(0).held.at(0).reason, HoldReason::kRefusedByOffice);
  ASSERT_TRUE(server.engine().append_office(OfficeAct::kAccept, payload).has_value());
  EXPECT_TRUE(carry(volunteer).at(0).held.empty());
}

TEST_F(ExchangeOf, AServerThatStartsAgainGoesOnWhereItWas) {
  volunteer.log(trees(5));
  ASSERT_TRUE(volunteer.sync(server.engine()).has_value());
  const auto before = server.conclusions();
  server.restart();
  EXPECT_EQ(server.conclusions(), before);
  volunteer.log(trees(6));
  ASSERT_TRUE(volunteer.sync(server.engine()).has_value());
  EXPECT_EQ(volunteer.resets, 0u);
  EXPECT_EQ(sum_of(server, 0), 11);
}

TEST_F(ExchangeOf, AFailedActOfTheOfficeLeavesNothingBehind) {
  Catalogue next = test_catalogue();
  next.revision = 2;
  next.units[1].code = "renamed";
  const auto payload = ingest::catalogue_payload(test_keys(), next);
  const auto point = server.engine().append_office(OfficeAct::kCatalogue, *payload);
  ASSERT_FALSE(point.has_value());
  EXPECT_EQ(point.error().code, ErrorCode::kConflict);
  EXPECT_EQ(server.engine().catalogue()->revision, 1u);
  volunteer.log(trees(5));
  ASSERT_TRUE(volunteer.sync(server.engine()).has_value());
}

TEST_F(ExchangeOf, OfAnEventThatCountsOnceTheConfirmedOrElseTheFirstRecordCounts) {
  LogContent header;
  header.event_header = true;
  const RecordId event = officer.log(header);
  LogContent guests;
  guests.event = event;
  guests.values[2] = {40, Qualifier::kExact};
  const RecordId one = volunteer.log(guests);
  guests.values[2] = {50, Qualifier::kExact};
  const RecordId two = volunteer.log(guests);
  ASSERT_TRUE(volunteer.sync(server.engine()).has_value());
  ASSERT_TRUE(officer.sync(server.engine()).has_value());
  EXPECT_EQ(sum_of(server, 2), 40);
  officer.review(two, ReviewState::kConfirmed);
  ASSERT_TRUE(officer.sync(server.engine()).has_value());
  EXPECT_EQ(sum_of(server, 2), 50);
  officer.retract(two);
  ASSERT_TRUE(officer.sync(server.engine()).has_value());
  EXPECT_EQ(sum_of(server, 2), 40);
  officer.retract(one);
  ASSERT_TRUE(officer.sync(server.engine()).has_value());
  EXPECT_EQ(total(server, 2)->records, 0);
}

TEST_F(ExchangeOf, ATotalCanBeAskedAsOfAnyPosition) {
  const RecordId record = volunteer.log(trees(5));
  ASSERT_TRUE(volunteer.sync(server.engine()).has_value());
  const std::uint64_t then = volunteer.sealed[0].received->position;
  volunteer.edit(record, FieldKey::value_of(IndicatorNo{0}), value::of_amount({8, Qualifier::kExact}));
  volunteer.log(trees(100));
  ASSERT_TRUE(volunteer.sync(server.engine()).has_value());
  for (const bool fine : {false, true}) {
    totals::Query query;
    query.by_kind = fine;
    EXPECT_EQ(sum_of(server, 0, query), 108);
    query.as_of = then;
    EXPECT_EQ(sum_of(server, 0, query), 5);
    query.as_of = then - 1;
    EXPECT_EQ(sum_of(server, 0, query), 0);
    query.as_of = then + 1000;
    EXPECT_FALSE(total(server, 0, query).has_value());
  }
}

}  // namespace
}  // namespace phusa::test
