#pragma once

#include "core/base/result.hpp"
#include "core/net/transport.hpp"

#include <memory>
#include <string>

namespace phusa {

/// HTTP/1.1 by libcurl: one connection pool and one TLS session cache for the transport's life, certificates
/// always verified, redirects never followed, no cookies, and no header that the request does not name.
/// Signals are left alone, so its program ignores SIGPIPE: TLS writes to lines that broke.
///
/// Failures: kInternal when libcurl cannot be set up, kIo when `ca_file` cannot be read.
class CurlTransport final : public Transport {
 public:
  struct Options {
    std::string ca_file;  ///< PEM: trust these authorities alone; empty: the system's
  };

  static Result<std::unique_ptr<CurlTransport>> create(Options options);
  ~CurlTransport() override;

  void start(HttpRequest request) override;
  std::vector<HttpOutcome> poll(std::chrono::milliseconds timeout) override;
  void cancel(std::uint64_t id) override;
  void wake() override;
  std::size_t under_way() const override;

 private:
  struct Impl;
  explicit CurlTransport(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace phusa
