#include "tests/sim/verdict.hpp"

#include "tests/sim/world.hpp"

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
    out.crash_points = world.crash_points();
    for (int i = -1; i < static_cast<int>(world.phones()); ++i)
      out.points_of.push_back(world.crash_points_of(i));
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
