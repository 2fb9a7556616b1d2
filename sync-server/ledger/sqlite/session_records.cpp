#include "sync-server/ledger/sqlite/session.hpp"

namespace phusa::ledger {
namespace {

#define PHUSA_RECORD_COLUMNS \
  "key, last_position, person, unit, home_unit, hold, held_change, retracted, state "

std::optional<UnitNo> unit_at(const Statement& s, int column) {
  if (s.is_null(column)) return std::nullopt;
  return UnitNo{static_cast<std::uint32_t>(s.integer(column))};
}

void bind_unit(Statement& s, const std::optional<UnitNo>& unit) {
  if (unit) {
    s.with(std::int64_t{unit->value});
  } else {
    s.with_null();
  }
}

void read_place(const Statement& s, RecordRow& row) {
  row.key.value = static_cast<std::uint64_t>(s.integer(0));
  row.last_position = static_cast<std::uint64_t>(s.integer(1));
  row.person = static_cast<PersonNo>(s.integer(2));
  row.unit = unit_at(s, 3);
  row.home_unit = unit_at(s, 4);
}

RecordRow record_at(const Statement& s) {
  RecordRow row;
  read_place(s, row);
  row.hold = static_cast<HoldReason>(s.integer(5));
  row.held_change = static_cast<HoldReason>(s.integer(6));
  row.retracted = s.integer(7) != 0;
  row.state = Bytes(s.bytes(8));
  return row;
}

BlockRow block_at(const Statement& s) {
  return {static_cast<std::uint32_t>(s.integer(0)), s.fixed<DeviceId>(1),
          static_cast<std::uint64_t>(s.integer(2)), static_cast<std::uint64_t>(s.integer(3)),
          static_cast<std::uint32_t>(s.integer(4))};
}

Result<std::optional<BlockRow>> one_block(Statement& s) {
  PHUSA_ASSIGN(const bool found, s.step());
  if (!found) return std::optional<BlockRow>();
  return std::optional<BlockRow>(block_at(s));
}

Result<std::vector<RecordKey>> all_keys(Statement& s) {
  std::vector<RecordKey> keys;
  for (;;) {
    PHUSA_ASSIGN(const bool found, s.step());
    if (!found) return keys;
    keys.push_back({static_cast<std::uint64_t>(s.integer(0))});
  }
}

Result<void> write_record(Statement& s, const RecordRow& row) {
  s.with(static_cast<std::int64_t>(row.last_position)).with(std::int64_t{row.person});
  bind_unit(s, row.unit);
  bind_unit(s, row.home_unit);
  s.with(static_cast<std::int64_t>(row.hold)).with(static_cast<std::int64_t>(row.held_change));
  s.with(std::int64_t{row.retracted})
      .with(BytesView(row.state))
      .with(static_cast<std::int64_t>(row.key.value));
  return s.run();
}

}  // namespace

Result<std::optional<BlockRow>> Session::block(const DeviceId& device, std::uint64_t block) {
  PHUSA_ASSIGN(auto s,
               connection_.lend(
                   "SELECT no, device, block, block_hash, n_max FROM blocks WHERE device = ? AND block = ?"));
  s.with(device.view()).with(static_cast<std::int64_t>(block));
  return one_block(s);
}

Result<std::optional<BlockRow>> Session::block_by_no(std::uint32_t no) {
  PHUSA_ASSIGN(auto s,
               connection_.lend("SELECT no, device, block, block_hash, n_max FROM blocks WHERE no = ?"));
  s.with(std::int64_t{no});
  return one_block(s);
}

Result<std::vector<BlockRow>> Session::blocks_of(const DeviceId& device) {
  PHUSA_ASSIGN(auto s,
               connection_.lend(
                   "SELECT no, device, block, block_hash, n_max FROM blocks WHERE device = ? ORDER BY no"));
  s.with(device.view());
  std::vector<BlockRow> rows;
  for (;;) {
    PHUSA_ASSIGN(const bool found, s.step());
    if (!found) return rows;
    rows.push_back(block_at(s));
  }
}

Result<std::optional<BlockRow>> Session::block_by_hash(std::uint64_t block_hash) {
  PHUSA_ASSIGN(auto s, connection_.lend(
                           "SELECT no, device, block, block_hash, n_max FROM blocks WHERE block_hash = ?"));
  s.with(static_cast<std::int64_t>(block_hash));
  PHUSA_ASSIGN(const auto row, one_block(s));
  if (row) {
    PHUSA_ASSIGN(const bool another, s.step());
    if (another) return fail(ErrorCode::kConflict, "two blocks share this id: name the record by its device");
  }
  return row;
}

Result<BlockRow> Session::add_block(const DeviceId& device, std::uint64_t block_id) {
  PHUSA_ASSIGN(auto known, block(device, block_id));
  if (known) return *known;
  PHUSA_ASSIGN(const std::int64_t newest, connection_.integer("SELECT coalesce(max(no), 0) FROM blocks"));
  if (newest >= INT32_MAX) return fail(ErrorCode::kLimitExceeded, "the ledger has no room for more blocks");
  BlockRow row{static_cast<std::uint32_t>(newest + 1), device, block_id, block_hash_of(device, block_id), 0};
  PHUSA_ASSIGN(
      auto s, connection_.lend("INSERT INTO blocks(no, device, block, block_hash, n_max) VALUES(?,?,?,?,0)"));
  s.with(std::int64_t{row.no}).with(device.view()).with(static_cast<std::int64_t>(block_id));
  PHUSA_TRY(s.with(static_cast<std::int64_t>(row.block_hash)).run());
  return row;
}

Result<void> Session::set_block_n_max(std::uint32_t no, std::uint32_t n_max) {
  PHUSA_ASSIGN(auto s, connection_.lend("UPDATE blocks SET n_max = ? WHERE no = ?"));
  return s.with(std::int64_t{n_max}).with(std::int64_t{no}).run();
}

Result<std::optional<RecordRow>> Session::record(RecordKey key) {
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT " PHUSA_RECORD_COLUMNS "FROM records WHERE key = ?"));
  s.with(static_cast<std::int64_t>(key.value));
  PHUSA_ASSIGN(const bool found, s.step());
  if (!found) return std::optional<RecordRow>();
  return std::optional<RecordRow>(record_at(s));
}

Result<void> Session::for_each_record(RecordKey after, const Visit<RecordRow>& visit) {
  PHUSA_ASSIGN(auto s,
               connection_.lend("SELECT " PHUSA_RECORD_COLUMNS "FROM records WHERE key > ? ORDER BY key"));
  s.with(static_cast<std::int64_t>(after.value));
  for (;;) {
    PHUSA_ASSIGN(const bool found, s.step());
    if (!found || !visit(record_at(s))) return {};
  }
}

Result<void> Session::for_each_changed(std::uint64_t position, RecordKey key,
                                       const std::function<bool(const RecordRow&)>& wanted,
                                       const Visit<RecordRow>& visit) {
  // The walk reads the index alone; a state is fetched only for a row that is wanted.
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT key, last_position, person, unit, home_unit FROM records "
                                        "INDEXED BY records_changed WHERE (last_position, key) > (?, ?) "
                                        "ORDER BY last_position, key"));
  s.with(static_cast<std::int64_t>(position)).with(static_cast<std::int64_t>(key.value));
  PHUSA_ASSIGN(auto one, connection_.lend("SELECT " PHUSA_RECORD_COLUMNS "FROM records WHERE key = ?"));
  RecordRow place;
  for (;;) {
    PHUSA_ASSIGN(const bool found, s.step());
    if (!found) return {};
    read_place(s, place);
    if (!wanted(place)) continue;
    one.again();
    one.with(static_cast<std::int64_t>(place.key.value));
    PHUSA_ASSIGN(const bool there, one.step());
    if (!there) return fail(ErrorCode::kCorrupt, "the ledger's index names a record that is not there");
    if (!visit(record_at(one))) return {};
  }
}

Result<std::vector<RecordKey>> Session::records_held_for(HoldReason reason) {
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT key FROM records WHERE hold <> 0 AND hold = ? ORDER BY key"));
  s.with(static_cast<std::int64_t>(reason));
  return all_keys(s);
}

Result<std::vector<RecordKey>> Session::records_of_block(std::uint32_t block_no) {
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT key FROM records WHERE key BETWEEN ? AND ? ORDER BY key"));
  s.with(static_cast<std::int64_t>(RecordKey::of(block_no, 0).value));
  s.with(static_cast<std::int64_t>(RecordKey::of(block_no, UINT32_MAX).value));
  return all_keys(s);
}

Result<void> Session::insert_record(const RecordRow& row) {
  PHUSA_ASSIGN(
      auto s, connection_.lend(
                  "INSERT INTO records(last_position, person, unit, home_unit, hold, held_change, retracted, "
                  "state, key) VALUES(?,?,?,?,?,?,?,?,?)"));
  return write_record(s, row);
}

Result<void> Session::update_record(const RecordRow& row) {
  PHUSA_ASSIGN(
      auto s,
      connection_.lend("UPDATE records SET last_position = ?, person = ?, unit = ?, home_unit = ?, hold = ?, "
                       "held_change = ?, retracted = ?, state = ? WHERE key = ?"));
  return write_record(s, row);
}

Result<void> Session::erase_record(RecordKey key) {
  PHUSA_ASSIGN(auto s, connection_.lend("DELETE FROM records WHERE key = ?"));
  return s.with(static_cast<std::int64_t>(key.value)).run();
}

Result<void> Session::for_each_departure(std::uint64_t position, RecordKey key,
                                         const Visit<DepartureRow>& visit) {
  PHUSA_ASSIGN(auto s,
               connection_.lend("SELECT position, key, unit FROM departures WHERE (position, key) > (?, ?) "
                                "ORDER BY position, key, unit"));
  s.with(static_cast<std::int64_t>(position)).with(static_cast<std::int64_t>(key.value));
  for (;;) {
    PHUSA_ASSIGN(const bool found, s.step());
    if (!found) return {};
    const DepartureRow row{static_cast<std::uint64_t>(s.integer(0)),
                           RecordKey{static_cast<std::uint64_t>(s.integer(1))},
                           UnitNo{static_cast<std::uint32_t>(s.integer(2))}};
    if (!visit(row)) return {};
  }
}

Result<void> Session::add_departure(const DepartureRow& row) {
  PHUSA_ASSIGN(auto s,
               connection_.lend("INSERT OR IGNORE INTO departures(position, key, unit) VALUES(?,?,?)"));
  s.with(static_cast<std::int64_t>(row.position)).with(static_cast<std::int64_t>(row.key.value));
  return s.with(std::int64_t{row.unit.value}).run();
}

}  // namespace phusa::ledger
