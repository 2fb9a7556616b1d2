#include "bindings/cli/log_warnings.hpp"

#include "core/base/limits.hpp"

#include <algorithm>
#include <optional>

namespace phusa::cli {
namespace {

/// Units that merged or moved may be judged by an older tree than the phone has: a warning too many does no
/// harm.
bool lies_below(const v1::CatalogueReply& catalogue, std::string unit, const std::string& root) {
  for (int steps = 0; steps <= catalogue.units_size(); ++steps) {
    if (unit == root) return true;
    const auto found = std::find_if(catalogue.units().begin(), catalogue.units().end(),
                                    [&](const auto& item) { return item.code() == unit; });
    if (found == catalogue.units().end() || found->parent().empty()) return false;
    unit = found->parent();
  }
  return false;
}

/// As people here write a day.
std::string day_words(const Tongue& tongue, Day day) {
  if (tongue.language() == Language::kEnglish) return format_day(day);
  const std::chrono::year_month_day date(day);
  return std::to_string(static_cast<unsigned>(date.day())) + "/" +
         std::to_string(static_cast<unsigned>(date.month())) + "/" +
         std::to_string(static_cast<int>(date.year()));
}

}  // namespace

std::vector<std::string> log_warnings(const Tongue& tongue, const v1::Content& content,
                                      const v1::StatusReply& status, const v1::CatalogueReply& catalogue,
                                      Day today) {
  std::vector<std::string> out;
  if (status.role() != "office" && !lies_below(catalogue, content.unit(), status.unit()))
    out.push_back(tongue.say("log.foreign_unit", {content.unit(), status.unit()}));
  const auto first = parse_day(content.day());
  if (first && day_number(*first) < limits::kEarliestDay)
    out.push_back(tongue.say("log.early_day", {day_words(tongue, *first)}));
  const Day horizon = today + std::chrono::days(limits::kFutureDaysMax);
  for (const auto& text : {content.last_day(), content.day()}) {
    const auto day = parse_day(text);
    if (!day || *day <= horizon) continue;
    out.push_back(tongue.say("log.future_day", {day_words(tongue, *day)}));
    break;
  }
  return out;
}

}  // namespace phusa::cli
