#include "tests/server/http/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

namespace phusa::test {

RawClient::RawClient(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::atoi(address.c_str() + colon + 1)));
  ::inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

RawClient::~RawClient() {
  if (fd_ >= 0) ::close(fd_);
}

void RawClient::send(const std::string& bytes) const {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const ssize_t sent = ::send(fd_, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
    if (sent <= 0) return;
    at += static_cast<std::size_t>(sent);
  }
}

RawReply RawClient::read() {
  RawReply reply;
  std::string all;
  std::size_t need = std::string::npos;
  char buffer[4096];
  while (need == std::string::npos || all.size() < need) {
    const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
    if (got <= 0) break;
    all.append(buffer, static_cast<std::size_t>(got));
    const std::size_t end = all.find("\r\n\r\n");
    if (end == std::string::npos || need != std::string::npos) continue;
    const std::size_t length = all.find("Content-Length: ");
    need = end + 4 + (length < end ? static_cast<std::size_t>(std::atoll(all.c_str() + length + 16)) : 0);
  }
  const std::size_t end = all.find("\r\n\r\n");
  if (end == std::string::npos) return reply;
  reply.head = all.substr(0, end);
  reply.body = all.substr(end + 4);
  reply.bytes = all.size();
  reply.status = std::atoi(all.c_str() + 9);
  return reply;
}

RawReply talk(const std::string& address, const std::string& bytes) {
  RawClient client(address);
  client.send(bytes);
  return client.read();
}

std::string post(const std::string& path, const std::string& body, const std::string& content_type) {
  return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + content_type +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string get(const std::string& path, const std::string& headers) {
  return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n";
}

}  // namespace phusa::test
