#include "core/base/standard_output.hpp"
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

/// What was made and shown to nobody must not stay good.
std::string advice_on_lost(const Options& options) {
  if (options.command == Command::kToken) return say(options.language, Say::kTokenUnseen);
  if (options.command == Command::kEnrol) return say(options.language, Say::kCodeUnseen);
  return {};
}

/// Both outputs; the exit status, which is a failure when not all of it got out.
int print(const Outcome& outcome, const Options& options) {
  std::fwrite(outcome.out.data(), 1, outcome.out.size(), stdout);
  const std::string lost = flush_standard_output();
  std::fwrite(outcome.err.data(), 1, outcome.err.size(), stderr);
  if (lost.empty()) return outcome.exit;
  const std::string advice = outcome.exit == 0 ? advice_on_lost(options) : std::string();
  std::fputs(("phusa-server: " + say(options.language, Say::kOutputLost, lost) + advice + "\n").c_str(),
             stderr);
  return outcome.exit == 0 ? 1 : outcome.exit;
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
    Options only_language;
    only_language.language = habits.language;
    return print({parsed.exit, parsed.out, parsed.err, ""}, only_language);
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
      if (const int shown = print({0, outcome.out, "", ""}, options); shown != 0) return shown;
      if (!agreed(options.language)) return 0;
      Options confirmed = options;
      confirmed.yes = true;
      confirmed.expect = outcome.confirm;
      request.args.insert(request.args.end(), {"--yes", "--expect", outcome.confirm});
      outcome = run_somewhere(confirmed, request, clock, random);
    }
  }
  return print(outcome, options);
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
