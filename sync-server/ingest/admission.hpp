#pragma once

#include "core/merge/plausibility.hpp"
#include "sync-server/ingest/batch_opening.hpp"
#include "sync-server/ingest/payloads.hpp"
#include "sync-server/ingest/world.hpp"
#include "sync-server/totals/cells.hpp"

#include <map>
#include <unordered_map>
#include <unordered_set>

namespace phusa::ingest {

/// What became of one batch.
struct Admitted {
  LedgerPoint point;
  HoldReason hold = HoldReason::kNone;  ///< of the whole batch
  std::vector<ledger::HeldChangeRow> held;
  bool settled = false;  ///< every record it touched stands exactly as its sender has it
  bool is_full = false;  ///< not taken: see IntakeBounds
};

/// A replay takes every entry. What arrives is not taken where it would be held and its device has as much
/// held as it may (limits::kHeld...): else a key that is shut out could fill the disk.
enum class IntakeBounds : std::uint8_t { kNone, kWithinLimits };

/// Records that stand exactly as the batches of one request set them: what needs no echo.
using ExactRecords = std::unordered_set<std::uint64_t>;

/// Turns entries into records, held changes and totals, within one transaction. Serving and replay run the
/// same code: everything it decides follows from the entries in their order, never from a clock or from who
/// asks.
///
/// A change is admitted or held (merge::judge); held changes of a record are judged again whenever it learns
/// something, to the least fixed point, so that no order of arrival shows (law 4).
class Admission {
 public:
  /// `world` is changed by the office's entries; publish it only after commit.
  Admission(ledger::Transaction& transaction, World& world)
      : transaction_(transaction), world_(world), book_(transaction, world.standard()) {}
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  /// Appends a verified batch that the ledger does not hold yet. `row.point.tag` may be set by a replay.
  /// `exact` gathers over the batches of one request.
  Result<Admitted> admit(ledger::EntryRow row, const OpenBatch& open, ExactRecords& exact,
                         IntakeBounds bounds = IntakeBounds::kNone);
  /// Appends a verified office entry and applies it. kInvalidArgument, kConflict, kNotFound: it cannot be
  /// applied.
  Result<LedgerPoint> apply(ledger::EntryRow row, const OfficeEntry& entry);
  /// Writes what was gathered: before commit, once.
  Result<void> finish();

 private:
  struct Work;     // one record being changed
  struct Source {  // a batch some of whose changes are held
    Hash hash;
    DeviceId device;
    Rank rank = Rank::kVolunteer;
    std::vector<Change> changes;
  };

  // admission.cpp
  /// The entry that was appended is the one at work.
  Result<void> begin(const ledger::EntryRow& row);
  HoldReason judge_batch(const OpenBatch& open, bool is_good, std::vector<Change>& changes);
  Result<bool> is_good(const OpenBatch& open, const Hash& hash);
  Result<void> merge_batch(const Source& source, std::uint64_t position, Admitted& admitted,
                           ExactRecords& exact);
  Result<ledger::RecordKey> merge_change(const Source& source, std::uint64_t position, std::uint32_t index,
                                         Admitted& admitted, ExactRecords& exact);
  Result<HoldReason> judge(const RecordState& state, const Source& source, std::uint32_t index);
  Result<std::optional<ledger::DecisionRow>> decision_on(const Hash& batch, std::uint32_t index);
  Result<ledger::BlockRow*> block_for(const RecordId& id);
  Result<Work> load(const RecordId& id);
  Result<Work> load(ledger::RecordKey key);
  Result<void> settle_held(Work& work);
  Result<void> store(Work& work);
  Result<void> note_departures(const ledger::RecordRow& before, const ledger::RecordRow& after);
  Result<const Source*> source_at(std::uint64_t position);

  // holding_bounds.cpp
  Result<bool> is_full(const ledger::EntryRow& row, const OpenBatch& open,
                       const std::vector<Change>& changes);
  Result<bool> is_full_of_batches(const ledger::EntryRow& row, const OpenBatch& open);
  Result<bool> would_hold_changes(const Source& source);

  // office_acts.cpp
  Result<void> apply_catalogue(const OfficeEntry& entry);
  Result<void> apply_grant(const OfficeEntry& entry, WallTime received_at);
  Result<void> apply_doubt(const OfficeEntry& entry);
  Result<void> apply_revocation(const OfficeEntry& entry);
  Result<void> apply_accepted_revision(const OfficeEntry& entry);
  Result<void> apply_day(const OfficeEntry& entry);
  Result<void> apply_decision(const OfficeEntry& entry, bool accepted);
  /// A change that was merged and is refused now: its record is built anew without it.
  Result<void> take_back(const ledger::EntryRow& batch, std::uint32_t index);
  Result<PersonId> person_for(const DeviceId& device, const Certificate& certificate);
  Result<void> adopt_records(const std::vector<DeviceId>& devices);

  // rejudging.cpp
  Result<void> rejudge_records(std::initializer_list<HoldReason> reasons);
  Result<void> rejudge_record(ledger::RecordKey key);
  Result<void> rejudge_changes(std::initializer_list<HoldReason> reasons);
  Result<void> rejudge_batches();
  /// Of one device: a grant, a doubt or a revocation says nothing of any other's batches.
  Result<void> rejudge_batches_of(const PublicKey& device);
  Result<void> rejudge_batch(const ledger::EntryRow& held);
  /// The batch to judge next, if this one is good by now and the one before it is for that.
  Result<std::optional<ledger::EntryRow>> rejudge_one(const ledger::EntryRow& held);
  /// The batch before this one, if its device was revoked and it is held for that: this one is good, so that
  /// one is too.
  Result<std::optional<ledger::EntryRow>> held_before(const OpenBatch& open);
  Result<void> withdraw_batches(const DeviceId& device);
  Result<void> rebuild(const std::vector<ledger::RecordKey>& keys);

  ledger::Transaction& transaction_;
  World& world_;
  totals::CellBook book_;
  std::optional<bool> has_decisions_;  // asked once a transaction
  std::uint64_t position_ = 0;  // of the entry being applied: what every record it touches is stamped with
  std::map<std::pair<DeviceId, std::uint64_t>, ledger::BlockRow> blocks_;
  std::unordered_set<std::uint32_t> grown_blocks_;
  std::map<std::uint64_t, Source> sources_;
};

}  // namespace phusa::ingest
