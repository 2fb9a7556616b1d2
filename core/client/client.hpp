#pragma once

#include "core/base/clock.hpp"
#include "core/base/random.hpp"
#include "core/client/fault.hpp"
#include "core/client/phone.hpp"

#include <memory>
#include <mutex>

namespace phusa {

class Conversation;

/// What bindings/c/phusa.h calls PHUSA_API_VERSION: a caller built with another one is refused.
inline constexpr std::uint32_t kClientApiVersion = 4;

/// What one call, event or opening gave: ErrorReply bytes where `code` is not 0.
struct Answer {
  int code = 0;
  Bytes bytes;
};

/// A phone behind the C door: requests and responses of proto/phusa/v1/client.proto, the composition root of
/// a device.
///
/// Thread-safe: one lock per call. No call waits for a network: a sync or a join is started, then next_event
/// yields the HTTP requests that the host performs and answers with transport_event; other calls work in
/// between.
class Client {
 public:
  /// `request` is an OpenRequest. On failure *client stays empty. Clock and random must outlive the client.
  static Answer open(BytesView request, Clock& clock, Random& random, std::unique_ptr<Client>& client);
  Client(std::unique_ptr<Phone> phone);
  ~Client();

  Answer call(std::uint32_t method, BytesView request);
  /// One Event, or no bytes when there is none now.
  Answer next_event();
  Answer transport_event(BytesView event);
  void cancel();

  /// For those who need no bytes: benches and tests. Not locked.
  Phone& phone() { return *phone_; }

 private:
  Answer dispatch(std::uint32_t method, BytesView request);
  Answer start_join(BytesView request);
  Answer start_sync(BytesView request);
  Answer leave(BytesView request);

  std::mutex mutex_;
  std::unique_ptr<Phone> phone_;
  std::unique_ptr<Conversation> conversation_;
};

/// An ErrorReply and its code.
Answer refuse(const Fault& fault);

}  // namespace phusa
