#include "tests/sim/sim_server.hpp"

#include "core/journal/certificate.hpp"

#include <array>
#include <filesystem>
#include <fstream>

namespace phusa::sim {
namespace {

template <class T>
T must(Result<T> result, const char* what) {
  if (result) return std::move(*result);
  throw std::runtime_error(std::string(what) + ": " + result.error().context);
}
void must(const Result<void>& result, const char* what) {
  if (!result) throw std::runtime_error(std::string(what) + ": " + result.error().context);
}

template <class Row>
Row entry(const char* code) {
  Row row;
  row.code = code;
  row.name = code;
  return row;
}

constexpr const char* kLedgerFile = "ledger.sqlite";

Certificate server_certificate() {
  Certificate certificate;
  certificate.serial = 1;
  certificate.subject = office_keys().server.public_key;
  certificate.is_server = true;
  certificate.rank = Rank::kOffice;
  journal::sign_certificate(organisation_id_of(office_keys().root.public_key), office_keys().root,
                            certificate);
  return certificate;
}

access::Identity identity() {
  return {office_keys().root.public_key, server_certificate(), "Đoàn Khối"};
}

}  // namespace

const OfficeKeys& office_keys() {
  static const OfficeKeys keys = [] {
    SimRandom random(Dice(2026, "office keys"));
    OfficeKeys out;
    out.root = journal::key_pair_from(random.fixed<KeySeed>());
    out.server = journal::key_pair_from(random.fixed<KeySeed>());
    out.box = journal::box_key_pair_from(random.fixed<KeySeed>());
    return out;
  }();
  return keys;
}

ingest::EngineOptions engine_options(Random* random) {
  ingest::EngineOptions options;
  options.root_key = office_keys().root.public_key;
  options.server_key = office_keys().server;
  options.random = random;
  options.opening_keys = {journal::opening_key_of(office_keys().box)};
  return options;
}

Catalogue first_catalogue() {
  Catalogue c;
  c.revision = 1;
  c.box_key = Bytes(office_keys().box.public_key.view());
  for (const char* code : {"root", "a", "a1", "a2", "b", "b1"}) c.units.push_back(entry<Unit>(code));
  c.units[1].parent = UnitNo{0};
  c.units[2].parent = UnitNo{1};
  c.units[3].parent = UnitNo{1};
  c.units[4].parent = UnitNo{0};
  c.units[5].parent = UnitNo{4};
  for (const char* code : {"year", "spring", "march"}) c.campaigns.push_back(entry<Campaign>(code));
  c.campaigns[1].parents = {CampaignNo{0}};
  c.campaigns[2].validity = {Day(std::chrono::year(2026) / 3 / 1), Day(std::chrono::year(2026) / 3 / 31)};
  for (const char* code : {"trees", "gifts"}) c.indicators.push_back(entry<Indicator>(code));
  c.indicators[0].maximum = 1'000'000;
  for (const char* code : {"big", "small"}) {
    c.labels.push_back(entry<Label>(code));
    c.labels.back().group = "level";
  }
  for (const char* code : {"planting", "party"}) c.kinds.push_back(entry<Kind>(code));
  return c;
}

std::vector<journal::OpeningKey> SimServer::opening_keys() const {
  std::vector<journal::OpeningKey> out;
  for (const journal::BoxKeyPair& pair : box_keys_) out.push_back(journal::opening_key_of(pair));
  return out;
}

Intents SimServer::intents_of(const Bytes& bundle, Oracle& oracle, std::vector<Bytes>* certificates) const {
  Intents out;
  const auto opened = journal::open_bundle(bundle, opening_keys());
  if (!opened) return out;  // altered on its way
  const auto content = wire::decode_bundle_content(*opened);
  if (!content) throw LawBroken(9, "a bundle's inside cannot be read: " + content.error().context);
  for (const wire::JournalUp& journal : content->journals) {
    if (certificates != nullptr)
      certificates->insert(certificates->end(), journal.certificates.begin(), journal.certificates.end());
    for (const wire::BatchOnWire& batch : journal.batches) {
      const Intents& inside = oracle.read_batch(batch, device_id_of(*journal.device_key));
      out.insert(inside.begin(), inside.end());
    }
  }
  return out;
}

journal::BoxKey SimServer::rotate_box_key(Dice& dice) {
  SimRandom random(Dice(dice.u64()));
  box_keys_.push_back(journal::box_key_pair_from(random.fixed<KeySeed>()));
  engine_->add_opening_key(journal::opening_key_of(box_keys_.back()));
  return box_keys_.back().public_key;
}

SimServer::SimServer(const std::string& folder, const WorldTime& time, std::uint64_t seed, bool guarded,
                     Trace& trace)
    : disk_(folder),
      clock_(time),
      seed_(seed),
      guarded_(guarded),
      trace_(trace),
      crash_dice_(seed, "server crash") {
  install();
}

SimServer::~SimServer() {
  stop();
}

void SimServer::install() {
  static std::array<SimDisk::Image, 2> images;
  SimDisk::Image& installed = images[guarded_ ? 1 : 0];
  if (!installed.empty()) return disk_.put_back(installed);
  random_ = std::make_unique<SimRandom>(Dice(2026, "install"));
  ledger_ = must(ledger::open_sqlite_ledger(ledger_options(), *random_), "a new ledger");
  engine_ = must(ingest::Engine::start(engine_options(random_.get()), *ledger_, clock_), "a new engine");
  must(engine_->write([](ledger::Transaction& t) { return access::keep_identity(t, identity()); }),
       "identity");
  const Bytes payload = must(ingest::catalogue_payload(engine_options(), first_catalogue()), "catalogue");
  must(engine_->append_office(OfficeAct::kCatalogue, payload), "catalogue");
  stop();
  installed = disk_.image();
}

ledger::SqliteOptions SimServer::ledger_options() const {
  ledger::SqliteOptions options;
  options.path = disk_.path(kLedgerFile);
  options.counts_logs = guarded_;
  return options;
}

void SimServer::check_log_fits() const {
  const std::string path = disk_.folder() + "-found-" + kLedgerFile;
  const SimDisk::Image image = disk_.image();
  for (const char* part : {"", "-wal"}) {
    const auto found = image.find(kLedgerFile + std::string(part));
    std::ofstream(path + part, std::ios::binary) << (found == image.end() ? "" : found->second);
  }
  std::filesystem::remove(path + "-shm");
  const auto fits = ledger::log_fits(path);
  if (!fits) throw LawBroken(2, "the log that is found cannot be read: " + fits.error().context);
  if (!*fits) throw LawBroken(2, "the ledger's own log is taken for another's");
}

bool SimServer::start() {
  if (engine_) return true;
  if (disk_.is_dead()) disk_.recover(crash_dice_);
  random_ = std::make_unique<SimRandom>(Dice(seed_, "server", ++openings_));
  if (guarded_) check_log_fits();
  auto opened = ledger::open_sqlite_ledger(ledger_options(), *random_);
  if (!opened) {
    trace_.line("server cannot open: " + std::string(error_name(opened.error().code)));
    if (!disk_.took_a_fault()) throw LawBroken(2, "the ledger does not open: " + opened.error().context);
    return false;
  }
  ledger_ = std::move(*opened);
  ingest::EngineOptions options = engine_options(random_.get());
  options.opening_keys = opening_keys();
  auto engine = ingest::Engine::start(options, *ledger_, clock_);
  if (!engine) {
    trace_.line("server cannot start: " + std::string(error_name(engine.error().code)));
    ledger_.reset();
    if (!disk_.took_a_fault()) throw LawBroken(2, "the server does not start: " + engine.error().context);
    return false;
  }
  engine_ = std::move(*engine);
  access::ServerKeys keys;
  keys.server = office_keys().server;
  keys.box = office_keys().box;
  enrolment_ = std::make_unique<access::Enrolment>(
      access::Enrolment::Parts{*engine_, clock_, *random_, {}, guarded_ ? access::kSerialLeapMax : 0}, keys,
      identity());
  disk_.took_a_fault();
  return true;
}

void SimServer::stop() {
  enrolment_.reset();
  engine_.reset();
  ledger_.reset();
}

void SimServer::bury_if_dead() {
  if (!disk_.is_dead()) return;
  trace_.line("server is down");
  stop();
}

void SimServer::note_day() {
  if (!is_up()) return;
  std::ignore = engine_->note_day();  // what a fault kept from the disk is written by a later turn
  disk_.took_a_fault();
  bury_if_dead();
}

void SimServer::note_shown(const std::vector<Bytes>& certificates) {
  const WallTime now = clock_.wall();
  for (const Bytes& certificate : certificates)
    shown_.try_emplace(certificate, Showing{now, now}).first->second.last = now;
}

const SimServer::Showing* SimServer::showing_of(const Bytes& certificate) const {
  const auto at = shown_.find(certificate);
  return at == shown_.end() ? nullptr : &at->second;
}

void SimServer::note_request(const wire::SyncRequest& request, const wire::SyncReply* reply, Oracle& oracle) {
  std::size_t index = 0;
  const auto acknowledge = [&](const Intents& inside) {
    knows.holds.insert(inside.begin(), inside.end());
    ever_acknowledged.insert(inside.begin(), inside.end());
  };
  const auto note = [&](const wire::JournalUp& journal, const DeviceId& device) {
    note_shown(journal.certificates);
    for (const wire::BatchOnWire& batch : journal.batches) {
      const wire::Verdict* verdict =
          reply != nullptr && index < reply->verdicts.size() ? &reply->verdicts[index] : nullptr;
      ++index;
      if (verdict != nullptr) {
        trace_.mark("verdict " + std::to_string(static_cast<int>(verdict->status)));
        if (verdict->fork) trace_.mark("a fork is told");
        if (verdict->gap) trace_.mark("a gap is told");
        if (verdict->settled) trace_.mark("a batch is settled");
        for (const wire::HeldChange& held : verdict->held)
          trace_.mark("held on arrival: " + std::string(hold_name(held.reason)));
      }
      if (!oracle.knows_batch(batch.batch.signature)) continue;
      const Intents& inside = oracle.read_batch(batch, device);
      if (reply == nullptr) knows.maybe.insert(inside.begin(), inside.end());
      if (verdict != nullptr && verdict->is_durable()) acknowledge(inside);
    }
  };
  for (std::size_t i = 0; i < request.bundles.size(); ++i) {
    std::vector<Bytes> certificates;
    const Intents inside = intents_of(request.bundles[i], oracle, &certificates);
    note_shown(certificates);
    if (reply == nullptr || i >= reply->bundles.size()) {
      knows.maybe.insert(inside.begin(), inside.end());
    } else if (reply->bundles[i].status == wire::BundleStatus::kTaken) {
      acknowledge(inside);
      trace_.mark("a bundle is taken");
      const auto head = journal::read_bundle_head(request.bundles[i]);
      const auto newest = journal::BoxKey::from(engine_->catalogue()->box_key);
      if (head && newest &&
          std::count(head->recipients.begin(), head->recipients.end(), journal::box_key_id_of(*newest)) == 0)
        trace_.mark("a bundle sealed to an older key is taken");
      for (const Bytes& each : certificates) {
        const auto certificate = journal::decode_certificate(each);
        if (certificate && !certificate->is_server && certificate->issuer != office_keys().server.public_key)
          trace_.mark("a bundle brings a vouched phone's chain");
      }
    } else {
      if (!inside.empty()) throw LawBroken(9, "the server cannot open what was sealed to a key of its own");
      trace_.mark("a bundle is useless");
    }
  }
  for (const wire::JournalUp& journal : request.own) note(journal, device_id_of(request.device_key));
  for (const wire::JournalUp& journal : request.carried)
    note(journal, device_id_of(journal.device_key.value_or(request.device_key)));
}

std::optional<HttpReply> SimServer::handle(const std::string& path, const Bytes& body, Oracle& oracle) {
  if (!start()) return std::nullopt;
  disk_.took_a_fault();
  HttpReply out;
  out.status = 200;
  out.content_type = std::string(wire::kContentType);
  const bool is_sync = path == "/v1/sync";
  std::uint32_t wait_s = 0;
  Result<Bytes> answer = is_sync ? engine_->sync(body) : enrolment_->redeem(body, "phone", wait_s);
  const bool faulted = disk_.took_a_fault();
  if (!is_sync) {
    const auto request = wire::decode_enrol_request(body);
    if (request) note_shown(request->certificates);
  } else {
    const auto request = wire::decode_sync_request(body);
    const auto reply = answer && request ? wire::decode_sync_reply(*answer, request->frame)
                                         : Result<wire::SyncReply>(fail(ErrorCode::kNetwork, ""));
    if (answer && !reply)
      throw LawBroken(12, "the server sends what no phone can read: " + reply.error().context);
    if (request) note_request(*request, reply ? &*reply : nullptr, oracle);
    if (reply && reply->reset) trace_.mark("a reset is sent");
    if (reply && reply->more) trace_.mark("a page is not the last");
  }
  if (disk_.is_dead()) {
    bury_if_dead();
    // Told before the power went, or never.
    if (!answer || crash_dice_.chance(500)) return std::nullopt;
    return HttpReply{200, out.content_type, std::move(*answer)};
  }
  if (answer) {
    out.body = std::move(*answer);
    return out;
  }
  trace_.line("server refuses: " + std::string(error_name(answer.error().code)));
  trace_.remark(answer.error().context);
  if (answer.error().code == ErrorCode::kInternal || (answer.error().code == ErrorCode::kIo && !faulted))
    throw LawBroken(7, "the server fails without a fault: " + answer.error().context);
  out.status = answer.error().code == ErrorCode::kUnauthorized ? 401 : 503;
  out.body = wire::encode_refusal({answer.error(), wait_s});
  return out;
}

}  // namespace phusa::sim
