#pragma once

#include "bindings/cli/language.hpp"
#include "core/base/day.hpp"
#include "proto/phusa/v1/client.pb.h"

#include <string>
#include <vector>

namespace phusa::cli {

/// What the centre will hold a record just logged for, as far as this phone can see: a day that has not come
/// or is long past, a unit that is not the person's own. It is logged all the same; the person is told at
/// once, not by a sync days later.
std::vector<std::string> log_warnings(const Tongue& tongue, const v1::Content& content,
                                      const v1::StatusReply& status, const v1::CatalogueReply& catalogue,
                                      Day today);

}  // namespace phusa::cli
