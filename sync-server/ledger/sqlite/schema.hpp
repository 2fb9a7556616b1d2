#pragma once

#include "sync-server/ledger/sqlite/connection.hpp"

namespace phusa::ledger {

/// Makes the tables in an empty file, or brings an older file's up to date. kUnsupportedVersion: a newer
/// program's file; kCorrupt: somebody else's.
Result<void> prepare_schema(Connection& connection, bool durable);

/// The file's user_version holds it in its low bits, and above them log_number's number.
constexpr int kSchemaVersionBits = 8;
Result<std::int64_t> schema_version(Connection& connection);

/// The same refusals without a change; an empty file is no ledger either.
Result<void> check_is_ledger(Connection& connection);

}  // namespace phusa::ledger
