#pragma once

#include "core/model/catalogue.hpp"
#include "sync-server/ledger/ledger.hpp"
#include "sync-server/web/status_page.hpp"

#include <optional>

namespace phusa::http {

/// Counts, last syncs and (when `with_totals`) totals by indicator, within the subtree of `scope` when given.
Result<web::StatusView> read_status(ledger::Snapshot& snapshot, const Catalogue& catalogue,
                                    const std::string& organisation, const std::optional<UnitNo>& scope,
                                    bool with_totals);

}  // namespace phusa::http
