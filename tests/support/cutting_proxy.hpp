#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace phusa::test {

/// What a bad network does to one connection. Byte counts are of what flowed one way; unlimited means never.
struct Weather {
  static constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

  std::size_t cut_after_up = kNever;  ///< so many bytes reach the server, then both sides see the end
  std::size_t cut_after_down =
      kNever;  ///< so many bytes of the answer reach the phone, then both see the end
  std::size_t lose_up_from =
      kNever;  ///< from here on the server hears nothing; soon after the line is dropped
  std::size_t lose_down_from = kNever;  ///< from here on the phone hears nothing; then the line is dropped
  std::size_t stall_up_at =
      kNever;          ///< here the way up stands still for a while, or until another connection comes
  bool twice = false;  ///< all that went up goes up again on a connection of its own, answer unread
  bool reset = false;  ///< ends are resets (RST), not orderly ones
};

/// A TCP proxy on loopback between real phones and a real server, which cuts, stalls, loses one way and
/// repeats. Each connection takes the weather that a function gives for its number, from 0. Connections are
/// served one thread each.
class CuttingProxy {
 public:
  using Forecast = std::function<Weather(std::size_t connection)>;

  CuttingProxy(std::uint16_t server_port, Forecast forecast);
  ~CuttingProxy();
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// Fair weather from now on, also for what stands still.
  void clear();
  std::size_t connections() const { return connections_; }
  /// Bytes seen so far on the way up, over all connections.
  std::size_t bytes_up() const { return bytes_up_; }
  /// Connections on which the server has been told something and has not begun to answer.
  std::size_t waiting() const { return waiting_; }
  /// Those of them that ended so.
  std::size_t unanswered() const { return unanswered_; }

 private:
  struct Line;

  void accept_all();
  void serve(Line& line);
  void note_waiting(Line& line, bool waits);
  void repeat(const std::string& request) const;
  int connect_to_server() const;
  bool stands_still(const Line& line) const;

  std::uint16_t server_port_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  Forecast forecast_;
  std::atomic<bool> clear_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> connections_{0};
  std::atomic<std::size_t> bytes_up_{0};
  std::atomic<std::size_t> waiting_{0};
  std::atomic<std::size_t> unanswered_{0};
  std::mutex mutex_;  // guards lines_
  std::vector<std::unique_ptr<Line>> lines_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace phusa::test
