#pragma once

#include "core/model/catalogue.hpp"
#include "sync-server/ledger/ledger.hpp"

#include <optional>
#include <string>
#include <vector>

namespace phusa::totals {

enum class ReviewFilter : std::uint8_t {
  kCounted,
  kConfirmed,
  kAwaiting,
  kReturned,
  kAll
};  // counted = awaiting or confirmed

/// What to add up. Rows always stand apart by indicator: figures of different indicators are never added.
struct Query {
  bool by_unit = false;      ///< own figures, not the subtree's
  bool by_campaign = false;  ///< a record shows under each of its campaigns and each of their ancestors
  bool by_kind = false;
  bool by_month = false;
  bool by_review = false;
  std::optional<std::string> by_label_group;

  std::optional<UnitNo> unit;  ///< with all that rolls up into it
  std::optional<IndicatorNo> indicator;
  std::optional<CampaignNo> campaign;  ///< with its descendants
  std::optional<KindNo> kind;
  std::optional<Day> from;
  std::optional<Day> to;
  ReviewFilter review = ReviewFilter::kCounted;
  std::optional<std::uint64_t> as_of;  ///< a position; the newest if missing
};

/// Reads `by=unit,campaign,label:GROUP,...` and a review filter's name; kInvalidArgument names what it does
/// not know.
Result<void> parse_by(std::string_view by, Query& query);
Result<ReviewFilter> parse_review(std::string_view name);

/// One row; keys that were not asked for are empty. Codes, not numbers: rows are sorted by them.
struct Row {
  IndicatorNo indicator_no;
  std::string indicator;
  std::string unit;
  std::string campaign;  ///< empty with by_campaign: of no campaign
  std::string kind;
  std::string label;
  std::string month;   ///< yyyy-mm
  std::string review;  ///< awaiting, confirmed, returned
  ledger::Figures figures;
};

struct Table {
  LedgerPoint as_of;
  std::vector<Row> rows;
};

/// kLimitExceeded past limits::kTotalsRowsMax rows; kInvalidArgument for an as_of beyond the head.
Result<Table> query(ledger::Snapshot& snapshot, const Catalogue& catalogue, const Query& query);

/// "exact", "more" or "nearly" when all records of the figures said so or were exact; "mixed" when both
/// occur.
std::string_view qualifier_of(const ledger::Figures& figures);

/// A record that a total is made of (or would be, were it not held).
struct Line {
  RecordId record;
  IndicatorNo indicator;
  Amount amount;
  UnitNo unit;
  KindNo kind;
  Day day{};
  DeviceId device;  ///< that logged it
  std::optional<WallTime> logged_at;
  std::uint64_t position = 0;  ///< of the entry that last changed it
  WallTime received_at{};      ///< of that entry
  HoldReason hold = HoldReason::kNone;
  bool counted = false;  ///< part of the total; false: held, or another record of its event counts
};

struct LinesPage {
  std::vector<Line> lines;
  std::uint64_t next = 0;  ///< pass as `after` for the next page; 0: this was the last
};

/// The records behind `query` (its `by` and `as_of` are not looked at), ascending keys, `limit` at most,
/// after key `after`.
Result<LinesPage> lines(ledger::Snapshot& snapshot, const Catalogue& catalogue, const Query& query,
                        std::uint64_t after, std::size_t limit);

}  // namespace phusa::totals
