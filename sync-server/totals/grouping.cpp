#include "sync-server/totals/grouping.hpp"

#include "core/base/limits.hpp"
#include "core/model/catalogue_rows.hpp"
#include "sync-server/totals/cell_log.hpp"

#include <algorithm>

namespace phusa::totals {
namespace {

using ledger::CellKey;
using ledger::CoarseKey;
using ledger::Figures;

bool is_first_of_month(Day day) {
  return std::chrono::year_month_day(day).day() == std::chrono::day(1);
}

template <class Entries>
std::string code_at(const Entries& entries, std::uint32_t number_plus_one) {
  return number_plus_one == 0 ? std::string() : code_of(entries, number_plus_one - 1);
}

std::string month_text(std::int32_t month) {
  const std::chrono::year_month_day first(std::chrono::year(month / 12),
                                          std::chrono::month(static_cast<unsigned>(month % 12) + 1),
                                          std::chrono::day(1));
  return format_month(Day(first));
}

}  // namespace

Grouping::Grouping(ledger::Snapshot& snapshot, const Catalogue& catalogue, const Query& query)
    : snapshot_(snapshot), catalogue_(catalogue), query_(query) {
  if (!query.unit) return;
  units_.resize(catalogue.units.size(), false);
  for (std::uint32_t no = 0; no < units_.size(); ++no)
    units_[no] = catalogue.rolls_up_into(UnitNo{no}, *query.unit);
}

bool Grouping::is_coarse() const {
  const bool whole_months = (!query_.from || is_first_of_month(*query_.from)) &&
                            (!query_.to || is_first_of_month(*query_.to + std::chrono::days(1)));
  return whole_months && !query_.by_campaign && !query_.by_kind && !query_.by_label_group &&
         !query_.campaign && !query_.kind;
}

bool Grouping::takes_review(ReviewState review) const {
  switch (query_.review) {
    case ReviewFilter::kCounted:
      return review != ReviewState::kReturned;
    case ReviewFilter::kConfirmed:
      return review == ReviewState::kConfirmed;
    case ReviewFilter::kAwaiting:
      return review == ReviewState::kAwaiting;
    case ReviewFilter::kReturned:
      return review == ReviewState::kReturned;
    case ReviewFilter::kAll:
      return true;
  }
  return false;
}

bool Grouping::takes_place(const CellKey& key) const {
  if (query_.indicator && key.indicator != *query_.indicator) return false;
  if (query_.kind && key.kind != *query_.kind) return false;
  if (!takes_unit(key.unit) || !takes_review(key.review)) return false;
  if (query_.from && key.day < day_number(*query_.from)) return false;
  return !query_.to || key.day <= day_number(*query_.to);
}

bool Grouping::takes(const CellKey& key, BytesView campaigns) const {
  if (!takes_place(key)) return false;
  if (!query_.campaign) return true;
  const auto all = with_those_above(campaigns);
  return all.contains(*query_.campaign);
}

Result<bool> Grouping::takes(const CellKey& key) {
  if (!takes_place(key)) return false;
  if (!query_.campaign) return true;
  PHUSA_ASSIGN(const auto* campaigns, campaigns_of(key.campaigns));
  return std::find(campaigns->begin(), campaigns->end(), *query_.campaign) != campaigns->end();
}

Grouping::Group Grouping::group_of(IndicatorNo indicator, UnitNo unit, std::int32_t month,
                                   ReviewState review) const {
  Group group;
  group.indicator = indicator;
  if (query_.by_unit) group.unit = unit.value + 1;
  if (query_.by_month) group.month = month;
  if (query_.by_review) group.review = static_cast<std::uint32_t>(review) + 1;
  return group;
}

void Grouping::add_to(const Group& group, const Figures& figures) {
  if (last_ == nullptr || last_->first != group) last_ = &*groups_.try_emplace(group).first;
  last_->second += figures;
}

Result<void> Grouping::add(const CellKey& key, const Figures& figures) {
  PHUSA_ASSIGN(const bool taken, takes(key));
  if (!taken) return {};
  Group group = group_of(key.indicator, key.unit, month_of(key.day), key.review);
  if (query_.by_kind) group.kind = key.kind.value + 1;
  if (query_.by_label_group) {
    PHUSA_ASSIGN(group.label, label_of(key.labels));
  }
  if (!query_.by_campaign) {
    add_to(group, figures);
    return {};
  }
  PHUSA_ASSIGN(const auto* campaigns, campaigns_of(key.campaigns));
  if (campaigns->empty()) add_to(group, figures);
  for (const CampaignNo campaign : *campaigns) {
    if (query_.campaign) {
      const auto above = catalogue_.with_ancestors(campaign);
      if (std::find(above.begin(), above.end(), *query_.campaign) == above.end()) continue;
    }
    group.campaign = campaign.value + 1;
    add_to(group, figures);
  }
  return {};
}

void Grouping::add(const CoarseKey& key, const Figures& figures) {
  if (query_.indicator && key.indicator != *query_.indicator) return;
  if (!takes_unit(key.unit) || !takes_review(key.review)) return;
  if (query_.from && key.month < month_of(static_cast<std::int32_t>(day_number(*query_.from)))) return;
  if (query_.to && key.month > month_of(static_cast<std::int32_t>(day_number(*query_.to)))) return;
  add_to(group_of(key.indicator, key.unit, key.month, key.review), figures);
}

std::set<CampaignNo> Grouping::with_those_above(BytesView campaigns) const {
  std::set<CampaignNo> all;
  for (const std::uint32_t number : value::numbers(campaigns).value_or(std::vector<std::uint32_t>{})) {
    for (const CampaignNo campaign : catalogue_.with_ancestors(CampaignNo{number})) all.insert(campaign);
  }
  return all;
}

Result<const std::vector<CampaignNo>*> Grouping::campaigns_of(std::uint32_t set) {
  if (const auto known = campaigns_.find(set); known != campaigns_.end()) return &known->second;
  PHUSA_ASSIGN(const Bytes canonical, snapshot_.set_of(set));
  const std::set<CampaignNo> all = with_those_above(canonical);
  return &campaigns_.emplace(set, std::vector<CampaignNo>(all.begin(), all.end())).first->second;
}

Result<std::uint32_t> Grouping::label_of(std::uint32_t set) {
  if (const auto known = labels_.find(set); known != labels_.end()) return known->second;
  PHUSA_ASSIGN(const Bytes canonical, snapshot_.set_of(set));
  std::uint32_t found = 0;
  const auto numbers = value::numbers(canonical);
  if (numbers) {
    for (const std::uint32_t number : *numbers) {
      if (number < catalogue_.labels.size() && catalogue_.labels[number].group == *query_.by_label_group)
        found = number + 1;
    }
  }
  labels_.emplace(set, found);
  return found;
}

Row Grouping::row_of(const Group& group, const Figures& figures) const {
  Row row;
  row.indicator_no = group.indicator;
  row.indicator = code_at(catalogue_.indicators, group.indicator.value + 1);
  row.unit = code_at(catalogue_.units, group.unit);
  row.campaign = code_at(catalogue_.campaigns, group.campaign);
  row.kind = code_at(catalogue_.kinds, group.kind);
  row.label = code_at(catalogue_.labels, group.label);
  if (query_.by_month) row.month = month_text(group.month);
  if (group.review != 0) row.review = review_name(static_cast<ReviewState>(group.review - 1));
  row.figures = figures;
  return row;
}

Result<std::vector<Row>> Grouping::rows() const {
  if (groups_.size() > limits::kTotalsRowsMax) {
    return fail(ErrorCode::kLimitExceeded, "this table has " + std::to_string(groups_.size()) +
                                               " rows: ask for a unit, an indicator or a shorter time");
  }
  std::vector<Row> rows;
  rows.reserve(groups_.size());
  for (const auto& [group, figures] : groups_) {
    if (!figures.is_zero()) rows.push_back(row_of(group, figures));
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return std::tie(a.indicator, a.unit, a.campaign, a.kind, a.label, a.month, a.review) <
           std::tie(b.indicator, b.unit, b.campaign, b.kind, b.label, b.month, b.review);
  });
  return rows;
}

}  // namespace phusa::totals
