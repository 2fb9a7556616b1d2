#include "sync-server/http/held_list.hpp"

#include "core/journal/certificate.hpp"
#include "core/model/catalogue_rows.hpp"
#include "core/wire/codec.hpp"
#include "sync-server/ingest/held_loads.hpp"

namespace phusa::http {
namespace {

class Lister {
 public:
  Lister(ledger::Snapshot& snapshot, const Catalogue& catalogue, const std::optional<UnitNo>& scope)
      : snapshot_(snapshot), catalogue_(catalogue), scope_(scope) {}

  Result<void> add_records();
  Result<void> add_changes();
  Result<void> add_batches();
  std::vector<HeldItem> take() && { return std::move(items_); }

 private:
  bool is_seen(const std::optional<UnitNo>& unit) const {
    return !scope_ || (unit && catalogue_.is_within(*unit, *scope_));
  }
  std::string name_of(const std::optional<UnitNo>& unit) const {
    return unit ? code_of(catalogue_.units, unit->value) : std::string();
  }
  /// The unit of whoever sealed a batch.
  Result<std::optional<UnitNo>> unit_of(const DeviceId& device);
  Result<std::string> ref_of_key(ledger::RecordKey key, HeldItem& item);

  ledger::Snapshot& snapshot_;
  const Catalogue& catalogue_;
  const std::optional<UnitNo>& scope_;
  std::vector<HeldItem> items_;
};

Result<std::optional<UnitNo>> Lister::unit_of(const DeviceId& device) {
  PHUSA_ASSIGN(const auto row, snapshot_.device(device));
  if (row) return catalogue_.unit(row->unit);
  PHUSA_ASSIGN(const auto doubts, snapshot_.doubts());
  for (const ledger::DoubtRow& doubt : doubts) {
    if (doubt.device != device) continue;
    PHUSA_ASSIGN(const Certificate certificate, journal::decode_certificate(doubt.certificate));
    return catalogue_.unit(certificate.unit);
  }
  return std::optional<UnitNo>();
}

Result<std::string> Lister::ref_of_key(ledger::RecordKey key, HeldItem& item) {
  PHUSA_ASSIGN(const auto block, snapshot_.block_by_no(key.block_no()));
  if (!block) return fail(ErrorCode::kCorrupt, "a record's block is not in the ledger");
  if (item.what == HeldItem::What::kRecord) item.device = block->device;
  return format_ref({block->block_hash, key.n()});
}

Result<void> Lister::add_records() {
  for (std::uint32_t number = 20; number < 40; ++number) {
    if (!is_hold_reason(number)) continue;
    const auto reason = static_cast<HoldReason>(number);
    PHUSA_ASSIGN(const auto keys, snapshot_.records_held_for(reason));
    for (const ledger::RecordKey key : keys) {
      PHUSA_ASSIGN(const auto row, snapshot_.record(key));
      if (!row) continue;
      const auto& unit = row->unit ? row->unit : row->home_unit;
      if (!is_seen(row->unit) && !is_seen(row->home_unit)) continue;
      // Of what nothing was admitted, all there is is held, and listed, as changes or whole batches.
      PHUSA_ASSIGN(const bool has_content, ingest::is_anything_admitted(snapshot_, *row));
      if (!has_content) continue;
      HeldItem item;
      item.reason = reason;
      item.unit = name_of(unit);
      PHUSA_ASSIGN(item.record, ref_of_key(key, item));
      PHUSA_ASSIGN(const auto entry, snapshot_.entry(row->last_position));
      if (entry) item.received_at = entry->received_at;
      items_.push_back(std::move(item));
    }
  }
  return {};
}

Result<void> Lister::add_changes() {
  PHUSA_ASSIGN(const auto changes, snapshot_.held_changes());
  std::optional<ledger::EntryRow> entry;
  for (const ledger::HeldChangeRow& change : changes) {
    if (!entry || entry->point.position != change.position) {
      PHUSA_ASSIGN(entry, snapshot_.entry(change.position));
      if (!entry) return fail(ErrorCode::kCorrupt, "a held change's batch is not in the ledger");
    }
    HeldItem item;
    item.what = HeldItem::What::kChange;
    item.device = device_id_of(entry->device_key);
    PHUSA_ASSIGN(const auto unit, unit_of(item.device));
    if (!is_seen(unit)) continue;
    item.unit = name_of(unit);
    item.batch = entry->hash;
    item.index = change.index;
    item.reason = change.reason;
    item.received_at = entry->received_at;
    PHUSA_ASSIGN(item.record, ref_of_key(change.key, item));
    items_.push_back(std::move(item));
  }
  return {};
}

Result<void> Lister::add_batches() {
  PHUSA_ASSIGN(const auto batches, snapshot_.held_batches());
  for (const ledger::EntryRow& batch : batches) {
    HeldItem item;
    item.what = HeldItem::What::kBatch;
    item.device = device_id_of(batch.device_key);
    PHUSA_ASSIGN(const auto unit, unit_of(item.device));
    if (!is_seen(unit)) continue;
    item.unit = name_of(unit);
    item.batch = batch.hash;
    item.reason = batch.hold;
    item.received_at = batch.received_at;
    PHUSA_ASSIGN(const auto entry, snapshot_.entry(batch.point.position));
    if (!entry) return fail(ErrorCode::kCorrupt, "a held batch is not in the ledger");
    PHUSA_ASSIGN(const wire::BatchOnWire sealed, wire::decode_batch(entry->envelope));
    item.changes = sealed.batch.header.changes;
    items_.push_back(std::move(item));
  }
  return {};
}

}  // namespace

std::string_view held_what_name(HeldItem::What what) {
  switch (what) {
    case HeldItem::What::kRecord:
      return "record";
    case HeldItem::What::kChange:
      return "change";
    case HeldItem::What::kBatch:
      return "batch";
  }
  return "";
}

Result<std::vector<HeldItem>> list_held(ledger::Snapshot& snapshot, const Catalogue& catalogue,
                                        const std::optional<UnitNo>& scope) {
  Lister lister(snapshot, catalogue, scope);
  PHUSA_TRY(lister.add_records());
  PHUSA_TRY(lister.add_changes());
  PHUSA_TRY(lister.add_batches());
  return std::move(lister).take();
}

}  // namespace phusa::http
