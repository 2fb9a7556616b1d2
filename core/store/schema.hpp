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

    // Handing over, vouching, and what a restored server is offered.
    // handed_at: when the batch was first handed over, seconds; NULL: never.
    "ALTER TABLE batches ADD COLUMN handed_at INTEGER;"
    "ALTER TABLE batches ADD COLUMN send_chain INTEGER NOT NULL DEFAULT 0;"
    // Two catalogues may have one number: a restored server's office makes another of it.
    "ALTER TABLE catalogues RENAME TO catalogues_before;"
    "CREATE TABLE catalogues(seq INTEGER PRIMARY KEY, revision INTEGER NOT NULL, hash BLOB NOT NULL,"
    "  signature BLOB NOT NULL, encoded BLOB NOT NULL, UNIQUE(revision, hash));"
    "INSERT INTO catalogues(revision, hash, signature, encoded)"
    "  SELECT revision, hash, signature, encoded FROM catalogues_before ORDER BY revision;"
    "DROP TABLE catalogues_before;"
    // Certificate chains of earlier certificates, that batches sealed under them still need.
    "CREATE TABLE chains(serial INTEGER PRIMARY KEY, chain BLOB NOT NULL);"
    // Ids of bundles that were handed over here.
    "CREATE TABLE handed(bundle BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;"
    // Bundles of others. tried_*: when, and under which catalogue, the server had no key for it; NULL: not
    // tried.
    "CREATE TABLE carried(seq INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, tried_at INTEGER,"
    "  tried_revision INTEGER, bundle BLOB NOT NULL);"
    // Sealed receipts of others, with the id of the bundle they answer.
    "CREATE TABLE parcels(seq INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, exported INTEGER NOT NULL,"
    "  bundle BLOB NOT NULL, parcel BLOB NOT NULL);"
    "CREATE TABLE office_entries(seq INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, entry BLOB NOT NULL);"
    // Certificates that this device issued.
    "CREATE TABLE vouched(seq INTEGER PRIMARY KEY, subject BLOB NOT NULL, unit TEXT NOT NULL,"
    "  predecessor BLOB NOT NULL, certificate BLOB NOT NULL);",

    // Bundles that the server took stay: one that is restored may need them from here.
    "ALTER TABLE carried ADD COLUMN taken INTEGER NOT NULL DEFAULT 0;",

    // As of batches: when it was first passed on.
    "ALTER TABLE carried ADD COLUMN handed_at INTEGER;",

    // The server said that it has no key for it.
    "ALTER TABLE carried ADD COLUMN no_key INTEGER NOT NULL DEFAULT 0;",

    // A server took it once. What is `taken` is not offered; after a reset all are, and delivered they stay.
    "ALTER TABLE carried ADD COLUMN delivered INTEGER NOT NULL DEFAULT 0;"
    "UPDATE carried SET delivered = taken;",

    // Brought by a file, not by the server's reply.
    "ALTER TABLE parcels ADD COLUMN by_hand INTEGER NOT NULL DEFAULT 0;",
};

}  // namespace phusa::store
