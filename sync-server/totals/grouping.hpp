#pragma once

#include "sync-server/totals/query.hpp"

#include <array>
#include <map>
#include <set>
#include <unordered_map>

namespace phusa::totals {

/// Sorts cells into the groups a query asks for. Numbers inside, codes only at the end.
class Grouping {
 public:
  Grouping(ledger::Snapshot& snapshot, const Catalogue& catalogue, const Query& query);

  /// Whether months, units and reviews are all the query needs to know of a cell.
  bool is_coarse() const;
  Result<void> add(const ledger::CellKey& key, const ledger::Figures& figures);
  void add(const ledger::CoarseKey& key, const ledger::Figures& figures);
  /// Rows sorted by their codes; groups that came to nothing are left out.
  Result<std::vector<Row>> rows() const;

  /// Whether a record belongs to the query that would lie in this cell, of these campaigns
  /// (value::of_numbers): a held one's set need not have a number.
  bool takes(const ledger::CellKey& key, BytesView campaigns) const;

 private:
  Result<bool> takes(const ledger::CellKey& key);
  bool takes_place(const ledger::CellKey& key) const;
  /// Canonical numbers of campaigns -> these and all above them.
  std::set<CampaignNo> with_those_above(BytesView campaigns) const;
  struct Group {
    IndicatorNo indicator;
    std::uint32_t unit = 0;  // each number + 1; 0: not asked for, or none
    std::uint32_t campaign = 0;
    std::uint32_t kind = 0;
    std::uint32_t label = 0;
    std::int32_t month = 0;
    std::uint32_t review = 0;
    friend auto operator<=>(const Group&, const Group&) = default;
  };

  bool takes_review(ReviewState review) const;
  bool takes_unit(UnitNo unit) const {
    return !query_.unit || (unit.value < units_.size() && units_[unit.value]);
  }
  Result<const std::vector<CampaignNo>*> campaigns_of(std::uint32_t set);
  Result<std::uint32_t> label_of(std::uint32_t set);
  void add_to(const Group& group, const ledger::Figures& figures);
  Group group_of(IndicatorNo indicator, UnitNo unit, std::int32_t month, ReviewState review) const;
  Row row_of(const Group& group, const ledger::Figures& figures) const;

  ledger::Snapshot& snapshot_;
  const Catalogue& catalogue_;
  const Query& query_;
  std::vector<bool> units_;
  std::map<Group, ledger::Figures> groups_;
  std::pair<const Group, ledger::Figures>* last_ = nullptr;  // cells of one group come one after another
  std::unordered_map<std::uint32_t, std::vector<CampaignNo>> campaigns_;
  std::unordered_map<std::uint32_t, std::uint32_t> labels_;
};

}  // namespace phusa::totals
