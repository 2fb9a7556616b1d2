#pragma once

#include "core/base/clock.hpp"
#include "core/base/random.hpp"
#include "core/journal/bundle.hpp"
#include "core/journal/keys.hpp"
#include "core/merge/plausibility.hpp"
#include "sync-server/ledger/ledger.hpp"

#include <functional>
#include <memory>
#include <set>

namespace phusa::ingest {

struct EngineOptions {
  PublicKey root_key;                                  ///< the organisation is its hash
  journal::KeyPair server_key;                         ///< signs receipts and the office's journal
  std::vector<journal::OpeningKey> opening_keys = {};  ///< of bundles: the present box key and all before it
  Random* random = nullptr;  ///< seals what comes back of bundles; must outlive the engine
};

/// The server's brain: bytes in, bytes out, over a ledger. Requests with batches queue for one writer thread,
/// which puts all that wait into one transaction (group commit) and answers when it is durable; requests that
/// only read use a snapshot of their own. Thread-safe. Nothing that a request says is believed: signatures
/// prove a record's origin, certificates granted in the ledger give rank and scope, arrival decides nothing.
class Engine {
 public:
  /// `ledger` and `clock` (receive times and the day that has come) must outlive the engine.
  static Result<std::unique_ptr<Engine>> start(const EngineOptions& options, ledger::Ledger& ledger,
                                               const Clock& clock);
  /// Answers what is queued, then stops.
  virtual ~Engine() = default;

  /// One POST /v1/sync: request body -> reply body. kUnauthorized: the token is not the device's and nothing
  /// was carried; kUnavailable: the queue is full; kCorrupt, kLimitExceeded, kUnsupportedVersion: not a
  /// request.
  virtual Result<Bytes> sync(BytesView body) = 0;

  /// Runs `work` on the writer thread in a transaction of its own; commits when it returns well.
  virtual Result<void> write(const std::function<Result<void>(ledger::Transaction&)>& work) = 0;
  /// Signs an act of the office, gives it the next position and applies it, within `write`: what it re-judges
  /// is re-judged when this returns. kInvalidArgument: the payload does not fit the act.
  virtual Result<LedgerPoint> append_office(ledger::Transaction& transaction, OfficeAct act,
                                            BytesView payload) = 0;
  /// The same in a transaction of its own.
  virtual Result<LedgerPoint> append_office(OfficeAct act, BytesView payload) = 0;
  /// Writes "this day has come" if it has, so that what waited for it counts. Cheap when it was written
  /// already.
  virtual Result<void> note_day() = 0;
  /// Takes in the certificates that a device shows, within `write` (introduction.hpp): kNone when its own is
  /// granted, else why its batches are held until the office accepts it. kUnauthorized: not of this
  /// organisation, or not this device's.
  virtual Result<HoldReason> introduce(ledger::Transaction& transaction, const PublicKey& device,
                                       std::span<const Bytes> certificates) = 0;

  /// From now on these batches, should they come (again), are stored without their words.
  virtual void keep_erased(const std::set<Hash>& batches) = 0;
  /// From now on bundles sealed to this key are opened too.
  virtual void add_opening_key(const journal::OpeningKey& key) = 0;

  /// The newest catalogue revision (empty before the first). A copy that later revisions do not change.
  virtual std::shared_ptr<const Catalogue> catalogue() const = 0;
  /// The newest of a snapshot's moment, which has every number that its totals have.
  virtual Result<std::shared_ptr<const Catalogue>> catalogue_of(ledger::Snapshot& snapshot) const = 0;
  virtual const OrganisationId& organisation() const = 0;
  /// All devices of the person who has this one: those that share its person and those that replaced one
  /// another. Ascending; empty when it is not known.
  virtual std::vector<DeviceId> devices_of_person(const DeviceId& device) const = 0;
};

/// Payloads of the office's acts, as core/model/batch.hpp names them.
/// kCatalogue: encodes and signs; `catalogue.revision` must be free, the newest + 1 (kConflict at append).
Result<Bytes> catalogue_payload(const EngineOptions& options, const Catalogue& catalogue);
Bytes grant_payload(const Certificate& certificate);
/// `reason`: kVouchLate, kVouchQuota or kVouchRevoked.
Bytes doubt_payload(HoldReason reason, const Certificate& certificate);
struct LastGood {
  JournalId journal;
  Hash batch;  ///< zero: nothing of this journal counts
};
Bytes revoke_payload(const DeviceId& device, std::span<const LastGood> last_good);
Bytes day_payload(Day day);
/// kAcceptRevision: the lost revision's number and the hash of its bytes.
Bytes revision_payload(std::uint32_t revision, const Hash& hash);
Bytes decision_payload(const Hash& batch, std::uint32_t index);

}  // namespace phusa::ingest
