#pragma once

#include "core/base/bytes.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace phusa::http {

/// What a handler sees of a request. Bytes from the network: nothing in it is believed.
struct Request {
  std::string method;
  std::string path;   ///< as sent, still percent-encoded
  std::string query;  ///< as sent, without the question mark
  std::string content_type;
  std::string authorization;
  std::string accept_language;
  std::string remote;  ///< peer's address; behind a proxy on loopback, the one that the proxy names
  Bytes body;
};

struct Reply {
  int status = 200;
  std::string content_type;
  Bytes body;
  std::uint32_t retry_after_s = 0;  ///< 0: no such header
};

/// Called from several worker threads at once; may block. What it throws becomes a 500.
using Handler = std::function<Reply(const Request&)>;

struct HttpOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;  ///< 0: any free one
  std::size_t workers = 8;
  std::size_t queued_max = 0;  ///< requests waiting for a worker; more are answered 503
  std::size_t body_bytes_max = 0;
};

/// The seam to an HTTP/1.1 listener. It answers by itself, without the handler: 411 to a body without length,
/// 413 to a body over the limit, 415 to one in a content coding, 400 to a length that is not a number or
/// contradicts itself, 503 with Retry-After when the queue is full or the server stops. Requests wait in a
/// bounded queue for a worker, so no handler ever holds up the network.
class HttpServer {
 public:
  virtual ~HttpServer() = default;
  /// kConflict when the address is taken, kInvalidArgument when there is no such address.
  virtual Result<void> start(Handler handler) = 0;
  /// Takes no new requests, answers those taken, then closes. Idempotent.
  virtual void stop() = 0;
  /// `127.0.0.1:8080`, with the real port, once started.
  virtual std::string address() const = 0;
};

/// The listener of cpprestsdk. `prepare_process` comes before the first of them.
std::unique_ptr<HttpServer> make_http_server(const HttpOptions& options);

/// Sizes the library's thread pool, which it fixes at first use. Its threads inherit the caller's signal
/// mask.
void prepare_process(std::size_t network_threads);

}  // namespace phusa::http
