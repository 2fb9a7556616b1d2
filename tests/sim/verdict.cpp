#include "tests/sim/verdict.hpp"

#include "tests/sim/world.hpp"

#include <numeric>

namespace phusa::sim {

Verdict run_plan(const Plan& plan, const std::string& folder, bool print) {
  Verdict out;
  Trace trace(print);
  seed_libraries(plan.seed);
  try {
    World world(plan, folder, trace);
    try {
      world.run();
    } catch (const LawBroken& broken) {
      out.ok = false;
      out.law = broken.law;
      out.what = broken.what();
    }
    out.seconds_passed = world.passed().count();
    out.phone_seconds = static_cast<std::uint64_t>(out.seconds_passed) * world.phones();
    out.points_of = world.crash_points();
    out.crash_points = std::accumulate(out.points_of.begin(), out.points_of.end(), std::uint64_t{0});
    out.has_crashed = world.has_crashed();
  } catch (const LawBroken& broken) {
    out.ok = false;
    out.law = broken.law;
    out.what = broken.what();
  } catch (const std::exception& broken) {
    out.ok = false;
    out.what = broken.what();
  }
  if (!out.ok) trace.line(out.what);
  out.digest = trace.digest();
  out.faults = std::move(trace.faults);
  out.marks = std::move(trace.marks);
  return out;
}

}  // namespace phusa::sim
