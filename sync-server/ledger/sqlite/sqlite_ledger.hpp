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
};

/// Makes or opens the file and brings its schema up to date. kUnsupportedVersion: written by a newer program;
/// kCorrupt: not a ledger; kBusy: another process has it open for writing. `random` (tags) must outlive the
/// ledger.
Result<std::unique_ptr<Ledger>> open_sqlite_ledger(const SqliteOptions& options, Random& random);

/// Looks through a whole ledger file that nobody has open, and changes nothing: its newest point. kCorrupt:
/// damaged, or not a ledger.
Result<LedgerPoint> check_sqlite_ledger(const std::string& path);

}  // namespace phusa::ledger
