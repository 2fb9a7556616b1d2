#include "core/journal/certificate.hpp"
#include "core/journal/receipt.hpp"
#include "core/wire/codec.hpp"
#include "sync-server/access/enrolment.hpp"
#include "sync-server/ingest/verify.hpp"
#include "sync-server/ledger/sqlite/sqlite_ledger.hpp"
#include "sync-server/totals/query.hpp"
#include "tests/server/access/manual_clock.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>
#include <sstream>

namespace phusa::access {
namespace {

/// Made by the first version's programs; the key and the code were made for this alone.
constexpr const char* kServerSeed = "a42e795940a4bff7c09c4cde7a6afdce3b453b9a243d02f5edc365e299f777de";
constexpr const char* kOfficersCode = "RFX23-0384F-1K6GK-4N77X-84Y48-4EDN5-900Z5-2QJ9H";

class VersionOne : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string path = (folder_.path() / "ledger.sqlite").string();
    std::ifstream in(PHUSA_VERSION_1);
    std::stringstream sql;
    sql << in.rdbuf();
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(database, sql.str().c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
    clock_.set_wall(WallTime(Day(std::chrono::year(2026) / 12 / 1)));
    ledger_ = *ledger::open_sqlite_ledger({path, false}, random_);
    const Identity identity = *load_identity(**ledger_->begin_read());
    keys_.server = journal::key_pair_from(*KeySeed::from(*from_hex(kServerSeed)));
    options_.root_key = identity.root_key;
    options_.server_key = keys_.server;
    options_.random = &random_;
    engine_ = *ingest::Engine::start(options_, *ledger_, clock_);
    enrolment_ = std::make_unique<Enrolment>(Enrolment::Parts{*engine_, clock_, random_}, keys_, identity);
  }

  std::uint64_t differences() {
    const auto scratch = *ledger::open_sqlite_ledger({(folder_.path() / "scratch").string(), false}, random_);
    const auto report = *ingest::verify(options_, **ledger_->begin_read(), *scratch);
    for (const std::string& difference : report.differences) ADD_FAILURE() << difference;
    return report.differences_found;
  }

  phusa::test::TemporaryFolder folder_;
  phusa::test::ManualClock clock_;
  SystemRandom random_;
  ServerKeys keys_;
  ingest::EngineOptions options_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<ingest::Engine> engine_;
  std::unique_ptr<Enrolment> enrolment_;
};

TEST_F(VersionOne, ItsLedgerIsReadOnWithEveryFigure) {
  EXPECT_EQ(differences(), 0u);
  const auto snapshot = *ledger_->begin_read();
  const auto table = totals::query(*snapshot, *engine_->catalogue(), totals::Query{});
  ASSERT_EQ(table->rows.size(), 1u);
  EXPECT_EQ(static_cast<std::int64_t>(table->rows[0].figures.sum), 42);
  EXPECT_EQ(snapshot->devices()->size(), 2u);
  EXPECT_TRUE(snapshot->doubts()->empty());
}

TEST_F(VersionOne, AnOfficersCodeOfThenGivesAnOfficerOfNow) {
  const auto phone = journal::key_pair_from(random_.fixed<KeySeed>());
  wire::EnrolRequest request;
  request.code = Bytes(journal::parse_enrolment_code(kOfficersCode)->secret.view());
  request.device_key = phone.public_key;
  request.token_hash = random_.fixed<Hash>();
  request.signature = journal::sign(
      phone, journal::enrolment_message({request.code, request.device_key, request.token_hash, "", "", {}}));
  std::uint32_t wait_s = 0;
  const auto body = enrolment_->redeem(wire::encode_enrol_request(request), "10.0.0.1", wait_s);
  ASSERT_TRUE(body) << body.error().context;
  const auto certificate = *journal::decode_certificate(wire::decode_enrol_reply(*body)->certificates[0]);
  EXPECT_EQ(certificate.rank, Rank::kOfficer);
  EXPECT_EQ(certificate.uses, limits::kVouchUsesDefault);
  EXPECT_EQ(differences(), 0u);
}

TEST_F(VersionOne, APhoneOfThenIsReplacedNow) {
  const auto devices = *(*ledger_->begin_read())->devices();
  const auto at = std::find_if(devices.begin(), devices.end(), [](const auto& d) { return !d.revoked; });
  Offer offer;
  offer.unit = at->unit;
  offer.replaces = at->key;
  ASSERT_TRUE(enrolment_->issue(offer));
  ASSERT_TRUE(enrolment_->move(at->id, "khoi", Rank::kVolunteer, 0));
  EXPECT_EQ(differences(), 0u);
}

}  // namespace
}  // namespace phusa::access
