#include "core/model/catalogue.hpp"

#include <algorithm>
#include <set>

namespace phusa {
namespace {

template <class No, class Row>
std::optional<No> find_code(const std::vector<Row>& rows, std::string_view code) {
  const auto at = std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.code == code; });
  if (at == rows.end()) return std::nullopt;
  return No{static_cast<std::uint32_t>(at - rows.begin())};
}

}  // namespace

std::optional<UnitNo> Catalogue::unit(std::string_view code) const {
  return find_code<UnitNo>(units, code);
}
std::optional<ClusterNo> Catalogue::cluster(std::string_view code) const {
  return find_code<ClusterNo>(clusters, code);
}
std::optional<CampaignNo> Catalogue::campaign(std::string_view code) const {
  return find_code<CampaignNo>(campaigns, code);
}
std::optional<IndicatorNo> Catalogue::indicator(std::string_view code) const {
  return find_code<IndicatorNo>(indicators, code);
}
std::optional<LabelNo> Catalogue::label(std::string_view code) const {
  return find_code<LabelNo>(labels, code);
}
std::optional<KindNo> Catalogue::kind(std::string_view code) const {
  return find_code<KindNo>(kinds, code);
}

bool Catalogue::is_within(UnitNo unit, UnitNo root) const {
  // At most one step per unit, so that a cycle that slipped in cannot hang us.
  for (std::size_t steps = 0; steps <= units.size() && unit.value < units.size(); ++steps) {
    if (unit == root) return true;
    if (!units[unit.value].parent) return false;
    unit = *units[unit.value].parent;
  }
  return false;
}

std::optional<UnitNo> Unit::merged_into() const {
  return validity.until && successors.size() == 1 ? std::optional(successors.front()) : std::nullopt;
}

bool Catalogue::rolls_up_into(UnitNo unit, UnitNo root) const {
  UnitNo at = unit;
  bool found = false;
  for (std::size_t steps = 0; steps <= units.size() && at.value < units.size(); ++steps) {
    found = found || at == root;
    const auto successor = units[at.value].merged_into();
    const auto above = successor ? successor : units[at.value].parent;
    if (!above) return found;
    at = *above;
  }
  return is_within(unit, root);  // merged in a circle: as if it were not
}

std::vector<UnitNo> Catalogue::subtree(UnitNo root) const {
  std::vector<UnitNo> out;
  for (std::uint32_t no = 0; no < units.size(); ++no) {
    if (is_within(UnitNo{no}, root)) out.push_back(UnitNo{no});
  }
  return out;
}

std::vector<CampaignNo> Catalogue::with_ancestors(CampaignNo campaign) const {
  std::set<CampaignNo> seen;
  std::vector<CampaignNo> todo{campaign};
  while (!todo.empty()) {
    const CampaignNo next = todo.back();
    todo.pop_back();
    if (next.value >= campaigns.size() || !seen.insert(next).second) continue;
    todo.insert(todo.end(), campaigns[next.value].parents.begin(), campaigns[next.value].parents.end());
  }
  return {seen.begin(), seen.end()};
}

}  // namespace phusa
