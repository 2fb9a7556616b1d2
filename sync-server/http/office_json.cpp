#include "sync-server/http/office_json.hpp"

#include "core/model/catalogue_rows.hpp"
#include "proto/phusa/v1/office.pb.h"
#include "sync-server/http/message_json.hpp"
#include "sync-server/http/totals_request.hpp"

namespace phusa::http {
namespace {

namespace pb = phusa::v1::office;

}  // namespace

std::string totals_json(const totals::Table& table, const totals::Query& query, const Catalogue& catalogue) {
  pb::TotalsReply reply;
  reply.set_as_of(format_point(table.as_of));
  for (const totals::Row& row : table.rows) {
    pb::TotalsReply::Row& out = *reply.add_rows();
    out.set_indicator(row.indicator);
    // A key stands in a row exactly where it was asked for.
    if (query.by_unit) out.set_unit(row.unit);
    if (query.by_campaign) out.set_campaign(row.campaign);
    if (query.by_kind) out.set_kind(row.kind);
    if (query.by_label_group) out.set_label(row.label);
    if (query.by_month) out.set_month(row.month);
    if (query.by_review) out.set_review(row.review);
    out.set_total(
        format_decimal(row.figures.sum, row_of(catalogue.indicators, row.indicator_no.value).decimals));
    out.set_qualifier(std::string(totals::qualifier_of(row.figures)));
    out.set_records(row.figures.records);
    out.set_more(row.figures.more);
    out.set_nearly(row.figures.nearly);
  }
  return to_json(reply);
}

Result<std::string> record_ref(ledger::Snapshot& snapshot, const RecordId& id) {
  PHUSA_ASSIGN(const auto block, snapshot.block(id.device, id.block));
  if (!block) return fail(ErrorCode::kCorrupt, "a record's block is not in the ledger");
  return format_ref({block->block_hash, id.n});
}

Result<std::string> lines_json(ledger::Snapshot& snapshot, const totals::LinesPage& page,
                               const Catalogue& catalogue) {
  pb::LinesReply reply;
  for (const totals::Line& line : page.lines) {
    pb::LinesReply::Line& out = *reply.add_lines();
    PHUSA_ASSIGN(*out.mutable_record(), record_ref(snapshot, line.record));
    const Indicator indicator = row_of(catalogue.indicators, line.indicator.value);
    out.set_indicator(indicator.code);
    out.set_amount(format_decimal(line.amount.value, indicator.decimals));
    out.set_qualifier(std::string(qualifier_name(line.amount.qualifier)));
    out.set_unit(code_of(catalogue.units, line.unit.value));
    out.set_kind(code_of(catalogue.kinds, line.kind.value));
    out.set_day(format_day(line.day));
    out.set_device(line.device.hex());
    if (line.logged_at) out.set_logged_at(format_time(*line.logged_at));
    out.set_received_at(format_time(line.received_at));
    out.set_as_of(std::to_string(line.position));
    if (line.hold != HoldReason::kNone) out.set_held(std::string(hold_name(line.hold)));
    out.set_counted(line.counted);
  }
  if (page.next != 0) reply.set_next(std::to_string(page.next));
  return to_json(reply);
}

std::string held_json(const std::vector<HeldItem>& items) {
  pb::HeldReply reply;
  for (const HeldItem& item : items) {
    pb::HeldReply::Item& out = *reply.add_items();
    out.set_what(std::string(held_what_name(item.what)));
    out.set_record(item.record);
    if (!item.batch.is_zero()) out.set_batch(item.batch.hex());
    out.set_index(item.index);
    out.set_reason(std::string(hold_name(item.reason)));
    out.set_unit(item.unit);
    out.set_device(item.device.hex());
    out.set_received_at(format_time(item.received_at));
    out.set_changes(item.changes);
  }
  return to_json(reply);
}

std::string status_json(const web::StatusView& view) {
  pb::StatusReply reply;
  reply.set_organisation(view.organisation);
  reply.set_as_of(view.as_of);
  reply.set_catalogue_revision(view.catalogue_revision);
  reply.set_units(view.units);
  reply.set_devices(view.devices);
  reply.set_held_records(view.held_records);
  reply.set_held_changes(view.held_changes);
  reply.set_held_batches(view.held_batches);
  for (const auto& sync : view.syncs) {
    pb::StatusReply::UnitSync& out = *reply.add_syncs();
    out.set_unit(sync.unit);
    out.set_devices(sync.devices);
    out.set_last_sync(sync.last_sync);
  }
  return to_json(reply);
}

std::string error_json(const Error& error) {
  pb::ErrorReply reply;
  reply.set_error(std::string(error_name(error.code)));
  reply.set_message(error.context);
  return to_json(reply);
}

}  // namespace phusa::http
