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
  bool is_revoked = false;  ///< this device is, as far as it knew before
};

}  // namespace phusa
