#include "tests/support/cutting_proxy.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace phusa::test {
namespace {

// How long a look at sockets waits before it asks whether the test is over or the weather has changed.
constexpr int kLookMs = 20;
// How many looks a stall lasts, and how many a line lives on of which one way is lost: far below any phone's
// patience.
constexpr int kStallLooks = 25;
constexpr int kLostLooks = 10;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

bool send_all(int socket, const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t sent = ::send(socket, bytes, size, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

void close_socket(int& socket, bool reset) {
  if (socket < 0) return;
  if (reset) {
    const linger at_once{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  ::close(socket);
  socket = -1;
}

/// Of `size` bytes that follow `before` others, those that come before `limit`.
std::size_t allowed(std::size_t before, std::size_t size, std::size_t limit) {
  return before >= limit ? 0 : std::min(size, limit - before);
}

}  // namespace

/// One connection of a phone and its counterpart to the server.
struct CuttingProxy::Line {
  std::size_t number = 0;
  Weather weather;
  int phone = -1;
  int server = -1;
  std::size_t up = 0;    // bytes read from the phone
  std::size_t down = 0;  // bytes read from the server
  std::string said;      // what went up, to be said again
  bool waits = false;    // for an answer to what went up last
  int idle_looks = 0;    // since anything moved
  std::thread thread;

  enum class Flow { kGoesOn, kEnds };
  Flow carry_up();
  Flow carry_down();
};

CuttingProxy::Line::Flow CuttingProxy::Line::carry_up() {
  std::array<char, 16384> chunk;
  const std::size_t until_stall = up < weather.stall_up_at ? weather.stall_up_at - up : chunk.size();
  const ssize_t size = ::recv(phone, chunk.data(), std::min(chunk.size(), until_stall), 0);
  if (size <= 0) return Flow::kEnds;
  const auto count = static_cast<std::size_t>(size);
  const std::size_t heard =
      std::min(allowed(up, count, weather.cut_after_up), allowed(up, count, weather.lose_up_from));
  up += count;
  if (weather.twice) said.append(chunk.data(), count);
  if (!send_all(server, chunk.data(), heard)) return Flow::kEnds;
  return up >= weather.cut_after_up ? Flow::kEnds : Flow::kGoesOn;
}

CuttingProxy::Line::Flow CuttingProxy::Line::carry_down() {
  std::array<char, 16384> chunk;
  const ssize_t size = ::recv(server, chunk.data(), chunk.size(), 0);
  if (size <= 0) return Flow::kEnds;
  const auto count = static_cast<std::size_t>(size);
  const std::size_t heard =
      std::min(allowed(down, count, weather.cut_after_down), allowed(down, count, weather.lose_down_from));
  down += count;
  if (!send_all(phone, chunk.data(), heard)) return Flow::kEnds;
  // What is lost on its way down is an answer that never comes: the phone is not kept waiting for its
  // time-out.
  return down > std::min(weather.cut_after_down, weather.lose_down_from) ? Flow::kEnds : Flow::kGoesOn;
}

CuttingProxy::CuttingProxy(std::uint16_t server_port, Forecast forecast)
    : server_port_(server_port), forecast_(std::move(forecast)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::listen(listener_, 64) == 0 &&
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    port_ = ntohs(address.sin_port);
  }
  thread_ = std::thread([this] { accept_all(); });
}

CuttingProxy::~CuttingProxy() {
  stopping_ = true;
  thread_.join();
  for (const auto& line : lines_) line->thread.join();
  ::close(listener_);
}

void CuttingProxy::clear() {
  clear_ = true;
}

void CuttingProxy::accept_all() {
  while (!stopping_) {
    pollfd look{listener_, POLLIN, 0};
    if (::poll(&look, 1, kLookMs) <= 0) continue;
    const int phone = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (phone < 0) continue;
    auto line = std::make_unique<Line>();
    line->phone = phone;
    line->number = connections_;
    if (!clear_) line->weather = forecast_(line->number);
    Line& taken = *line;
    ++connections_;
    const std::lock_guard guard(mutex_);
    lines_.push_back(std::move(line));
    taken.thread = std::thread([this, &taken] { serve(taken); });
  }
}

int CuttingProxy::connect_to_server() const {
  int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(server_port_);
  if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return server;
  ::close(server);
  return -1;
}

bool CuttingProxy::stands_still(const Line& line) const {
  const bool may_move = clear_ || connections_ > line.number + 1 || line.idle_looks > kStallLooks;
  return line.up >= line.weather.stall_up_at && !may_move;
}

void CuttingProxy::serve(Line& line) {
  line.server = connect_to_server();
  while (line.server >= 0 && !stopping_) {
    std::array<pollfd, 2> look{pollfd{stands_still(line) ? -1 : line.phone, POLLIN, 0},
                               pollfd{line.server, POLLIN, 0}};
    const int moved = ::poll(look.data(), look.size(), kLookMs);
    line.idle_looks = moved == 0 ? line.idle_looks + 1 : 0;
    if (line.up > line.weather.lose_up_from && line.idle_looks > kLostLooks) break;
    const std::size_t before = line.up;
    const auto carried_up = look[0].revents != 0 ? line.carry_up() : Line::Flow::kGoesOn;
    if (line.up > before) note_waiting(line, true);
    if (carried_up == Line::Flow::kEnds) break;
    bytes_up_ += line.up - before;
    const std::size_t heard = line.down;
    const auto carried_down = look[1].revents != 0 ? line.carry_down() : Line::Flow::kGoesOn;
    if (line.down > heard) note_waiting(line, false);
    if (carried_down == Line::Flow::kEnds) break;
  }
  // Counted before the phone sees the end, so that whoever waited for the phone finds it counted.
  if (line.waits) ++unanswered_;
  note_waiting(line, false);
  close_socket(line.phone, line.weather.reset);
  close_socket(line.server, line.weather.reset);
  if (line.weather.twice) repeat(line.said);
}

void CuttingProxy::note_waiting(Line& line, bool waits) {
  if (line.waits == waits) return;
  line.waits = waits;
  waits ? ++waiting_ : --waiting_;
}

void CuttingProxy::repeat(const std::string& request) const {
  int server = connect_to_server();
  if (server < 0) return;
  send_all(server, request.data(), request.size());
  ::shutdown(server, SHUT_WR);
  // Reads on, so that the server does its part; what it says nobody hears.
  std::array<char, 4096> unheard;
  for (pollfd look{server, POLLIN, 0}; !stopping_;) {
    if (::poll(&look, 1, kLookMs) <= 0) continue;
    if (::recv(server, unheard.data(), unheard.size(), 0) <= 0) break;
  }
  close_socket(server, false);
}

}  // namespace phusa::test
