#include "core/base/error.hpp"

namespace phusa {

std::string_view error_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument: return "invalid_argument";
    case ErrorCode::kNotFound: return "not_found";
    case ErrorCode::kCorrupt: return "corrupt";
    case ErrorCode::kUnsupportedVersion: return "unsupported_version";
    case ErrorCode::kBusy: return "busy";
    case ErrorCode::kDiskFull: return "disk_full";
    case ErrorCode::kIo: return "io";
    case ErrorCode::kNetwork: return "network";
    case ErrorCode::kUnexpectedReply: return "unexpected_reply";
    case ErrorCode::kUnauthorized: return "unauthorized";
    case ErrorCode::kForbidden: return "forbidden";
    case ErrorCode::kLimitExceeded: return "limit_exceeded";
    case ErrorCode::kConflict: return "conflict";
    case ErrorCode::kUnavailable: return "unavailable";
    case ErrorCode::kCancelled: return "cancelled";
    case ErrorCode::kUnimplemented: return "unimplemented";
    case ErrorCode::kInternal: return "internal";
    case ErrorCode::kRevoked: return "revoked";
    case ErrorCode::kHeldFull: return "held_full";
  }
  return "unknown";
}

bool is_retryable(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBusy:
    case ErrorCode::kDiskFull:
    case ErrorCode::kIo:
    case ErrorCode::kNetwork:
    case ErrorCode::kUnexpectedReply:
    case ErrorCode::kUnavailable:
    case ErrorCode::kHeldFull:
      return true;
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kNotFound:
    case ErrorCode::kCorrupt:
    case ErrorCode::kUnsupportedVersion:
    case ErrorCode::kUnauthorized:
    case ErrorCode::kForbidden:
    case ErrorCode::kLimitExceeded:
    case ErrorCode::kConflict:
    case ErrorCode::kCancelled:
    case ErrorCode::kUnimplemented:
    case ErrorCode::kInternal:
    case ErrorCode::kRevoked:
      return false;
  }
  return false;
}

}  // namespace phusa
