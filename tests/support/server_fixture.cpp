#include "core/merge/state_codec.hpp"
#include "sync-server/ledger/sqlite/sqlite_ledger.hpp"
#include "tests/support/phone_fixture.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace phusa::test {
namespace {

void must(const Result<void>& result, const char* what) {
  if (result) return;
  std::fprintf(stderr, "%s: %s\n", what, result.error().context.c_str());
  std::abort();
}

template <class T>
T must(Result<T> result, const char* what) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s: %s\n", what, result.error().context.c_str());
  std::abort();
}

template <class Row>
Row entry(const char* code) {
  Row row;
  row.code = code;
  row.name = code;
  return row;
}

std::string text_of(const ledger::Figures& figures) {
  return std::to_string(figures.records) + " records, " + std::to_string(figures.more) + " more, " +
         std::to_string(figures.nearly) + " nearly, sum " +
         std::to_string(static_cast<std::int64_t>(figures.sum));
}

}  // namespace

void SeededRandom::fill(std::span<std::uint8_t> out) {
  for (std::uint8_t& byte : out) {  // splitmix64
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    byte = static_cast<std::uint8_t>((z ^ (z >> 31)) >> 24);
  }
}

ingest::EngineOptions test_keys() {
  SeededRandom random(99);
  const journal::KeyPair root = journal::key_pair_from(random.fixed<KeySeed>());
  return {root.public_key, journal::key_pair_from(random.fixed<KeySeed>())};
}

journal::KeyPair test_root() {
  SeededRandom random(99);
  return journal::key_pair_from(random.fixed<KeySeed>());
}

journal::BoxKeyPair test_box() {
  SeededRandom random(98);
  return journal::box_key_pair_from(random.fixed<KeySeed>());
}

Catalogue test_catalogue() {
  Catalogue c;
  c.revision = 1;
  for (const char* code : {"root", "a", "a1", "b"}) c.units.push_back(entry<Unit>(code));
  c.units[1].parent = UnitNo{0};
  c.units[2].parent = UnitNo{1};
  c.units[3].parent = UnitNo{0};
  for (const char* code : {"year", "spring", "march"}) c.campaigns.push_back(entry<Campaign>(code));
  c.campaigns[1].parents = {CampaignNo{0}};
  c.campaigns[2].validity = {Day(std::chrono::year(2026) / 3 / 1), Day(std::chrono::year(2026) / 3 / 31)};
  for (const char* code : {"trees", "gifts", "guests"}) c.indicators.push_back(entry<Indicator>(code));
  c.indicators[0].maximum = 5000;
  c.indicators[2].per_event = PerEvent::kOnce;
  for (const char* code : {"big", "small"}) {
    c.labels.push_back(entry<Label>(code));
    c.labels.back().group = "level";
  }
  for (const char* code : {"planting", "party"}) c.kinds.push_back(entry<Kind>(code));
  c.box_key = Bytes(test_box().public_key.view());
  return c;
}

TestServer::TestServer(std::string path, bool durable)
    : path_(path.empty() ? folder_.file("ledger.sqlite") : std::move(path)), is_durable_(durable) {
  open();
  if (engine_->catalogue()->revision == 0) publish(test_catalogue());
}

TestServer::~TestServer() = default;

void TestServer::open() {
  ledger_ = must(ledger::open_sqlite_ledger({path_, is_durable_, 4}, random_), "open");
  ingest::EngineOptions options = test_keys();
  options.opening_keys = {journal::opening_key_of(test_box())};
  options.random = &random_;
  engine_ = must(ingest::Engine::start(options, *ledger_, clock_), "start");
}

void TestServer::restart() {
  engine_.reset();
  ledger_.reset();
  open();
}

void TestServer::copy_to(const std::string& path) {
  must(ledger_->copy_to(path, [](std::uint64_t, std::uint64_t) {}), "copy");
}

void TestServer::publish(Catalogue catalogue) {
  const Bytes payload = must(ingest::catalogue_payload(test_keys(), catalogue), "catalogue");
  must(engine_->append_office(OfficeAct::kCatalogue, payload), "publish");
}

void TestServer::enrol(const FakePhone& phone) {
  must(engine_->write([&](ledger::Transaction& transaction) -> Result<void> {
    PHUSA_ASSIGN(const auto grants, transaction.grants_of(phone.id()));
    const auto serial = static_cast<std::uint32_t>(grants.size() + 1);
    PHUSA_TRY(engine_->append_office(transaction, OfficeAct::kGrant,
                                     ingest::grant_payload(phone.certificate(serial))));
    return transaction.set_device_token(phone.id(), hash_of(phone.token()));
  }),
       "enrol");
}

std::vector<wire::Verdict> TestServer::deliver(const PublicKey& device, const std::vector<Bytes>& batches) {
  SeededRandom random(4);
  wire::SyncRequest request;
  request.device_key = random.fixed<PublicKey>();  // a carrier that nobody enrolled
  request.token = "none";
  wire::JournalUp journal;
  journal.device_key = device;
  journal.encoded_batches = batches;
  request.carried.push_back(std::move(journal));
  const Bytes reply = must(engine_->sync(wire::encode_sync_request(request)), "deliver");
  return must(wire::decode_sync_reply(reply), "reply").verdicts;
}

ingest::VerifyReport TestServer::verify() {
  const FolderInMemory work;
  const auto scratch =
      must(ledger::open_sqlite_ledger({work.file("scratch.sqlite"), false, 1}, random_), "scratch");
  const auto snapshot = must(ledger_->begin_read(), "read");
  return must(ingest::verify(test_keys(), *snapshot, *scratch), "verify");
}

std::vector<std::string> TestServer::conclusions() {
  const auto snapshot = must(ledger_->begin_read(), "read");
  return conclusions_of(*snapshot);
}

std::vector<std::string> conclusions_of(ledger::Snapshot& snapshot) {
  std::vector<std::string> out;
  const auto ref = [&](ledger::RecordKey key) {
    const auto block = must(snapshot.block_by_no(key.block_no()), "block");
    return format_ref({block->block_hash, key.n()});
  };
  const auto set = [&](std::uint32_t no) { return to_hex(must(snapshot.set_of(no), "set")); };
  must(snapshot.for_each_record({},
                                [&](const ledger::RecordRow& row) {
                                  out.push_back(
                                      "record " + ref(row.key) + " hold " + std::string(hold_name(row.hold)) +
                                      " change " + std::string(hold_name(row.held_change)) + " retracted " +
                                      std::to_string(row.retracted) + " unit " +
                                      (row.unit ? std::to_string(row.unit->value) : "-") + " home " +
                                      (row.home_unit ? std::to_string(row.home_unit->value) : "-") +
                                      " state " + to_hex(row.state));
                                  return true;
                                }),
       "records");
  for (const ledger::HeldChangeRow& row : must(snapshot.held_changes(), "held")) {
    const auto batch = must(snapshot.entry_without_bytes(row.position), "entry");
    out.push_back("held " + batch->hash.hex() + " " + std::to_string(row.index) + " " + ref(row.key) + " " +
                  std::string(hold_name(row.reason)));
  }
  for (const ledger::EntryRow& row : must(snapshot.held_batches(), "held batches")) {
    out.push_back("held batch " + row.hash.hex() + " " + std::string(hold_name(row.hold)));
  }
  must(snapshot.for_each_cell({},
                              [&](const ledger::CellKey& key, const ledger::Figures& figures) {
                                out.push_back(
                                    "cell " + std::to_string(key.indicator.value) + " unit " +
                                    std::to_string(key.unit.value) + " day " + std::to_string(key.day) +
                                    " kind " + std::to_string(key.kind.value) + " campaigns " +
                                    set(key.campaigns) + " labels " + set(key.labels) + " review " +
                                    std::to_string(static_cast<int>(key.review)) + ": " + text_of(figures));
                                return true;
                              }),
       "cells");
  must(snapshot.for_each_coarse({},
                                [&](const ledger::CoarseKey& key, const ledger::Figures& figures) {
                                  out.push_back("coarse " + std::to_string(key.indicator.value) + " unit " +
                                                std::to_string(key.unit.value) + " month " +
                                                std::to_string(key.month) + " review " +
                                                std::to_string(static_cast<int>(key.review)) + ": " +
                                                text_of(figures));
                                  return true;
                                }),
       "coarse cells");
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace phusa::test
