#include "sync-server/ingest/erasure.hpp"

#include "core/merge/state_codec.hpp"
#include "core/wire/facts.hpp"
#include "sync-server/ingest/batch_opening.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace phusa::ingest {
namespace {

constexpr std::string_view kErasures = "erasures";

/// Short words can be guessed from their leaves by whoever has the salt.
bool tells_of_words(const PersonalPart& personal) {
  return !personal.texts.empty() || (!personal.leaves.empty() && !personal.salt.is_zero());
}

class Erasure {
 public:
  explicit Erasure(ledger::Transaction& transaction) : transaction_(transaction) {}

  Result<void> erase_batches(const PublicKey& device) {
    PHUSA_ASSIGN(const auto batches, transaction_.batches_of(device));
    for (const ledger::EntryRow& light : batches) {
      PHUSA_ASSIGN(const auto row, transaction_.entry(light.point.position));
      PHUSA_TRY(erase_batch(*row));
    }
    return {};
  }

  Result<void> erase_batch(const ledger::EntryRow& row) {
    if (row.personal.empty()) return {};
    PHUSA_ASSIGN(OpenBatch open, open_entry(row));
    PHUSA_TRY(note_words(open));
    erased_.hashes.insert(row.hash);
    const bool had_words = !open.texts.empty();
    PHUSA_TRY(drop_words(open));
    if (open.batch.personal == row.personal) return {};  // erased before
    PHUSA_TRY(transaction_.set_batch_personal(row.point.position, open.batch.personal));
    if (had_words) ++erased_.batches;
    return {};
  }

  Result<void> erase_in_records() {
    for (const auto& [key, id] : touched_) {
      PHUSA_ASSIGN(auto row, transaction_.record(key));
      if (!row) continue;  // all its changes are held
      PHUSA_ASSIGN(RecordState state, merge::decode_state(id, row->state));
      if (!blank(state)) continue;
      row->state = merge::encode_state(state);
      PHUSA_TRY(transaction_.update_record(*row));
      ++erased_.records;
    }
    return {};
  }

  /// Tells every reader, if there was anything to erase.
  Result<Erased> finish() {
    PHUSA_TRY(erase_in_records());
    if (erased_.batches == 0 && erased_.records == 0) return std::move(erased_);
    // By chance, not by counting: after a restore several erasures happen again as one, and whoever read
    // between them must not be taken for one who read after all.
    Bytes mark;
    put_u32(mark, ByteReader(transaction_.tag().view()).u32());
    PHUSA_TRY(transaction_.put_meta(kErasures, mark));
    return std::move(erased_);
  }

 private:
  Result<void> note_words(const OpenBatch& open) {
    for (const Leaf& leaf : open.leaves) leaves_.emplace(open.device, Bytes(leaf.view()));
    const auto changes = unpack_changes(open);
    // What cannot be read was never merged: no record has its words.
    if (!changes) return {};
    for (const Change& change : *changes) {
      const bool has_words = std::any_of(change.edits.begin(), change.edits.end(),
                                         [](const FieldEdit& edit) { return edit.field.is_personal(); });
      if (!has_words) continue;
      PHUSA_ASSIGN(const auto block, transaction_.block(change.record.device, change.record.block));
      if (block) touched_.emplace(ledger::RecordKey::of(block->no, change.record.n), change.record);
    }
    return {};
  }

  bool blank(RecordState& state) const {
    bool found = false;
    for (Register& reg : state.registers) {
      if (!reg.field.is_personal()) continue;
      for (Node& node : reg.nodes) {
        if (node.text.empty() || !leaves_.contains({node.version.device, node.version.value})) continue;
        node.text.clear();
        found = true;
      }
    }
    return found;
  }

  ledger::Transaction& transaction_;
  std::set<std::pair<DeviceId, Bytes>> leaves_;  // of the words that go
  std::map<ledger::RecordKey, RecordId> touched_;
  Erased erased_;
};

}  // namespace

Result<Erased> erase_words(ledger::Transaction& transaction, std::span<const PublicKey> devices) {
  Erasure erasure(transaction);
  for (const PublicKey& device : devices) PHUSA_TRY(erasure.erase_batches(device));
  return erasure.finish();
}

Result<Erased> erase_words_of(ledger::Transaction& transaction, const std::set<Hash>& batches) {
  Erasure erasure(transaction);
  for (const Hash& hash : batches) {
    PHUSA_ASSIGN(const auto row, transaction.entry_by_hash(hash));
    if (row && row->kind == ledger::EntryKind::kBatch) PHUSA_TRY(erasure.erase_batch(*row));
  }
  return erasure.finish();
}

Result<bool> has_words(ledger::Snapshot& snapshot, const std::set<Hash>& batches) {
  for (const Hash& hash : batches) {
    PHUSA_ASSIGN(const auto row, snapshot.entry_by_hash(hash));
    if (!row) continue;
    PHUSA_ASSIGN(const PersonalPart personal, wire::unpack_personal(row->personal));
    if (tells_of_words(personal)) return true;
  }
  return false;
}

Result<void> drop_words(OpenBatch& open) {
  PHUSA_ASSIGN(PersonalPart personal, wire::unpack_personal(open.batch.personal));
  if (!tells_of_words(personal)) return {};
  personal.leaves = open.leaves;
  personal.texts.clear();
  personal.salt = {};
  open.batch.personal = wire::pack_personal(personal);
  open.texts.clear();
  return {};
}

Result<std::uint32_t> erasure_mark(ledger::Snapshot& snapshot) {
  PHUSA_ASSIGN(const auto mark, snapshot.meta(kErasures));
  return mark ? ByteReader(*mark).u32() : 0u;
}

}  // namespace phusa::ingest
