#include "sync-server/http/office_status.hpp"

#include "core/model/catalogue_rows.hpp"
#include "sync-server/http/held_list.hpp"
#include "sync-server/http/totals_request.hpp"

#include <algorithm>

namespace phusa::http {
namespace {

Result<void> count_devices(ledger::Snapshot& snapshot, const Catalogue& catalogue,
                           const std::optional<UnitNo>& scope, web::StatusView& view) {
  struct Seen {
    std::int64_t devices = 0;
    WallTime last{};
  };
  std::map<std::uint32_t, Seen> units;
  PHUSA_ASSIGN(const auto devices, snapshot.devices());
  for (const ledger::DeviceRow& device : devices) {
    const auto unit = catalogue.unit(device.unit);
    if (!unit || (scope && !catalogue.is_within(*unit, *scope))) continue;
    ++view.devices;
    Seen& seen = units[unit->value];
    ++seen.devices;
    seen.last = std::max(seen.last, device.last_seen);
  }
  for (const auto& [no, seen] : units) {
    const Unit& unit = catalogue.units[no];
    view.syncs.push_back({unit.code, unit.name, seen.devices,
                          seen.last == WallTime{} ? std::string() : format_time(seen.last)});
  }
  return {};
}

Result<void> count_held(ledger::Snapshot& snapshot, const Catalogue& catalogue,
                        const std::optional<UnitNo>& scope, web::StatusView& view) {
  PHUSA_ASSIGN(const auto held, list_held(snapshot, catalogue, scope));
  for (const HeldItem& item : held) {
    switch (item.what) {
      case HeldItem::What::kRecord:
        ++view.held_records;
        break;
      case HeldItem::What::kChange:
        ++view.held_changes;
        break;
      case HeldItem::What::kBatch:
        ++view.held_batches;
        break;
    }
  }
  return {};
}

}  // namespace

Result<web::StatusView> read_status(ledger::Snapshot& snapshot, const Catalogue& catalogue,
                                    const std::string& organisation, const std::optional<UnitNo>& scope,
                                    bool with_totals) {
  web::StatusView view;
  view.organisation = organisation;
  PHUSA_ASSIGN(const LedgerPoint head, snapshot.head());
  view.as_of = format_point(head);
  view.catalogue_revision = catalogue.revision;
  view.units = static_cast<std::int64_t>(scope ? catalogue.subtree(*scope).size() : catalogue.units.size());
  PHUSA_TRY(count_devices(snapshot, catalogue, scope, view));
  PHUSA_TRY(count_held(snapshot, catalogue, scope, view));
  if (!with_totals) return view;
  totals::Query query;
  query.unit = scope;
  PHUSA_ASSIGN(const totals::Table table, totals::query(snapshot, catalogue, query));
  for (const totals::Row& row : table.rows) {
    const Indicator indicator = row_of(catalogue.indicators, row.indicator_no.value);
    view.totals.push_back({indicator.name, format_decimal(row.figures.sum, indicator.decimals),
                           std::string(totals::qualifier_of(row.figures)), indicator.unit,
                           row.figures.records});
  }
  return view;
}

}  // namespace phusa::http
