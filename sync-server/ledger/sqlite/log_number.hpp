#pragma once

#include "core/base/random.hpp"
#include "sync-server/ledger/sqlite/connection.hpp"

namespace phusa::ledger {

/// SQLite lays the log of a server that died over whatever file of its name stands beside it: also over last
/// night's, that somebody copied back alone. What went from earlier logs into the newer file is then gone,
/// and the newest entries hide it. So a ledger counts how often its log went into the file whole: the first
/// transaction after it counts one on, and a log fits a file of the same number or the one before.
///
/// The number stands in the header, for that page is the log's own as soon as it was written in it; any other
/// may be found through pages of the older file.

/// Copies of a ledger from before logs were counted have number 0, all of them, and the log of a ledger with
/// that number would fit each. It gets the next one, and not by way of a log. Later, where somebody reads it.
Result<void> leave_number_zero(Connection& connection);

/// In an open transaction: the first one after the whole log went into the file.
Result<void> count_log(Connection& connection);

/// A copy goes on with a number of its own: it holds a part of a log, and the rest may stand beside it some
/// day.
Result<void> renumber_log(Connection& copy, Random& random);

/// The ledger's number as this connection sees it.
Result<std::int64_t> log_number(Connection& connection);

}  // namespace phusa::ledger
