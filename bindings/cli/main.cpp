#include "bindings/cli/commands.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace {

std::optional<std::string> ask(const std::string& question) {
  std::fputs(question.c_str(), stderr);
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  return line;
}

}  // namespace

int main(int count, char** arguments) {
  ::umask(077);  // the store holds the phone's key: its owner's alone, journal files included
  std::signal(SIGPIPE, SIG_IGN);  // `phusa list | head` ends quietly, and so does a connection that broke
  return phusa::cli::run_command_line(
      {arguments + 1, arguments + count}, [](const char* name) { return std::getenv(name); },
      {isatty(STDERR_FILENO) == 1,
       isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 ? ask : phusa::cli::Ask()});
}
