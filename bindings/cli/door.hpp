#pragma once

#include "bindings/c/phusa.h"
#include "core/base/error.hpp"
#include "proto/phusa/v1/client.pb.h"

#include <tl/expected.hpp>

#include <memory>
#include <optional>
#include <string>

namespace phusa::cli {

/// What the door answered: the reply, or its ErrorReply.
template <class T>
using Answer = tl::expected<T, v1::ErrorReply>;

v1::ErrorReply make_error(ErrorCode code, std::string key, std::string message = {});

/// The C header as values: opened once, closed at the end of its life. Nothing else in this folder includes
/// phusa.h's functions, so the command line has exactly what a phone's app has.
class Door {
 public:
  static Answer<Door> open(const v1::OpenRequest& request);

  template <class Reply, class Request>
  Answer<Reply> call(v1::Method method, const Request& request) {
    auto bytes = call_bytes(method, request.SerializeAsString());
    if (!bytes) return tl::unexpected(bytes.error());
    Reply reply;
    if (!reply.ParseFromString(*bytes)) {
      return tl::unexpected(make_error(ErrorCode::kInternal, "", "the library's reply cannot be read"));
    }
    return reply;
  }

  /// nullopt when there is none now.
  Answer<std::optional<v1::Event>> next_event();
  Answer<void> transport_event(const v1::TransportEvent& event);
  void cancel() { phusa_cancel(handle_.get()); }

 private:
  struct Close {
    void operator()(phusa_handle* handle) const { phusa_close(handle); }
  };
  explicit Door(phusa_handle* handle) : handle_(handle) {}
  Answer<std::string> call_bytes(v1::Method method, const std::string& request);

  std::unique_ptr<phusa_handle, Close> handle_;
};

}  // namespace phusa::cli
