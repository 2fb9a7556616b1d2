#include "tests/sim/campaign.hpp"
#include "tests/sim/frozen.hpp"
#include "tests/sim/shrink.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <vector>

namespace phusa::sim {
namespace {

struct Options {
  std::uint64_t seeds = 1000;
  std::uint64_t from = 1;
  int jobs = 1;
  bool brief = false;
  bool exhaustive = false;
  std::string write_frozen;
  bool until_first = false;
  std::optional<std::uint64_t> trace;
  std::optional<std::uint64_t> shrink;
  std::string digests;
};

constexpr std::uint64_t kBlock = 1000;
constexpr std::size_t kFailuresShown = 20;

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

/// What a worker tells: one line a fact, so that a worker that dies in the middle of a seed has told the
/// rest.
void work(const Options& options, int worker, int out) {
  const Scratch scratch;
  FILE* pipe = fdopen(out, "w");
  const std::uint64_t last = options.from + options.seeds;
  std::uint64_t block_index = 0;
  for (std::uint64_t first = options.from; first < last;
       first = (first / kBlock + 1) * kBlock, ++block_index) {
    if (block_index % static_cast<std::uint64_t>(options.jobs) != static_cast<std::uint64_t>(worker))
      continue;
    const std::uint64_t end = std::min(last, (first / kBlock + 1) * kBlock);
    Hasher digest;
    Tally faults;
    Tally marks;
    std::uint64_t phone_seconds = 0;
    std::uint64_t crash_points = 0;
    for (std::uint64_t seed = first; seed < end; ++seed) {
      std::fprintf(pipe, "S %llu\n", static_cast<unsigned long long>(seed));
      std::fflush(pipe);
      const Verdict verdict = run_plan(make_plan(seed, options.brief), scratch.folder, false);
      digest.add(verdict.digest);
      for (const auto& [name, count] : verdict.faults) faults[name] += count;
      for (const auto& [name, count] : verdict.marks) marks[name] += count;
      phone_seconds += verdict.phone_days;
      crash_points += verdict.crash_points;
      if (!verdict.ok)
        std::fprintf(pipe, "F %llu %s\n", static_cast<unsigned long long>(seed), verdict.what.c_str());
      if (!verdict.ok && options.until_first) break;
    }
    for (const auto& [name, count] : faults)
      std::fprintf(pipe, "T %llu %s\n", static_cast<unsigned long long>(count), name.c_str());
    for (const auto& [name, count] : marks)
      std::fprintf(pipe, "M %llu %s\n", static_cast<unsigned long long>(count), name.c_str());
    std::fprintf(pipe, "P %llu\nC %llu\n", static_cast<unsigned long long>(phone_seconds),
                 static_cast<unsigned long long>(crash_points));
    std::fprintf(pipe, "B %llu %s\n", static_cast<unsigned long long>(first),
                 digest.finish().hex().substr(0, 16).c_str());
    std::fflush(pipe);
  }
  std::fclose(pipe);
}

struct Summary {
  std::uint64_t seeds = 0;
  std::map<std::uint64_t, std::string> failures;
  std::map<std::uint64_t, std::string> digests;
  Tally faults;
  Tally marks;
  std::uint64_t phone_seconds = 0;
  std::uint64_t crash_points = 0;
};

void take(const std::string& line, Summary& summary, std::uint64_t& running) {
  std::istringstream in(line.substr(1));
  std::uint64_t number = 0;
  std::string rest;
  in >> number;
  std::getline(in >> std::ws, rest);
  switch (line[0]) {
    case 'S':
      running = number;
      ++summary.seeds;
      break;
    case 'F':
      summary.failures[number] = rest;
      if (summary.failures.size() <= kFailuresShown)
        std::printf("\rseed %llu: %s\n  ./dev sim --trace %llu\n", static_cast<unsigned long long>(number),
                    rest.c_str(), static_cast<unsigned long long>(number));
      break;
    case 'B':
      summary.digests[number] = rest;
      break;
    case 'T':
      summary.faults[rest] += number;
      break;
    case 'M':
      summary.marks[rest] += number;
      break;
    case 'P':
      summary.phone_seconds += number;
      break;
    case 'C':
      summary.crash_points += number;
      break;
    default:
      break;
  }
}

struct Worker {
  pid_t pid = 0;
  int in = -1;
  std::string buffer;
  std::uint64_t running = 0;
};

Summary run_campaign(const Options& options) {
  std::vector<Worker> workers(static_cast<std::size_t>(options.jobs));
  for (int i = 0; i < options.jobs; ++i) {
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    std::fflush(stdout);
    const pid_t pid = fork();
    if (pid == 0) {
      close(ends[0]);
      work(options, i, ends[1]);
      std::_Exit(0);
    }
    close(ends[1]);
    workers[static_cast<std::size_t>(i)] = {pid, ends[0], {}, 0};
  }
  Summary summary;
  const bool terminal = isatty(STDOUT_FILENO) != 0;
  for (std::size_t open = workers.size(); open > 0;) {
    std::vector<pollfd> polls;
    for (const Worker& worker : workers) polls.push_back({worker.in, POLLIN, 0});
    poll(polls.data(), polls.size(), -1);
    for (std::size_t i = 0; i < workers.size(); ++i) {
      if (polls[i].revents == 0) continue;
      Worker& worker = workers[i];
      char bytes[65536];
      const auto got = read(worker.in, bytes, sizeof bytes);
      if (got <= 0) {
        close(worker.in);
        worker.in = -1;
        --open;
        int status = 0;
        waitpid(worker.pid, &status, 0);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
          summary.failures[worker.running] = "the program died";
          std::printf("\rseed %llu: the program died\n", static_cast<unsigned long long>(worker.running));
        }
        continue;
      }
      worker.buffer.append(bytes, static_cast<std::size_t>(got));
      for (std::size_t end; (end = worker.buffer.find('\n')) != std::string::npos;) {
        take(worker.buffer.substr(0, end), summary, worker.running);
        worker.buffer.erase(0, end + 1);
      }
    }
    if (terminal) {
      std::printf("\r%llu of %llu seeds, %zu failed", static_cast<unsigned long long>(summary.seeds),
                  static_cast<unsigned long long>(options.seeds), summary.failures.size());
      std::fflush(stdout);
    }
  }
  return summary;
}

int report(const Options& options, const Summary& summary) {
  std::printf("\r%llu seeds from %llu, %zu failed; %.0f simulated phone-days; %llu crash points\n",
              static_cast<unsigned long long>(summary.seeds), static_cast<unsigned long long>(options.from),
              summary.failures.size(), static_cast<double>(summary.phone_seconds) / 86400.0,
              static_cast<unsigned long long>(summary.crash_points));
  std::printf("faults:\n");
  for (const auto& [name, count] : summary.faults)
    std::printf("  %10llu  %s\n", static_cast<unsigned long long>(count), name.c_str());
  std::printf("rare branches:\n");
  for (const auto& [name, count] : summary.marks)
    std::printf("  %10llu  %s\n", static_cast<unsigned long long>(count), name.c_str());
  for (const std::string& mark : missing_marks(summary.marks))
    std::printf("  NEVER REACHED  %s\n", mark.c_str());
  std::printf("digests, a thousand seeds each:\n");
  for (const auto& [first, digest] : summary.digests)
    std::printf("  %llu %s\n", static_cast<unsigned long long>(first), digest.c_str());
  if (summary.failures.empty()) return 0;
  std::printf("the first to fail: ./dev sim --trace %llu, smaller: ./dev sim --shrink %llu\n",
              static_cast<unsigned long long>(summary.failures.begin()->first),
              static_cast<unsigned long long>(summary.failures.begin()->first));
  return 1;
}

int show(std::uint64_t seed, bool brief) {
  const Scratch scratch;
  const Verdict first = run_plan(make_plan(seed, brief), scratch.folder, true);
  std::printf("%s, digest %s\n", first.ok ? "all laws hold" : first.what.c_str(), first.digest.c_str());
  const Verdict second = run_plan(make_plan(seed, brief), scratch.folder, false);
  if (second.digest == first.digest) return first.ok ? 0 : 1;
  std::printf("a second run differs: digest %s\n", second.digest.c_str());
  return 1;
}

int shrink_and_show(std::uint64_t seed, bool brief) {
  const Scratch scratch;
  const Plan plan = make_plan(seed, brief);
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

/// Every scripted session with a crash at each write and sync of the server and of each phone.
int try_every_crash(int stride) {
  const Scratch scratch;
  std::uint64_t runs = 0;
  for (const Session& session : scripted_sessions()) {
    const Verdict calm = run_plan(session.plan, scratch.folder, false);
    if (!calm.ok) {
      std::printf("%s: even without a crash: %s\n", session.name, calm.what.c_str());
      return 1;
    }
    std::uint64_t points = 0;
    for (std::size_t device = 0; device < calm.points_of.size(); ++device) {
      for (std::uint64_t at = 1; at <= calm.points_of[device]; ++at, ++points) {
        for (const bool power_loss : {true, false}) {
          if (!power_loss && at % static_cast<std::uint64_t>(stride) != 0) continue;
          Plan plan = session.plan;
          plan.crash = PlannedCrash{static_cast<int>(device) - 1, at, power_loss};
          const Verdict verdict = run_plan(plan, scratch.folder, false);
          ++runs;
          if (verdict.ok) continue;
          std::printf("%s, %s at mutation %llu of %s: %s\n", session.name,
                      power_loss ? "power loss" : "process death", static_cast<unsigned long long>(at),
                      device == 0 ? "the server" : "a phone", verdict.what.c_str());
          run_plan(plan, scratch.folder, true);
          return 1;
        }
      }
    }
    std::printf("%-42s %6llu crash points, each recovered\n", session.name,
                static_cast<unsigned long long>(points));
    std::fflush(stdout);
  }
  std::printf("%llu runs\n", static_cast<unsigned long long>(runs));
  return 0;
}

bool read_options(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    const auto number = [&] { return i + 1 < argc ? std::strtoull(argv[++i], nullptr, 10) : 0; };
    if (flag == "--seeds") {
      options.seeds = number();
    } else if (flag == "--from") {
      options.from = number();
    } else if (flag == "--jobs") {
      options.jobs = static_cast<int>(number());
    } else if (flag == "--trace") {
      options.trace = number();
    } else if (flag == "--shrink") {
      options.shrink = number();
    } else if (flag == "--write-frozen") {
      options.write_frozen = i + 1 < argc ? argv[++i] : ".";
    } else if (flag == "--exhaustive") {
      options.exhaustive = true;
    } else if (flag == "--brief") {
      options.brief = true;
    } else if (flag == "--until-first") {
      options.until_first = true;
    } else {
      std::fprintf(stderr, "sim: no option '%s'\n", flag.c_str());
      return false;
    }
  }
  return options.jobs > 0;
}

}  // namespace
}  // namespace phusa::sim

int main(int argc, char** argv) {
  phusa::sim::Options options;
  if (!phusa::sim::read_options(argc, argv, options)) {
    std::fprintf(stderr,
                 "usage: sim [--seeds N] [--from S] [--jobs J] [--brief] [--until-first] [--exhaustive] "
                 "[--trace SEED] "
                 "[--shrink SEED]\n");
    return 2;
  }
  if (options.trace) return phusa::sim::show(*options.trace, options.brief);
  if (options.shrink) return phusa::sim::shrink_and_show(*options.shrink, options.brief);
  if (!options.write_frozen.empty()) {
    phusa::sim::write_frozen(options.write_frozen);
    return 0;
  }
  if (options.exhaustive) return phusa::sim::try_every_crash(options.brief ? 8 : 1);
  return phusa::sim::report(options, phusa::sim::run_campaign(options));
}
