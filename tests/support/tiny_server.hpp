#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace phusa::test {

/// One accepted connection, in the hands of a script. Reads end as "nothing" when the other side or the test
/// is done.
class TinyConnection {
 public:
  explicit TinyConnection(int socket) : socket_(socket) {}

  int socket() const { return socket_; }
  /// One whole request, head and body by Content-Length, as it came over the wire.
  std::optional<std::string> read_request();
  void send(std::string_view bytes) const;
  /// Returns once the other side has closed: how to answer nothing, without sleeping.
  void wait_for_close();

 private:
  bool read_more();

  int socket_;
  std::string buffer_;
};

/// A server on a loopback port that does whatever a script says, one connection at a time: what a
/// well-behaved one never does (stalls, garbage, other people's pages) is what clients must survive.
class TinyServer {
 public:
  using Script = std::function<void(TinyConnection&)>;

  /// `port` 0: one from the kernel.
  explicit TinyServer(Script script, std::uint16_t port = 0);
  ~TinyServer();
  TinyServer(const TinyServer&) = delete;
  TinyServer& operator=(const TinyServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }

 private:
  void serve();

  Script script_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::mutex mutex_;  // guards the two below
  int open_ = -1;
  bool stopping_ = false;
  std::thread thread_;
};

/// "HTTP/1.1 200 OK" with Content-Length and this body.
std::string http_ok(std::string_view content_type, std::string_view body);

}  // namespace phusa::test
