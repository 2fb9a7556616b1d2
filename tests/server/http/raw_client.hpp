#pragma once

#include <string>

namespace phusa::test {

struct RawReply {
  int status = 0;    ///< 0: the connection ended without an answer
  std::string head;  ///< status line and headers as sent
  std::string body;
  std::size_t bytes = 0;  ///< all of them

  bool has_header(const std::string& line) const { return head.find("\r\n" + line) != std::string::npos; }
};

/// One connection to 127.0.0.1 that sends exactly what it is told.
class RawClient {
 public:
  explicit RawClient(const std::string& address);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool is_open() const { return fd_ >= 0; }
  void send(const std::string& bytes) const;
  /// Reads one reply, by its Content-Length.
  RawReply read();

 private:
  int fd_ = -1;
};

/// One request on a connection of its own.
RawReply talk(const std::string& address, const std::string& bytes);
/// A request with a body and its length.
std::string post(const std::string& path, const std::string& body, const std::string& content_type);
std::string get(const std::string& path, const std::string& headers = {});

}  // namespace phusa::test
