#pragma once

#include "tests/support/process.hpp"

#include <optional>
#include <string>

namespace phusa::bench {

/// nginx with a certificate of its own, in front of the server: what stands there in production.
class TlsFront {
 public:
  /// nullopt where nginx or openssl is not installed.
  static std::optional<TlsFront> start(const std::filesystem::path& folder, int server_port);

  int port() const { return port_; }
  const std::string& ca_file() const { return ca_file_; }

 private:
  TlsFront(test::Process nginx, int port, std::string ca_file)
      : nginx_(std::move(nginx)), port_(port), ca_file_(std::move(ca_file)) {}

  test::Process nginx_;
  int port_;
  std::string ca_file_;
};

}  // namespace phusa::bench
