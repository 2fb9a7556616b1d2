#include "core/base/limits.hpp"
#include "core/client/meta_keys.hpp"
#include "core/client/phone.hpp"
#include "core/journal/personal.hpp"
#include "core/journal/sealing.hpp"
#include "core/merge/state_codec.hpp"
#include "core/wire/facts.hpp"

#include <algorithm>

namespace phusa {
namespace {

Change change_of(const RecordState& state) {
  Change change;
  change.record = state.id;
  change.logged_at = state.logged_at.value_or(WallTime{});
  change.edits.reserve(state.registers.size());
  for (const Register& reg : state.registers) {
    if (!reg.nodes.empty()) change.edits.push_back({reg.field, reg.nodes.front()});
  }
  return change;
}

/// Around facts and personal part: header, hashes, signature, and what protobuf needs.
constexpr std::size_t kEnvelopeBytesMax = 512;

bool fits(const SealedBatch& batch) {
  return batch.header.facts_plain_bytes <= limits::kBatchPlainBytesMax &&
         batch.header.personal_plain_bytes <= limits::kBatchPlainBytesMax &&
         batch.facts.size() + batch.personal.size() + kEnvelopeBytesMax <= limits::kBatchWireBytesMax;
}

}  // namespace

/// nullopt: too large for one batch.
Result<std::optional<Phone::SealedPart>> Phone::pack(std::span<const Change> changes) {
  PHUSA_ASSIGN(const wire::PackedFacts packed, wire::pack_facts(changes, identity_.device));
  SealedPart out;
  PersonalPart personal;
  personal.texts = packed.texts;
  if (!personal.texts.empty()) personal.salt = random_.fixed<BatchSalt>();
  out.leaves = journal::leaves_of(personal.salt, personal.texts);
  out.batch.facts = packed.facts;
  out.batch.personal = wire::pack_personal(personal);
  out.batch.header.changes = static_cast<std::uint32_t>(changes.size());
  out.batch.header.facts_plain_bytes = packed.plain_bytes;
  out.batch.header.personal_plain_bytes = wire::personal_plain_bytes(personal);
  if (!fits(out.batch)) return std::optional<SealedPart>();
  // Read back what was packed: it gives the edits their leaves, and nothing is signed that others could not
  // read.
  PHUSA_ASSIGN(out.changes,
               wire::unpack_facts(out.batch.facts, identity_.device, out.leaves, personal.texts));
  if (out.changes.size() != changes.size())
    return fail(ErrorCode::kInternal, "a batch lost changes while it was packed");
  return std::optional<SealedPart>(std::move(out));
}

Result<void> Phone::seal_changes(std::span<const Change> changes) {
  PHUSA_ASSIGN(auto part, pack(changes));
  if (!part) {
    if (changes.size() < 2) return fail(ErrorCode::kLimitExceeded, "a record is too large to be sent");
    const std::size_t half = changes.size() / 2;
    PHUSA_TRY(seal_changes(changes.first(half)));
    return seal_changes(changes.subspan(half));
  }
  store::BatchRow row;
  PHUSA_ASSIGN(const auto journal, store_->get(meta::kJournal));
  if (journal) {
    PHUSA_ASSIGN(row.journal, JournalId::from(*journal));
  }
  PHUSA_ASSIGN(const auto last, store_->last_batch(row.journal));
  BatchHeader& header = part->batch.header;
  header.journal = row.journal;
  header.number = last ? last->number + 1 : 1;
  if (last) header.previous = last->hash;
  header.certificate = identity_.certificate;
  header.catalogue_revision = catalogue_row_.revision;
  header.catalogue_hash = catalogue_row_.hash;
  row.number = header.number;
  row.hash = journal::seal(identity_.organisation, identity_.key, part->batch, part->leaves);
  row.changes = header.changes;
  row.catalogue_revision = header.catalogue_revision;
  row.encoded = wire::encode_batch(part->batch);
  PHUSA_ASSIGN(const std::int64_t seq, store_->add_batch(row));

  // First give the pending rows' pages back, then fill them with the own ones.
  for (const Change& change : part->changes) {
    PHUSA_ASSIGN(const store::RowId id, store_->row_of(change.record));
    PHUSA_TRY(store_->drop_pending(id));
  }
  for (Change& change : part->changes) {
    PHUSA_ASSIGN(const store::RowId id, store_->row_of(change.record));
    PHUSA_ASSIGN(auto own, store_->own(id));
    RecordState state{change.record, change.logged_at, {}};
    if (own) {
      PHUSA_ASSIGN(state, merge::decode_state(change.record, own->state));
    }
    for (FieldEdit& edit : change.edits) {
      Register& reg = state.at(edit.field);
      reg.nodes.clear();
      reg.nodes.push_back(std::move(edit.node));
    }
    const HoldReason hold = own ? own->hold : HoldReason::kNone;
    PHUSA_TRY(store_->put_own(id, {seq, hold, merge::encode_state(state)}));
  }
  return {};
}

Result<void> Phone::seal_pending() {
  // Each round empties what it read, so it always starts from the beginning; 0 is below every row.
  for (;;) {
    PHUSA_ASSIGN(const auto rows, store_->pending_after(0, limits::kChangesPerBatchMax));
    if (rows.empty()) return {};
    std::vector<Change> changes;
    std::size_t bytes = 0;
    for (const auto& [row, blob] : rows) {
      bytes += blob.size();
      if (!changes.empty() && bytes > limits::kBatchPlainBytesMax) break;
      PHUSA_ASSIGN(const RecordId id, store_->id_of(row));
      PHUSA_ASSIGN(const RecordState state, merge::decode_state(id, blob));
      changes.push_back(change_of(state));
    }
    PHUSA_TRY(seal_changes(changes));
  }
}

Result<std::vector<Change>> Phone::changes_of(const store::BatchRow& row) {
  PHUSA_ASSIGN(const auto on_wire, wire::decode_batch(row.encoded));
  PHUSA_ASSIGN(const PersonalPart personal, wire::unpack_personal(on_wire.batch.personal));
  const std::vector<Leaf> leaves = journal::leaves_of(personal.salt, personal.texts);
  return wire::unpack_facts(on_wire.batch.facts, identity_.device, leaves, personal.texts);
}

}  // namespace phusa
