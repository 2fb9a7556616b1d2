#pragma once

#include "sync-server/totals/query.hpp"

#include <optional>
#include <string>

namespace phusa::http {

/// What people ask for: codes and days as they type them, empty for "not asked". The command line and the
/// JSON API both fill in this, so that they mean the same.
struct TotalsRequest {
  std::string by;  ///< unit,indicator,campaign,kind,label:GROUP,month,review
  std::string unit;
  std::string indicator;
  std::string campaign;
  std::string kind;
  std::string from;
  std::string to;
  std::string review;
  std::string as_of;  ///< position or position.tag
};

/// kInvalidArgument names the parameter; kNotFound names the unknown code; kForbidden: a unit outside `scope`
/// (a unit's code whose subtree is all that may be seen); kConflict: the tag of `as_of` is of a history that
/// was lost.
Result<totals::Query> resolve(const TotalsRequest& request, const Catalogue& catalogue,
                              const std::optional<std::string>& scope, ledger::Snapshot& snapshot);

/// `412.0a1b2c3d4e5f6071`
std::string format_point(const LedgerPoint& point);

}  // namespace phusa::http
