#include "sync-server/ingest/admission.hpp"

#include "core/merge/admission.hpp"
#include "core/merge/state_codec.hpp"
#include "sync-server/ingest/work.hpp"

#include <algorithm>

namespace phusa::ingest {
namespace {

bool counts(const ledger::RecordRow& row) {
  return row.hold == HoldReason::kNone && !row.retracted;
}

HoldReason lesser(HoldReason a, HoldReason b) {
  if (a == HoldReason::kNone) return b;
  return b == HoldReason::kNone ? a : std::min(a, b);
}

constexpr std::size_t kSourcesKept = 8;

}  // namespace

Result<Admitted> Admission::admit(ledger::EntryRow row, const OpenBatch& open, ExactRecords& exact,
                                  IntakeBounds bounds) {
  Admitted admitted;
  PHUSA_ASSIGN(const bool good, is_good(open, row.hash));
  Source source;
  row.hold = judge_batch(open, good, source.changes);
  if (bounds == IntakeBounds::kWithinLimits) {
    PHUSA_ASSIGN(admitted.is_full, is_full(row, open, source.changes));
    if (admitted.is_full) return admitted;
  }
  PHUSA_TRY(transaction_.append(row));
  PHUSA_TRY(begin(row));
  admitted.point = row.point;
  admitted.hold = row.hold;
  if (row.hold == HoldReason::kRevoked) {
    PHUSA_TRY(book_.end_position(position_));
    return admitted;
  }
  if (row.hold == HoldReason::kNone) {
    source.hash = row.hash;
    source.device = open.device;
    source.rank = world_.device(open.device)->grant(open.batch.header.certificate)->rank;
    PHUSA_TRY(merge_batch(source, position_, admitted, exact));
  }
  PHUSA_ASSIGN(const auto before, held_before(open));
  if (before) PHUSA_TRY(rejudge_batch(*before));
  PHUSA_TRY(book_.end_position(position_));
  return admitted;
}

Result<void> Admission::begin(const ledger::EntryRow& row) {
  position_ = row.point.position;
  return book_.begin_position(position_, row.rules_version);
}

HoldReason Admission::judge_batch(const OpenBatch& open, bool good, std::vector<Change>& changes) {
  const BatchHeader& header = open.batch.header;
  // First of all: what follows a batch says that it is good, whatever else that one waits for.
  if (!good) return HoldReason::kRevoked;
  const KnownDevice* device = world_.device(open.device);
  if (device == nullptr || device->grant(header.certificate) == nullptr) {
    const Doubt* doubt = world_.doubt(open.device, header.certificate);
    return doubt == nullptr ? HoldReason::kUnknownCertificate : doubt->reason;
  }
  if (!world_.has_catalogue(header.catalogue_revision, header.catalogue_hash))
    return HoldReason::kUnknownCatalogue;
  if (!open.batch.sections.empty()) return HoldReason::kUnknownSection;
  auto unpacked = unpack_changes(open);
  if (!unpacked) return HoldReason::kUnreadable;
  changes = std::move(*unpacked);
  return HoldReason::kNone;
}

Result<bool> Admission::is_good(const OpenBatch& open, const Hash& hash) {
  const KnownDevice* device = world_.device(open.device);
  if (device == nullptr || !device->revoked) return true;
  if (device->last_good.contains(hash)) return true;
  // An ancestor of the last good batch counts whenever it comes; its successor proves it.
  PHUSA_ASSIGN(const auto next, transaction_.batches(open.device_key, open.batch.header.journal,
                                                     open.batch.header.number + 1));
  for (const ledger::EntryRow& row : next) {
    if (row.hold == HoldReason::kRevoked) continue;
    PHUSA_ASSIGN(const auto whole, transaction_.entry(row.point.position));
    PHUSA_ASSIGN(const OpenBatch successor, open_entry(*whole));
    if (successor.batch.header.previous == hash) return true;
  }
  return false;
}

Result<void> Admission::merge_batch(const Source& source, std::uint64_t position, Admitted& admitted,
                                    ExactRecords& exact) {
  admitted.settled = true;
  std::vector<ledger::RecordKey> touched;
  touched.reserve(source.changes.size());
  for (std::uint32_t index = 0; index < source.changes.size(); ++index) {
    PHUSA_ASSIGN(const ledger::RecordKey key, merge_change(source, position, index, admitted, exact));
    touched.push_back(key);
  }
  // Its sender moves a batch into what it takes for merged only as a whole.
  if (!admitted.settled) {
    for (const ledger::RecordKey key : touched) exact.erase(key.value);
  }
  return {};
}

Result<ledger::RecordKey> Admission::merge_change(const Source& source, std::uint64_t position,
                                                  std::uint32_t index, Admitted& admitted,
                                                  ExactRecords& exact) {
  const Change& change = source.changes[index];
  PHUSA_ASSIGN(Work work, load(change.record));
  const bool stood = work.is_new || exact.contains(work.row.key.value);
  PHUSA_ASSIGN(const HoldReason reason, judge(work.state, source, index));
  if (reason == HoldReason::kNone) {
    work.learnt |= merge::join(work.state, change);
    if (work.learnt && work.row.held_change != HoldReason::kNone) PHUSA_TRY(settle_held(work));
  } else {
    const ledger::HeldChangeRow held{position, index, work.row.key, reason};
    PHUSA_TRY(transaction_.put_held_change(held));
    admitted.held.push_back(held);
    work.held_change = lesser(work.held_change, reason);
  }
  PHUSA_TRY(store(work));
  if (stood && reason == HoldReason::kNone && !work.others_joined && work.row.hold == HoldReason::kNone &&
      work.row.held_change == HoldReason::kNone) {
    exact.insert(work.row.key.value);
  } else {
    admitted.settled = false;
  }
  return work.row.key;
}

Result<std::optional<ledger::DecisionRow>> Admission::decision_on(const Hash& batch, std::uint32_t index) {
  if (!has_decisions_) {
    PHUSA_ASSIGN(has_decisions_, transaction_.has_decisions());
  }
  if (!*has_decisions_) return std::optional<ledger::DecisionRow>();
  return transaction_.decision(batch, index);
}

Result<HoldReason> Admission::judge(const RecordState& state, const Source& source, std::uint32_t index) {
  PHUSA_ASSIGN(const auto decision, decision_on(source.hash, index));
  if (decision) return decision->accepted ? HoldReason::kNone : HoldReason::kRefusedByOffice;
  const Change& change = source.changes[index];
  const ledger::PersonNo person = world_.person_of(source.device);
  merge::Author author;
  author.device = source.device;
  author.rank = source.rank;
  author.owns_record = person != 0 && world_.person_of(change.record.device) == person;
  author.oversees_owner = source.rank == Rank::kOfficer && !author.owns_record &&
                          world_.oversees_device(person, change.record.device);
  author.oversees = [this, person](UnitNo unit) { return world_.oversees(person, unit); };
  return merge::judge(state, change, author);
}

Result<ledger::BlockRow*> Admission::block_for(const RecordId& id) {
  const auto key = std::pair(id.device, id.block);
  auto known = blocks_.find(key);
  if (known == blocks_.end()) {
    PHUSA_ASSIGN(const ledger::BlockRow row, transaction_.add_block(id.device, id.block));
    known = blocks_.emplace(key, row).first;
  }
  return &known->second;
}

Result<Admission::Work> Admission::load(const RecordId& id) {
  PHUSA_ASSIGN(ledger::BlockRow * block, block_for(id));
  const auto key = ledger::RecordKey::of(block->no, id.n);
  if (id.n <= block->n_max) {
    PHUSA_ASSIGN(auto stored, transaction_.record(key));
    if (stored) {
      Work work;
      PHUSA_ASSIGN(work.state, merge::decode_state(id, stored->state));
      work.row = std::move(*stored);
      work.held_change = work.row.held_change;
      if (counts(work.row)) work.counted = work.state;
      return work;
    }
  } else {
    block->n_max = id.n;
    grown_blocks_.insert(block->no);
  }
  Work work;
  work.is_new = true;
  work.state.id = id;
  work.row.key = key;
  return work;
}

Result<Admission::Work> Admission::load(ledger::RecordKey key) {
  PHUSA_ASSIGN(const auto block, transaction_.block_by_no(key.block_no()));
  if (!block) return fail(ErrorCode::kCorrupt, "a record's block is not in the ledger");
  return load(RecordId{block->device, block->block, key.n()});
}

Result<void> Admission::settle_held(Work& work) {
  PHUSA_ASSIGN(auto held, transaction_.held_changes_of(work.row.key));
  for (bool progress = true; progress;) {
    progress = false;
    for (auto at = held.begin(); at != held.end();) {
      PHUSA_ASSIGN(const Source* source, source_at(at->position));
      PHUSA_ASSIGN(const HoldReason reason, judge(work.state, *source, at->index));
      if (reason == HoldReason::kNone) {
        progress |= merge::join(work.state, source->changes[at->index]);
        work.learnt = true;
        work.others_joined = true;
        PHUSA_TRY(transaction_.erase_held_change(at->position, at->index));
        at = held.erase(at);
        continue;
      }
      if (reason != at->reason) {
        at->reason = reason;
        PHUSA_TRY(transaction_.put_held_change(*at));
      }
      ++at;
    }
  }
  work.held_change = HoldReason::kNone;
  for (const ledger::HeldChangeRow& row : held) work.held_change = lesser(work.held_change, row.reason);
  return {};
}

Result<void> Admission::store(Work& work) {
  const ledger::RecordRow before = work.is_new ? ledger::RecordRow{} : work.row;
  ledger::RecordRow& row = work.row;
  const merge::Standard standard{
      &world_.standard(), world_.today(),
      [this](const DeviceId& author, UnitNo unit) { return world_.may_log_for(author, unit); }};
  const auto unit = value::number(merge::winning_value(work.state, FieldKind::kUnit));
  row.unit = unit ? std::optional(UnitNo{*unit}) : std::nullopt;
  row.hold = merge::judge_record(work.state, standard);
  row.held_change = work.held_change;
  row.retracted = merge::is_retracted(work.state);
  row.person = world_.person_of(work.state.id.device);
  const bool in_doubt =
      !row.unit || row.hold == HoldReason::kForeignUnit || row.hold == HoldReason::kUnknownCode;
  row.home_unit = in_doubt ? world_.home_of(work.state.id.device) : std::nullopt;
  const bool changed = work.is_new || work.learnt || row.hold != before.hold ||
                       row.held_change != before.held_change || row.person != before.person ||
                       row.home_unit != before.home_unit;
  if (!changed) return {};
  row.last_position = position_;
  if (work.is_new || work.learnt) row.state = merge::encode_state(work.state);
  if (work.is_new) {
    PHUSA_TRY(transaction_.insert_record(row));
  } else {
    PHUSA_TRY(transaction_.update_record(row));
    PHUSA_TRY(note_departures(before, row));
  }
  const bool counts_now = counts(row);
  if (!work.counted && !counts_now) return {};
  return book_.change(work.counted ? &*work.counted : nullptr, counts_now ? &work.state : nullptr);
}

Result<void> Admission::note_departures(const ledger::RecordRow& before, const ledger::RecordRow& after) {
  for (const auto& left : {before.unit, before.home_unit}) {
    if (!left || left == after.unit || left == after.home_unit) continue;
    PHUSA_TRY(transaction_.add_departure({position_, after.key, *left}));
  }
  return {};
}

Result<const Admission::Source*> Admission::source_at(std::uint64_t position) {
  if (const auto known = sources_.find(position); known != sources_.end()) return &known->second;
  PHUSA_ASSIGN(const auto row, transaction_.entry(position));
  if (!row || row->kind != ledger::EntryKind::kBatch)
    return fail(ErrorCode::kCorrupt, "a held change's batch is not in the ledger");
  PHUSA_ASSIGN(const OpenBatch open, open_entry(*row));
  Source source;
  source.hash = row->hash;
  source.device = open.device;
  const KnownDevice* device = world_.device(open.device);
  const KnownDevice::Grant* grant =
      device == nullptr ? nullptr : device->grant(open.batch.header.certificate);
  if (grant == nullptr) return fail(ErrorCode::kCorrupt, "a merged batch's certificate is not in the ledger");
  source.rank = grant->rank;
  PHUSA_ASSIGN(source.changes, unpack_changes(open));
  if (sources_.size() >= kSourcesKept) sources_.erase(sources_.begin());
  return &sources_.emplace(position, std::move(source)).first->second;
}

Result<void> Admission::finish() {
  for (const auto& [id, row] : blocks_) {
    if (grown_blocks_.contains(row.no)) PHUSA_TRY(transaction_.set_block_n_max(row.no, row.n_max));
  }
  grown_blocks_.clear();
  return book_.flush();
}

}  // namespace phusa::ingest
