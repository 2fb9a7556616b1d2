#include "sync-server/ledger/sqlite/schema.hpp"

namespace phusa::ledger {
namespace {

constexpr std::int64_t kSchemaVersion = 4;
constexpr std::int64_t kApplicationId = 0x5048534c;  // "PHSL"

constexpr const char* kEntryTables = R"sql(
CREATE TABLE entries(position INTEGER PRIMARY KEY, tag BLOB NOT NULL, kind INTEGER NOT NULL, hash BLOB NOT NULL,
  device BLOB NOT NULL, journal BLOB NOT NULL, number INTEGER NOT NULL, received_at INTEGER NOT NULL,
  rules INTEGER NOT NULL, hold INTEGER NOT NULL, envelope BLOB NOT NULL, personal BLOB NOT NULL);
CREATE UNIQUE INDEX entries_hash ON entries(hash);
CREATE INDEX entries_number ON entries(device, journal, number);
CREATE INDEX entries_held ON entries(position) WHERE hold <> 0;
CREATE TABLE blocks(no INTEGER PRIMARY KEY, device BLOB NOT NULL, block INTEGER NOT NULL, block_hash INTEGER NOT NULL,
  n_max INTEGER NOT NULL);
CREATE UNIQUE INDEX blocks_id ON blocks(device, block);
CREATE INDEX blocks_hash ON blocks(block_hash);
CREATE TABLE records(key INTEGER PRIMARY KEY, last_position INTEGER NOT NULL, person INTEGER NOT NULL, unit INTEGER,
  home_unit INTEGER, hold INTEGER NOT NULL, held_change INTEGER NOT NULL, retracted INTEGER NOT NULL, state BLOB NOT NULL);
CREATE INDEX records_changed ON records(last_position, key, unit, home_unit, person);
CREATE INDEX records_held ON records(hold) WHERE hold <> 0;
CREATE TABLE departures(position INTEGER NOT NULL, key INTEGER NOT NULL, unit INTEGER NOT NULL,
  PRIMARY KEY(position, key, unit)) WITHOUT ROWID;
CREATE TABLE held_changes(position INTEGER NOT NULL, change INTEGER NOT NULL, key INTEGER NOT NULL,
  reason INTEGER NOT NULL, PRIMARY KEY(position, change)) WITHOUT ROWID;
CREATE INDEX held_changes_key ON held_changes(key);
CREATE TABLE decisions(batch BLOB NOT NULL, change INTEGER NOT NULL, accepted INTEGER NOT NULL,
  PRIMARY KEY(batch, change)) WITHOUT ROWID;
CREATE TABLE catalogues(revision INTEGER PRIMARY KEY, encoded BLOB NOT NULL, hash BLOB NOT NULL, signature BLOB NOT NULL);
)sql";

// A sum is hi * 2^32 + lo with 0 <= lo < 2^32, so that adding up columns stays exact past 64 bits.
constexpr const char* kCellTables = R"sql(
CREATE TABLE cells(indicator INTEGER NOT NULL, unit INTEGER NOT NULL, day INTEGER NOT NULL, kind INTEGER NOT NULL,
  campaigns INTEGER NOT NULL, labels INTEGER NOT NULL, review INTEGER NOT NULL,
  records INTEGER NOT NULL, more INTEGER NOT NULL, nearly INTEGER NOT NULL, hi INTEGER NOT NULL, lo INTEGER NOT NULL,
  PRIMARY KEY(indicator, unit, day, kind, campaigns, labels, review)) WITHOUT ROWID;
CREATE TABLE coarse_cells(indicator INTEGER NOT NULL, unit INTEGER NOT NULL, month INTEGER NOT NULL, review INTEGER NOT NULL,
  records INTEGER NOT NULL, more INTEGER NOT NULL, nearly INTEGER NOT NULL, hi INTEGER NOT NULL, lo INTEGER NOT NULL,
  PRIMARY KEY(indicator, unit, month, review)) WITHOUT ROWID;
CREATE TABLE cell_log(position INTEGER PRIMARY KEY, packed BLOB NOT NULL);
CREATE TABLE coarse_log(position INTEGER PRIMARY KEY, packed BLOB NOT NULL);
CREATE TABLE sets(no INTEGER PRIMARY KEY, canonical BLOB NOT NULL UNIQUE);
CREATE TABLE event_values(event BLOB NOT NULL, indicator INTEGER NOT NULL, member BLOB NOT NULL, confirmed INTEGER NOT NULL,
  unit INTEGER NOT NULL, day INTEGER NOT NULL, kind INTEGER NOT NULL, campaigns INTEGER NOT NULL, labels INTEGER NOT NULL,
  review INTEGER NOT NULL, more INTEGER NOT NULL, nearly INTEGER NOT NULL, amount INTEGER NOT NULL,
  PRIMARY KEY(event, indicator, member)) WITHOUT ROWID;
)sql";

constexpr const char* kAccessTables = R"sql(
CREATE TABLE person_numbers(no INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE);
CREATE TABLE devices(id BLOB PRIMARY KEY, key BLOB NOT NULL, person_no INTEGER NOT NULL, rank INTEGER NOT NULL,
  unit TEXT NOT NULL, token_hash BLOB NOT NULL, enrolled_at INTEGER NOT NULL, last_seen INTEGER NOT NULL,
  revoked INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE grants(no INTEGER PRIMARY KEY, device BLOB NOT NULL, serial INTEGER NOT NULL, position INTEGER NOT NULL,
  certificate BLOB NOT NULL);
CREATE UNIQUE INDEX grants_device ON grants(device, serial);
CREATE TABLE revocations(device BLOB NOT NULL, journal BLOB NOT NULL, last_good BLOB NOT NULL,
  PRIMARY KEY(device, journal, last_good)) WITHOUT ROWID;
CREATE TABLE persons(id BLOB PRIMARY KEY, name BLOB NOT NULL, phone BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE enrolment_codes(code_hash BLOB PRIMARY KEY, unit BLOB NOT NULL, rank INTEGER NOT NULL,
  uses_left INTEGER NOT NULL, expires_at INTEGER NOT NULL, made_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE redemptions(code_hash BLOB NOT NULL, device BLOB NOT NULL, PRIMARY KEY(code_hash, device)) WITHOUT ROWID;
CREATE TABLE api_tokens(token_hash BLOB PRIMARY KEY, name BLOB NOT NULL, unit BLOB, made_at INTEGER NOT NULL,
  revoked INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE meta(key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
)sql";

// A version-1 code of an officer lets its holder vouch for as many as a new one does.
constexpr const char* kVouchingTables = R"sql(
ALTER TABLE enrolment_codes ADD COLUMN replaces BLOB NOT NULL DEFAULT x'';
ALTER TABLE enrolment_codes ADD COLUMN vouches INTEGER NOT NULL DEFAULT 50;
CREATE TABLE doubts(device BLOB NOT NULL, serial INTEGER NOT NULL, position INTEGER NOT NULL, reason INTEGER NOT NULL,
  certificate BLOB NOT NULL, PRIMARY KEY(device, serial)) WITHOUT ROWID;
)sql";

constexpr const char* kHeldTables = R"sql(
CREATE INDEX entries_held_device ON entries(device) WHERE hold <> 0;
CREATE TABLE accepted_revisions(revision INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(revision, hash)) WITHOUT ROWID;
)sql";

/// From `version` to the present, in one transaction: a file is of one version or the other.
Result<void> migrate(Connection& connection, std::int64_t version) {
  PHUSA_TRY(connection.run("BEGIN IMMEDIATE"));
  if (version < 1) {
    for (const char* tables : {kEntryTables, kCellTables, kAccessTables}) PHUSA_TRY(connection.run(tables));
  }
  if (version < 2) PHUSA_TRY(connection.run(kVouchingTables));
  if (version < 3) PHUSA_TRY(connection.run(kHeldTables));
  // 4 has the tables of 3: it keeps out programs that do not know the rules of its entries (kRulesVersion).
  PHUSA_TRY(connection.run(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str()));
  PHUSA_ASSIGN(const std::int64_t stored, connection.integer("PRAGMA user_version"));
  const std::int64_t others = stored >> kSchemaVersionBits << kSchemaVersionBits;
  PHUSA_TRY(connection.run(("PRAGMA user_version = " + std::to_string(others | kSchemaVersion)).c_str()));
  return connection.run("COMMIT");
}

}  // namespace

Result<std::int64_t> schema_version(Connection& connection) {
  PHUSA_ASSIGN(const std::int64_t stored, connection.integer("PRAGMA user_version"));
  return stored & ((std::int64_t{1} << kSchemaVersionBits) - 1);
}

Result<void> check_is_ledger(Connection& connection) {
  PHUSA_ASSIGN(const std::int64_t version, schema_version(connection));
  PHUSA_ASSIGN(const std::int64_t application, connection.integer("PRAGMA application_id"));
  if (application != kApplicationId)
    return fail(ErrorCode::kCorrupt, "the file is a database, but not a Phù Sa ledger");
  if (version > kSchemaVersion) {
    return fail(ErrorCode::kUnsupportedVersion, "the ledger was written by a newer program (schema " +
                                                    std::to_string(version) + "): update this one");
  }
  return {};
}

Result<void> prepare_schema(Connection& connection, bool durable) {
  PHUSA_ASSIGN(const std::int64_t tables, connection.integer("SELECT count(*) FROM sqlite_schema"));
  if (tables != 0) PHUSA_TRY(check_is_ledger(connection));
  PHUSA_ASSIGN(const std::int64_t version, schema_version(connection));
  PHUSA_TRY(connection.run(
      "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 67108864;"
      "PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY"));
  PHUSA_TRY(connection.run(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF"));
  // A server that died in the middle of a commit leaves a log that the system has and the disk may not. What
  // is about to be acknowledged as known out of it must be on the disk first: a checkpoint syncs it.
  PHUSA_TRY(connection.run("PRAGMA wal_checkpoint(PASSIVE)"));
  if (tables == 0 || version < kSchemaVersion) PHUSA_TRY(migrate(connection, tables == 0 ? 0 : version));
  return {};
}

}  // namespace phusa::ledger
