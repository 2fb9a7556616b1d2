#pragma once

#include "core/wire/codec.hpp"
#include "sync-server/ingest/world.hpp"

#include <set>
#include <vector>

namespace phusa::ingest {

/// What a device may read, from its certificate alone (law 10).
struct Scope {
  Rank rank = Rank::kVolunteer;
  ledger::PersonNo person = 0;  ///< own records, whatever unit they lie in
  std::vector<bool> units;      ///< an officer's subtree, by unit number
  std::uint32_t revision = 0;   ///< changes when what it may read changes other than by records moving

  bool sees(const ledger::RecordRow& row) const;
  bool sees(UnitNo unit) const { return unit.value < units.size() && units[unit.value]; }
};

/// The scope of a device's newest certificate.
Scope scope_of(const KnownDevice& device, const World& world);

/// How far a device has read: everything changed up to (position, key), or up to the whole position.
struct Cursor {
  LedgerPoint point;
  std::optional<ledger::RecordKey> key;  ///< missing: the whole position
  std::uint32_t scope = 0;
  std::uint64_t office = 0;  ///< number of the last entry of the office's journal that was considered
  /// With a key: the head that the last page was read at, where it lies beyond `point`. A record that had moved
  /// on to there was left for a later page, and lies before the key again in a ledger that was restored to
  /// between the two.
  std::optional<LedgerPoint> read_at = std::nullopt;
};

Bytes encode_cursor(const Cursor& cursor);
/// kCorrupt: not a cursor of ours.
Result<Cursor> decode_cursor(BytesView bytes);

struct FeedRequest {
  Bytes cursor;
  std::vector<LedgerPoint> seen;    ///< beside the cursor's
  std::size_t page_bytes_max = 0;   ///< of plain states; 0: the server's own limit
  std::set<std::uint64_t> settled;  ///< positions of the request's own batches that need no echo
  bool tells_more = false;          ///< the reply tells of acts that the page does not show
};

struct FeedPage {
  Bytes page;    ///< empty: nothing to tell
  Bytes cursor;  ///< empty: unchanged
  bool more = false;
  bool reset = false;
  std::vector<Bytes> office_entries;
};

/// What a device says it saw of a ledger, beside its cursor.
std::vector<LedgerPoint> seen_by(const wire::SyncRequest& request);
/// Whether the ledger holds all of that. Where it does not, it was restored since.
Result<bool> holds_seen(ledger::Snapshot& snapshot, BytesView cursor, std::vector<LedgerPoint> seen);

/// The next page for a reader: each record of its scope that changed after the cursor, once, merged; records
/// that left it as gone. A cursor or a point seen that this ledger does not hold, or of another scope
/// revision, starts again from the beginning. Rows move only forward, and a snapshot ends at its head, so no
/// row is stepped over (law 11).
Result<FeedPage> next_page(ledger::Snapshot& snapshot, const World& world, const Scope& scope,
                           const FeedRequest& request);

}  // namespace phusa::ingest
