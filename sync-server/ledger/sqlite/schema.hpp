#pragma once

#include "sync-server/ledger/sqlite/connection.hpp"

namespace phusa::ledger {

/// Makes the tables in an empty file, or brings an older file's up to date. kUnsupportedVersion: a newer
/// program's file; kCorrupt: somebody else's.
Result<void> prepare_schema(Connection& connection, bool durable);

/// The same refusals without a change; an empty file is no ledger either.
Result<void> check_is_ledger(Connection& connection);

}  // namespace phusa::ledger
