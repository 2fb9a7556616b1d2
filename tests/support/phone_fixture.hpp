#pragma once

#include "core/base/clock.hpp"
#include "core/base/random.hpp"
#include "core/journal/keys.hpp"
#include "core/wire/codec.hpp"
#include "core/wire/page.hpp"
#include "sync-server/ingest/engine.hpp"
#include "sync-server/ingest/verify.hpp"
#include "tests/support/temporary_folder.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

/// A server and phones for tests, built from the real journal, wire, merge, ledger and ingest code. Only
/// clock and randomness are the tests' own.
namespace phusa::test {

/// The same bytes for the same seed.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::uint8_t> out) override;

 private:
  std::uint64_t state_;
};

class HandClock final : public Clock {
 public:
  WallTime wall() const override { return wall_; }
  MonotonicTime monotonic() const override { return MonotonicTime{}; }
  void set(Day day) { wall_ = WallTime(day) + std::chrono::hours(5); }

 private:
  WallTime wall_ = WallTime(Day(std::chrono::year(2026) / 3 / 15)) + std::chrono::hours(5);
};

/// Keys that every server of one test shares, so that each accepts the others' batches.
ingest::EngineOptions test_keys();
/// The root behind them, and the key that bundles are sealed to.
journal::KeyPair test_root();
journal::BoxKeyPair test_box();

/// Units root > a > a1, root > b; kinds planting, party; campaigns spring (parent year) and year, march
/// (closed outside March 2026); indicators trees (maximum 5000), gifts, guests (once per event); labels big,
/// small (group level).
Catalogue test_catalogue();

/// An encoded batch with the leaves of its words in their place: what whoever can read it can make of it.
Bytes without_words(const Bytes& encoded);

class FakePhone;

/// One server over a SQLite file. Without `durable` it never syncs.
class TestServer {
 public:
  explicit TestServer(std::string path = {}, bool durable = false);
  ~TestServer();

  ingest::Engine& engine() { return *engine_; }
  ledger::Ledger& ledger() { return *ledger_; }
  HandClock& clock() { return clock_; }
  std::string path() const { return path_; }
  /// Closes the file and opens it again.
  void restart();
  /// Copies the ledger, as a backup does.
  void copy_to(const std::string& path);
  void publish(Catalogue catalogue);
  /// Grants the phone its certificate; its serial is 1, or the next.
  void enrol(const FakePhone& phone);
  /// Delivers encoded batches (HashForm::kWhole) of a device, as a carrier would.
  std::vector<wire::Verdict> deliver(const PublicKey& device, const std::vector<Bytes>& batches);
  /// Replays the ledger into a throw-away one and compares.
  ingest::VerifyReport verify();
  /// All that a ledger concludes, as text that does not depend on row numbers: records, held changes, cells.
  std::vector<std::string> conclusions();

 private:
  void open();

  FolderInMemory folder_;
  std::string path_;
  bool is_durable_;
  HandClock clock_;
  static inline std::uint64_t servers_ = 0;
  SeededRandom random_{++servers_};  // histories that part must not draw the same tags
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<ingest::Engine> engine_;
};

std::vector<std::string> conclusions_of(ledger::Snapshot& snapshot);

/// A sealed batch of a phone.
struct SealedByPhone {
  Hash hash;
  Bytes encoded;  ///< short hashes, as sent first
  Bytes whole;
  std::vector<Change> changes;
  std::optional<LedgerPoint> received;
};

struct LogContent {
  std::uint32_t unit = 1;
  std::uint32_t kind = 0;
  Day day = Day(std::chrono::year(2026) / 3 / 10);
  std::vector<std::uint32_t> campaigns;
  std::vector<std::uint32_t> labels;
  std::map<std::uint32_t, Amount> values;
  std::string note;
  std::optional<RecordId> event;
  bool event_header = false;
};

/// A phone without a store: what it knows lies in memory. Copying the object copies the phone, key and all.
class FakePhone {
 public:
  FakePhone(std::uint64_t seed, Rank rank, std::string unit,
            std::optional<std::uint64_t> person = std::nullopt);

  RecordId log(const LogContent& content);
  /// Edits a record that it knows, or blindly one that it does not.
  void edit(const RecordId& record, FieldKey field, Bytes value, std::string text = {});
  void retract(const RecordId& record);
  void restore(const RecordId& record) { edit(record, FieldKind::kRetracted, {}); }
  void review(const RecordId& record, ReviewState state);
  /// Seals what is pending; several batches when it is much.
  void seal(std::size_t changes_per_batch = 2000);
  /// One exchange: seals, sends what was not received (batches_max at most), takes the answer in. Returns
  /// `more`.
  Result<bool> exchange(ingest::Engine& engine, std::size_t batches_max = 64);
  /// Exchanges until nothing is left. The first error ends it.
  Result<void> sync(ingest::Engine& engine);

  wire::SyncRequest request(std::size_t batches_max = 64) const;
  void take(const wire::SyncRequest& request, const wire::SyncReply& reply);

  /// The state a person sees: per field the greatest of what the server said, own sealed and pending edits.
  RecordState displayed(const RecordId& record) const;
  Certificate certificate(std::uint32_t serial) const;
  void use_certificate(std::uint32_t serial) { serial_ = serial; }
  void use_catalogue(std::uint32_t revision, const Hash& hash);

  const journal::KeyPair& keys() const { return keys_; }
  const PublicKey& key() const { return keys_.public_key; }
  DeviceId id() const { return device_id_of(keys_.public_key); }
  const Bytes& token() const { return token_; }
  /// Mints a new block, as a store does when it is opened.
  void reopen();

  std::vector<SealedByPhone> sealed;
  std::map<RecordId, RecordState> base;  ///< as the server has it
  std::map<RecordId, HoldReason> holds;
  Bytes cursor;
  std::optional<LedgerPoint> furthest;
  std::uint32_t page_bytes_max = 0;
  std::size_t pulled = 0;  ///< deltas taken in
  std::size_t resets = 0;

 private:
  using Fields = std::map<FieldKey, Node>;
  const Node* greatest(const RecordId& record, FieldKey field, bool with_pending) const;
  void take_verdicts(const wire::SyncRequest& request, const wire::SyncReply& reply);
  void take_page(const wire::SyncReply& reply);
  void drop_own_known(const RecordId& record);
  void seal_some(std::vector<Change> changes);

  journal::KeyPair keys_;
  SeededRandom random_;
  Rank rank_;
  std::string unit_;
  PersonId person_;
  Bytes token_;
  std::uint32_t serial_ = 1;
  std::uint64_t block_ = 0;
  std::uint32_t n_ = 0;
  std::uint32_t catalogue_revision_ = 1;
  Hash catalogue_hash_;
  std::map<RecordId, Fields> pending_;
  std::map<RecordId, Fields> own_;
  std::map<RecordId, std::map<FieldKey, VersionName>> last_sealed_;
  std::map<RecordId, bool> delivered_;  ///< since the last reset
  std::vector<std::size_t> need_full_;
};

}  // namespace phusa::test
