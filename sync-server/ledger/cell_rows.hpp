#pragma once

#include "core/model/figure.hpp"
#include "sync-server/ledger/rows.hpp"

#include <compare>
#include <span>

namespace phusa::ledger {

/// What a cell counts. Added and subtracted, never set: a cell is the sum of its records' contributions.
struct Figures {
  std::int64_t records = 0;
  std::int64_t more = 0;  ///< of these: "more than"
  std::int64_t nearly = 0;
  Int128 sum = 0;

  Figures& operator+=(const Figures& other) {
    records += other.records;
    more += other.more;
    nearly += other.nearly;
    sum += other.sum;
    return *this;
  }
  Figures operator-() const { return {-records, -more, -nearly, -sum}; }
  bool is_zero() const { return records == 0 && more == 0 && nearly == 0 && sum == 0; }
  friend bool operator==(const Figures&, const Figures&) = default;
};

/// The fine grain: a record lies in one cell per value. Sets are interned numbers (0: the empty set).
struct CellKey {
  IndicatorNo indicator;
  UnitNo unit;
  std::int32_t day = 0;  ///< day_number of the first day
  KindNo kind;
  std::uint32_t campaigns = 0;
  std::uint32_t labels = 0;
  ReviewState review = ReviewState::kAwaiting;
  friend auto operator<=>(const CellKey&, const CellKey&) = default;
};

/// The coarse grain, for the tables that everybody asks for.
struct CoarseKey {
  IndicatorNo indicator;
  UnitNo unit;
  std::int32_t month = 0;  ///< year * 12 + month - 1
  ReviewState review = ReviewState::kAwaiting;
  friend auto operator<=>(const CoarseKey&, const CoarseKey&) = default;
};

enum class Grain : std::uint8_t { kFine = 1, kCoarse = 2 };

struct CellFilter {
  std::optional<IndicatorNo> indicator;
};

/// One record's figure for an indicator of which an event counts one. `member` sorts as RecordId does.
struct EventValueRow {
  Bytes event;  ///< value::of_record of the event's header
  IndicatorNo indicator;
  Bytes member;
  bool confirmed = false;
  CellKey cell;
  Figures figures;
};

/// An event and an indicator of which it counts one figure.
struct EventPlace {
  Bytes event;
  IndicatorNo indicator;
};

}  // namespace phusa::ledger
