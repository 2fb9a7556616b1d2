#pragma once

#include "sync-server/http/held_list.hpp"
#include "sync-server/totals/query.hpp"
#include "sync-server/web/status_page.hpp"

#include <string>

/// The office's JSON, as proto/phusa/v1/office.proto has it; used by the HTTP API and by --format json alike.
namespace phusa::http {

/// Rows have only those keys that `query` asked for.
std::string totals_json(const totals::Table& table, const totals::Query& query, const Catalogue& catalogue);
/// kCorrupt: a record's block is not in the ledger.
Result<std::string> lines_json(ledger::Snapshot& snapshot, const totals::LinesPage& page,
                               const Catalogue& catalogue);
std::string held_json(const std::vector<HeldItem>& items);
std::string status_json(const web::StatusView& view);
std::string error_json(const Error& error);

/// The reference people type for a record of the ledger.
Result<std::string> record_ref(ledger::Snapshot& snapshot, const RecordId& id);

}  // namespace phusa::http
