#pragma once

#include "tests/sim/plan.hpp"
#include "tests/sim/trace.hpp"

#include <optional>
#include <string>
#include <vector>

namespace phusa::sim {

/// What one world came to.
struct Verdict {
  bool ok = true;
  int law = 0;
  std::string what;
  std::string digest;
  Tally faults;
  Tally marks;
  std::int64_t seconds_passed = 0;
  std::uint64_t phone_seconds = 0;
  std::uint64_t crash_points = 0;
  std::vector<std::uint64_t> points_of;  ///< the server's, then each phone's
  bool has_crashed = false;              ///< as the plan asked
};

/// A scripted session whose every write and sync is worth a crash.
struct Session {
  const char* name;
  Plan plan;
  std::vector<std::string> marks =
      {};  ///< or faults that it must reach when nothing crashes, to be what its name says
};
std::vector<Session> scripted_sessions();

/// Runs a plan in a world of its own. `folder` is for lock files.
Verdict run_plan(const Plan& plan, const std::string& folder, bool print);

}  // namespace phusa::sim
