#include "core/merge/plausibility.hpp"

#include "core/base/limits.hpp"
#include "core/merge/merge.hpp"

#include <algorithm>
#include <set>

namespace phusa::merge {
namespace {

HoldReason judge_days(Day first, const RecordState& state, Day today) {
  const auto last = value::day(winning_value(state, FieldKind::kLastDay));
  if (day_number(first) < limits::kEarliestDay || (last && *last < first)) return HoldReason::kDayImplausible;
  const Day horizon = today + std::chrono::days(limits::kFutureDaysMax);
  if (first > horizon || (last && *last > horizon)) return HoldReason::kDayInFuture;
  return HoldReason::kNone;
}

HoldReason judge_campaigns(const RecordState& state, const Catalogue& catalogue, Day day) {
  const auto campaigns = value::numbers(winning_value(state, FieldKind::kCampaigns));
  if (!campaigns) return HoldReason::kNone;
  for (const std::uint32_t no : *campaigns) {
    if (no >= catalogue.campaigns.size()) return HoldReason::kUnknownCode;
    if (!catalogue.campaigns[no].validity.covers(day)) return HoldReason::kCodeNotValid;
  }
  return HoldReason::kNone;
}

HoldReason judge_labels(const RecordState& state, const Catalogue& catalogue) {
  const auto labels = value::numbers(winning_value(state, FieldKind::kLabels));
  if (!labels) return HoldReason::kNone;
  std::set<std::string_view> groups;
  for (const std::uint32_t no : *labels) {
    if (no >= catalogue.labels.size()) return HoldReason::kUnknownCode;
    const std::string& group = catalogue.labels[no].group;
    if (!group.empty() && !groups.insert(group).second) return HoldReason::kLabelClash;
  }
  return HoldReason::kNone;
}

HoldReason judge_partners(const RecordState& state, const Catalogue& catalogue) {
  const auto partners = value::partners(winning_value(state, FieldKind::kPartners));
  if (!partners) return HoldReason::kNone;
  for (const Partner& partner : *partners) {
    const auto* unit = std::get_if<UnitNo>(&partner);
    const auto* cluster = std::get_if<ClusterNo>(&partner);
    if (unit != nullptr && unit->value >= catalogue.units.size()) return HoldReason::kUnknownCode;
    if (cluster != nullptr && cluster->value >= catalogue.clusters.size()) return HoldReason::kUnknownCode;
  }
  return HoldReason::kNone;
}

HoldReason judge_values(const RecordState& state, const Catalogue& catalogue) {
  // Readers get no more fields than that, and must not come to other totals than the centre.
  if (state.registers.size() > limits::kFieldsPerChangeMax) return HoldReason::kValueOutOfRange;
  for (const Register& reg : state.registers) {
    if (!reg.field.is_value() || reg.nodes.empty() || reg.nodes.front().version.value.empty()) continue;
    const auto amount = value::amount(reg.nodes.front().version.value);
    if (reg.field.indicator().value >= catalogue.indicators.size()) return HoldReason::kUnknownCode;
    const Indicator& indicator = catalogue.indicators[reg.field.indicator().value];
    // What was done can be nothing, but not less: a negative flow would lower what others did.
    if (!amount || (indicator.nature == Nature::kFlow && amount->value < 0)) return HoldReason::kValueOutOfRange;
    if (indicator.maximum && std::max(amount->value, -amount->value) > *indicator.maximum)
      return HoldReason::kValueOutOfRange;
  }
  return HoldReason::kNone;
}

}  // namespace

HoldReason judge_record(const RecordState& state, const Standard& standard) {
  const Catalogue& catalogue = *standard.catalogue;
  const Node* unit_node = winner(state, FieldKind::kUnit);
  const auto unit = value::number(winning_value(state, FieldKind::kUnit));
  const auto kind = value::number(winning_value(state, FieldKind::kKind));
  const auto day = value::day(winning_value(state, FieldKind::kDay));
  if (!unit || !kind || !day) return HoldReason::kIncomplete;
  if (*unit >= catalogue.units.size() || *kind >= catalogue.kinds.size()) return HoldReason::kUnknownCode;
  if (!standard.may_log_for(unit_node->version.device, UnitNo{*unit})) return HoldReason::kForeignUnit;
  if (const HoldReason days = judge_days(*day, state, standard.today); days != HoldReason::kNone) return days;
  if (!catalogue.units[*unit].validity.covers(*day)) return HoldReason::kCodeNotValid;
  for (const HoldReason reason : {judge_campaigns(state, catalogue, *day), judge_labels(state, catalogue),
                                  judge_partners(state, catalogue),
                                  judge_values(state, catalogue)}) {
    if (reason != HoldReason::kNone) return reason;
  }
  return HoldReason::kNone;
}

}  // namespace phusa::merge
