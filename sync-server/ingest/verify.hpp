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

/// Replays every entry in order through the same admission into a throw-away ledger in `work_folder`, checks
/// signatures, chains and positions, and compares what is stored with what follows: records, held changes,
/// cells of both grains, and totals added up from the records alone. `progress(done, all)` is called now and
/// then; it may be empty.
Result<VerifyReport> verify(const EngineOptions& options, ledger::Snapshot& snapshot,
                            const std::string& work_folder,
                            const std::function<void(std::uint64_t done, std::uint64_t all)>& progress);

}  // namespace phusa::ingest
