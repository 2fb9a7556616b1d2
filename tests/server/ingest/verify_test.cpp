#include "tests/server/ingest/vouching.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace phusa::test {
namespace {

/// What somebody who may write to the ledger's file would change of what the office did.
struct Edit {
  const char* name;
  const char* sql;
  const char* found;
};

// A test's name is its edit's; gtest would print the pointers.
void PrintTo(const Edit& edit, std::ostream* out) {
  *out << edit.sql;
}

class VerifyOf : public ::testing::TestWithParam<Edit> {
 protected:
  VerifyOf() {
    keep_server_certificate(server);
    act(OfficeAct::kGrant,
        ingest::grant_payload(granted(officer, {.unit = "a", .rank = Rank::kOfficer, .uses = 2})));
    for (const FakePhone* phone : {&volunteer, &neighbour, &thief}) server.enrol(*phone);
    const RecordId record = volunteer.log(trees(3));
    EXPECT_TRUE(volunteer.sync(server.engine()).has_value());
    neighbour.base = volunteer.base;
    neighbour.edit(record, trees_field(), amount(4));  // somebody else's: held
    EXPECT_TRUE(neighbour.sync(server.engine()).has_value());
    act(OfficeAct::kRefuse, ingest::decision_payload(neighbour.sealed.at(0).hash, 0));
    thief.log(trees(5));
    EXPECT_TRUE(thief.sync(server.engine()).has_value());
    revoke(server, thief, {thief.sealed.at(0).hash});
    const Voucher late{.issued_at = WallTime(Day(std::chrono::year(2025) / 12 / 1))};
    const auto officers = granted(officer, {.unit = "a", .rank = Rank::kOfficer, .uses = 2});
    EXPECT_EQ(*introduce(server, doubted, chain({vouched(officer, doubted, late), officers})),
              HoldReason::kVouchLate);
    act(OfficeAct::kAcceptRevision, ingest::revision_payload(7, hash_of("lost")));
    server.clock().set(Day(std::chrono::year(2026) / 3 / 16));
    EXPECT_TRUE(server.engine().note_day().has_value());
  }
  void act(OfficeAct what, const Bytes& payload) {
    const auto done = server.engine().append_office(what, payload);
    EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().context);
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
  FakePhone officer{2, Rank::kOfficer, "a"};
  FakePhone volunteer{3, Rank::kVolunteer, "a1"};
  FakePhone neighbour{4, Rank::kVolunteer, "a1"};
  FakePhone thief{5, Rank::kVolunteer, "a1"};
  FakePhone doubted{6, Rank::kVolunteer, "a1"};
};

TEST_P(VerifyOf, FindsWhatSomebodyEditedOfWhatTheOfficeDid) {
  ASSERT_EQ(server.verify().differences, std::vector<std::string>{});
  tamper(GetParam().sql);
  const auto report = server.verify();
  EXPECT_GT(report.differences_found, 0u);
  for (const std::string& difference : report.differences) {
    if (difference.find(GetParam().found) != std::string::npos) return;
  }
  ADD_FAILURE() << ::testing::PrintToString(report.differences) << " does not say: " << GetParam().found;
}

constexpr const char* kStoredOtherwise = "is stored otherwise than the office's entries say";
constexpr const char* kFollowsFromNothing = "follows from no entry of the office";
constexpr const char* kMissing = "is missing";

#define PHUSA_LAST_ROW " WHERE position = (SELECT max(position) FROM entries)"
constexpr Edit kEdits[] = {
    {"ARevocationUndone", "UPDATE devices SET revoked = 0; DELETE FROM revocations",
     "the revocation of device"},
    {"ADeviceNoLongerRevoked", "UPDATE devices SET revoked = 0 WHERE revoked = 1", kStoredOtherwise},
    {"AnotherLastGoodBatch", "UPDATE revocations SET last_good = zeroblob(32)", kFollowsFromNothing},
    {"AHigherRank", "UPDATE devices SET rank = 3 WHERE rank = 1", kStoredOtherwise},
    {"AnotherUnit", "UPDATE devices SET unit = 'root'", kStoredOtherwise},
    {"AnotherPerson", "UPDATE devices SET person_no = 1", kStoredOtherwise},
    {"AnEarlierEnrolment", "UPDATE devices SET enrolled_at = enrolled_at - 1", kStoredOtherwise},
    {"ADeviceRemoved", "DELETE FROM devices WHERE revoked = 1", kMissing},
    {"AnotherCertificate",
     "UPDATE grants SET certificate = substr(certificate, 1, 40) || x'FF' || substr(certificate, 42)",
     "certificate 1 of device"},
    {"ACertificateOfAnotherEntry", "UPDATE grants SET position = position + 1", kStoredOtherwise},
    {"CertificatesInAnotherOrder", "UPDATE grants SET no = -no", "the order of the certificates"},
    {"ACertificateRemoved", "DELETE FROM grants WHERE no = 2", kMissing},
    {"ADoubtRemoved", "DELETE FROM doubts", "the doubt about certificate 1 of device"},
    {"ADoubtForAnotherReason", "UPDATE doubts SET reason = reason + 1", kStoredOtherwise},
    {"AnotherCatalogue",
     "UPDATE catalogues SET encoded = CAST(replace(encoded, CAST('a1' AS BLOB), CAST('b1' AS BLOB)) AS BLOB)",
     "catalogue revision 1 is stored otherwise"},
    {"ACatalogueAdded",
     "INSERT INTO catalogues SELECT revision + 1, encoded, hash, signature FROM catalogues",
     kFollowsFromNothing},
    {"ARevisionNoLongerAccepted", "DELETE FROM accepted_revisions", "the acceptance of lost revision 7"},
    {"ADecisionTurnedAround", "UPDATE decisions SET accepted = 1 - accepted", kStoredOtherwise},
    {"ADecisionRemoved", "DELETE FROM decisions", "the decision on change 0 of batch"},
    {"ADayTakenBack", "DELETE FROM meta WHERE key = CAST('day_come' AS BLOB)",
     "the day that has come is missing"},
    {"AnotherTimeOfAnAct", "UPDATE entries SET received_at = received_at + 1 WHERE kind = 2", "another time"},
    {"RulesThatFall", "UPDATE entries SET rules = 1" PHUSA_LAST_ROW, "older rules"},
    {"RulesThatNobodyKnows", "UPDATE entries SET rules = 99" PHUSA_LAST_ROW, "does not know"},
    {"RecordsOfAnotherPhone", "UPDATE blocks SET device = zeroblob(16) WHERE no = 1", "is stored as another"},
};
#undef PHUSA_LAST_ROW

INSTANTIATE_TEST_SUITE_P(Edits, VerifyOf, ::testing::ValuesIn(kEdits),
                         [](const auto& edit) { return std::string(edit.param.name); });

}  // namespace
}  // namespace phusa::test
