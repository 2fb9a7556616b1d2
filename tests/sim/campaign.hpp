#pragma once

#include "tests/sim/plan.hpp"
#include "tests/sim/trace.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace phusa::sim {

/// A row of seeds, run by several processes, in blocks of a thousand.
struct Campaign {
  std::uint64_t from = 1;
  std::uint64_t seeds = 1000;
  unsigned jobs = 1;
  Worlds worlds;
  bool until_first = false;  ///< each process stops its block at a seed that breaks a law
  bool twice = false;        ///< each world a second time, and a difference is a failure
  std::string scratch;       ///< an existing folder for the processes' lock files
  /// Finished blocks are added to this file, and those that stand in it are not run again; empty: no file.
  std::string log;
};

/// What a campaign came to.
struct Summary {
  std::uint64_t seeds = 0;
  std::map<std::uint64_t, std::string> failures;  ///< seed -> the law that it broke
  std::map<std::uint64_t, std::string> digests;   ///< first seed of a block -> hash over its worlds' digests
  Tally faults;
  Tally marks;
  std::uint64_t phone_seconds = 0;
  std::uint64_t crash_points = 0;
  std::uint64_t processor_ms = 0;
};

/// Runs, showing its progress where standard output is a terminal, and seeds that break a law as they come.
/// Throws std::runtime_error when the log cannot be used: not ours, or of other worlds than this program's.
Summary run_campaign(const Campaign& campaign);

void print(const Summary& summary);

}  // namespace phusa::sim
