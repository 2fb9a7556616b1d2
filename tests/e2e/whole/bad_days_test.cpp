#include "core/journal/certificate.hpp"
#include "core/merge/merge.hpp"
#include "tests/e2e/whole/real_phone.hpp"

#include <gtest/gtest.h>

/// Phones and servers that come back as they were yesterday.
namespace phusa::test {
namespace {

class BadDays : public ::testing::Test {
 protected:
  void sync(RealPhone& phone) {
    const auto synced = phone.sync();
    ASSERT_TRUE(synced.has_value()) << synced.error().context;
    EXPECT_EQ(phone.unsent(), 0u);
  }
  static std::vector<std::string> trees_row(std::int64_t sum, int records) {
    return {"trees|||||||" + std::to_string(sum) + "|" + std::to_string(records) + "|0|0"};
  }

  TestServer server;
  FolderInMemory folder;
  RealPhone volunteer{server, folder, "volunteer", Rank::kVolunteer, "a"};
  RealPhone officer{server, folder, "officer", Rank::kOfficer, "a"};
  RealPhone office{server, folder, "office", Rank::kOffice, "root"};
};

TEST_F(BadDays, APhonePutBackToYesterdayGetsItsRecordsBackAndGoesOnWithoutCollision) {
  const RecordId old = volunteer.log(1);
  sync(volunteer);
  RealPhone yesterday(volunteer, "yesterday");
  const RecordId lost = volunteer.log(2);
  volunteer.edit_trees(old, 10);
  sync(volunteer);
  // What was logged today is at the centre; the phone that comes back does not know it yet, and logs on.
  const RecordId fresh = yesterday.log(4);
  EXPECT_NE(fresh, lost);
  yesterday.edit_trees(old, 20);
  sync(yesterday);
  EXPECT_EQ(yesterday.trees_of(lost), 2);
  EXPECT_TRUE(yesterday.state().forked);
  yesterday.edit_trees(lost, 3);
  yesterday.log(8);
  sync(yesterday);
  sync(office);
  EXPECT_EQ(totals_of(server, ""), trees_row(20 + 3 + 4 + 8, 4));
  EXPECT_EQ(office.totals(""), totals_of(server, ""));
  EXPECT_EQ(office.conflicts_of(old), 1u) << "both edits of the one record are there to decide between";
  EXPECT_EQ(wrongs_of(server), std::vector<std::string>{});
}

/// The server's files of last night, put back while phones have gone on.
class RestoredServer : public BadDays {
 protected:
  TestServer& restored() {
    if (!restored_) restored_ = std::make_unique<TestServer>(folder.file("ledger of last night"));
    return *restored_;
  }
  void back_up() { server.copy_to(folder.file("ledger of last night")); }

  std::unique_ptr<TestServer> restored_;
};

TEST_F(RestoredServer, GetsEverythingBackFromPhonesCatalogueAndDevicesToo) {
  volunteer.log(1);
  sync(volunteer);
  sync(officer);
  back_up();
  // Today: a catalogue with another campaign, records under it, a phone that joined by way of the officer.
  Catalogue next = test_catalogue();
  next.revision = 2;
  Campaign added;
  added.code = "autumn";
  added.name = "autumn";
  next.campaigns.push_back(added);
  server.publish(next);
  sync(volunteer);
  volunteer.log(2, 1, {{FieldKind::kCampaigns, value::of_numbers({3})}});
  sync(volunteer);
  RealPhone fresh(server, folder, "fresh");
  fresh.join_through(officer, "a1");
  fresh.log(4, 2);
  sync(fresh);
  sync(office);
  const auto before = totals_of(server, "campaign");
  EXPECT_EQ(totals_of(server, ""), trees_row(7, 3));

  for (RealPhone* phone : {&fresh, &volunteer, &officer, &office}) phone->connect(restored());
  for (int round = 0; round < 2; ++round) {
    for (RealPhone* phone : {&fresh, &volunteer, &officer, &office}) {
      sync(*phone);
      EXPECT_LT(phone->requests, 12u);
    }
  }
  EXPECT_EQ(totals_of(restored(), ""), trees_row(7, 3));
  EXPECT_EQ(totals_of(restored(), "campaign"), before);
  EXPECT_EQ(office.totals(""), trees_row(7, 3));
  EXPECT_EQ(wrongs_of(restored()), std::vector<std::string>{});
  sync(fresh);
  EXPECT_EQ(fresh.requests, 1u) << "and all is quiet again";
}

/// The phone has the office's word, and nothing to send that was signed under it.
TEST_F(RestoredServer, HearsOfADemotionFromThePhoneThatHeardOfIt) {
  sync(officer);
  back_up();
  const Identity& identity = officer.phone().identity();
  const ingest::EngineOptions keys = test_keys();
  Certificate demoted = *journal::decode_certificate(identity.chain.front());
  demoted.serial = 2;
  demoted.rank = Rank::kVolunteer;
  demoted.uses = 0;
  demoted.issued_at = server.clock().wall();
  journal::sign_certificate(identity.organisation, keys.server_key, demoted);
  ASSERT_TRUE(server.engine().append_office(OfficeAct::kGrant, ingest::grant_payload(demoted)));
  sync(officer);
  ASSERT_EQ(identity.rank, Rank::kVolunteer);

  officer.connect(restored());
  sync(officer);
  EXPECT_EQ(identity.rank, Rank::kVolunteer);
  const auto device = (*restored().ledger().begin_read())->device(identity.device);
  ASSERT_TRUE(device && *device);
  EXPECT_EQ((*device)->rank, Rank::kVolunteer);
  sync(officer);
  EXPECT_EQ(officer.requests, 1u) << "and all is quiet again";
  EXPECT_EQ(wrongs_of(restored()), std::vector<std::string>{});
}

TEST_F(RestoredServer, ACarriersReceiptsFromBeforeDoNotHideALoss) {
  back_up();
  volunteer.log(5);
  officer.carry(volunteer.hand_over());
  sync(officer);
  const Bytes receipts = officer.receipts();
  volunteer.connect(restored());
  office.connect(restored());
  // Whichever comes first, the receipts of a server that is no more or the server that took its place.
  RealPhone copy(volunteer, "copy");
  volunteer.take_receipts(receipts);
  EXPECT_EQ(volunteer.unsent(), 0u);
  office.log(100);
  sync(office);
  office.log(100);
  sync(office);
  sync(volunteer);
  EXPECT_EQ(totals_of(restored(), ""), trees_row(205, 3));
  sync(copy);
  copy.take_receipts(receipts);
  sync(copy);
  EXPECT_EQ(totals_of(restored(), ""), trees_row(205, 3));
}

}  // namespace
}  // namespace phusa::test
