#pragma once

#include "core/base/bytes.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace phusa {

/// One HTTP request that a transport is asked to do: libcurl here, OkHttp, URLSession or fetch elsewhere.
struct HttpRequest {
  std::uint64_t id = 0;  ///< of the action; its outcome names it
  std::string method = "POST";
  std::string url;
  std::vector<std::string> headers;  ///< "Name: value"
  Bytes body;
  std::size_t reply_bytes_max = 0;  ///< a longer reply is a failure
  std::chrono::milliseconds connect_timeout{};
  std::chrono::milliseconds stall_timeout{};  ///< no byte either way for so long: give up
};

struct HttpReply {
  std::uint32_t status = 0;
  std::string content_type;
  Bytes body;
};

/// Whole bytes on the wire as far as the transport knows them, headers included.
struct TrafficCount {
  std::uint64_t up = 0;
  std::uint64_t down = 0;
};

}  // namespace phusa
