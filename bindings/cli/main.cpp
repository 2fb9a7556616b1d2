#include "bindings/cli/commands.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

int main(int count, char** arguments) {
  ::umask(077);  // the store holds the phone's key: its owner's alone, journal files included
  std::signal(SIGPIPE, SIG_IGN);  // `phusa list | head` ends quietly, and so does a connection that broke
  return phusa::cli::run_command_line(
      {arguments + 1, arguments + count}, [](const char* name) { return std::getenv(name); },
      isatty(STDERR_FILENO) == 1);
}
