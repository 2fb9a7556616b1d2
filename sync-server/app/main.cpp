#include "sync-server/app/commands.hpp"
#include "sync-server/app/local_socket.hpp"
#include "sync-server/app/serve.hpp"

#include <malloc.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <iostream>

namespace {

using namespace phusa;
using namespace phusa::app;

constexpr int kArenasMax = 2;  // an arena per thread would keep what its thread once needed
constexpr int kBusyTries = 100;
constexpr int kBusyWaitMs = 50;

/// Through the process that serves the folder, else by opening it here. A folder that another command has
/// open, or whose server is just starting, is waited for a few seconds.
Outcome run_somewhere(const Options& options, const LocalRequest& request, const Clock& clock,
                      Random& random) {
  for (int tries = 0;; ++tries) {
    auto answered = ask_server(options.data, request);
    if (!answered) return failed(options.language, answered.error());
    if (*answered) return **std::move(answered);
    auto installation = Installation::open(options.data, clock, random);
    if (installation) return run_command(options, **installation, {request.terminal, "", request.progress});
    if (installation.error().code != ErrorCode::kBusy || tries == kBusyTries) {
      return failed(options.language, installation.error());
    }
    ::poll(nullptr, 0, kBusyWaitMs);
  }
}

/// On a terminal one line that moves; elsewhere nothing.
Progress progress_shown() {
  if (::isatty(STDERR_FILENO) == 0) return {};
  return [](const std::string& text) {
    std::fprintf(stderr, "\r%s%s", text.c_str(), text.ends_with(" 100%") ? "\n" : "");
    std::fflush(stderr);
  };
}

void print(const Outcome& outcome) {
  std::fwrite(outcome.out.data(), 1, outcome.out.size(), stdout);
  std::fflush(stdout);
  std::fwrite(outcome.err.data(), 1, outcome.err.size(), stderr);
}

bool agreed(Language language) {
  std::fputs(say(language, Say::kAskApply).c_str(), stderr);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes" || answer == "c" || answer == "có";
}

int run(const std::vector<std::string>& args) {
  const Habits habits = own_habits();
  const ParsedLine parsed = parse_command_line(args, habits);
  if (!parsed.options) {
    print({parsed.exit, parsed.out, parsed.err, ""});
    return parsed.exit;
  }
  const Options& options = *parsed.options;
  const SystemClock clock;
  SystemRandom random;
  Outcome outcome;
  if (options.command == Command::kInit) {
    outcome = run_init(options, clock, random);
  } else if (options.command == Command::kBackupKey) {
    outcome = run_backup_key(options, random);
  } else if (options.command == Command::kRestore) {
    outcome = run_restore(options, random, progress_shown());
  } else if (options.command == Command::kServe) {
    outcome = run_serve(options, clock, random);
  } else {
    LocalRequest request{
        args, {habits.folder, options.language}, ::isatty(STDOUT_FILENO) != 0, progress_shown()};
    outcome = run_somewhere(options, request, clock, random);
    if (!outcome.confirm.empty() && ::isatty(STDIN_FILENO) != 0) {
      std::fwrite(outcome.out.data(), 1, outcome.out.size(), stdout);
      std::fflush(stdout);
      if (!agreed(options.language)) return 0;
      Options confirmed = options;
      confirmed.yes = true;
      confirmed.expect = outcome.confirm;
      request.args.insert(request.args.end(), {"--yes", "--expect", outcome.confirm});
      outcome = run_somewhere(confirmed, request, clock, random);
    }
  }
  print(outcome);
  return outcome.exit;
}

}  // namespace

int main(int argc, char** argv) {
  mallopt(M_ARENA_MAX, kArenasMax);
  std::signal(SIGPIPE, SIG_IGN);
  int exit = 1;
  try {
    exit = run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "phusa-server: internal error: %s\n", error.what());
  }
  // The HTTP library's threads outlive its listener; static destructors must not run beneath them.
  std::fflush(nullptr);
  _exit(exit);
}
