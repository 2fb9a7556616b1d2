#include "core/journal/office_journal.hpp"
#include "core/journal/receipt.hpp"
#include "sync-server/ingest/held_loads.hpp"
#include "sync-server/ingest/office_offers.hpp"
#include "tests/server/ingest/restored_server.hpp"

#include <gtest/gtest.h>

namespace phusa::test {
namespace {

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

/// A revision 2 that went with the lost files, and another 2 that the office has made since.
class ContradictedRevision : public RestoreTest {
 protected:
  ContradictedRevision() {
    back_up();
    server->publish(revision(2, "old"));
    sync_all();
    lost = *server->engine().catalogue();
    log(volunteer, 1);
    log(officer, 1);
    sync(volunteer);
    put_back();
    server->publish(revision(2, "other"));
    sync_all();
    sync_all();
  }
  Bytes payload() const { return ingest::revision_payload(2, hash_of(wire::encode_catalogue(lost))); }
  void accept() {
    ASSERT_TRUE(server->engine().append_office(OfficeAct::kAcceptRevision, payload()).has_value());
  }
  Catalogue lost;
};

TEST_F(ContradictedRevision, IsJudgedUnderTheOneThatStandsOnceTheOfficeAcceptsIt) {
  ASSERT_EQ(held_batches(), (std::vector{HoldReason::kUnknownCatalogue, HoldReason::kUnknownCatalogue}));
  EXPECT_EQ(total(), 30);
  const auto named =
      *ingest::lost_revisions(**server->ledger().begin_read(), test_keys().server_key.public_key);
  ASSERT_EQ(named.size(), 1u);
  EXPECT_EQ(named[0].revision, 2u);
  EXPECT_TRUE(named[0].is_contradicted);
  EXPECT_EQ(named[0].batches, 2u);
  EXPECT_EQ(named[0].devices, 2u);
  accept();
  EXPECT_EQ(held_batches(), std::vector<HoldReason>{});
  EXPECT_TRUE(
      ingest::lost_revisions(**server->ledger().begin_read(), test_keys().server_key.public_key)->empty());
  expect_clean();
  // What is sealed before the phone takes the other revision for its own, the server has meanwhile started
  // again.
  volunteer.phone.use_catalogue(2, hash_of(wire::encode_catalogue(lost)));
  log(volunteer, 1);
  sync_all();
  EXPECT_EQ(held_batches(), std::vector<HoldReason>{});
  accept();  // once more: nothing new
  expect_clean();
}

TEST_F(ContradictedRevision, IsAcceptedAgainAfterAnotherRestore) {
  back_up();
  accept();
  sync_all();
  EXPECT_EQ(office.entries.size(), 1u);
  EXPECT_EQ(volunteer.entries.size(), 1u);
  put_back();
  EXPECT_EQ(held_batches().size(), 2u);
  sync(volunteer);
  EXPECT_EQ(held_batches(), std::vector<HoldReason>{});
  const std::uint64_t enacted = head();
  sync_all();
  EXPECT_EQ(head(), enacted) << "enacted once, whoever tells it";
  expect_clean();
}

TEST_F(ContradictedRevision, NothingButAnumberAndAHashIsTaken) {
  const auto before = head();
  for (const Bytes& bad : {Bytes(), payload().substr(1), payload() + "x", Bytes(36, '\0')}) {
    EXPECT_EQ(server->engine().append_office(OfficeAct::kAcceptRevision, bad).error().code,
              ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(head(), before);
}

}  // namespace
}  // namespace phusa::test
