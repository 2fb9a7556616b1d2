#include "core/journal/certificate.hpp"
#include "core/journal/office_journal.hpp"
#include "sync-server/ingest/payloads.hpp"
#include "tests/server/ingest/restored_server.hpp"
#include "tests/server/ingest/vouching.hpp"

#include <gtest/gtest.h>

namespace phusa::test {
namespace {

TEST_F(RestoreTest, ARevocationAfterTheBackupIsEnactedAnewOnce) {
  back_up();
  log(volunteer, 1);
  sync(volunteer);
  revoke(volunteer);
  volunteer.phone.log(trees(1'000));  // after the last good batch
  volunteer.phone.seal();
  sync(volunteer);  // delivers, and reads nothing
  EXPECT_FALSE(volunteer.sync(server->engine()).has_value());
  EXPECT_EQ(held_batches(), std::vector{HoldReason::kRevoked});
  sync(officer);
  sync(office);
  EXPECT_EQ(officer.entries.size(), 1u);
  put_back();
  sync(officer);
  const std::uint64_t enacted = head();
  sync(office);
  EXPECT_EQ(head(), enacted);
  EXPECT_FALSE(volunteer.sync(server->engine()).has_value());
  server->deliver(volunteer.phone.key(), {volunteer.phone.sealed[3].whole, volunteer.phone.sealed[4].whole});
  expect_clean();
}

TEST_F(RestoreTest, ARevocationHeardOfBeforeItsDeviceHoldsFromTheFirstGrantOn) {
  back_up();
  KeepingPhone thief(7, Rank::kVolunteer, "a");
  server->enrol(thief.phone);
  log(thief, 1);
  sync(thief);
  revoke(thief);
  thief.phone.log(trees(1'000));
  sync(thief);
  sync_all();
  put_back();
  sync_all();
  server->restart();
  ASSERT_TRUE(thief.introduce(server->engine()).has_value());
  EXPECT_FALSE(thief.sync(server->engine()).has_value());
  server->restart();
  EXPECT_FALSE(thief.sync(server->engine()).has_value());
  server->deliver(thief.phone.key(), {thief.phone.sealed[0].whole, thief.phone.sealed[1].whole});
  expect_clean();
}

class DecisionTest : public RestoreTest {
 protected:
  DecisionTest() {
    // An edit of somebody else's record is held.
    const RecordId record = volunteer.phone.base.begin()->first;
    server->enrol(neighbour.phone);
    neighbour.phone.base = volunteer.phone.base;
    neighbour.phone.edit(record, FieldKey::value_of(IndicatorNo{0}),
                         value::of_amount({7, Qualifier::kExact}));
    neighbour.phone.seal();
    back_up();
    batch = neighbour.phone.sealed.at(0).hash;
    sync(neighbour);
  }
  void decide(OfficeAct act) {
    ASSERT_TRUE(server->engine().append_office(act, ingest::decision_payload(batch, 0)).has_value());
  }
  KeepingPhone neighbour{8, Rank::kVolunteer, "a"};
  Hash batch;
};

TEST_F(DecisionTest, AnAcceptanceComesBackEvenBeforeItsBatch) {
  decide(OfficeAct::kAccept);
  logged -= 3;
  sync_all();
  EXPECT_EQ(officer.entries.size(), 1u);
  EXPECT_EQ(volunteer.entries.size(), 1u);  // about a record of its own
  sync(neighbour);
  EXPECT_EQ(neighbour.entries.size(), 0u);
  put_back();
  sync_all();
  EXPECT_EQ(total(), 30);
  sync(neighbour);
  expect_clean();
}

TEST_F(DecisionTest, AnAcceptanceStandsWhicheverOfBothIsHeardOfFirst) {
  decide(OfficeAct::kRefuse);
  sync(office);
  decide(OfficeAct::kAccept);
  logged -= 3;
  sync(officer);
  sync(volunteer);
  ASSERT_EQ(office.entries.size(), 1u);
  ASSERT_EQ(officer.entries.size(), 2u);
  put_back();
  for (KeepingPhone* phone : {&officer, &neighbour, &office, &volunteer}) sync(*phone);
  expect_clean();
}

TEST_F(RestoreTest, ARefusalThatComesBackAfterItsChangeCountedTakesItOutAgain) {
  back_up();
  const RecordId record = volunteer.phone.log(trees(10));
  volunteer.phone.seal();
  volunteer.phone.edit(record, FieldKey::value_of(IndicatorNo{0}), value::of_amount({99, Qualifier::kExact}));
  volunteer.phone.seal();
  logged += 10;
  server->deliver(volunteer.phone.key(), {volunteer.phone.sealed[4].whole});  // before what it edits: held
  ASSERT_TRUE(
      server->engine()
          .append_office(OfficeAct::kRefuse, ingest::decision_payload(volunteer.phone.sealed[4].hash, 0))
          .has_value());
  sync_all();
  EXPECT_EQ(total(), logged);
  ASSERT_EQ(office.entries.size(), 1u);
  put_back();
  sync(volunteer);  // both batches in their order, so that nothing is held, and then the refusal
  sync(office);
  expect_clean();
}

TEST_F(RestoreTest, EntriesComeDownBoundedOnceAndAgainAfterAReset) {
  SeededRandom random(77);
  for (int i = 0; i < 70; ++i) {
    const Bytes payload = ingest::revoke_payload(random.fixed<DeviceId>(), {});
    ASSERT_TRUE(server->engine().append_office(OfficeAct::kRevoke, payload).has_value());
  }
  const auto ask = [&] {
    const auto body = server->engine().sync(wire::encode_sync_request(office.phone.request()));
    return *wire::decode_sync_reply(*body);
  };
  const wire::SyncReply first = ask();
  EXPECT_EQ(first.office_entries.size(), limits::kOfficeEntriesMax);
  EXPECT_TRUE(first.more);
  sync_all();
  EXPECT_EQ(office.entries.size(), 70u);
  EXPECT_EQ(officer.entries.size(), 0u);  // devices of nobody it knows
  EXPECT_TRUE(ask().office_entries.empty());
  EXPECT_TRUE(ask().cursor.empty());
  office.phone.furthest = LedgerPoint{100'000, {}};
  EXPECT_EQ(ask().office_entries.size(), limits::kOfficeEntriesMax);
}

/// A phone that the officer vouched for too late, and that the office let in after the backup.
class AcceptedDevice : public RestoreTest {
 protected:
  AcceptedDevice() {
    keep_server_certificate(*server);
    chain_ = chain({late_voucher(), officers()});
    EXPECT_TRUE(server->engine().append_office(OfficeAct::kGrant, ingest::grant_payload(officers())));
    newcomer.phone.log(trees(10));
    EXPECT_EQ(carry(*server, newcomer.phone, chain_).at(0).reason, HoldReason::kVouchLate);
    back_up();
    EXPECT_TRUE(server->engine().append_office(OfficeAct::kAcceptDevice,
                                               journal::encode_certificate(late_voucher())));
    logged += 10;
    EXPECT_EQ(*introduce(*server, newcomer.phone, chain_), HoldReason::kNone);
    sync(newcomer);
    sync_all();
  }
  Certificate officers() const {
    return granted(officer.phone, {.unit = "a", .rank = Rank::kOfficer, .serial = 5, .uses = 2});
  }
  Certificate late_voucher() const {
    return vouched(officer.phone, newcomer.phone,
                   {.unit = "a", .issued_at = WallTime(Day(std::chrono::year(2025) / 12 / 1))});
  }
  KeepingPhone newcomer{9, Rank::kVolunteer, "a"};
  std::vector<Bytes> chain_;
};

TEST_F(AcceptedDevice, IsLetInAgainByWhatItsOfficerKeeps) {
  EXPECT_EQ(officer.entries.size(), 1u);
  EXPECT_EQ(newcomer.entries.size(), 1u);
  EXPECT_EQ(volunteer.entries.size(), 0u) << "it is nothing to another volunteer";
  put_back();
  EXPECT_EQ(held_batches(), std::vector{HoldReason::kVouchLate});
  sync(officer);
  EXPECT_EQ(held_batches(), std::vector<HoldReason>{});
  EXPECT_EQ(*introduce(*server, newcomer.phone, chain_), HoldReason::kNone);
  const std::uint64_t enacted = head();
  sync(office);
  sync_all();
  EXPECT_EQ(head(), enacted);
  expect_clean();
}

TEST_F(AcceptedDevice, LetsItselfInAgainByWhatItKeeps) {
  put_back();
  wire::SyncRequest request = newcomer.phone.request();
  request.office_entries = newcomer.entries;
  const auto body = server->engine().sync(wire::encode_sync_request(request));
  ASSERT_TRUE(body.has_value());
  EXPECT_TRUE(wire::decode_sync_reply(*body)->introduce) << "its token is not known here yet";
  EXPECT_EQ(*introduce(*server, newcomer.phone, chain_), HoldReason::kNone);
  sync(newcomer);
  expect_clean();
}

}  // namespace
}  // namespace phusa::test
