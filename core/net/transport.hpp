#pragma once

#include "core/base/bytes.hpp"
#include "core/net/http.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace phusa {

/// Why there was no reply, told apart as far as a person can do something about it.
enum class HttpFailure : std::uint8_t {
  kNone = 0,
  kBadUrl,        ///< not http:// or https://, or not a URL
  kNameUnknown,   ///< the host's name is not known: no network, or a wrong address
  kNoConnection,  ///< nobody answers there
  kTimedOut,      ///< no connection in time, or no byte for too long
  kCertificate,   ///< TLS: the server is not who the address says
  kBroken,        ///< the connection broke off
  kNotHttp,       ///< whoever answered speaks something else
  kTooLarge,      ///< the reply is longer than reply_bytes_max
  kCancelled,
};

std::string_view failure_name(HttpFailure failure);

/// What came of a request: a reply whatever its status, or a failure with words for a log.
struct HttpOutcome {
  std::uint64_t id = 0;
  HttpFailure failure = HttpFailure::kNone;
  std::string failure_text;  ///< English; empty without a failure
  HttpReply reply;           ///< empty with a failure
  TrafficCount traffic;      ///< above TLS, with or without a failure
};

/// Carries requests out. start and poll belong to one thread; cancel and wake may come from any.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  /// Every start is answered by exactly one outcome of a later poll, also when it cannot even begin.
  virtual void start(HttpRequest request) = 0;
  /// Drives what is under way until something is answered, somebody wakes it, or `timeout` is over.
  virtual std::vector<HttpOutcome> poll(std::chrono::milliseconds timeout) = 0;
  /// The request's outcome will say kCancelled, unless it was answered already.
  virtual void cancel(std::uint64_t id) = 0;
  /// Ends a poll early.
  virtual void wake() = 0;
  virtual std::size_t under_way() const = 0;
};

/// Whether `url` is plain http:// to a host other than this machine: readable by everybody on the way.
bool is_unprotected(std::string_view url);
/// Whether the URL's host is this machine (localhost, 127.x.x.x, [::1]).
bool is_loopback(std::string_view url);

}  // namespace phusa
