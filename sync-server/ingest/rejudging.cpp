#include "core/merge/state_codec.hpp"
#include "sync-server/ingest/admission.hpp"
#include "sync-server/ingest/work.hpp"

#include <set>

namespace phusa::ingest {

Result<void> Admission::rejudge_record(ledger::RecordKey key) {
  PHUSA_ASSIGN(Work work, load(key));
  if (work.row.held_change != HoldReason::kNone) PHUSA_TRY(settle_held(work));
  return store(work);
}

Result<void> Admission::rejudge_records(std::initializer_list<HoldReason> reasons) {
  for (const HoldReason reason : reasons) {
    PHUSA_ASSIGN(const auto keys, transaction_.records_held_for(reason));
    for (const ledger::RecordKey key : keys) PHUSA_TRY(rejudge_record(key));
  }
  return {};
}

Result<void> Admission::rejudge_changes(std::initializer_list<HoldReason> reasons) {
  PHUSA_ASSIGN(const auto held, transaction_.held_changes());
  std::set<ledger::RecordKey> keys;
  for (const ledger::HeldChangeRow& row : held) {
    if (std::find(reasons.begin(), reasons.end(), row.reason) != reasons.end()) keys.insert(row.key);
  }
  for (const ledger::RecordKey key : keys) PHUSA_TRY(rejudge_record(key));
  return {};
}

Result<void> Admission::rejudge_batches() {
  PHUSA_ASSIGN(const auto held, transaction_.held_batches());
  for (const ledger::EntryRow& row : held) PHUSA_TRY(rejudge_batch(row));
  return {};
}

Result<void> Admission::rejudge_batches_of(const PublicKey& device) {
  PHUSA_ASSIGN(const auto held, transaction_.held_batches());
  for (const ledger::EntryRow& row : held) {
    if (row.device_key == device) PHUSA_TRY(rejudge_batch(row));
  }
  return {};
}

Result<void> Admission::rejudge_batch(const ledger::EntryRow& held) {
  // A loop, not a recursion: a journal may be long.
  for (std::optional<ledger::EntryRow> next = held; next;) {
    PHUSA_ASSIGN(next, rejudge_one(*next));
  }
  return {};
}

Result<std::optional<ledger::EntryRow>> Admission::rejudge_one(const ledger::EntryRow& held) {
  const std::optional<ledger::EntryRow> none;
  PHUSA_ASSIGN(const auto row, transaction_.entry(held.point.position));
  PHUSA_ASSIGN(const OpenBatch open, open_entry(*row));
  PHUSA_ASSIGN(const bool good, is_good(open, row->hash));
  Source source;
  const HoldReason hold = judge_batch(open, good, source.changes);
  if (hold == row->hold) return none;
  PHUSA_TRY(transaction_.set_batch_hold(row->point.position, hold));
  // Held for what it waits for, it is good all the same, and says so of the one before it.
  if (hold == HoldReason::kRevoked) return none;
  if (hold != HoldReason::kNone) return held_before(open);
  source.hash = row->hash;
  source.device = open.device;
  source.rank = world_.device(open.device)->grant(open.batch.header.certificate)->rank;
  Admitted admitted;
  ExactRecords exact;
  PHUSA_TRY(merge_batch(source, row->point.position, admitted, exact));
  return held_before(open);
}

Result<std::optional<ledger::EntryRow>> Admission::held_before(const OpenBatch& open) {
  const KnownDevice* device = world_.device(open.device);
  if (device == nullptr || !device->revoked || open.batch.header.number <= 1)
    return std::optional<ledger::EntryRow>();
  PHUSA_ASSIGN(const auto before, transaction_.batches(open.device_key, open.batch.header.journal,
                                                       open.batch.header.number - 1));
  for (const ledger::EntryRow& row : before) {
    if (row.hold == HoldReason::kRevoked && row.hash == open.batch.header.previous) return std::optional(row);
  }
  return std::optional<ledger::EntryRow>();
}

Result<void> Admission::withdraw_batches(const DeviceId& id) {
  const KnownDevice* device = world_.device(id);
  PHUSA_ASSIGN(const auto rows, transaction_.batches_of(device->key));
  std::set<Hash> good = device->last_good;
  std::set<ledger::RecordKey> touched;
  // Newest number first: a batch is good when a good one follows it.
  std::vector<ledger::EntryRow> newest_first(rows);
  std::sort(newest_first.begin(), newest_first.end(),
            [](const auto& a, const auto& b) { return a.number > b.number; });
  for (const ledger::EntryRow& light : newest_first) {
    PHUSA_ASSIGN(const auto row, transaction_.entry(light.point.position));
    PHUSA_ASSIGN(const OpenBatch open, open_entry(*row));
    if (good.contains(row->hash)) {
      good.insert(open.batch.header.previous);
      continue;
    }
    if (row->hold == HoldReason::kNone) {
      PHUSA_ASSIGN(const auto changes, unpack_changes(open));
      for (const Change& change : changes) {
        PHUSA_ASSIGN(const ledger::BlockRow* block, block_for(change.record));
        touched.insert(ledger::RecordKey::of(block->no, change.record.n));
      }
    }
    PHUSA_TRY(transaction_.set_batch_hold(row->point.position, HoldReason::kRevoked));
    PHUSA_ASSIGN(const auto held, transaction_.held_changes_at(row->point.position));
    for (const ledger::HeldChangeRow& change : held)
      PHUSA_TRY(transaction_.erase_held_change(change.position, change.index));
  }
  return rebuild({touched.begin(), touched.end()});
}

Result<void> Admission::rebuild(const std::vector<ledger::RecordKey>& keys) {
  if (keys.empty()) return {};
  // From nothing, as if the withdrawn batches had been held from the start: every change to these records
  // that some unheld batch carries is held for a moment, then all are judged to the fixed point.
  const std::set<ledger::RecordKey> wanted(keys.begin(), keys.end());
  std::vector<ledger::HeldChangeRow> changes;
  Result<void> trouble;
  PHUSA_TRY(transaction_.for_each_entry(1, [&](const ledger::EntryRow& row) {
    if (row.kind != ledger::EntryKind::kBatch || row.hold != HoldReason::kNone) return true;
    trouble = [&]() -> Result<void> {
      PHUSA_ASSIGN(const OpenBatch open, open_entry(row));
      PHUSA_ASSIGN(const auto inside, unpack_changes(open));
      for (std::uint32_t index = 0; index < inside.size(); ++index) {
        PHUSA_ASSIGN(const ledger::BlockRow* block, block_for(inside[index].record));
        const auto key = ledger::RecordKey::of(block->no, inside[index].record.n);
        if (wanted.contains(key))
          changes.push_back({row.point.position, index, key, HoldReason::kMissingVersion});
      }
      return {};
    }();
    return trouble.has_value();
  }));
  PHUSA_TRY(trouble);
  for (const ledger::HeldChangeRow& change : changes) PHUSA_TRY(transaction_.put_held_change(change));
  for (const ledger::RecordKey key : keys) {
    PHUSA_ASSIGN(Work work, load(key));
    work.state.registers.clear();
    work.state.logged_at.reset();
    PHUSA_TRY(settle_held(work));
    work.learnt = true;
    PHUSA_TRY(store(work));
  }
  return {};
}

}  // namespace phusa::ingest
