#pragma once

#include "bindings/cli/language.hpp"
#include "core/base/day.hpp"
#include "proto/phusa/v1/client.pb.h"

#include <string>
#include <vector>

namespace phusa::cli {

/// What of a record somebody has just said.
struct JustSaid {
  bool unit = true;
  bool days = true;
  bool campaigns = true;
};
JustSaid said_by_edit(const v1::Content& edit);

/// What the centre will hold a record just logged for, as far as this phone can see: a day that has not come
/// or is long past, a last day before the first, a campaign that is not open on that day, a unit that is not
/// the person's own. It is logged all the same; the person is told at once, not by a sync days later. After
/// an edit only what it says is looked at.
std::vector<std::string> log_warnings(const Tongue& tongue, const v1::Content& content,
                                      const v1::StatusReply& status, const v1::CatalogueReply& catalogue,
                                      Day today, const JustSaid& said = {});

}  // namespace phusa::cli
