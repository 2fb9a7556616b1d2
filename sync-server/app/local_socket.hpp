#pragma once

#include "sync-server/app/commands.hpp"

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

/// How other commands reach the process that serves a folder: a Unix socket DIR/socket (0600). One line of
/// JSON each way, then the server closes:
///   C: {"args":["totals","--data","phusa"],"folder":"/srv","language":"vi","terminal":true}
///   S: {"exit":0,"out":"...","err":"...","confirm":""}
/// Before that, if C's line has "progress":true, as many lines {"progress":"copying 40%"} as there is to
/// tell.
namespace phusa::app {

struct LocalRequest {
  std::vector<std::string> args;
  Habits habits;  ///< of whoever typed them
  bool terminal = false;
  Progress progress = {};
};

/// Runs `request` in the process that serves `data`. nullopt: none does. kNetwork: it broke off.
Result<std::optional<Outcome>> ask_server(const std::filesystem::path& data, const LocalRequest& request);

/// The serving side. Each connection gets a thread, limited in number.
class LocalServer {
 public:
  using Run = std::function<Outcome(const LocalRequest&)>;

  /// The caller holds the folder's lock, so a socket that lies there is left over and is replaced.
  static Result<std::unique_ptr<LocalServer>> start(const std::filesystem::path& data, Run run);
  /// Takes no more, finishes what runs.
  ~LocalServer();

 private:
  LocalServer(std::filesystem::path data, int fd, int stop_fd, Run run);
  void accept_loop();
  void serve(int fd);
  Outcome answer(int fd) const;

  static constexpr int kConnectionsMax = 8;

  std::filesystem::path data_;
  int fd_;
  int stop_fd_;  // eventfd: wakes the accepting thread
  Run run_;
  std::mutex mutex_;
  std::condition_variable ended_;
  int running_ = 0;
  std::thread accepting_;
};

}  // namespace phusa::app
