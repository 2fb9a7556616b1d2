#include "core/store/store_impl.hpp"

#include <algorithm>
#include <limits>

namespace phusa::store {
namespace {

constexpr int kHeldChangeShift = 8;

std::int64_t hold_number(const BaseRow& row) {
  return static_cast<std::int64_t>(row.hold) |
         (static_cast<std::int64_t>(row.held_change) << kHeldChangeShift);
}

BaseRow read_base(const sqlite::Statement& row, int at) {
  const std::int64_t hold = row.integer(at);
  return {static_cast<HoldReason>(hold & 0xff), static_cast<HoldReason>((hold >> kHeldChangeShift) & 0xff),
          Bytes(row.blob(at + 1)), false};
}

OwnRow read_own(const sqlite::Statement& row, int at) {
  return {row.integer(at), static_cast<HoldReason>(row.integer(at + 1)), Bytes(row.blob(at + 2))};
}

}  // namespace

Result<std::optional<BaseRow>> Store::base(RowId row) {
  PHUSA_STATEMENT(query, "SELECT hold, state, mark FROM base WHERE id = ?");
  query->bind(1, row);
  PHUSA_ASSIGN(const bool found, query->step());
  if (!found) return std::optional<BaseRow>();
  BaseRow base = read_base(*raw_query, 0);
  base.is_marked = query->integer(2) != 0;
  return std::optional<BaseRow>(std::move(base));
}

Result<std::optional<OwnRow>> Store::own(RowId row) {
  PHUSA_STATEMENT(query, "SELECT batch, hold, state FROM own WHERE id = ?");
  query->bind(1, row);
  PHUSA_ASSIGN(const bool found, query->step());
  return found ? std::optional<OwnRow>(read_own(*raw_query, 0)) : std::nullopt;
}

Result<std::optional<Bytes>> Store::pending(RowId row) {
  PHUSA_STATEMENT(query, "SELECT state FROM pending WHERE id = ?");
  query->bind(1, row);
  PHUSA_ASSIGN(const bool found, query->step());
  return found ? std::optional<Bytes>(Bytes(query->blob(0))) : std::nullopt;
}

Result<bool> Store::add_pending(RowId row, BytesView state) {
  PHUSA_STATEMENT(insert, "INSERT OR IGNORE INTO pending(id, state) VALUES(?, ?)");
  insert->bind(1, row).bind_blob(2, state);
  PHUSA_TRY(insert->run());
  return sqlite3_changes(impl_->db.get()) == 1;
}

Result<void> Store::put_base(RowId row, const BaseRow& base) {
  PHUSA_STATEMENT(insert, "INSERT OR REPLACE INTO base(id, hold, mark, state) VALUES(?, ?, 0, ?)");
  insert->bind(1, row).bind(2, hold_number(base)).bind_blob(3, base.state);
  return insert->run();
}

Result<void> Store::put_own(RowId row, const OwnRow& own) {
  PHUSA_STATEMENT(insert, "INSERT OR REPLACE INTO own(id, batch, hold, state) VALUES(?, ?, ?, ?)");
  insert->bind(1, row)
      .bind(2, own.batch)
      .bind(3, static_cast<std::int64_t>(own.hold))
      .bind_blob(4, own.state);
  return insert->run();
}

Result<void> Store::put_pending(RowId row, BytesView state) {
  PHUSA_STATEMENT(insert, "INSERT OR REPLACE INTO pending(id, state) VALUES(?, ?)");
  insert->bind(1, row).bind_blob(2, state);
  return insert->run();
}

Result<void> Store::drop_base(RowId row) {
  PHUSA_STATEMENT(remove, "DELETE FROM base WHERE id = ?");
  remove->bind(1, row);
  return remove->run();
}

Result<void> Store::drop_own(RowId row) {
  PHUSA_STATEMENT(remove, "DELETE FROM own WHERE id = ?");
  remove->bind(1, row);
  return remove->run();
}

Result<void> Store::drop_pending(RowId row) {
  PHUSA_STATEMENT(remove, "DELETE FROM pending WHERE id = ?");
  remove->bind(1, row);
  return remove->run();
}

Result<std::uint64_t> Store::count_own() {
  PHUSA_STATEMENT(query, "SELECT count(*) FROM own");
  PHUSA_TRY(query->step());
  return static_cast<std::uint64_t>(query->integer(0));
}

Result<std::uint64_t> Store::count_pending() {
  PHUSA_STATEMENT(query, "SELECT count(*) FROM pending");
  PHUSA_TRY(query->step());
  return static_cast<std::uint64_t>(query->integer(0));
}

Result<void> Store::for_each_record(const std::function<Result<void>(const RecordRows&)>& visit) {
  constexpr RowId kEnd = std::numeric_limits<RowId>::max();
  PHUSA_STATEMENT(bases, "SELECT id, hold, state FROM base ORDER BY id");
  PHUSA_STATEMENT(owns, "SELECT id, batch, hold, state FROM own ORDER BY id");
  PHUSA_STATEMENT(pendings, "SELECT id, state FROM pending ORDER BY id");
  const auto advance = [](sqlite::Statement& statement, RowId& id) -> Result<void> {
    PHUSA_ASSIGN(const bool row, statement.step());
    id = row ? statement.integer(0) : kEnd;
    return {};
  };
  RowId base_id = 0;
  RowId own_id = 0;
  RowId pending_id = 0;
  PHUSA_TRY(advance(*raw_bases, base_id));
  PHUSA_TRY(advance(*raw_owns, own_id));
  PHUSA_TRY(advance(*raw_pendings, pending_id));
  for (;;) {
    RecordRows rows;
    rows.id = std::min({base_id, own_id, pending_id});
    if (rows.id == kEnd) return {};
    BaseRow base;
    OwnRow own;
    Bytes pending;
    if (base_id == rows.id) {
      base = read_base(*raw_bases, 1);
      rows.base = &base;
      PHUSA_TRY(advance(*raw_bases, base_id));
    }
    if (own_id == rows.id) {
      own = read_own(*raw_owns, 1);
      rows.own = &own;
      PHUSA_TRY(advance(*raw_owns, own_id));
    }
    if (pending_id == rows.id) {
      pending = Bytes(pendings->blob(1));
      rows.pending = &pending;
      PHUSA_TRY(advance(*raw_pendings, pending_id));
    }
    PHUSA_TRY(visit(rows));
  }
}

Result<std::vector<std::pair<RowId, Bytes>>> Store::pending_after(RowId after, std::size_t count) {
  PHUSA_STATEMENT(query, "SELECT id, state FROM pending WHERE id > ? ORDER BY id LIMIT ?");
  query->bind(1, after).bind(2, static_cast<std::int64_t>(count));
  std::vector<std::pair<RowId, Bytes>> out;
  for (;;) {
    PHUSA_ASSIGN(const bool row, query->step());
    if (!row) return out;
    out.emplace_back(query->integer(0), Bytes(query->blob(1)));
  }
}

Result<std::vector<std::pair<RowId, OwnRow>>> Store::own_of_batch(std::int64_t batch) {
  PHUSA_STATEMENT(query, "SELECT id, batch, hold, state FROM own WHERE batch = ? ORDER BY id");
  query->bind(1, batch);
  std::vector<std::pair<RowId, OwnRow>> out;
  for (;;) {
    PHUSA_ASSIGN(const bool row, query->step());
    if (!row) return out;
    out.emplace_back(query->integer(0), read_own(*raw_query, 1));
  }
}

Result<std::vector<std::pair<RowId, OwnRow>>> Store::own_without_base() {
  PHUSA_STATEMENT(query,
                  "SELECT id, batch, hold, state FROM own WHERE id NOT IN (SELECT id FROM base) ORDER BY id");
  std::vector<std::pair<RowId, OwnRow>> out;
  for (;;) {
    PHUSA_ASSIGN(const bool row, query->step());
    if (!row) return out;
    out.emplace_back(query->integer(0), read_own(*raw_query, 1));
  }
}

Result<void> Store::mark_base() {
  PHUSA_STATEMENT(update, "UPDATE base SET mark = 1 WHERE mark = 0");
  return update->run();
}

Result<std::vector<RowId>> Store::marked_base() {
  PHUSA_STATEMENT(query, "SELECT id FROM base WHERE mark = 1 ORDER BY id");
  std::vector<RowId> out;
  for (;;) {
    PHUSA_ASSIGN(const bool row, query->step());
    if (!row) return out;
    out.push_back(query->integer(0));
  }
}

Result<void> Store::add_history(RowId row, const HistoryRow& entry) {
  PHUSA_STATEMENT(insert,
                  "INSERT INTO history(record, seq, at, replaced) VALUES(?1,"
                  " (SELECT coalesce(max(seq), 0) + 1 FROM history WHERE record = ?1), ?2, ?3)");
  insert->bind(1, row).bind(2, entry.at.time_since_epoch().count()).bind_blob(3, entry.replaced);
  return insert->run();
}

Result<std::vector<HistoryRow>> Store::history(RowId row) {
  PHUSA_STATEMENT(query, "SELECT at, replaced FROM history WHERE record = ? ORDER BY seq");
  query->bind(1, row);
  std::vector<HistoryRow> out;
  for (;;) {
    PHUSA_ASSIGN(const bool found, query->step());
    if (!found) return out;
    out.push_back({WallTime(std::chrono::seconds(query->integer(0))), Bytes(query->blob(1))});
  }
}

Result<void> Store::change_history(
    const std::function<Result<std::optional<Bytes>>(RowId row, BytesView replaced)>& change) {
  struct Changed {
    RowId row;
    std::int64_t seq;
    Bytes replaced;
  };
  std::vector<Changed> changed;
  {
    PHUSA_STATEMENT(query, "SELECT record, seq, replaced FROM history");
    for (;;) {
      PHUSA_ASSIGN(const bool found, query->step());
      if (!found) break;
      PHUSA_ASSIGN(auto now, change(query->integer(0), query->blob(2)));
      if (now) changed.push_back({query->integer(0), query->integer(1), *std::move(now)});
    }
  }
  for (const Changed& entry : changed) {
    PHUSA_STATEMENT(update, "UPDATE history SET replaced = ? WHERE record = ? AND seq = ?");
    update->bind_blob(1, entry.replaced).bind(2, entry.row).bind(3, entry.seq);
    PHUSA_TRY(update->run());
  }
  return {};
}

Result<void> Store::drop_history(RowId row) {
  PHUSA_STATEMENT(remove, "DELETE FROM history WHERE record = ?");
  remove->bind(1, row);
  return remove->run();
}

}  // namespace phusa::store
