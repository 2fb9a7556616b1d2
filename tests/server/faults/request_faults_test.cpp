#include "core/journal/bundle.hpp"
#include "core/journal/receipt.hpp"
#include "core/merge/state_codec.hpp"
#include "sync-server/access/api_token.hpp"
#include "sync-server/access/enrolment.hpp"
#include "sync-server/http/http_server.hpp"
#include "sync-server/http/routes.hpp"
#include "sync-server/ledger/sqlite/sqlite_ledger.hpp"
#include "tests/server/ingest/vouching.hpp"
#include "tests/sim/sim_disk.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace phusa::test {
namespace {

using sim::SimDisk;

/// The server with its doors, but for the sockets.
struct Doors {
  explicit Doors(const std::string& path) : server(path, true) {
    access::ServerKeys keys;
    keys.server = test_keys().server_key;
    keys.box = test_box();
    const access::Identity identity{test_root().public_key, server_certificate(), "Đoàn Khối"};
    enrolment = std::make_unique<access::Enrolment>(
        access::Enrolment::Parts{server.engine(), server.clock(), random}, keys, identity);
    routes =
        std::make_unique<http::Routes>(http::Routes::Parts{server.engine(), server.ledger(), *enrolment});
  }
  http::Reply post(const char* path, const Bytes& body) const {
    http::Request request;
    request.method = "POST";
    request.path = path;
    request.content_type = std::string(wire::kContentType);
    request.remote = "10.0.0.1";
    request.body = body;
    return routes->handle(request);
  }
  http::Reply get(const char* path, const std::string& token, const char* query = "") const {
    http::Request request;
    request.method = "GET";
    request.path = path;
    request.query = query;
    request.authorization = "Bearer " + token;
    return routes->handle(request);
  }

  SeededRandom random{8};
  TestServer server;
  std::unique_ptr<access::Enrolment> enrolment;
  std::unique_ptr<http::Routes> routes;
};

/// What was answered: a status as of HTTP, and the answer without what chance or the way there decides.
struct Told {
  int status = 200;
  std::string what;
};

/// Of a command, which says whatever went wrong in words.
template <class T>
Told told(const Result<T>& outcome) {
  if (outcome) return {};
  const ErrorCode code = outcome.error().code;
  return {code == ErrorCode::kCorrupt ? 500 : http::http_status(code), outcome.error().context};
}

/// A read, write or sync of the server's disk fails in the middle of a request, whichever: it is answered
/// right, or with an error after which the asker comes again, and never with a wrong word on a batch, a
/// device or a figure. Asked again, all is as if nothing had been.
class FaultInARequest : public ::testing::TestWithParam<const char*> {
 protected:
  FaultInARequest() {
    Doors doors(disk_.path("ledger.sqlite"));
    TestServer& server = doors.server;
    keep_server_certificate(server);
    for (const FakePhone* phone : {&writer_, &other_, &officer_, &office_}) server.enrol(*phone);
    EXPECT_TRUE(server.engine().append_office(OfficeAct::kGrant, ingest::grant_payload(granted_officer())));
    for (int i = 1; i <= 12; ++i) writer_.log(trees(i));
    first_ = writer_.log(trees(100));
    writer_.log(trees(9, 3));  // a foreign unit: held
    EXPECT_TRUE(writer_.sync(server.engine()));
    EXPECT_TRUE(other_.sync(server.engine()));
    other_.edit(first_, trees_field(), amount(7));  // not hers: the change is held
    EXPECT_TRUE(other_.sync(server.engine()));
    held_batch_ = other_.sealed.back().hash;
    EXPECT_TRUE(officer_.sync(server.engine()));
    for (int i = 1; i <= 3; ++i) writer_.log(trees(i));
    writer_.seal();
    writer_.edit(first_, trees_field(), amount(101));
    writer_.seal();
    for (int i = 1; i <= 3; ++i) vouched_.log(trees(i));
    vouched_.seal();
    const auto ticket = doors.enrolment->issue({"a", Rank::kVolunteer, 2, std::chrono::hours(24)});
    EXPECT_TRUE(ticket);
    code_ = Bytes(ticket->code.secret.view());
    token_ = *access::mint_api_token(server.engine(), {"press", std::nullopt}, server.clock().wall(),
                                     doors.random);
  }
  void SetUp() override { start_ = disk_.image(); }

  /// With it the officer may vouch.
  Certificate granted_officer() const {
    Voucher office;
    office.unit = "a";
    office.rank = Rank::kOfficer;
    office.serial = 2;
    office.uses = 5;
    office.person = 3;
    return granted(officer_, office);
  }

  Told ask(Doors& doors);
  Told sync(Doors& doors, FakePhone phone, wire::SyncRequest request) const;
  Told enrol(Doors& doors, wire::EnrolRequest request) const;
  wire::SyncRequest with_bundle() const;
  std::string state_of(Doors& doors) const;

  FolderInMemory folder_;  // for the lock file
  SimDisk disk_{folder_.path()};
  FakePhone writer_{1, Rank::kVolunteer, "a"};
  FakePhone other_{2, Rank::kVolunteer, "b"};
  FakePhone officer_{3, Rank::kOfficer, "a"};
  FakePhone office_{4, Rank::kOffice, "root"};
  FakePhone vouched_{5, Rank::kVolunteer, "a1"};
  FakePhone newcomer_{6, Rank::kVolunteer, "a"};
  RecordId first_;
  Hash held_batch_;
  Bytes code_;
  std::string token_;
  SimDisk::Image start_;
};

Told told_of(const http::Reply& reply) {
  if (reply.status == 200) return {200, reply.body};
  const auto refusal = wire::decode_refusal(reply.body);
  return {reply.status, refusal ? refusal->error.context : reply.body};
}

/// As the phone has it afterwards: a reply that was lost makes the next one say the same otherwise.
Told FaultInARequest::sync(Doors& doors, FakePhone phone, wire::SyncRequest request) const {
  const http::Reply answer = doors.post("/v1/sync", wire::encode_sync_request(request));
  if (answer.status != 200) return told_of(answer);
  const auto reply = wire::decode_sync_reply(answer.body);
  EXPECT_TRUE(reply);
  phone.take(request, *reply);
  std::string what = reply->introduce ? "introduce " : "";
  for (const wire::BundleReply& bundle : reply->bundles)
    what += "bundle " + std::to_string(static_cast<int>(bundle.status)) + " ";
  for (const wire::Verdict& verdict : reply->verdicts) {
    what += verdict.is_durable() ? "durable" : "verdict " + std::to_string(static_cast<int>(verdict.status));
    what += std::string(verdict.fork ? " fork" : "") + (verdict.gap ? " gap " : " ");
  }
  for (const auto& [id, state] : phone.base) what += to_hex(merge::encode_state(phone.displayed(id))) + "\n";
  for (const auto& [id, hold] : phone.holds) {
    if (hold != HoldReason::kNone) what += std::string(hold_name(hold)) + "\n";
  }
  return {200, what + std::to_string(phone.resets)};
}

Told FaultInARequest::enrol(Doors& doors, wire::EnrolRequest request) const {
  const bool is_vouched = request.code.empty();
  const journal::KeyPair& keys = is_vouched ? vouched_.keys() : newcomer_.keys();
  request.device_key = keys.public_key;
  request.token_hash = hash_of(Bytes("a token"));
  request.name = "Lan";
  request.signature =
      journal::sign(keys, journal::enrolment_message({request.code, request.device_key, request.token_hash,
                                                      request.name, request.phone, request.predecessor}));
  const http::Reply answer = doors.post("/v1/enrol", wire::encode_enrol_request(request));
  if (answer.status != 200) return told_of(answer);
  const auto reply = wire::decode_enrol_reply(answer.body);
  EXPECT_TRUE(reply);
  return {200, std::to_string(reply->certificates.size()) + " certificates, catalogue " +
                   std::to_string(reply->catalogue.revision)};
}

wire::SyncRequest FaultInARequest::with_bundle() const {
  SeededRandom random(31);
  wire::JournalUp journal;
  journal.device_key = vouched_.key();
  journal.certificates = chain({vouched(officer_, vouched_), granted_officer()});
  for (const SealedByPhone& batch : vouched_.sealed) journal.encoded_batches.push_back(batch.whole);
  const auto return_key = journal::box_key_pair_from(random.fixed<KeySeed>());
  wire::SyncRequest request = office_.request();
  request.bundles.push_back(
      *journal::seal_bundle(wire::encode_bundle_content({Bytes(return_key.public_key.view()), {journal}}),
                            std::array{test_box().public_key}, random));
  return request;
}

Told FaultInARequest::ask(Doors& doors) {
  const std::string what = GetParam();
  ingest::Engine& engine = doors.server.engine();
  if (what == "Sync") return sync(doors, writer_, writer_.request());
  if (what == "SyncOnANewDay") {
    doors.server.clock().set(Day(std::chrono::year(2026) / 3 / 16));
    return sync(doors, writer_, writer_.request());
  }
  if (what == "Page") return sync(doors, office_, office_.request());
  if (what == "PageOfAnOfficer") return sync(doors, officer_, officer_.request());
  if (what == "Bundle") return sync(doors, office_, with_bundle());
  wire::EnrolRequest request;
  if (what == "Enrol") {
    request.code = code_;
    return enrol(doors, request);
  }
  if (what == "Introduce") {
    request.certificates = chain({vouched(officer_, vouched_), granted_officer()});
    return enrol(doors, request);
  }
  if (what == "Publish") {
    Catalogue next = test_catalogue();
    next.revision = 2;
    const auto payload = ingest::catalogue_payload(test_keys(), next);
    // The office looks whether it is there before it publishes again.
    if (engine.catalogue()->revision == 2) return {};
    return told(engine.append_office(OfficeAct::kCatalogue, *payload));
  }
  if (what == "Revoke") {
    const std::array<ingest::LastGood, 1> good{{{JournalId{}, writer_.sealed.front().hash}}};
    return told(engine.append_office(OfficeAct::kRevoke, ingest::revoke_payload(writer_.id(), good)));
  }
  if (what == "Accept")
    return told(engine.append_office(OfficeAct::kAccept, ingest::decision_payload(held_batch_, 0)));
  if (what == "Issue")
    return told(doors.enrolment->issue({"a", Rank::kVolunteer, 2, std::chrono::hours(24)}));
  if (what == "Token")
    return told(
        access::mint_api_token(engine, {"another", std::nullopt}, doors.server.clock().wall(), doors.random));
  if (what == "Move") return told(doors.enrolment->move(other_.id(), "a", Rank::kVolunteer, 0));
  if (what == "Totals") return told_of(doors.get("/v1/totals", token_, "by=unit,month"));
  if (what == "TotalsAsOf") return told_of(doors.get("/v1/totals", token_, "by=unit&as_of=9"));
  if (what == "Lines") return told_of(doors.get("/v1/lines", token_));
  if (what == "Held") return told_of(doors.get("/v1/held", token_));
  if (what == "Status") return told_of(doors.get("/v1/status", token_));
  return told_of(doors.get("/", token_));
}

/// Everything that the ledger concludes, and whom it knows, but for what chance decides.
std::string FaultInARequest::state_of(Doors& doors) const {
  std::string out;
  for (const std::string& line : doors.server.conclusions()) out += line + "\n";
  const auto snapshot = doors.server.ledger().begin_read();
  EXPECT_TRUE(snapshot);
  out += std::to_string((*snapshot)->newest_office_entry()->value_or(ledger::EntryRow{}).number) + " acts\n";
  const auto devices = (*snapshot)->devices();
  for (const ledger::DeviceRow& device : *devices) {
    out += device.id.hex() + " " + device.unit + (device.revoked ? " revoked" : "") +
           (device.token_hash.is_zero() ? "" : " has a token") + " " +
           std::to_string((*snapshot)->grants_of(device.id)->size()) + " grants\n";
  }
  out += std::to_string((*snapshot)->enrolment_code(hash_of(code_))->value().uses_left) + " uses left, ";
  out += std::to_string((*snapshot)->api_tokens()->size()) + " tokens, " +
         std::to_string((*snapshot)->catalogues()->size()) + " catalogues, " +
         std::to_string((*snapshot)->persons()->size()) + " persons\n";
  return out;
}

TEST_P(FaultInARequest, IsToldAsOneAndAskedAgainAllIsAsIfItHadNotBeen) {
  std::string answer;
  std::string after;
  {
    Doors doors(disk_.path("ledger.sqlite"));
    const Told undisturbed = ask(doors);
    ASSERT_EQ(undisturbed.status, 200) << undisturbed.what;
    answer = undisturbed.what;
    after = state_of(doors);
  }
  std::size_t failed = 0;
  for (const auto io : {SimDisk::Io::kRead, SimDisk::Io::kWrite, SimDisk::Io::kSync}) {
    for (std::uint64_t n = 1;; ++n) {
      SCOPED_TRACE("kind " + std::to_string(static_cast<int>(io)) + ", fault " + std::to_string(n));
      disk_.put_back(start_);
      bool met = false;
      {
        Doors doors(disk_.path("ledger.sqlite"));
        disk_.took_a_fault();
        disk_.fail_io(io, n);
        const Told first = ask(doors);
        met = disk_.took_a_fault();
        disk_.heal();
        if (first.status == 200) {
          EXPECT_EQ(first.what, answer);
        } else {
          ++failed;
          EXPECT_TRUE(met);
          EXPECT_GE(first.status, 500) << first.what;
          const Told again = ask(doors);
          EXPECT_EQ(again.status, 200) << again.what;
          EXPECT_EQ(again.what, answer);
        }
        EXPECT_EQ(state_of(doors), after);
        if (first.status != 200) {
          EXPECT_EQ(doors.server.verify().differences, std::vector<std::string>{});
        }
        disk_.crash_now(sim::Crash::kPowerLoss);
      }
      disk_.recover_what_was_synced();
      Doors later(disk_.path("ledger.sqlite"));
      EXPECT_EQ(state_of(later), after);
      if (!met || HasFailure()) break;
    }
  }
  EXPECT_GT(failed, 0u);
}

/// Whether a server comes up over what lies there.
bool comes_up(const std::string& path) {
  SeededRandom random(3);
  HandClock clock;
  const auto ledger = ledger::open_sqlite_ledger({path, true, 2}, random);
  if (!ledger) {
    EXPECT_TRUE(ledger.error().code == ErrorCode::kCorrupt || ledger.error().code == ErrorCode::kIo)
        << ledger.error().context;
    return false;
  }
  return ingest::Engine::start(test_keys(), **ledger, clock).has_value();
}

// Nobody who asks is told that the request, the code or the device is at fault.
TEST_P(FaultInARequest, DamageOfTheLedgerIsNeverTheAskersFault) {
  constexpr std::size_t kPage = 8192;
  const std::size_t size = start_.at("ledger.sqlite").size();
  ASSERT_EQ(size % kPage, 0u);
  std::size_t failed = 0;
  for (std::size_t at = kPage; at < size; at += kPage) {
    SimDisk::Image damaged = start_;
    damaged.at("ledger.sqlite").replace(at, kPage, kPage, '\xff');
    disk_.put_back(damaged);
    if (!comes_up(disk_.path("ledger.sqlite"))) continue;
    disk_.put_back(damaged);
    Doors doors(disk_.path("ledger.sqlite"));
    const Told answer = ask(doors);
    failed += answer.status == 200 ? 0 : 1;
    EXPECT_TRUE(answer.status == 200 || answer.status >= 500)
        << answer.status << " " << answer.what << ", page " << at / kPage;
  }
  EXPECT_GT(failed, 0u);
}

INSTANTIATE_TEST_SUITE_P(Of, FaultInARequest,
                         ::testing::Values("Sync", "SyncOnANewDay", "Page", "PageOfAnOfficer", "Bundle",
                                           "Enrol", "Introduce", "Publish", "Revoke", "Accept", "Issue",
                                           "Token", "Move", "Totals", "TotalsAsOf", "Lines", "Held", "Status",
                                           "FirstPage"),
                         [](const auto& request) { return std::string(request.param); });

}  // namespace
}  // namespace phusa::test
