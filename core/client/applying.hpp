#pragma once

#include "core/client/phone.hpp"

namespace phusa {

/// What a reply, or a file of receipts, is doing to the store while its transaction runs.
struct Phone::Applying {
  Applied counts;
  std::optional<LedgerPoint> furthest;
  WallTime at{};
  bool has_own = false;
  bool has_pending = false;
  bool is_revoked = false;      ///< this device is, as far as it knew before
  bool tells_of_chain = false;  ///< the server lacks this device's newest certificate, and is told next
};

}  // namespace phusa
