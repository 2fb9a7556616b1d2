#include "sync-server/http/http_server.hpp"
#include "sync-server/http/work_queue.hpp"

#include <arpa/inet.h>
#include <cpprest/http_listener.h>
#include <netinet/in.h>
#include <pplx/threadpool.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <optional>

/// The one place that sees cpprestsdk. Its listener is archived upstream and has traps, each met below: its
/// tasks end the process when an exception goes unobserved; close() cuts off what is running; TRACE echoes
/// headers; it tells neither its real port nor a body without length from an empty one.
namespace phusa::http {
namespace {

namespace listener = web::http::experimental::listener;

constexpr std::uint32_t kRetryAfterSeconds = 5;
constexpr std::chrono::seconds kReplyPatience{10};  // for peers that do not read their replies, when stopping
constexpr int kPortTries = 16;

std::string header_of(const web::http::http_request& request, const char* name) {
  const auto& headers = request.headers();
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

std::optional<std::size_t> content_length(const std::string& text) {
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return length;
}

Reply plain(int status, std::string text, std::uint32_t retry_after_s = 0) {
  return {status, "text/plain; charset=utf-8", std::move(text) + "\n", retry_after_s};
}

/// The status to answer at once because of how the body is framed; nothing when it may be read.
std::optional<Reply> refuse_framing(const web::http::http_request& request, std::size_t body_bytes_max) {
  // Nothing here unpacks a body, and nothing should by accident.
  if (const std::string coding = header_of(request, "Content-Encoding");
      !coding.empty() && coding != "identity") {
    return plain(415, "send the body as it is, without Content-Encoding");
  }
  const std::string length_text = header_of(request, "Content-Length");
  const bool is_chunked = !header_of(request, "Transfer-Encoding").empty();
  if (length_text.empty()) {
    const bool has_body = is_chunked || request.method() == "POST" || request.method() == "PUT";
    if (has_body) return plain(411, "state the body's size in Content-Length");
    return std::nullopt;
  }
  const auto length = content_length(length_text);
  if (!length || is_chunked) return plain(400, "Content-Length is not one whole number");
  if (*length > body_bytes_max) {
    return plain(413, "the body may have at most " + std::to_string(body_bytes_max) + " bytes");
  }
  return std::nullopt;
}

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1";
}

/// Only a proxy on this machine is believed about who it speaks for, and of its list only what it added
/// itself.
std::string remote_of(const web::http::http_request& request) {
  const std::string& peer = request.remote_address();
  const std::string forwarded = header_of(request, "X-Forwarded-For");
  if (forwarded.empty() || !is_loopback(peer)) return peer;
  const std::size_t comma = forwarded.rfind(',');
  std::string last = comma == std::string::npos ? forwarded : forwarded.substr(comma + 1);
  last.erase(std::remove(last.begin(), last.end(), ' '), last.end());
  return last.substr(0, 64);
}

Request request_of(const web::http::http_request& request) {
  Request out;
  out.method = request.method();
  out.path = request.request_uri().path();
  out.query = request.request_uri().query();
  out.content_type = header_of(request, "Content-Type");
  out.authorization = header_of(request, "Authorization");
  out.accept_language = header_of(request, "Accept-Language");
  out.remote = remote_of(request);
  return out;
}

/// What requests in flight need to outlive the server object: continuations of the library hold a share of
/// it, for the library may run them after close().
struct Shared {
  Shared(Handler h, const HttpOptions& o)
      : handler(std::move(h)), options(o), queue(o.workers, o.queued_max) {}

  void send(web::http::http_request request, Reply reply);
  void take(web::http::http_request request);
  void enqueue(web::http::http_request request, const std::vector<unsigned char>& body);
  Reply handle(const Request& request) const;
  void wait_for_replies();

  Handler handler;
  HttpOptions options;
  std::weak_ptr<Shared> self;
  std::mutex mutex;
  std::condition_variable replied;
  std::size_t replying = 0;
  WorkQueue queue;  // last: its workers use what stands above
};

void Shared::send(web::http::http_request request, Reply reply) {
  {
    const std::lock_guard lock(mutex);
    ++replying;
  }
  const auto done = [shared = self.lock()](const pplx::task<void>& sent) {
    try {
      sent.get();
    } catch (...) {
      // The peer is gone; it will ask again.
    }
    const std::lock_guard lock(shared->mutex);
    --shared->replying;
    shared->replied.notify_all();
  };
  try {
    web::http::http_response response(static_cast<web::http::status_code>(reply.status));
    // A vector body is what makes the library state Content-Length.
    response.set_body(std::vector<unsigned char>(reply.body.begin(), reply.body.end()));
    response.headers().remove("Content-Type");
    if (!reply.content_type.empty()) response.headers().add("Content-Type", reply.content_type);
    if (reply.retry_after_s != 0) response.headers().add("Retry-After", std::to_string(reply.retry_after_s));
    request.reply(response).then(done);
  } catch (...) {
    done(pplx::task_from_result());
  }
}

Reply Shared::handle(const Request& request) const {
  try {
    return handler(request);
  } catch (...) {
    return plain(500, "internal error");
  }
}

void Shared::enqueue(web::http::http_request request, const std::vector<unsigned char>& body) {
  Request parsed = request_of(request);
  parsed.body.assign(body.begin(), body.end());
  auto work = [shared = self.lock(), request, parsed = std::move(parsed)] {
    shared->send(request, shared->handle(parsed));
  };
  if (!queue.offer(std::move(work))) send(request, plain(503, "busy, try again later", kRetryAfterSeconds));
}

void Shared::take(web::http::http_request request) {
  if (auto refusal = refuse_framing(request, options.body_bytes_max)) {
    send(request, *std::move(refusal));
    return;
  }
  request.extract_vector().then(
      [shared = self.lock(), request](const pplx::task<std::vector<unsigned char>>& read) {
        try {
          shared->enqueue(request, read.get());
        } catch (...) {
          shared->send(request, plain(400, "the body broke off"));
        }
      });
}

void Shared::wait_for_replies() {
  std::unique_lock lock(mutex);
  replied.wait_for(lock, kReplyPatience, [this] { return replying == 0; });
}

/// The library takes port 0 but tells nobody which one it got, so the kernel is asked before.
std::uint16_t free_port(const std::string& host) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return 0;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1)
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  std::uint16_t port = 0;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    port = ntohs(address.sin_port);
  }
  ::close(fd);
  return port;
}

class CpprestServer final : public HttpServer {
 public:
  explicit CpprestServer(const HttpOptions& options) : options_(options), port_(options.port) {}
  ~CpprestServer() override { stop(); }

  Result<void> start(Handler handler) override;
  void stop() override;
  std::string address() const override { return options_.host + ":" + std::to_string(port_); }

 private:
  Result<void> open(std::uint16_t port);

  HttpOptions options_;
  std::uint16_t port_;
  std::shared_ptr<Shared> shared_;  // shared with continuations, see Shared
  std::unique_ptr<listener::http_listener> listener_;
};

Result<void> CpprestServer::open(std::uint16_t port) {
  try {
    listener_ = std::make_unique<listener::http_listener>(
        web::uri("http://" + options_.host + ":" + std::to_string(port) + "/"));
    const auto take = [shared = shared_](const web::http::http_request& request) {
      try {
        shared->take(request);
      } catch (...) {
        // Nothing to answer with: the library drops the connection.
      }
    };
    listener_->support(take);
    // Without handlers of their own the library would answer these itself, TRACE by echoing every header.
    listener_->support(web::http::methods::TRCE, take);
    listener_->support(web::http::methods::OPTIONS, take);
    listener_->open().get();
    port_ = port;
    return {};
  } catch (const std::exception& error) {
    listener_.reset();
    return fail(ErrorCode::kConflict, "cannot listen on " + options_.host + ":" + std::to_string(port) +
                                          ": " + error.what() + "; choose another --listen address");
  }
}

Result<void> CpprestServer::start(Handler handler) {
  shared_ = std::make_shared<Shared>(std::move(handler), options_);
  shared_->self = shared_;
  if (options_.port != 0) return open(options_.port);
  Result<void> opened = fail(ErrorCode::kUnavailable, "no free port");
  for (int i = 0; i < kPortTries && !opened; ++i) {
    // Another program may take the port between our asking and our opening it.
    if (const std::uint16_t port = free_port(options_.host); port != 0) opened = open(port);
  }
  return opened;
}

void CpprestServer::stop() {
  if (!listener_) return;
  shared_->queue.drain();
  shared_->wait_for_replies();
  try {
    listener_->close().get();
  } catch (...) {
    // It closes with the process.
  }
  listener_.reset();
}

}  // namespace

std::unique_ptr<HttpServer> make_http_server(const HttpOptions& options) {
  return std::make_unique<CpprestServer>(options);
}

void prepare_process(std::size_t network_threads) {
  crossplat::threadpool::initialize_with_threads(network_threads);
}

}  // namespace phusa::http
