#pragma once

#include "tests/server/access/organisation.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary_folder.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace phusa::test {

/// A real installation and, while it runs, its serving process on a loopback port.
class Office {
 public:
  /// `units`: lines of units.csv below the header; empty: those of Organisation.
  explicit Office(const std::string& units = {});

  void start(const std::vector<std::string>& options = {});
  void stop();
  /// Lowers the running process's limit of open files.
  void limit_descriptors(unsigned descriptors_max) const;
  Process& process() { return *process_; }
  /// One command to its end: `phusa-server ARGS --data DIR`; its standard output.
  std::string command(std::vector<std::string> args) const;
  std::string code(const std::string& unit, const std::string& role = "volunteer") const;
  std::string token() const;
  /// 127.0.0.1:PORT of the listener itself; the same after a restart.
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  int port() const { return port_; }
  const std::filesystem::path& folder() const { return folder_.path(); }
  std::filesystem::path data() const { return folder_.path() / "data"; }

 private:
  FolderInMemory folder_;
  Organisation organisation_;
  int port_ = 0;
  std::unique_ptr<Process> process_;
};

/// nginx under the configuration that ships, started as whoever runs the test.
class Front {
 public:
  using Changes = std::vector<std::pair<std::string, std::string>>;

  /// Returns once it accepts connections. `changes`: texts of the shipped phusa.conf, and others in their
  /// place.
  explicit Front(const Office& office, const Changes& changes = {});
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  const std::filesystem::path& folder() const { return folder_.path(); }
  Process& process() { return *process_; }

  /// The shipped files with ports, paths and user of a test in place of those of a machine in service, and
  /// no change but those.
  static void write_configuration(const std::filesystem::path& folder, int port, int server_port,
                                  const Changes& changes = {});

 private:
  FolderInMemory folder_;
  int port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace phusa::test
