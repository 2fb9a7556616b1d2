#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace phusa {

/// What went wrong, as the program tells it apart. The numbers travel (C door, HTTP replies): never reuse one.
enum class ErrorCode : std::uint8_t {
  kInvalidArgument = 1,      ///< the caller asked for something that cannot be (a flag, a value, a code)
  kNotFound = 2,             ///< no such record, device, page
  kCorrupt = 3,              ///< stored or received bytes that do not hold together
  kUnsupportedVersion = 4,   ///< written by a newer program
  kBusy = 5,                 ///< somebody else holds it; try again
  kDiskFull = 6,
  kIo = 7,                   ///< the disk or the operating system said no
  kNetwork = 8,              ///< no connection, or it broke
  kUnexpectedReply = 9,      ///< whoever answered was not a Phù Sa server (captive portal, wrong URL)
  kUnauthorized = 10,        ///< token or signature not accepted
  kForbidden = 11,           ///< known, but not allowed to
  kLimitExceeded = 12,       ///< larger than core/base/limits.hpp allows
  kConflict = 13,            ///< contradicts what is already there
  kUnavailable = 14,         ///< the server is full or stopping; try again later
  kCancelled = 15,
  kUnimplemented = 16,
  kInternal = 17,            ///< a bug of ours
  kRevoked = 18,             ///< the office has shut this device out
  kHeldFull = 19,            ///< the server holds as much in doubt for this device as it may; the rest waits here
};

inline constexpr ErrorCode kErrorCodeLast = ErrorCode::kHeldFull;

/// One failure: its code, and a sentence in English with what, why and what to do. Errors cross rooms as values.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string context;

  friend bool operator==(const Error&, const Error&) = default;
};

/// The code's stable snake_case name, as it stands in JSON and in messages.
std::string_view error_name(ErrorCode code);

/// Whether the same request may succeed later without anybody changing it.
bool is_retryable(ErrorCode code);

}  // namespace phusa
