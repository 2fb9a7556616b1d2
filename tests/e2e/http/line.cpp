#include "tests/e2e/http/line.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

namespace phusa::test {
namespace {

constexpr std::chrono::seconds kSendPatience{5};

sockaddr_in place(const std::string& host, int port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(static_cast<std::uint16_t>(port));
  ::inet_pton(AF_INET, host.c_str(), &out.sin_addr);
  return out;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// Where the reply that starts at `at` ends: by its length, else where the bytes end.
std::size_t end_of_reply(const std::string& bytes, std::size_t at, int status) {
  const std::size_t head = bytes.find("\r\n\r\n", at);
  if (head == std::string::npos) return bytes.size();
  if (status < 200 || status == 204 || status == 304) return head + 4;
  const std::string fields = lower(bytes.substr(at, head - at));
  const std::size_t length = fields.find("\r\ncontent-length: ");
  if (length == std::string::npos) return bytes.size();
  const auto size = static_cast<std::size_t>(std::atoll(fields.c_str() + length + 18));
  return std::min(bytes.size(), head + 4 + size);
}

}  // namespace

Line::Line(const std::string& address, const std::string& from)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const std::size_t colon = address.rfind(':');
  const sockaddr_in to = place(address.substr(0, colon), std::atoi(address.c_str() + colon + 1));
  const int yes = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (!from.empty()) {
    ::setsockopt(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    const sockaddr_in own = place(from, 0);
    ::bind(fd_, reinterpret_cast<const sockaddr*>(&own), sizeof own);
  }
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) close();
  if (fd_ >= 0) ::fcntl(fd_, F_SETFL, O_NONBLOCK);
}

Line::~Line() {
  close();
}

Line::Line(Line&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), closed_by_peer_(other.closed_by_peer_), in_(std::move(other.in_)) {}

void Line::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

bool Line::wait(short events, std::chrono::milliseconds patience) const {
  pollfd ready{fd_, events, 0};
  return ::poll(&ready, 1, static_cast<int>(patience.count())) > 0;
}

void Line::send(const std::string& bytes) {
  std::size_t at = 0;
  while (fd_ >= 0 && at < bytes.size()) {
    const ssize_t sent = ::send(fd_, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
    if (sent > 0) {
      at += static_cast<std::size_t>(sent);
    } else if (errno != EAGAIN || !wait(POLLOUT, kSendPatience)) {
      return;
    }
  }
}

void Line::drip(const std::string& bytes) {
  for (const char byte : bytes) send(std::string(1, byte));
}

void Line::shut_down_sending() const {
  ::shutdown(fd_, SHUT_WR);
}

void Line::reset() {
  const linger now{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

void Line::listen() {
  char buffer[16384];
  while (fd_ >= 0 && !closed_by_peer_) {
    const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
    if (got > 0) {
      in_.append(buffer, static_cast<std::size_t>(got));
    } else if (got < 0 && errno == EAGAIN) {
      return;
    } else {
      closed_by_peer_ = true;
    }
  }
}

void Line::listen_for(const std::string& wanted, std::chrono::seconds patience) {
  listen();
  while (heard() != wanted && fd_ >= 0 && !closed_by_peer_ && wait(POLLIN, patience)) listen();
}

std::string Line::heard() const {
  std::string out;
  const auto add = [&](const std::string& word) { out += (out.empty() ? "" : ", ") + word; };
  for (std::size_t at = 0; at < in_.size();) {
    if (in_.compare(at, 5, "HTTP/") != 0 || in_.size() < at + 12) {
      add("bare");
      break;
    }
    const int status = std::atoi(in_.c_str() + at + 9);
    add(std::to_string(status));
    at = end_of_reply(in_, at, status);
  }
  if (closed_by_peer_) add("closed");
  return out.empty() ? "nothing" : out;
}

}  // namespace phusa::test
