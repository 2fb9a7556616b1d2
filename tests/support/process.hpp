#pragma once

#include "core/base/result.hpp"

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace phusa::test {

/// What a finished program left behind.
struct Outcome {
  int status = -1;  ///< exit status, or 128 + signal
  std::string out;
  std::string err;
};

using Environment = std::map<std::string, std::string>;

/// Runs a program to its end, with `environment` on top of our own and nothing on standard input.
Outcome run(const std::vector<std::string>& argv, const Environment& environment = {});

/// A program in the background; killed and reaped when it goes out of scope. Its output goes to a file.
class Process {
 public:
  static Result<Process> start(const std::vector<std::string>& argv, const std::filesystem::path& log,
                               const Environment& environment = {});
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  pid_t pid() const { return pid_; }
  const std::filesystem::path& log() const { return log_; }
  std::string output() const;
  bool is_running();
  void signal(int number) const;
  /// Waits for the end: exit status, or 128 + signal.
  int wait();
  /// Waits until the output holds `text`; false when the program ended, or nothing new came for `patience`.
  bool wait_for_output(const std::string& text, std::chrono::seconds patience = std::chrono::seconds(60));

  double cpu_seconds() const;   ///< user and system, from /proc
  double resident_mib() const;  ///< now
  double resident_peak_mib() const;

 private:
  Process() = default;
  pid_t pid_ = -1;
  int status_ = -1;
  std::filesystem::path log_;
};

/// A TCP port on loopback that nobody listened on a moment ago.
int free_port();

}  // namespace phusa::test
