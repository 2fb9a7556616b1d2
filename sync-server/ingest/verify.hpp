#pragma once

#include "sync-server/ingest/engine.hpp"

#include <string>
#include <vector>

namespace phusa::ingest {

struct VerifyReport {
  std::uint64_t entries = 0;
  std::uint64_t records = 0;
  std::vector<std::string> differences;  ///< one sentence each; the first kDifferencesShownMax
  std::uint64_t differences_found = 0;
};

inline constexpr std::size_t kDifferencesShownMax = 100;

/// Replays every entry in order through the same admission into `scratch`, an empty ledger that nobody will
/// miss, checks signatures, chains and positions, and compares what is stored with what follows: records,
/// held changes, cells of both grains and their logs, what the office did (verify_office.hpp), and totals
/// added up from the records alone. When a batch was received, and by which rules it was judged, stands under
/// no signature: that is the server's own word.
Result<VerifyReport> verify(const EngineOptions& options, ledger::Snapshot& stored, ledger::Ledger& scratch);

}  // namespace phusa::ingest
