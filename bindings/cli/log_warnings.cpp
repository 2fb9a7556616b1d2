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

/// Of a day that is wrong by itself.
void warn_of_days(const Tongue& tongue, const v1::Content& content, Day today,
                  std::vector<std::string>& out) {
  const auto first = parse_day(content.day());
  const auto last = parse_day(content.last_day());
  if (first && day_number(*first) < limits::kEarliestDay)
    out.push_back(tongue.say("log.early_day", {day_words(tongue, *first)}));
  if (first && last && *last < *first)
    out.push_back(
        tongue.say("log.last_day_before_first", {day_words(tongue, *last), day_words(tongue, *first)}));
  const Day horizon = today + std::chrono::days(limits::kFutureDaysMax);
  for (const auto& day : {last, first}) {
    if (!day || *day <= horizon) continue;
    out.push_back(tongue.say("log.future_day", {day_words(tongue, *day)}));
    break;
  }
}

/// The first day decides; a window's edges belong to it.
void warn_of_campaigns(const Tongue& tongue, const v1::Content& content, const v1::CatalogueReply& catalogue,
                       std::vector<std::string>& out) {
  const auto first = parse_day(content.day());
  if (!first) return;
  for (const auto& code : content.campaigns().items()) {
    const auto found = std::find_if(catalogue.campaigns().begin(), catalogue.campaigns().end(),
                                    [&](const auto& item) { return item.code() == code; });
    if (found == catalogue.campaigns().end()) continue;
    const auto from = parse_day(found->from());
    const auto until = parse_day(found->until());
    if ((from && *first < *from) || (until && *first > *until))
      out.push_back(tongue.say("log.campaign_not_open", {code, day_words(tongue, *first)}));
  }
}

}  // namespace

JustSaid said_by_edit(const v1::Content& edit) {
  return {edit.has_unit(), edit.has_day() || edit.has_last_day(), edit.has_day() || edit.has_campaigns()};
}

std::vector<std::string> log_warnings(const Tongue& tongue, const v1::Content& content,
                                      const v1::StatusReply& status, const v1::CatalogueReply& catalogue,
                                      Day today, const JustSaid& said) {
  std::vector<std::string> out;
  if (said.unit && status.role() != "office" && !lies_below(catalogue, content.unit(), status.unit()))
    out.push_back(tongue.say("log.foreign_unit", {content.unit(), status.unit()}));
  if (said.days) warn_of_days(tongue, content, today, out);
  if (said.campaigns) warn_of_campaigns(tongue, content, catalogue, out);
  return out;
}

}  // namespace phusa::cli
