#include "sync-server/ledger/sqlite/session.hpp"

namespace phusa::ledger {
namespace {

// Adding to a sum of two halves: the low halves' carry goes up.
#define PHUSA_ADD_FIGURES                                                                          \
  " ON CONFLICT DO UPDATE SET records = records + excluded.records, more = more + excluded.more, " \
  "nearly = nearly + excluded.nearly, hi = hi + excluded.hi + ((lo + excluded.lo) >> 32), "        \
  "lo = (lo + excluded.lo) & 4294967295"
#define PHUSA_IS_EMPTY " AND records = 0 AND more = 0 AND nearly = 0 AND hi = 0 AND lo = 0"

void bind_figures(Statement& s, const Figures& figures) {
  s.with(figures.records).with(figures.more).with(figures.nearly);
  s.with(static_cast<std::int64_t>(figures.sum >> 32))
      .with(static_cast<std::int64_t>(figures.sum & 0xffffffff));
}

Figures figures_at(const Statement& s, int column) {
  Figures figures{s.integer(column), s.integer(column + 1), s.integer(column + 2), 0};
  figures.sum = static_cast<Int128>(s.integer(column + 3)) * (Int128{1} << 32) + s.integer(column + 4);
  return figures;
}

void bind_key(Statement& s, const CellKey& key) {
  s.with(std::int64_t{key.indicator.value}).with(std::int64_t{key.unit.value}).with(std::int64_t{key.day});
  s.with(std::int64_t{key.kind.value}).with(std::int64_t{key.campaigns}).with(std::int64_t{key.labels});
  s.with(static_cast<std::int64_t>(key.review));
}

void bind_key(Statement& s, const CoarseKey& key) {
  s.with(std::int64_t{key.indicator.value}).with(std::int64_t{key.unit.value}).with(std::int64_t{key.month});
  s.with(static_cast<std::int64_t>(key.review));
}

std::uint32_t number_at(const Statement& s, int column) {
  return static_cast<std::uint32_t>(s.integer(column));
}

CellKey cell_at(const Statement& s, int column) {
  return {IndicatorNo{number_at(s, column)},
          UnitNo{number_at(s, column + 1)},
          static_cast<std::int32_t>(s.integer(column + 2)),
          KindNo{number_at(s, column + 3)},
          number_at(s, column + 4),
          number_at(s, column + 5),
          static_cast<ReviewState>(s.integer(column + 6))};
}

CoarseKey coarse_at(const Statement& s) {
  return {IndicatorNo{number_at(s, 0)}, UnitNo{number_at(s, 1)}, static_cast<std::int32_t>(s.integer(2)),
          static_cast<ReviewState>(s.integer(3))};
}

void bind_range(Statement& s, const CellFilter& filter) {
  s.with(filter.indicator ? std::int64_t{filter.indicator->value} : 0);
  s.with(filter.indicator ? std::int64_t{filter.indicator->value} : INT64_MAX);
}

}  // namespace

Result<void> Session::for_each_cell(const CellFilter& filter,
                                    const std::function<bool(const CellKey&, const Figures&)>& visit) {
  PHUSA_ASSIGN(
      auto s,
      connection_.lend("SELECT indicator, unit, day, kind, campaigns, labels, review, records, more, nearly, "
                       "hi, lo FROM cells WHERE indicator BETWEEN ? AND ?"));
  bind_range(s, filter);
  for (;;) {
    PHUSA_ASSIGN(const bool found, s.step());
    if (!found || !visit(cell_at(s, 0), figures_at(s, 7))) return {};
  }
}

Result<void> Session::for_each_coarse(const CellFilter& filter,
                                      const std::function<bool(const CoarseKey&, const Figures&)>& visit) {
  PHUSA_ASSIGN(auto s,
               connection_.lend("SELECT indicator, unit, month, review, records, more, nearly, hi, lo "
                                "FROM coarse_cells WHERE indicator BETWEEN ? AND ?"));
  bind_range(s, filter);
  for (;;) {
    PHUSA_ASSIGN(const bool found, s.step());
    if (!found || !visit(coarse_at(s), figures_at(s, 4))) return {};
  }
}

Result<void> Session::for_each_cell_log(Grain grain, std::uint64_t position, const Visit<Bytes>& visit) {
  PHUSA_ASSIGN(auto s,
               connection_.lend(grain == Grain::kFine
                                    ? "SELECT packed FROM cell_log WHERE position > ? ORDER BY position"
                                    : "SELECT packed FROM coarse_log WHERE position > ? ORDER BY position"));
  s.with(static_cast<std::int64_t>(position));
  for (;;) {
    PHUSA_ASSIGN(const bool found, s.step());
    if (!found || !visit(Bytes(s.bytes(0)))) return {};
  }
}

Result<void> Session::add_to_cell(const CellKey& key, const Figures& figures) {
  PHUSA_ASSIGN(auto s,
               connection_.lend("INSERT INTO cells VALUES(?,?,?,?,?,?,?,?,?,?,?,?)" PHUSA_ADD_FIGURES));
  bind_key(s, key);
  bind_figures(s, figures);
  PHUSA_TRY(s.run());
  if (figures.records > 0) return {};
  PHUSA_ASSIGN(auto empty,
               connection_.lend("DELETE FROM cells WHERE indicator = ? AND unit = ? AND day = ? AND kind = ? "
                                "AND campaigns = ? AND labels = ? AND review = ?" PHUSA_IS_EMPTY));
  bind_key(empty, key);
  return empty.run();
}

Result<void> Session::add_to_coarse(const CoarseKey& key, const Figures& figures) {
  PHUSA_ASSIGN(auto s,
               connection_.lend("INSERT INTO coarse_cells VALUES(?,?,?,?,?,?,?,?,?)" PHUSA_ADD_FIGURES));
  bind_key(s, key);
  bind_figures(s, figures);
  PHUSA_TRY(s.run());
  if (figures.records > 0) return {};
  PHUSA_ASSIGN(auto empty,
               connection_.lend("DELETE FROM coarse_cells WHERE indicator = ? AND unit = ? AND month = ? "
                                "AND review = ?" PHUSA_IS_EMPTY));
  bind_key(empty, key);
  return empty.run();
}

Result<void> Session::log_cells(Grain grain, std::uint64_t position, BytesView packed) {
  PHUSA_ASSIGN(auto s, connection_.lend(grain == Grain::kFine
                                            ? "INSERT INTO cell_log(position, packed) VALUES(?,?)"
                                            : "INSERT INTO coarse_log(position, packed) VALUES(?,?)"));
  return s.with(static_cast<std::int64_t>(position)).with(packed).run();
}

Result<Bytes> Session::set_of(std::uint32_t no) {
  if (no == 0) return Bytes();
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT canonical FROM sets WHERE no = ?"));
  s.with(std::int64_t{no});
  PHUSA_ASSIGN(const bool found, s.step());
  if (!found) return fail(ErrorCode::kCorrupt, "a total names a set that the ledger does not have");
  return Bytes(s.bytes(0));
}

Result<std::optional<std::uint32_t>> Session::find_set(BytesView canonical) {
  if (canonical.empty()) return std::optional<std::uint32_t>(0);
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT no FROM sets WHERE canonical = ?"));
  s.with(canonical);
  PHUSA_ASSIGN(const bool found, s.step());
  if (!found) return std::optional<std::uint32_t>();
  return std::optional<std::uint32_t>(number_at(s, 0));
}

Result<std::uint32_t> Session::intern_set(BytesView canonical) {
  PHUSA_ASSIGN(const auto known, find_set(canonical));
  if (known) return *known;
  PHUSA_ASSIGN(const std::int64_t newest, connection_.integer("SELECT coalesce(max(no), 0) FROM sets"));
  PHUSA_ASSIGN(auto add, connection_.lend("INSERT INTO sets(no, canonical) VALUES(?,?)"));
  PHUSA_TRY(add.with(newest + 1).with(canonical).run());
  return static_cast<std::uint32_t>(newest + 1);
}

Result<std::optional<EventValueRow>> Session::event_choice(BytesView event, IndicatorNo indicator,
                                                           std::uint32_t rules) {
  PHUSA_ASSIGN(auto s,
               connection_.lend(
                   "SELECT indicator, unit, day, kind, campaigns, labels, review, member, confirmed, more, "
                   "nearly, amount FROM event_values WHERE event = ? AND indicator = ? "
                   "ORDER BY confirmed DESC, ? AND review = ?, member LIMIT 1"));
  s.with(event).with(std::int64_t{indicator.value});
  s.with(std::int64_t{rules >= kRulesReturnedLast}).with(static_cast<std::int64_t>(ReviewState::kReturned));
  PHUSA_ASSIGN(const bool found, s.step());
  if (!found) return std::optional<EventValueRow>();
  EventValueRow row;
  row.event = Bytes(event);
  row.indicator = indicator;
  row.cell = cell_at(s, 0);
  row.member = Bytes(s.bytes(7));
  row.confirmed = s.integer(8) != 0;
  row.figures = {1, s.integer(9), s.integer(10), s.integer(11)};
  return std::optional<EventValueRow>(std::move(row));
}

Result<std::vector<EventPlace>> Session::events_with_returned() {
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT DISTINCT event, indicator FROM event_values WHERE review = ? "
                                        "ORDER BY event, indicator"));
  s.with(static_cast<std::int64_t>(ReviewState::kReturned));
  std::vector<EventPlace> out;
  for (;;) {
    PHUSA_ASSIGN(const bool found, s.step());
    if (!found) return out;
    out.push_back({Bytes(s.bytes(0)), IndicatorNo{number_at(s, 1)}});
  }
}

Result<void> Session::put_event_value(const EventValueRow& row) {
  PHUSA_ASSIGN(
      auto s,
      connection_.lend(
          "INSERT OR REPLACE INTO event_values(event, indicator, member, confirmed, unit, day, "
          "kind, campaigns, labels, review, more, nearly, amount) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)"));
  s.with(BytesView(row.event))
      .with(std::int64_t{row.indicator.value})
      .with(BytesView(row.member))
      .with(std::int64_t{row.confirmed});
  s.with(std::int64_t{row.cell.unit.value})
      .with(std::int64_t{row.cell.day})
      .with(std::int64_t{row.cell.kind.value});
  s.with(std::int64_t{row.cell.campaigns})
      .with(std::int64_t{row.cell.labels})
      .with(static_cast<std::int64_t>(row.cell.review));
  return s.with(row.figures.more)
      .with(row.figures.nearly)
      .with(static_cast<std::int64_t>(row.figures.sum))
      .run();
}

Result<void> Session::erase_event_value(BytesView event, IndicatorNo indicator, BytesView member) {
  PHUSA_ASSIGN(auto s,
               connection_.lend("DELETE FROM event_values WHERE event = ? AND indicator = ? AND member = ?"));
  return s.with(event).with(std::int64_t{indicator.value}).with(member).run();
}

}  // namespace phusa::ledger
