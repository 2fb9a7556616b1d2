#include "tests/sim/campaign.hpp"
#include "tests/sim/shrink.hpp"
#include "tests/sim/verdict.hpp"

#include <CLI/CLI.hpp>
#include <sqlite3.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace phusa::sim {
namespace {

std::string scratch_folder() {
  const char* given = std::getenv("PHUSA_SIM_DIR");
  const std::string root = given != nullptr                            ? given
                           : std::filesystem::is_directory("/dev/shm") ? "/dev/shm"
                                                                       : "/tmp";
  return root + "/phusa-sim-" + std::to_string(getpid());
}

struct Scratch {
  std::string folder = scratch_folder();
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
};

int show(std::uint64_t seed, Worlds worlds) {
  const Scratch scratch;
  const Verdict first = run_plan(make_plan(seed, worlds), scratch.folder, true);
  std::printf("%s, digest %s\n", first.ok ? "all laws hold" : first.what.c_str(), first.digest.c_str());
  const Verdict second = run_plan(make_plan(seed, worlds), scratch.folder, false);
  if (second.digest == first.digest) return first.ok ? 0 : 1;
  std::printf("a second run differs: digest %s\n", second.digest.c_str());
  return 1;
}

int shrink_and_show(std::uint64_t seed, Worlds worlds) {
  const Scratch scratch;
  const Plan plan = make_plan(seed, worlds);
  const Verdict whole = run_plan(plan, scratch.folder, false);
  if (whole.ok) {
    std::printf("seed %llu holds every law\n", static_cast<unsigned long long>(seed));
    return 0;
  }
  const Plan small = shrink(plan, whole.law, scratch.folder);
  std::printf("%zu of %zu events are enough:\n", small.events.size(), plan.events.size());
  const Verdict again = run_plan(small, scratch.folder, true);
  std::printf("%s\n", again.what.c_str());
  return 1;
}

struct Crashes {
  int death_stride = 1;     ///< of the process's deaths every how manyth is tried
  std::uint64_t fates = 1;  ///< how many fates of what a power loss leaves
};

std::vector<PlannedCrash> crashes_of(const std::vector<std::uint64_t>& points_of, const Crashes& which) {
  std::vector<PlannedCrash> out;
  for (std::size_t device = 0; device < points_of.size(); ++device) {
    for (std::uint64_t at = 1; at <= points_of[device]; ++at) {
      const int phone = static_cast<int>(device) - 1;
      for (std::uint64_t fate = 0; fate < which.fates; ++fate) out.push_back({phone, at, true, fate});
      if (at % static_cast<std::uint64_t>(which.death_stride) == 0) out.push_back({phone, at, false, 0});
    }
  }
  return out;
}

/// Every scripted session with a crash at each write and sync of the server and of each phone.
int try_every_crash(const Crashes& which, bool guarded) {
  const Scratch scratch;
  std::size_t runs = 0;
  for (Session& session : scripted_sessions()) {
    session.plan.guarded = guarded;
    const Verdict calm = run_plan(session.plan, scratch.folder, false);
    if (!calm.ok) {
      std::printf("%s: even without a crash: %s\n", session.name, calm.what.c_str());
      return 1;
    }
    for (const std::string& mark : session.marks) {
      if (calm.marks.contains(mark) || calm.faults.contains(mark)) continue;
      std::printf("%s: never reached: %s\n", session.name, mark.c_str());
      return 1;
    }
    const std::vector<PlannedCrash> crashes = crashes_of(calm.points_of, which);
    for (const PlannedCrash& crash : crashes) {
      Plan plan = session.plan;
      plan.crash = crash;
      const Verdict verdict = run_plan(plan, scratch.folder, false);
      if (verdict.ok && verdict.has_crashed) continue;
      std::printf("%s, %s at mutation %llu of %s: %s\n", session.name,
                  crash.power_loss ? "power loss" : "process death",
                  static_cast<unsigned long long>(crash.at), crash.phone < 0 ? "the server" : "a phone",
                  verdict.ok ? "it never came" : verdict.what.c_str());
      run_plan(plan, scratch.folder, true);
      return 1;
    }
    runs += crashes.size();
    std::printf("%-48s %6llu crash points, %zu crashes, each recovered\n", session.name,
                static_cast<unsigned long long>(calm.crash_points), crashes.size());
    std::fflush(stdout);
  }
  std::printf("%zu crashes\n", runs);
  return 0;
}

int run(const Campaign& options) {
  const Scratch scratch;
  std::filesystem::create_directories(scratch.folder);
  Campaign campaign = options;
  campaign.scratch = scratch.folder;
  const Summary summary = run_campaign(campaign);
  print(summary);
  return summary.failures.empty() ? 0 : 1;
}

}  // namespace
}  // namespace phusa::sim

int main(int argc, char** argv) {
  using namespace phusa::sim;
  // A process has few threads here, and no connection is shared: SQLite need not count and lock for all.
  sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  CLI::App app("Worlds of phones, a server, and what goes wrong between them; docs/simulation.md says more.",
               "phusa-sim");
  // A number that is given twice is the later one: `./dev sim` begins with numbers of its own.
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  Campaign campaign;
  bool exhaustive = false;
  std::optional<std::uint64_t> traced;
  std::optional<std::uint64_t> shrunk;
  app.add_option("--seeds", campaign.seeds, "how many worlds")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--from", campaign.from, "the first seed")->capture_default_str();
  app.add_option("--jobs", campaign.jobs, "processes side by side")
      ->capture_default_str()
      ->check(CLI::Range(1, 256));
  app.add_option("--log", campaign.log, "keep finished blocks in this file; run again, go on after them");
  app.add_flag("--brief", campaign.worlds.brief, "shorter worlds; with --exhaustive every 8th process death");
  app.add_flag("--guarded", campaign.worlds.guarded,
               "the server guards its log and leaps with certificate numbers, as phusa-server does; other "
               "digests than published without");
  app.add_flag("--twice", campaign.twice, "run each world a second time: it must be the same");
  app.add_flag("--until-first", campaign.until_first, "end a block at a seed that breaks a law");
  auto* others = app.add_option_group("instead of a row of seeds");
  others->add_option("--trace", traced, "tell one seed's world line by line; run twice, compare");
  others->add_option("--shrink", shrunk, "leave out of a failing seed's world what it does not take");
  others->add_flag("--exhaustive", exhaustive, "a crash at every write and sync of seven scripted sessions");
  others->require_option(0, 1);
  CLI11_PARSE(app, argc, argv);
  try {
    if (traced) return show(*traced, campaign.worlds);
    if (shrunk) return shrink_and_show(*shrunk, campaign.worlds);
    if (exhaustive)
      return try_every_crash(campaign.worlds.brief ? Crashes{8, 1} : Crashes{1, 3}, campaign.worlds.guarded);
    return run(campaign);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "phusa-sim: %s\n", failure.what());
    return 2;
  }
}
