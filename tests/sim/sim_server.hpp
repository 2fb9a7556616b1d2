#pragma once

#include "core/net/http.hpp"
#include "sync-server/access/enrolment.hpp"
#include "sync-server/ingest/engine.hpp"
#include "sync-server/ingest/verify.hpp"
#include "sync-server/ledger/sqlite/sqlite_ledger.hpp"
#include "tests/sim/oracle.hpp"
#include "tests/sim/sim_clock.hpp"
#include "tests/sim/sim_disk.hpp"
#include "tests/sim/trace.hpp"

#include <memory>
#include <optional>

namespace phusa::sim {

/// Keys that every simulated organisation has, so that requests recorded once can be sent for ever.
struct OfficeKeys {
  journal::KeyPair root;
  journal::KeyPair server;
  journal::BoxKeyPair box;
};
const OfficeKeys& office_keys();
ingest::EngineOptions engine_options(Random* random = nullptr);

/// Units root > a > {a1, a2}, root > b > b1; kinds planting, party; campaigns year, spring (in year), march
/// (closed outside March 2026); indicators trees (at most a million), gifts; labels big, small (one group).
Catalogue first_catalogue();

/// The real server, its ledger on a disk of the simulation.
class SimServer {
 public:
  /// `guarded`: as in Worlds.
  SimServer(const std::string& folder, const WorldTime& time, std::uint64_t seed, bool guarded, Trace& trace);
  ~SimServer();

  /// Opens what is not open. false: its disk does not let it.
  bool start();
  void draw_crashes_from(Dice dice) { crash_dice_ = dice; }
  void stop();
  bool is_up() const { return engine_ != nullptr; }
  /// One HTTP request; nothing: the connection broke. What it acknowledged is in `holds` then, what it may
  /// have taken before it crashed in `maybe`.
  std::optional<HttpReply> handle(const std::string& path, const Bytes& body, Oracle& oracle);
  /// What the server's timer does, when it is up.
  void note_day();
  /// After every use: a disk that died takes the server with it.
  void bury_if_dead();

  /// What a bundle holds, opened with the server's keys. Tells the oracle of batches that were sealed for it.
  /// `certificates`: those in it are added.
  Intents intents_of(const Bytes& bundle, Oracle& oracle, std::vector<Bytes>* certificates = nullptr) const;
  /// A new key, for the next revision to name; what was sealed to those before is opened as well.
  journal::BoxKey rotate_box_key(Dice& dice);

  SimDisk& disk() { return disk_; }
  const SimDisk& disk() const { return disk_; }
  ingest::Engine& engine() { return *engine_; }
  access::Enrolment& enrolment() { return *enrolment_; }
  ledger::Ledger& ledger() { return *ledger_; }
  SimClock& clock() { return clock_; }
  std::shared_ptr<const Catalogue> catalogue() const { return engine_->catalogue(); }

  struct Knowledge {
    Intents holds;           ///< acknowledged
    Intents maybe;           ///< sent, and nobody knows
    std::uint64_t acts = 0;  ///< of the office, so far
  };
  Knowledge knows;
  Intents ever_acknowledged;  ///< also by a server that was restored since

  /// When a certificate was first and last shown to a server that might have heard it.
  struct Showing {
    WallTime first;
    WallTime last;
  };
  const Showing* showing_of(const Bytes& certificate) const;

 private:
  void install();
  ledger::SqliteOptions ledger_options() const;
  /// Of what a server that died left, the log is never taken for another file's.
  void check_log_fits() const;
  std::vector<journal::OpeningKey> opening_keys() const;
  void note_shown(const std::vector<Bytes>& certificates);
  void note_request(const wire::SyncRequest& request, const wire::SyncReply* reply, Oracle& oracle);

  SimDisk disk_;
  SimClock clock_;
  std::uint64_t seed_;
  bool guarded_;
  std::uint64_t openings_ = 0;
  std::map<Bytes, Showing> shown_;
  std::vector<journal::BoxKeyPair> box_keys_{office_keys().box};  // in files beside the ledger
  Trace& trace_;
  Dice crash_dice_;
  std::unique_ptr<SimRandom> random_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<ingest::Engine> engine_;
  std::unique_ptr<access::Enrolment> enrolment_;
};

}  // namespace phusa::sim
