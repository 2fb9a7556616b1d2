#pragma once

#include "core/base/result.hpp"

#include <set>
#include <string>
#include <string_view>

/// People name a device, a code, a token by the first digits of its id.
namespace phusa::app {

constexpr std::size_t kShortIdDigits = 8;

template <class Id>
std::string short_id(const Id& id) {
  return id.hex().substr(0, kShortIdDigits);
}

/// The one of `ids` that starts with `text`. `noun` is what they are, `list` the command that shows them.
/// kInvalidArgument: too few digits, or several start so; kNotFound.
template <class Id>
Result<Id> only_one(const std::set<Id>& ids, const std::string& text, const std::string& noun,
                    const std::string& list) {
  if (text.size() < kShortIdDigits) {
    return fail(ErrorCode::kInvalidArgument,
                "name a " + noun + " by at least 8 digits of its id; see phusa-server " + list);
  }
  const Id* found = nullptr;
  for (const Id& id : ids) {
    if (!id.hex().starts_with(text)) continue;
    if (found != nullptr) {
      return fail(ErrorCode::kInvalidArgument,
                  "more than one " + noun + " starts with '" + text + "'; give more digits");
    }
    found = &id;
  }
  if (found == nullptr)
    return fail(ErrorCode::kNotFound, "no " + noun + " '" + text + "'; see phusa-server " + list);
  return *found;
}

}  // namespace phusa::app
