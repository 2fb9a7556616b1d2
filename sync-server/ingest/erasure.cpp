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

class Erasure {
 public:
  Erasure(ledger::Transaction& transaction, std::span<const PublicKey> devices) : transaction_(transaction) {
    for (const PublicKey& key : devices) ids_.insert(device_id_of(key));
  }

  Result<void> erase_batches(const PublicKey& device) {
    PHUSA_ASSIGN(const auto batches, transaction_.batches_of(device));
    for (const ledger::EntryRow& light : batches) {
      PHUSA_ASSIGN(const auto row, transaction_.entry(light.point.position));
      if (row->personal.empty()) continue;
      PHUSA_ASSIGN(const OpenBatch open, open_entry(*row));
      PHUSA_ASSIGN(PersonalPart personal, wire::unpack_personal(row->personal));
      PHUSA_TRY(note_records(open));
      if (personal.texts.empty()) continue;  // erased before
      personal.leaves = open.leaves;
      personal.texts.clear();
      PHUSA_TRY(transaction_.set_batch_personal(row->point.position, wire::pack_personal(personal)));
      ++erased_.batches;
    }
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

  const Erased& erased() const { return erased_; }

 private:
  Result<void> note_records(const OpenBatch& open) {
    PHUSA_ASSIGN(const auto changes, unpack_changes(open));
    for (const Change& change : changes) {
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
        if (node.text.empty() || !ids_.contains(node.version.device)) continue;
        node.text.clear();
        found = true;
      }
    }
    return found;
  }

  ledger::Transaction& transaction_;
  std::set<DeviceId> ids_;
  std::map<ledger::RecordKey, RecordId> touched_;
  Erased erased_;
};

}  // namespace

Result<Erased> erase_words(ledger::Transaction& transaction, std::span<const PublicKey> devices) {
  Erasure erasure(transaction, devices);
  for (const PublicKey& device : devices) PHUSA_TRY(erasure.erase_batches(device));
  PHUSA_TRY(erasure.erase_in_records());
  if (erasure.erased().batches == 0 && erasure.erased().records == 0) return Erased{};
  PHUSA_ASSIGN(const std::uint32_t before, erasures(transaction));
  Bytes now;
  put_u32(now, before + 1);
  PHUSA_TRY(transaction.put_meta(kErasures, now));
  return erasure.erased();
}

Result<std::uint32_t> erasures(ledger::Snapshot& snapshot) {
  PHUSA_ASSIGN(const auto count, snapshot.meta(kErasures));
  return count ? ByteReader(*count).u32() : 0u;
}

}  // namespace phusa::ingest
