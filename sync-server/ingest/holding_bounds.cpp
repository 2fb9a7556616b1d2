#include "core/base/limits.hpp"
#include "core/merge/state_codec.hpp"
#include "sync-server/ingest/admission.hpp"
#include "sync-server/ingest/held_loads.hpp"
#include "sync-server/ingest/work.hpp"

/// How much is held before no more is taken. What counts is always taken: only what would be held is asked
/// for, so that a journal's good batches pass whatever lies there of it.
namespace phusa::ingest {

Result<bool> Admission::is_full(const ledger::EntryRow& row, const OpenBatch& open,
                                const std::vector<Change>& changes) {
  if (row.hold != HoldReason::kNone) return is_full_of_batches(row, open);
  PHUSA_ASSIGN(const bool many,
               transaction_.has_held_changes(open.device_key, limits::kHeldChangesPerDeviceMax));
  if (!many) return false;
  Source source;
  source.hash = row.hash;
  source.device = open.device;
  source.rank = world_.device(open.device)->grant(open.batch.header.certificate)->rank;
  source.changes = changes;
  return would_hold_changes(source);
}

Result<bool> Admission::is_full_of_batches(const ledger::EntryRow& row, const OpenBatch& open) {
  const std::uint64_t more = row.envelope.size() + row.personal.size() + limits::kHeldBatchBytes;
  PHUSA_ASSIGN(const ledger::HeldLoad own, transaction_.held_load(open.device_key));
  if (bytes_of(own) + more > limits::kHeldBytesPerDeviceMax) return true;
  const Doubt* doubt = world_.doubt(open.device, open.batch.header.certificate);
  if (doubt == nullptr) return false;
  // Keys cost nothing: an officer's phone that was stolen can vouch for ever new ones.
  const DeviceId officer = world_.answerable(device_id_of(doubt->certificate.issuer));
  PHUSA_ASSIGN(const std::uint64_t together, bytes_below(transaction_, world_.doubts_below(officer)));
  return together + more > limits::kHeldBytesPerOfficerMax;
}

Result<bool> Admission::would_hold_changes(const Source& source) {
  for (std::uint32_t index = 0; index < source.changes.size(); ++index) {
    PHUSA_ASSIGN(const auto block,
                 transaction_.block(source.changes[index].record.device, source.changes[index].record.block));
    RecordState state;
    state.id = source.changes[index].record;
    if (block) {
      PHUSA_ASSIGN(const auto stored,
                   transaction_.record(ledger::RecordKey::of(block->no, source.changes[index].record.n)));
      if (stored) {
        PHUSA_ASSIGN(state, merge::decode_state(state.id, stored->state));
      }
    }
    PHUSA_ASSIGN(const HoldReason reason, judge(state, source, index));
    if (reason != HoldReason::kNone) return true;
  }
  return false;
}

}  // namespace phusa::ingest
