#include "core/journal/certificate.hpp"
#include "core/journal/office_journal.hpp"
#include "core/journal/receipt.hpp"
#include "sync-server/ingest/office_offers.hpp"
#include "sync-server/ingest/payloads.hpp"
#include "sync-server/totals/query.hpp"
#include "tests/server/ingest/keeping_phone.hpp"

#include <gtest/gtest.h>

namespace phusa::test {
namespace {

/// A server whose files are put back: nobody tells anybody.
class RestoreTest : public ::testing::Test {
 protected:
  RestoreTest() {
    for (KeepingPhone* phone : {&volunteer, &officer, &office}) server->enrol(phone->phone);
    log(volunteer, 3);
    sync_all();
  }

  static LogContent trees(std::int64_t count) {
    LogContent content;
    content.values[0] = {count, Qualifier::kExact};
    return content;
  }
  void log(KeepingPhone& phone, int records) {
    for (int i = 0; i < records; ++i) {
      phone.phone.log(trees(10));
      logged += 10;
      phone.phone.seal();
    }
  }
  void sync(KeepingPhone& phone) {
    const auto done = phone.sync(server->engine());
    ASSERT_TRUE(done.has_value()) << done.error().context;
  }
  void sync_all() {
    for (KeepingPhone* phone : {&volunteer, &officer, &office}) sync(*phone);
  }
  void back_up() { server->copy_to(backup = folder.file("backup" + std::to_string(++backups) + ".sqlite")); }
  /// A copy of the copy, so that it can be put back again.
  void put_back() {
    const std::string path = folder.file("restored" + std::to_string(++restores) + ".sqlite");
    std::filesystem::copy_file(backup, path);
    server.emplace(path);
  }
  std::int64_t total() {
    const auto snapshot = server->ledger().begin_read();
    const auto table = totals::query(**snapshot, *server->engine().catalogue(), {});
    EXPECT_TRUE(table.has_value());
    std::int64_t sum = 0;
    for (const totals::Row& row : table->rows) sum += static_cast<std::int64_t>(row.figures.sum);
    return sum;
  }
  void expect_clean() {
    EXPECT_EQ(total(), logged);
    EXPECT_EQ(server->verify().differences, std::vector<std::string>{});
    const auto before = server->conclusions();
    server->restart();
    EXPECT_EQ(server->conclusions(), before);
  }
  std::uint64_t head() { return (*server->ledger().begin_read())->head()->position; }
  std::vector<HoldReason> held_batches() {
    std::vector<HoldReason> out;
    const auto snapshot = server->ledger().begin_read();
    const auto held = (*snapshot)->held_batches();
    for (const ledger::EntryRow& row : *held) out.push_back(row.hold);
    return out;
  }
  void revoke(const KeepingPhone& phone) {
    std::vector<ingest::LastGood> last_good;
    {
      const auto snapshot = server->ledger().begin_read();
      last_good = *ingest::last_batches(**snapshot, phone.phone.key());
    }
    ASSERT_TRUE(server->engine()
                    .append_office(OfficeAct::kRevoke, ingest::revoke_payload(phone.phone.id(), last_good))
                    .has_value());
  }
  static Catalogue revision(std::uint32_t number, const char* unit) {
    Catalogue next = test_catalogue();
    next.revision = number;
    for (std::uint32_t i = 2; i <= number; ++i) {
      Unit added;
      added.code = unit + std::to_string(i);
      added.parent = UnitNo{1};
      next.units.push_back(added);
    }
    return next;
  }

  FolderInMemory folder;
  std::string backup;
  int backups = 0;
  int restores = 0;
  std::int64_t logged = 0;
  std::optional<TestServer> server{std::in_place};
  KeepingPhone volunteer{1, Rank::kVolunteer, "a"};
  KeepingPhone officer{2, Rank::kOfficer, "a"};
  KeepingPhone office{3, Rank::kOffice, "root"};
};

TEST_F(RestoreTest, WhatWasLoggedAfterTheBackupComesBackFromThePhones) {
  back_up();
  log(volunteer, 4);
  sync_all();
  put_back();
  EXPECT_EQ(total(), 30);
  sync_all();
  EXPECT_EQ(volunteer.phone.resets, 1u);
  EXPECT_EQ(officer.phone.resets, 1u);
  expect_clean();
  sync_all();  // and once more: nothing starts again
  EXPECT_EQ(volunteer.phone.resets, 1u);
  EXPECT_EQ(office.phone.base.size(), 7u);
}

TEST_F(RestoreTest, ACursorBehindTheBackupGoesOnWhereNothingWasLost) {
  back_up();
  put_back();
  log(volunteer, 1);
  sync_all();
  EXPECT_EQ(volunteer.phone.resets + officer.phone.resets + office.phone.resets, 0u);
  expect_clean();
}

TEST_F(RestoreTest, TheSamePositionWithAnotherTagIsAnotherHistory) {
  back_up();
  log(volunteer, 2);
  sync_all();
  const std::uint64_t lost_head = head();
  put_back();
  // Before the volunteer comes, others fill the positions that it knows.
  log(office, 6);
  sync(office);
  ASSERT_GE(head(), lost_head);
  sync(volunteer);
  EXPECT_EQ(volunteer.phone.resets, 1u);
  sync_all();
  expect_clean();
}

TEST_F(RestoreTest, OnlyThoseWhoKnowTheLostPartOfferAgain) {
  back_up();
  log(volunteer, 2);
  sync(volunteer);  // the officer and the office have not seen these
  put_back();
  sync_all();
  EXPECT_EQ(volunteer.phone.resets, 1u);
  EXPECT_EQ(officer.phone.resets, 0u);
  sync_all();
  EXPECT_EQ(office.phone.base.size(), 5u);
  expect_clean();
}

TEST_F(RestoreTest, ADeviceEnrolledAfterTheBackupComesBackWithItsChain) {
  back_up();
  KeepingPhone late(7, Rank::kVolunteer, "a");
  server->enrol(late.phone);
  log(late, 2);
  sync(late);
  sync_all();
  put_back();
  sync(late);
  EXPECT_EQ(late.introductions, 1u);
  EXPECT_EQ(late.phone.base.size(), 2u);
  sync_all();
  expect_clean();
}

TEST_F(RestoreTest, RevisionsPublishedAfterTheBackupComeBackWithGapsAndLateOnes) {
  back_up();
  for (std::uint32_t number = 2; number <= 4; ++number) {
    server->publish(revision(number, "new"));
    // Each phone misses another one.
    if (number != 3) sync(volunteer);
    if (number != 4) sync(officer);
  }
  LogContent in_new_unit = trees(10);
  in_new_unit.unit = 5;  // of revision 3
  officer.phone.log(in_new_unit);
  logged += 10;
  sync(officer);
  put_back();
  EXPECT_EQ(server->engine().catalogue()->revision, 1u);
  sync(volunteer);  // brings 2 and 4
  EXPECT_EQ(server->engine().catalogue()->revision, 4u);
  sync(officer);  // brings 3, which its batch names
  EXPECT_EQ(server->engine().catalogue()->revision, 4u);
  sync_all();
  EXPECT_EQ(held_batches(), std::vector<HoldReason>{});
  EXPECT_EQ((*server->ledger().begin_read())->catalogues()->size(), 4u);
  expect_clean();
}

TEST_F(RestoreTest, ARevisionWhoseNumberWasGivenAnewIsNotTakenAndItsBatchesWait) {
  back_up();
  server->publish(revision(2, "old"));
  sync_all();
  log(volunteer, 1);
  sync(volunteer);
  put_back();
  server->publish(revision(2, "other"));
  sync_all();
  sync_all();
  EXPECT_EQ(server->engine().catalogue()->units.back().code, "other2");
  EXPECT_EQ(held_batches(), std::vector{HoldReason::kUnknownCatalogue});
  logged -= 10;
  expect_clean();
}

TEST_F(RestoreTest, RevisionsOfSeveralHistoriesAreReadBackWhateverTheyHoldOfTheNewest) {
  Catalogue three = revision(5, "new");
  three.revision = 3;
  three.units.pop_back();
  Catalogue four = revision(2, "new");  // of another history: fewer rows than 3, and all of them in 5
  four.revision = 4;
  four.units[3].parent = UnitNo{1};
  server->publish(revision(5, "new"));
  server->publish(three);
  server->publish(four);
  EXPECT_EQ(server->engine().catalogue()->revision, 5u);
  expect_clean();
  sync_all();
  EXPECT_EQ(server->engine().catalogue()->units.size(), 8u);
}

TEST_F(RestoreTest, APhoneThatHasReadNothingFindsOutByItsReceipts) {
  back_up();
  log(volunteer, 1);
  sync(volunteer);
  volunteer.phone.cursor.clear();
  put_back();
  sync(volunteer);
  EXPECT_EQ(volunteer.phone.resets, 1u);
  expect_clean();
}

TEST_F(RestoreTest, ThePhoneAheadOfWhatTheOfficePublishedInsteadComesAlongWithTheNextRevision) {
  back_up();
  server->publish(revision(2, "old"));
  server->publish(revision(3, "old"));
  sync_all();
  put_back();
  server->publish(revision(2, "other"));
  sync_all();
  EXPECT_EQ(server->engine().catalogue()->revision, 2u);
  Catalogue next = revision(2, "other");
  next.revision = *ingest::next_revision(**server->ledger().begin_read());
  EXPECT_EQ(next.revision, 4u);  // the phones hold a 3 that does not fit
  server->publish(next);
  const std::uint64_t before = head();
  sync_all();
  log(volunteer, 1);
  sync_all();
  EXPECT_EQ(held_batches(), std::vector<HoldReason>{});
  EXPECT_EQ(head(), before + 1);  // the batch, and nothing more of the revisions that do not fit
  expect_clean();
}

TEST_F(RestoreTest, TheOfficesRevisionMadeAgainFromTheSameFolderIsTheSameRevision) {
  back_up();
  server->publish(revision(2, "old"));
  sync_all();
  log(volunteer, 1);
  sync(volunteer);
  put_back();
  server->publish(revision(2, "old"));
  sync_all();
  EXPECT_EQ(held_batches(), std::vector<HoldReason>{});
  expect_clean();
}

TEST_F(RestoreTest, OnlyTheServersOwnRevisionsAndEntriesAreTaken) {
  const auto forger = journal::key_pair_from(KeySeed{});
  const auto before = head();
  auto request = volunteer.phone.request();
  const Catalogue next = revision(2, "forged");
  Bytes encoded = wire::encode_catalogue(next);
  const auto id = server->engine().organisation();
  const Signature signature = journal::sign(forger, journal::catalogue_message(id, 2, hash_of(encoded)));
  request.catalogues.push_back({2, encoded, signature});
  request.catalogues.push_back({3, "nonsense", {}});
  OfficeEntry entry;
  entry.act = OfficeAct::kRevoke;
  entry.number = 99;
  entry.payload = ingest::revoke_payload(officer.phone.id(), {});
  journal::sign_office_entry(id, forger, entry);
  request.office_entries = {journal::encode_office_entry(entry), "nonsense", Bytes()};
  ASSERT_TRUE(server->engine().sync(wire::encode_sync_request(request)).has_value());
  EXPECT_EQ(head(), before);
  EXPECT_EQ(server->engine().catalogue()->revision, 1u);
}

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

}  // namespace
}  // namespace phusa::test
