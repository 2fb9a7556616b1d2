#include "sync-server/totals/query.hpp"

#include "sync-server/totals/cell_log.hpp"
#include "sync-server/totals/grouping.hpp"

namespace phusa::totals {
namespace {

Result<void> add_cells(ledger::Snapshot& snapshot, const Query& query, Grouping& grouping) {
  Result<void> trouble;
  const ledger::CellFilter filter{query.indicator};
  if (grouping.is_coarse()) {
    return snapshot.for_each_coarse(filter,
                                    [&](const ledger::CoarseKey& key, const ledger::Figures& figures) {
                                      grouping.add(key, figures);
                                      return true;
                                    });
  }
  PHUSA_TRY(snapshot.for_each_cell(filter, [&](const ledger::CellKey& key, const ledger::Figures& figures) {
    trouble = grouping.add(key, figures);
    return trouble.has_value();
  }));
  return trouble;
}

/// Takes back what happened after `position`.
Result<void> take_back(ledger::Snapshot& snapshot, std::uint64_t position, Grouping& grouping) {
  const auto undo_coarse = [&](BytesView packed) -> Result<void> {
    PHUSA_ASSIGN(const auto changes, unpack_coarse(packed));
    for (const CoarseChange& change : changes) grouping.add(change.key, -change.figures);
    return {};
  };
  const auto undo_fine = [&](BytesView packed) -> Result<void> {
    PHUSA_ASSIGN(const auto changes, unpack_fine(packed));
    for (const FineChange& change : changes) PHUSA_TRY(grouping.add(change.key, -change.figures));
    return {};
  };
  const bool coarse = grouping.is_coarse();
  Result<void> trouble;
  PHUSA_TRY(snapshot.for_each_cell_log(coarse ? ledger::Grain::kCoarse : ledger::Grain::kFine, position,
                                       [&](const Bytes& packed) {
                                         trouble = coarse ? undo_coarse(packed) : undo_fine(packed);
                                         return trouble.has_value();
                                       }));
  return trouble;
}

}  // namespace

std::string_view qualifier_of(const ledger::Figures& figures) {
  if (figures.more != 0 && figures.nearly != 0) return "mixed";
  if (figures.more != 0) return qualifier_name(Qualifier::kMore);
  return qualifier_name(figures.nearly != 0 ? Qualifier::kNearly : Qualifier::kExact);
}

Result<void> parse_by(std::string_view by, Query& query) {
  while (!by.empty()) {
    const std::size_t end = std::min(by.find(','), by.size());
    const std::string_view word = by.substr(0, end);
    by.remove_prefix(std::min(end + 1, by.size()));
    if (word == "unit") {
      query.by_unit = true;
    } else if (word == "campaign") {
      query.by_campaign = true;
    } else if (word == "kind") {
      query.by_kind = true;
    } else if (word == "month") {
      query.by_month = true;
    } else if (word == "review") {
      query.by_review = true;
    } else if (word.starts_with("label:") && word.size() > 6 && !query.by_label_group) {
      query.by_label_group = std::string(word.substr(6));
    } else if (word != "indicator" && !word.empty()) {
      return fail(ErrorCode::kInvalidArgument,
                  "cannot group by '" + std::string(word) +
                      "': unit, indicator, campaign, kind, one label:GROUP, month or review");
    }
  }
  return {};
}

Result<ReviewFilter> parse_review(std::string_view name) {
  if (name.empty() || name == "counted") return ReviewFilter::kCounted;
  if (name == "confirmed") return ReviewFilter::kConfirmed;
  if (name == "awaiting") return ReviewFilter::kAwaiting;
  if (name == "returned") return ReviewFilter::kReturned;
  if (name == "all") return ReviewFilter::kAll;
  return fail(
      ErrorCode::kInvalidArgument,
      "'" + std::string(name) + "' is not a review state: counted, confirmed, awaiting, returned or all");
}

Result<Table> query(ledger::Snapshot& snapshot, const Catalogue& catalogue, const Query& query) {
  Table table;
  PHUSA_ASSIGN(table.as_of, snapshot.head());
  Grouping grouping(snapshot, catalogue, query);
  PHUSA_TRY(add_cells(snapshot, query, grouping));
  if (query.as_of && *query.as_of != table.as_of.position) {
    const auto beyond = [&] {
      return fail(ErrorCode::kInvalidArgument, "the ledger has no position " + std::to_string(*query.as_of));
    };
    if (*query.as_of > table.as_of.position) return beyond();
    PHUSA_ASSIGN(const auto point, snapshot.point(*query.as_of));
    if (!point && *query.as_of != 0) return beyond();
    PHUSA_TRY(take_back(snapshot, *query.as_of, grouping));
    table.as_of = point.value_or(LedgerPoint{});
  }
  PHUSA_ASSIGN(table.rows, grouping.rows());
  return table;
}

}  // namespace phusa::totals
