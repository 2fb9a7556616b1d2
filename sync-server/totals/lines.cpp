#include "core/merge/merge.hpp"
#include "core/merge/state_codec.hpp"
#include "sync-server/totals/cells.hpp"
#include "sync-server/totals/grouping.hpp"
#include "sync-server/totals/query.hpp"

#include <unordered_map>

namespace phusa::totals {
namespace {

class LineReader {
 public:
  LineReader(ledger::Snapshot& snapshot, const Catalogue& catalogue, const Query& query)
      : snapshot_(snapshot), catalogue_(catalogue), query_(query), grouping_(snapshot, catalogue, query) {}

  Result<void> add(const ledger::RecordRow& row, std::vector<Line>& lines) {
    if (row.retracted || !row.unit) return {};
    if (query_.unit && !catalogue_.is_within(*row.unit, *query_.unit)) return {};
    PHUSA_ASSIGN(const auto block, block_of(row.key.block_no()));
    PHUSA_ASSIGN(const RecordState state,
                 merge::decode_state({block.device, block.block, row.key.n()}, row.state));
    const auto kind = value::number(merge::winning_value(state, FieldKind::kKind));
    const auto day = value::day(merge::winning_value(state, FieldKind::kDay));
    if (!kind || !day) return {};
    const ledger::CellKey place = place_of(row, state, *kind, *day);
    const BytesView campaigns = merge::winning_value(state, FieldKind::kCampaigns);
    for (const Register& reg : state.registers) {
      if (!reg.field.is_value() || reg.nodes.empty()) continue;
      const auto amount = value::amount(reg.nodes.front().version.value);
      ledger::CellKey key = place;
      key.indicator = reg.field.indicator();
      if (!amount || !grouping_.takes(key, campaigns)) continue;
      Line line{state.id,          key.indicator,
                *amount,           *row.unit,
                KindNo{*kind},     *day,
                state.id.device,   state.logged_at,
                row.last_position, {},
                row.hold,          row.hold == HoldReason::kNone};
      PHUSA_ASSIGN(line.received_at, received_at(row.last_position));
      if (line.counted) {
        PHUSA_ASSIGN(line.counted, is_counted(state, key.indicator));
      }
      lines.push_back(std::move(line));
    }
    return {};
  }

 private:
  static ledger::CellKey place_of(const ledger::RecordRow& row, const RecordState& state, std::uint32_t kind,
                                  Day day) {
    ledger::CellKey key;
    key.unit = *row.unit;
    key.kind = KindNo{kind};
    key.day = static_cast<std::int32_t>(day_number(day));
    key.review = merge::review_state(state);
    return key;
  }

  /// Of an event's header nothing counts; of an event that counts once, only one record's value.
  Result<bool> is_counted(const RecordState& state, IndicatorNo indicator) {
    if (value::flag(merge::winning_value(state, FieldKind::kEventHeader))) return false;
    const BytesView event = merge::winning_value(state, FieldKind::kEvent);
    const bool once = indicator.value < catalogue_.indicators.size() &&
                      catalogue_.indicators[indicator.value].per_event == PerEvent::kOnce;
    if (event.empty() || !once) return true;
    if (!rules_) {
      PHUSA_ASSIGN(rules_, rules_at_head(snapshot_));
    }
    PHUSA_ASSIGN(const auto chosen, snapshot_.event_choice(event, indicator, *rules_));
    return chosen && chosen->member == member_bytes(state.id);
  }

  Result<ledger::BlockRow> block_of(std::uint32_t no) {
    if (block_.no == no) return block_;
    PHUSA_ASSIGN(const auto row, snapshot_.block_by_no(no));
    if (!row) return fail(ErrorCode::kCorrupt, "a record's block is not in the ledger");
    block_ = *row;
    return block_;
  }

  Result<WallTime> received_at(std::uint64_t position) {
    if (const auto known = received_.find(position); known != received_.end()) return known->second;
    PHUSA_ASSIGN(const auto row, snapshot_.entry_without_bytes(position));
    if (!row) return fail(ErrorCode::kCorrupt, "a record's last position is not in the ledger");
    received_.emplace(position, row->received_at);
    return row->received_at;
  }

  ledger::Snapshot& snapshot_;
  const Catalogue& catalogue_;
  const Query& query_;
  Grouping grouping_;
  std::optional<std::uint32_t> rules_;  // asked once a page
  ledger::BlockRow block_;
  std::unordered_map<std::uint64_t, WallTime> received_;
};

}  // namespace

Result<LinesPage> lines(ledger::Snapshot& snapshot, const Catalogue& catalogue, const Query& query,
                        std::uint64_t after, std::size_t limit) {
  LinesPage page;
  LineReader reader(snapshot, catalogue, query);
  Result<void> trouble;
  bool more = false;
  std::uint64_t last = 0;
  PHUSA_TRY(snapshot.for_each_record(ledger::RecordKey{after}, [&](const ledger::RecordRow& row) {
    // A record's values stay on one page, so a page may be a few lines longer than asked for.
    if (page.lines.size() >= limit) {
      more = true;
      return false;
    }
    last = row.key.value;
    trouble = reader.add(row, page.lines);
    return trouble.has_value();
  }));
  PHUSA_TRY(trouble);
  page.next = more ? last : 0;
  return page;
}

}  // namespace phusa::totals
