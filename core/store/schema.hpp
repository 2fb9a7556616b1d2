#pragma once

#include <array>
#include <cstdint>

namespace phusa::store {

/// "PhSa": how `file` and we know whose database this is.
inline constexpr std::int64_t kApplicationId = 0x50685361;

/// Step i takes a store from version i to i + 1; user_version counts them. Never change a step that was
/// shipped.
///
/// A record lies in up to three layers, one table each, so that logging is one row and a record that is only
/// the server's costs nothing else: `pending` (own edits not sealed), `own` (sealed, not in the base yet),
/// `base` (the server's merged state). What people see is the greatest version over the three. States are
/// merge::encode_state; personal leaves in `base` are cut to their first 4 bytes, all that a name needs.
inline constexpr std::array kMigrations = {
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    // A record's id is ref << 32 | n of its block.
    "CREATE TABLE devices(no INTEGER PRIMARY KEY, id BLOB NOT NULL);"
    "CREATE TABLE blocks(ref INTEGER PRIMARY KEY, device INTEGER NOT NULL, block INTEGER NOT NULL);"
    "CREATE TABLE pending(id INTEGER PRIMARY KEY, state BLOB NOT NULL);"
    "CREATE TABLE own(id INTEGER PRIMARY KEY, batch INTEGER NOT NULL, hold INTEGER NOT NULL, state BLOB NOT "
    "NULL);"
    // hold: reason of the record | reason of a held change << 8. mark: not delivered again since a reset.
    "CREATE TABLE base(id INTEGER PRIMARY KEY, hold INTEGER NOT NULL, mark INTEGER NOT NULL, state BLOB NOT "
    "NULL);"
    "CREATE TABLE batches(seq INTEGER PRIMARY KEY, journal BLOB NOT NULL, number INTEGER NOT NULL, hash BLOB "
    "NOT NULL,"
    "  state INTEGER NOT NULL, send_whole INTEGER NOT NULL, changes INTEGER NOT NULL, catalogue INTEGER NOT "
    "NULL,"
    "  position INTEGER NOT NULL, tag BLOB NOT NULL, encoded BLOB NOT NULL);"
    "CREATE INDEX batches_to_send ON batches(seq) WHERE state = 0;"
    "CREATE TABLE catalogues(revision INTEGER PRIMARY KEY, hash BLOB NOT NULL, signature BLOB NOT NULL,"
    "  encoded BLOB NOT NULL);"
    // Only versions that were replaced: a record that was never edited has no row.
    "CREATE TABLE history(record INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, replaced BLOB "
    "NOT NULL,"
    "  PRIMARY KEY(record, seq)) WITHOUT ROWID;",
};

}  // namespace phusa::store
