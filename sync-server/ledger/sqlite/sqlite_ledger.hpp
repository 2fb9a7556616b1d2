#pragma once

#include "core/base/random.hpp"
#include "sync-server/ledger/ledger.hpp"

#include <memory>
#include <string>

namespace phusa::ledger {

/// The embedded ledger: one SQLite file in WAL, synchronous=FULL. One connection writes and checkpoints,
/// readers have read-only connections of their own (before 3.51.3 a second checkpointer could lose a reset).
struct SqliteOptions {
  std::string path;              ///< the file; made when it is not there
  bool durable = true;           ///< false: for a replay's throw-away file, which nobody will miss
  std::size_t readers_kept = 4;  ///< idle read connections kept open
  bool counts_logs = false;      ///< so that log_fits() can tell; for a ledger that people keep copies of
};

/// Makes or opens the file and brings its schema up to date. kUnsupportedVersion: written by a newer program;
/// kCorrupt: not a ledger; kBusy: another process has it open for writing. `random` (tags) must outlive the
/// ledger.
Result<std::unique_ptr<Ledger>> open_sqlite_ledger(const SqliteOptions& options, Random& random);

/// Whether what a server that died left in a log beside the ledger belongs to this file, and not to a newer
/// one in whose place an older was copied back alone, over which SQLite would lay it just the same. True
/// without a log. Nobody may have it open; changes neither file nor log. kCorrupt: together they are no ledger.
Result<bool> log_fits(const std::string& path);

/// Looks through a whole ledger file that nobody has open, and changes nothing: its newest point. kCorrupt:
/// damaged, or not a ledger.
Result<LedgerPoint> check_sqlite_ledger(const std::string& path);

}  // namespace phusa::ledger
