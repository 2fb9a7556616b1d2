#include "tests/sim/campaign.hpp"

#include "tests/sim/campaign_log.hpp"
#include "tests/sim/shrink.hpp"
#include "tests/sim/verdict.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <vector>

namespace phusa::sim {
namespace {

constexpr std::uint64_t kBlockSeeds = 1000;
constexpr std::size_t kFailuresShown = 20;

unsigned long long printable(std::uint64_t number) {
  return number;
}

/// Blocks end at whole thousands, so that those of two campaigns can be compared.
std::vector<Block> blocks_of(const Campaign& campaign) {
  std::vector<Block> out;
  const std::uint64_t end = campaign.from + campaign.seeds;
  for (std::uint64_t first = campaign.from; first < end;) {
    const std::uint64_t next = std::min(end, (first / kBlockSeeds + 1) * kBlockSeeds);
    out.push_back({first, next - first});
    first = next;
  }
  return out;
}

std::uint64_t processor_ms_so_far() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto ms = [](const timeval& time) { return time.tv_sec * 1000 + time.tv_usec / 1000; };
  return static_cast<std::uint64_t>(ms(used.ru_utime) + ms(used.ru_stime));
}

/// One block, told to `out` in the log's lines, and beside them each seed as it begins ("S"), so that of a
/// process that dies it is known where.
void run_block(const Campaign& campaign, const Block& block, const std::string& folder, FILE* out) {
  Summary sum;
  Hasher digest;
  const std::uint64_t ms_before = processor_ms_so_far();
  for (std::uint64_t seed = block.first; seed < block.first + block.seeds; ++seed) {
    std::fprintf(out, "S %llu\n", printable(seed));
    std::fflush(out);
    const Verdict verdict = run_plan(make_plan(seed, campaign.worlds), folder, false);
    digest.add(verdict.digest);
    for (const auto& [name, count] : verdict.faults) sum.faults[name] += count;
    for (const auto& [name, count] : verdict.marks) sum.marks[name] += count;
    sum.phone_seconds += verdict.phone_seconds;
    sum.crash_points += verdict.crash_points;
    if (!verdict.ok) sum.failures[seed] = verdict.what;
    if (campaign.twice && run_plan(make_plan(seed, campaign.worlds), folder, false).digest != verdict.digest)
      sum.failures[seed] = "a second run of the same seed differs";
    if (!verdict.ok && campaign.until_first) break;
  }
  sum.processor_ms = processor_ms_so_far() - ms_before;
  sum.digests[block.first] = digest.finish().hex().substr(0, 16);
  std::fputs(lines_of(sum, block).c_str(), out);
  std::fflush(out);
}

/// A world's threads only ever wait for each other: on one processor the next goes on at once.
void stay_on_one_processor(unsigned which) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  std::vector<int> processors;
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &allowed)) processors.push_back(i);
  }
  if (processors.empty()) return;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(processors[which % processors.size()], &one);
  sched_setaffinity(0, sizeof one, &one);  // slower without, no more
}

struct Worker {
  pid_t pid = 0;
  int in = -1;
  std::string heard;  ///< the beginning of a line
  std::string block;  ///< lines of a block that is not finished
  std::uint64_t running = 0;
};

/// Every `jobs`th of the blocks, in a process of its own.
Worker start(const Campaign& campaign, const std::vector<Block>& blocks, unsigned which) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe to another process");
  std::fflush(stdout);
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("no other process can be started");
  if (pid > 0) {
    close(ends[1]);
    return {pid, ends[0], {}, {}, 0};
  }
  close(ends[0]);
  if (campaign.jobs > 1) stay_on_one_processor(which);
  FILE* out = fdopen(ends[1], "w");
  for (std::size_t i = which; i < blocks.size(); i += campaign.jobs)
    run_block(campaign, blocks[i], campaign.scratch + "/" + std::to_string(which), out);
  std::fclose(out);
  std::_Exit(0);
}

/// Hears the workers and keeps what they say.
class Listener {
 public:
  Listener(const Campaign& campaign, CampaignLog& log, Summary& summary)
      : campaign_(campaign),
        log_(log),
        summary_(summary),
        seeds_begun_(summary.seeds),
        seeds_shown_(summary.seeds) {}

  /// False: it has ended.
  bool hear(Worker& worker) {
    char bytes[65536];
    const auto got = read(worker.in, bytes, sizeof bytes);
    if (got <= 0) {
      end(worker);
      return false;
    }
    worker.heard.append(bytes, static_cast<std::size_t>(got));
    for (std::size_t at; (at = worker.heard.find('\n')) != std::string::npos;) {
      take(worker, worker.heard.substr(0, at + 1));
      worker.heard.erase(0, at + 1);
    }
    return true;
  }

  /// On a terminal one line that moves on, else a line for every finished thousand.
  void show_progress() {
    if (is_terminal_) {
      std::printf("\r%llu of %llu seeds, %zu failed", printable(seeds_begun_), printable(campaign_.seeds),
                  summary_.failures.size());
    } else if (summary_.seeds >= seeds_shown_ + 1000) {
      seeds_shown_ = summary_.seeds;
      std::printf("%llu of %llu seeds, %zu failed\n", printable(summary_.seeds), printable(campaign_.seeds),
                  summary_.failures.size());
    }
    std::fflush(stdout);
  }

 private:
  void take(Worker& worker, const std::string& line) {
    if (line[0] == 'S') {
      worker.running = std::stoull(line.substr(2));
      ++seeds_begun_;
      return;
    }
    worker.block += line;
    if (line[0] != 'B') return;
    Summary block;
    read_lines(worker.block, block);
    for (const auto& [seed, what] : block.failures) tell(seed, what);
    add(block, summary_);
    log_.append(worker.block);
    worker.block.clear();
  }

  void end(Worker& worker) {
    close(worker.in);
    worker.in = -1;
    int status = 0;
    waitpid(worker.pid, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    tell(worker.running, "the program died");
    summary_.failures[worker.running] = "the program died";
  }

  void tell(std::uint64_t seed, const std::string& what) {
    if (++told_ > kFailuresShown) return;
    std::printf("\rseed %llu: %s\n  ./dev sim --trace %llu\n", printable(seed), what.c_str(),
                printable(seed));
  }

  const Campaign& campaign_;
  CampaignLog& log_;
  Summary& summary_;
  std::uint64_t seeds_begun_;
  std::uint64_t seeds_shown_;
  const bool is_terminal_ = isatty(STDOUT_FILENO) != 0;
  std::size_t told_ = 0;
};

}  // namespace

Summary run_campaign(const Campaign& campaign) {
  Summary summary;
  std::vector<Block> blocks = blocks_of(campaign);
  CampaignLog log(campaign.log,
                  campaign.log.empty()
                      ? std::string()
                      : run_plan(make_plan(1, campaign.worlds), campaign.scratch, false).digest);
  std::erase_if(blocks, [&](const Block& block) { return log.take_known(block, summary); });

  std::vector<Worker> workers;
  for (unsigned i = 0; i < campaign.jobs; ++i) workers.push_back(start(campaign, blocks, i));
  Listener listener(campaign, log, summary);
  for (std::size_t open = workers.size(); open > 0;) {
    std::vector<pollfd> polls;
    for (const Worker& worker : workers) polls.push_back({worker.in, POLLIN, 0});
    poll(polls.data(), polls.size(), -1);
    for (std::size_t i = 0; i < workers.size(); ++i) {
      if (polls[i].revents != 0 && !listener.hear(workers[i])) --open;
    }
    listener.show_progress();
  }
  return summary;
}

void print(const Summary& summary) {
  std::printf("\r%llu seeds from %llu, %zu failed; %.0f simulated phone-days; %llu crash points; ",
              printable(summary.seeds),
              printable(summary.digests.empty() ? 0 : summary.digests.begin()->first),
              summary.failures.size(), static_cast<double>(summary.phone_seconds) / 86400.0,
              printable(summary.crash_points));
  std::printf("%.1f ms of processor time a seed\nfaults:\n",
              static_cast<double>(summary.processor_ms) /
                  static_cast<double>(std::max<std::uint64_t>(summary.seeds, 1)));
  for (const auto& [name, count] : summary.faults)
    std::printf("  %10llu  %s\n", printable(count), name.c_str());
  std::printf("rare branches:\n");
  for (const auto& [name, count] : summary.marks)
    std::printf("  %10llu  %s\n", printable(count), name.c_str());
  for (const std::string& mark : missing_marks(summary.marks))
    std::printf("  NEVER REACHED  %s\n", mark.c_str());
  std::printf("digests, a thousand seeds each:\n");
  for (const auto& [first, digest] : summary.digests)
    std::printf("  %llu %s\n", printable(first), digest.c_str());
  if (summary.failures.empty()) return;
  std::printf("seeds that broke a law:\n");
  for (const auto& [seed, what] : summary.failures) std::printf("  %llu %s\n", printable(seed), what.c_str());
  const auto first = printable(summary.failures.begin()->first);
  std::printf("the first to fail: ./dev sim --trace %llu, smaller: ./dev sim --shrink %llu\n", first, first);
}

}  // namespace phusa::sim
