#include "core/journal/certificate.hpp"
#include "core/merge/merge.hpp"
#include "tests/server/ingest/vouching.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace phusa::test {
namespace {

// Units of the test catalogue.
constexpr std::uint32_t kA = 1;
constexpr std::uint32_t kA1 = 2;
constexpr std::uint32_t kB = 3;

constexpr Day day(unsigned of_march) {
  return Day(std::chrono::year(2026) / 3 / of_march);
}

/// Syncs as a phone does: what does not come again after a reset is dropped.
wire::SyncReply pull(TestServer& server, FakePhone& phone) {
  phone.seal();
  wire::SyncReply first;
  for (int i = 0;; ++i) {
    const wire::SyncRequest request = phone.request();
    const auto body = server.engine().sync(wire::encode_sync_request(request));
    EXPECT_TRUE(body) << (body ? "" : body.error().context);
    if (!body) return first;
    const wire::SyncReply reply = *wire::decode_sync_reply(*body);
    if (reply.reset) phone.base.clear();
    phone.take(request, reply);
    if (i == 0) first = reply;
    if (!reply.more) return first;
  }
}

class ScopeChangeOf : public ::testing::Test {
 protected:
  ScopeChangeOf() {
    keep_server_certificate(server);
    grant(volunteer, {.unit = "a1", .person = 1});
    grant(officer_a, {.unit = "a", .rank = Rank::kOfficer, .person = 2});
    grant(officer_b, {.unit = "b", .rank = Rank::kOfficer, .person = 3});
  }
  void TearDown() override {
    const auto report = server.verify();
    for (const std::string& difference : report.differences) ADD_FAILURE() << difference;
    const auto before = server.conclusions();
    server.restart();
    EXPECT_EQ(before, server.conclusions());
  }

  void grant(const FakePhone& phone, Voucher voucher) {
    voucher.issued_at += std::chrono::hours(voucher.serial);
    ASSERT_EQ(*introduce(server, phone, chain({granted(phone, voucher)})), HoldReason::kNone);
  }
  Catalogue next_catalogue() const {
    Catalogue catalogue = *server.engine().catalogue();
    ++catalogue.revision;
    return catalogue;
  }
  static Unit unit_below(const char* code, std::uint32_t parent) {
    Unit unit;
    unit.code = code;
    unit.name = code;
    unit.parent = UnitNo{parent};
    return unit;
  }

  mutable TestServer server;
  FakePhone volunteer{10, Rank::kVolunteer, "a1"};
  FakePhone officer_a{11, Rank::kOfficer, "a"};
  FakePhone officer_b{12, Rank::kOfficer, "b"};
};

TEST_F(ScopeChangeOf, APhoneMovedWhileOfflineCountsWhereItLoggedAndLearnsItsNewCertificate) {
  const RecordId before = volunteer.log(trees(7, kA1));
  grant(volunteer, {.unit = "b", .serial = 2, .person = 1});
  const wire::SyncReply reply = pull(server, volunteer);
  ASSERT_EQ(reply.verdicts.at(0).status, wire::VerdictStatus::kAdmitted);
  ASSERT_EQ(reply.certificates.size(), 2u) << "its batch names the older certificate";
  EXPECT_EQ(journal::decode_certificate(reply.certificates[0])->unit, "b");
  EXPECT_EQ(sum_of(server), 7);
  volunteer.use_certificate(2);
  volunteer.log(trees(20, kB));
  EXPECT_TRUE(pull(server, volunteer).certificates.empty()) << "it knows by now";
  volunteer.edit(before, trees_field(), amount(8));
  pull(server, volunteer);
  EXPECT_EQ(sum_of(server), 28);
}

// Readers see a commit before the writer has told its own process what follows from it.
TEST_F(ScopeChangeOf, AReaderBetweenACommitAndItsNewsMissesNothingOfANewUnit) {
  FakePhone reader{13, Rank::kOfficer, "a"};
  grant(reader, {.unit = "a", .rank = Rank::kOfficer, .person = 4});
  pull(server, reader);
  const auto behind = ingest::Engine::start(test_keys(), server.ledger(), server.clock());
  ASSERT_TRUE(behind);
  Catalogue next = next_catalogue();
  next.units.push_back(unit_below("a9", kA));
  server.publish(next);
  const RecordId record = officer_a.log(trees(7, static_cast<std::uint32_t>(next.units.size() - 1)));
  pull(server, officer_a);
  ASSERT_TRUE(reader.exchange(**behind));
  pull(server, reader);
  EXPECT_TRUE(reader.base.contains(record));
  EXPECT_EQ((*behind)->catalogue()->revision + 1, next.revision) << "or this test shows nothing";
  EXPECT_EQ((*(*behind)->catalogue_of(**server.ledger().begin_read()))->revision, next.revision);
}

TEST_F(ScopeChangeOf, WhoAsksInTheFrameOfAnEarlierProgramIsAnsweredInIt) {
  wire::SyncRequest request = officer_a.request();
  request.frame = wire::Frame::kOpen;
  const auto reply = server.engine().sync(wire::encode_sync_request(request));
  ASSERT_TRUE(reply);
  EXPECT_TRUE(wire::decode_sync_reply(*reply, wire::Frame::kOpen));
}

TEST_F(ScopeChangeOf, AMovedPhoneThatBringsNothingIsToldByTheReset) {
  volunteer.log(trees(7, kA1));
  pull(server, volunteer);
  pull(server, officer_a);
  grant(officer_a, {.unit = "b", .rank = Rank::kOfficer, .serial = 2, .person = 2});
  const wire::SyncReply reply = pull(server, officer_a);
  EXPECT_TRUE(reply.reset);
  ASSERT_EQ(reply.certificates.size(), 2u);
  EXPECT_TRUE(officer_a.base.empty()) << "no longer in its units";
  EXPECT_FALSE(pull(server, officer_a).reset) << "once";
}

// A phone that was told of a restore while it only delivered asks so.
TEST_F(ScopeChangeOf, WhoAsksForTheBeginningGetsItWithItsChain) {
  volunteer.log(trees(7, kA1));
  pull(server, volunteer);
  grant(volunteer, {.unit = "a1", .serial = 2, .person = 1});
  volunteer.use_certificate(2);
  pull(server, volunteer);
  ASSERT_TRUE(pull(server, volunteer).certificates.empty()) << "it needs none but for the beginning";
  volunteer.cursor = wire::kCursorOfNothing;
  const wire::SyncReply reply = pull(server, volunteer);
  EXPECT_TRUE(reply.reset);
  EXPECT_FALSE(reply.page.empty());
  EXPECT_EQ(reply.certificates.size(), 2u);
}

TEST_F(ScopeChangeOf, AMovedPhoneThatHadReadNothingIsToldWithItsFirstSync) {
  grant(officer_a, {.unit = "b", .rank = Rank::kOfficer, .serial = 2, .person = 2});
  const wire::SyncReply reply = pull(server, officer_a);
  ASSERT_EQ(reply.certificates.size(), 2u) << "it has no cursor that could end";
  EXPECT_EQ(journal::decode_certificate(reply.certificates[0])->unit, "b");
  EXPECT_TRUE(pull(server, officer_a).certificates.empty()) << "once";
}

TEST_F(ScopeChangeOf, AMovedOfficersOfflineWorkIsAdmittedAndItReadsItsNewUnit) {
  const RecordId mine = volunteer.log(trees(7, kA1));
  pull(server, volunteer);
  pull(server, officer_a);
  officer_a.edit(mine, trees_field(), amount(6));
  grant(officer_a, {.unit = "b", .rank = Rank::kOfficer, .serial = 2, .person = 2});
  pull(server, officer_a);
  EXPECT_EQ(sum_of(server), 6);
  EXPECT_FALSE(officer_a.base.contains(mine));
}

TEST_F(ScopeChangeOf, ADemotedOfficersReviewsCountIfSealedBeforeAndAreHeldAfter) {
  const RecordId first = volunteer.log(trees(7, kA1));
  const RecordId second = volunteer.log(trees(20, kA1));
  pull(server, volunteer);
  pull(server, officer_a);
  officer_a.review(first, ReviewState::kReturned);
  officer_a.seal();
  grant(officer_a, {.unit = "a", .rank = Rank::kVolunteer, .serial = 2, .person = 2});
  officer_a.use_certificate(2);
  officer_a.review(second, ReviewState::kReturned);
  const wire::SyncReply reply = pull(server, officer_a);
  EXPECT_EQ(reply.verdicts.at(0).held.size(), 0u);
  ASSERT_EQ(reply.verdicts.at(1).held.size(), 1u);
  EXPECT_EQ(reply.verdicts.at(1).held[0].reason, HoldReason::kRankTooLow);
  EXPECT_EQ(sum_of(server), 20) << "what was returned is out of the totals";
  EXPECT_TRUE(officer_a.base.empty()) << "a volunteer reads its own records only";
}

TEST_F(ScopeChangeOf, AUnitPutBelowAnotherMovesNoTotalAndItsRecordsChangeHands) {
  const RecordId record = volunteer.log(trees(7, kA1));
  pull(server, volunteer);
  pull(server, officer_a);
  pull(server, officer_b);
  officer_a.edit(record, trees_field(), amount(6));  // offline
  volunteer.log(trees(20, kA1));                     // offline
  Catalogue moved = next_catalogue();
  moved.units[kA1].parent = UnitNo{kB};
  server.publish(moved);
  EXPECT_EQ(sum_of(server), 7);
  pull(server, officer_a);
  pull(server, volunteer);
  EXPECT_EQ(sum_of(server), 26);
  EXPECT_TRUE(officer_a.base.empty());
  pull(server, officer_b);
  EXPECT_EQ(officer_b.base.size(), 2u);
}

TEST_F(ScopeChangeOf, UnitsMergedWhilePhonesAreOfflineKeepAllThatWasLogged) {
  LogContent early = trees(7, kA1);
  early.day = day(5);
  LogContent late = trees(20, kA1);  // after its unit was closed, without knowing
  late.day = day(14);
  volunteer.log(early);
  const RecordId stays = volunteer.log(late);
  Catalogue merged = next_catalogue();
  merged.units[kA1].validity.until = day(10);
  merged.units[kA1].successors = {UnitNo{kB}};
  server.publish(merged);
  grant(volunteer, {.unit = "b", .serial = 2, .person = 1});
  pull(server, volunteer);
  EXPECT_EQ(sum_of(server), 27);
  volunteer.edit(stays, FieldKind::kUnit, value::of_number(kB));
  pull(server, volunteer);
  EXPECT_EQ(sum_of(server), 27) << "moved to the successor, counted once";
}

TEST_F(ScopeChangeOf, AUnitSplitWhilePhonesAreOfflineKeepsAllThatWasLogged) {
  const RecordId record = volunteer.log(trees(7, kA1));
  Catalogue split = next_catalogue();
  split.units[kA1].validity.until = day(10);
  split.units.push_back(unit_below("a1x", kA));
  split.units.push_back(unit_below("a1y", kB));
  split.units[kA1].successors = {UnitNo{4}, UnitNo{5}};
  server.publish(split);
  grant(volunteer, {.unit = "a1y", .serial = 2, .person = 1});
  pull(server, volunteer);
  volunteer.use_certificate(2);
  volunteer.log(trees(20, 5));
  pull(server, volunteer);
  pull(server, officer_a);
  pull(server, officer_b);
  EXPECT_EQ(officer_a.base.size(), 1u);
  EXPECT_EQ(officer_b.base.size(), 1u);
  EXPECT_EQ(sum_of(server), 27);
  volunteer.edit(record, FieldKind::kUnit, value::of_number(5));
  pull(server, volunteer);
  EXPECT_EQ(sum_of(server), 27);
  pull(server, officer_a);
  EXPECT_TRUE(officer_a.base.empty()) << "edited out of its units";
  pull(server, officer_b);
  EXPECT_EQ(officer_b.base.size(), 2u) << "edited into its units";
}

TEST_F(ScopeChangeOf, AClosedUnitsPhoneIsNotSilencedAndALateDayIsHeld) {
  Catalogue added = next_catalogue();
  added.units.push_back(unit_below("short", kA));
  added.units.back().validity = {day(1), day(10)};
  server.publish(added);
  grant(volunteer, {.unit = "short", .serial = 2, .person = 1});
  LogContent within = trees(7, 4);
  within.day = day(9);
  LogContent after = trees(20, 4);
  after.day = day(12);
  volunteer.log(within);
  const RecordId held = volunteer.log(after);
  pull(server, volunteer);
  EXPECT_EQ(sum_of(server), 7);
  EXPECT_EQ(volunteer.holds[held], HoldReason::kCodeNotValid);
  Catalogue longer = next_catalogue();
  longer.units[4].validity.until = day(20);
  server.publish(longer);
  EXPECT_EQ(sum_of(server), 27);
}

TEST_F(ScopeChangeOf, TheHomeOfficerMendsAForeignUnitInEitherOrderOfArrival) {
  const RecordId record = volunteer.log(trees(7, kB));
  volunteer.seal();
  TestServer other;
  keep_server_certificate(other);
  for (const auto& [phone, voucher] : std::vector<std::pair<FakePhone*, Voucher>>{
           {&volunteer, {.unit = "a1", .person = 1}},
           {&officer_a, {.unit = "a", .rank = Rank::kOfficer, .person = 2}}}) {
    ASSERT_EQ(*introduce(other, *phone, chain({granted(*phone, voucher)})), HoldReason::kNone);
  }
  pull(server, volunteer);
  EXPECT_EQ(sum_of(server), 0);
  pull(server, officer_a);
  ASSERT_EQ(officer_a.holds[record], HoldReason::kForeignUnit);
  officer_a.edit(record, FieldKind::kUnit, value::of_number(kA1));
  pull(server, officer_a);
  EXPECT_EQ(sum_of(server), 7);
  other.deliver(officer_a.key(), {officer_a.sealed[0].whole});
  other.deliver(volunteer.key(), {volunteer.sealed[0].whole});
  EXPECT_EQ(sum_of(other), 7);
  EXPECT_EQ(other.conclusions(), server.conclusions());
}

TEST_F(ScopeChangeOf, AnOfficerOfNeitherUnitCannotMendIt) {
  const FakePhone stranger(13, Rank::kOfficer, "b");
  FakePhone outsider = stranger;
  grant(outsider, {.unit = "b", .rank = Rank::kOfficer, .person = 4});
  const RecordId record = volunteer.log(trees(7, kA1));
  pull(server, volunteer);
  RecordState state;
  state.id = record;
  merge::join(state, volunteer.sealed[0].changes[0]);
  outsider.base[record] = state;
  outsider.edit(record, trees_field(), amount(1));
  EXPECT_EQ(pull(server, outsider).verdicts.at(0).held.at(0).reason, HoldReason::kOutsideScope);
  EXPECT_EQ(sum_of(server), 7);
}

TEST_F(ScopeChangeOf, ANegativeFigureIsHeldUntilItIsMended) {
  const RecordId record = volunteer.log(trees(-7, kA1));
  volunteer.log(trees(20, kA1));
  pull(server, volunteer);
  EXPECT_EQ(sum_of(server), 20);
  pull(server, officer_a);
  EXPECT_EQ(officer_a.holds[record], HoldReason::kValueOutOfRange);
  officer_a.edit(record, trees_field(), amount(7));
  pull(server, officer_a);
  EXPECT_EQ(sum_of(server), 27);
}

/// Law 5 and law 4 together: whatever moves, in whatever order all of it arrives, the grand total is what was
/// logged.
RC_GTEST_PROP(ScopeChange, NoMoveChangesTheGrandTotal, ()) {
  TestServer live;
  TestServer late;
  std::vector<FakePhone> phones;
  std::vector<std::string> homes;
  std::vector<Bytes> acts;
  std::vector<OfficeAct> kinds;
  const std::vector<std::string> units = {"root", "a", "a1", "b"};
  const auto act = [&](OfficeAct what, const Bytes& payload) {
    RC_ASSERT(live.engine().append_office(what, payload).has_value());
    kinds.push_back(what);
    acts.push_back(payload);
  };
  for (std::uint64_t i = 0; i < 3; ++i) {
    const Rank rank = i == 2 ? Rank::kOffice : Rank::kVolunteer;
    homes.push_back(i == 2 ? "root" : "a1");
    phones.emplace_back(20 + i, rank, homes.back());
    act(OfficeAct::kGrant,
        ingest::grant_payload(granted(phones.back(), {.unit = homes.back(), .rank = rank, .person = i})));
    RC_ASSERT(live.engine()
                  .write([&](ledger::Transaction& t) {
                    return t.set_device_token(phones.back().id(), hash_of(phones.back().token()));
                  })
                  .has_value());
  }
  std::int64_t logged = 0;
  std::vector<RecordId> records;
  std::uint32_t serial = 1;
  const auto steps = *rc::gen::container<std::vector<std::tuple<int, int, int>>>(
      rc::gen::tuple(rc::gen::inRange(0, 6), rc::gen::inRange(0, 1000), rc::gen::inRange(0, 4)));
  for (const auto& [what, which, unit] : steps) {
    const auto i = static_cast<std::size_t>(which) % 2;
    if (what <= 1) {
      const auto home =
          static_cast<std::uint32_t>(std::find(units.begin(), units.end(), homes[i]) - units.begin());
      records.push_back(phones[i].log(trees(which, home)));
      logged += which;
    } else if (what == 2) {
      homes[i] = units[static_cast<std::size_t>(unit)];
      ++serial;
      act(OfficeAct::kGrant, ingest::grant_payload(granted(
                                 phones[i], {.unit = homes[i],
                                             .serial = serial,
                                             .issued_at = WallTime(day(14)) + std::chrono::hours(serial),
                                             .person = i})));
      phones[i].use_certificate(serial);
    } else if (what == 3) {
      Catalogue catalogue = *live.engine().catalogue();
      ++catalogue.revision;
      catalogue.units[kA1].parent = UnitNo{static_cast<std::uint32_t>(unit == 2 ? 0 : unit)};
      act(OfficeAct::kCatalogue, *ingest::catalogue_payload(test_keys(), catalogue));
    } else if (what == 4 && !records.empty()) {
      phones[2].edit(records[static_cast<std::size_t>(which) % records.size()], FieldKind::kUnit,
                     value::of_number(static_cast<std::uint32_t>(unit)));
    } else {
      RC_ASSERT(phones[static_cast<std::size_t>(which) % 3].sync(live.engine()).has_value());
    }
  }
  for (int round = 0; round < 2; ++round) {
    for (FakePhone& phone : phones) RC_ASSERT(phone.sync(live.engine()).has_value());
  }
  for (std::size_t i = 0; i < acts.size(); ++i)
    RC_ASSERT(late.engine().append_office(kinds[i], acts[i]).has_value());
  for (auto phone = phones.rbegin(); phone != phones.rend(); ++phone) {
    for (auto batch = phone->sealed.rbegin(); batch != phone->sealed.rend(); ++batch)
      late.deliver(phone->key(), {batch->whole});
  }
  RC_ASSERT(live.conclusions() == late.conclusions());
  RC_ASSERT(live.verify().differences_found == 0u);
  // Moving a record to a unit its mover may log for is all the office does, so nothing is held.
  RC_ASSERT(sum_of(live) == logged);
}

}  // namespace
}  // namespace phusa::test
