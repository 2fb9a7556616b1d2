#include "core/store/store_impl.hpp"

namespace phusa::store {
namespace {

/// A bundle that the server had no key for is tried again after so long, by this device's clock.
constexpr std::int64_t kRetrySeconds = 24 * 60 * 60;

std::int64_t seconds_of(WallTime time) {
  return time.time_since_epoch().count();
}

Result<std::optional<CarriedRow>> read_carried(sqlite::Statement& query) {
  PHUSA_ASSIGN(const bool found, query.step());
  if (!found) return std::optional<CarriedRow>();
  return std::optional<CarriedRow>(CarriedRow{query.integer(0), Bytes(query.blob(1))});
}

}  // namespace

Result<void> Store::add_handed(BytesView bundle_id, WallTime at) {
  PHUSA_STATEMENT(insert, "INSERT OR REPLACE INTO handed(bundle, at) VALUES(?, ?)");
  insert->bind_blob(1, bundle_id).bind(2, seconds_of(at));
  PHUSA_TRY(insert->run());
  PHUSA_STATEMENT(
      remove,
      "DELETE FROM handed WHERE bundle IN (SELECT bundle FROM handed ORDER BY at DESC LIMIT -1 OFFSET ?)");
  remove->bind(1, static_cast<std::int64_t>(limits::kHandedOverKeptMax));
  return remove->run();
}

Result<bool> Store::is_handed(BytesView bundle_id) {
  PHUSA_STATEMENT(query, "SELECT 1 FROM handed WHERE bundle = ?");
  query->bind_blob(1, bundle_id);
  return query->step();
}

Result<bool> Store::add_carried(BytesView bundle) {
  const Hash hash = hash_of(bundle);
  PHUSA_STATEMENT(
      insert,
      "INSERT INTO carried(hash, bundle) VALUES(?, ?)"
      " ON CONFLICT(hash) DO UPDATE SET taken = 0, delivered = 0, handed_at = NULL WHERE delivered");
  insert->bind_blob(1, hash.view()).bind_blob(2, bundle);
  PHUSA_TRY(insert->run());
  return sqlite3_changes(impl_->db.get()) == 1;
}

Result<std::optional<CarriedRow>> Store::next_carried(std::int64_t after, std::uint32_t revision,
                                                      WallTime now) {
  PHUSA_STATEMENT(
      query,
      "SELECT seq, bundle FROM carried WHERE seq > ? AND NOT taken AND"
      " (tried_at IS NULL OR tried_revision <> ? OR abs(? - tried_at) >= ?) ORDER BY seq LIMIT 1");
  query->bind(1, after).bind(2, revision).bind(3, seconds_of(now)).bind(4, kRetrySeconds);
  return read_carried(*raw_query);
}

Result<std::optional<CarriedRow>> Store::any_carried(std::int64_t after) {
  PHUSA_STATEMENT(query, "SELECT seq, bundle FROM carried WHERE seq > ? AND NOT taken ORDER BY seq LIMIT 1");
  query->bind(1, after);
  return read_carried(*raw_query);
}

Result<std::optional<CarriedRow>> Store::next_to_pass_on(std::int64_t after, bool again) {
  PHUSA_STATEMENT(
      query,
      "SELECT seq, bundle FROM carried WHERE seq > ? AND NOT delivered AND (handed_at IS NOT NULL) = ?"
      " ORDER BY seq LIMIT 1");
  query->bind(1, after).bind(2, again ? 1 : 0);
  return read_carried(*raw_query);
}

Result<std::uint64_t> Store::count_never_passed_on() {
  PHUSA_STATEMENT(query, "SELECT count(*) FROM carried WHERE NOT delivered AND handed_at IS NULL");
  PHUSA_TRY(query->step());
  return static_cast<std::uint64_t>(query->integer(0));
}

Result<void> Store::note_given(std::int64_t seq, const Hash& hash, WallTime at) {
  PHUSA_STATEMENT(batch,
                  "UPDATE batches SET handed_at = ? WHERE seq = ? AND hash = ? AND handed_at IS NULL"
                  " AND state = 0");
  batch->bind(1, seconds_of(at)).bind(2, seq).bind_blob(3, hash.view());
  PHUSA_TRY(batch->run());
  PHUSA_STATEMENT(bundle,
                  "UPDATE carried SET handed_at = ? WHERE seq = ? AND hash = ? AND handed_at IS NULL");
  bundle->bind(1, seconds_of(at)).bind(2, seq).bind_blob(3, hash.view());
  return bundle->run();
}

Result<void> Store::put_off_carried(std::int64_t seq, std::uint32_t revision, WallTime at, bool has_no_key) {
  PHUSA_STATEMENT(update, "UPDATE carried SET tried_at = ?, tried_revision = ?, no_key = ? WHERE seq = ?");
  update->bind(1, seconds_of(at)).bind(2, revision).bind(3, has_no_key ? 1 : 0).bind(4, seq);
  return update->run();
}

Result<void> Store::retry_carried() {
  PHUSA_STATEMENT(update, "UPDATE carried SET tried_at = NULL, tried_revision = NULL, no_key = 0, taken = 0");
  return update->run();
}

Result<void> Store::note_taken(std::int64_t seq) {
  PHUSA_STATEMENT(update, "UPDATE carried SET taken = 1, delivered = 1 WHERE seq = ?");
  update->bind(1, seq);
  PHUSA_TRY(update->run());
  // What a restored server was not asked about so far stays before all others.
  PHUSA_STATEMENT(remove,
                  "DELETE FROM carried WHERE seq IN (SELECT seq FROM"
                  " (SELECT seq, sum(length(bundle)) OVER"
                  " (ORDER BY taken OR tried_at IS NOT NULL, seq DESC) AS bytes FROM carried WHERE delivered)"
                  " WHERE bytes > ?)");
  remove->bind(1, static_cast<std::int64_t>(limits::kTakenBundlesBytesMax));
  return remove->run();
}

Result<void> Store::drop_carried(std::int64_t seq) {
  PHUSA_STATEMENT(remove, "DELETE FROM carried WHERE seq = ?");
  remove->bind(1, seq);
  return remove->run();
}

Result<std::uint64_t> Store::count_carried() {
  PHUSA_STATEMENT(query, "SELECT count(*) FROM carried WHERE NOT delivered");
  PHUSA_TRY(query->step());
  return static_cast<std::uint64_t>(query->integer(0));
}

Result<std::uint64_t> Store::drop_without_key(std::uint64_t count) {
  PHUSA_STATEMENT(remove,
                  "DELETE FROM carried WHERE seq IN"
                  " (SELECT seq FROM carried WHERE no_key AND NOT delivered ORDER BY seq LIMIT ?)");
  remove->bind(1, static_cast<std::int64_t>(count));
  PHUSA_TRY(remove->run());
  return static_cast<std::uint64_t>(sqlite3_changes(impl_->db.get()));
}

Result<std::uint64_t> Store::drop_passed_on(std::uint64_t count) {
  PHUSA_STATEMENT(remove,
                  "DELETE FROM carried WHERE seq IN (SELECT seq FROM carried"
                  " WHERE handed_at IS NOT NULL AND NOT delivered ORDER BY seq LIMIT ?)");
  remove->bind(1, static_cast<std::int64_t>(count));
  PHUSA_TRY(remove->run());
  return static_cast<std::uint64_t>(sqlite3_changes(impl_->db.get()));
}

Result<bool> Store::add_parcel(const ParcelRow& parcel) {
  const Hash hash = hash_of(parcel.parcel);
  PHUSA_STATEMENT(
      insert, "INSERT OR IGNORE INTO parcels(hash, exported, bundle, parcel, by_hand) VALUES(?, 0, ?, ?, ?)");
  insert->bind_blob(1, hash.view())
      .bind_blob(2, parcel.bundle_id)
      .bind_blob(3, parcel.parcel)
      .bind(4, parcel.is_by_hand ? 1 : 0);
  PHUSA_TRY(insert->run());
  PHUSA_STATEMENT(remove,
                  "DELETE FROM parcels WHERE seq IN (SELECT seq FROM parcels ORDER BY exported, by_hand,"
                  " CASE WHEN by_hand AND NOT exported THEN seq ELSE -seq END LIMIT -1 OFFSET ?)");
  remove->bind(1, static_cast<std::int64_t>(limits::kCarriedBundlesMax));
  PHUSA_TRY(remove->run());
  PHUSA_STATEMENT(query, "SELECT 1 FROM parcels WHERE hash = ?");
  query->bind_blob(1, hash.view());
  return query->step();
}

Result<std::vector<ParcelRow>> Store::parcels() {
  PHUSA_STATEMENT(query, "SELECT bundle, parcel, by_hand, seq FROM parcels ORDER BY exported, seq");
  std::vector<ParcelRow> out;
  for (;;) {
    PHUSA_ASSIGN(const bool found, query->step());
    if (!found) return out;
    out.push_back({Bytes(query->blob(0)), Bytes(query->blob(1)), query->integer(2) != 0, query->integer(3)});
  }
}

Result<void> Store::note_exported(std::int64_t seq, const Hash& hash) {
  PHUSA_STATEMENT(update, "UPDATE parcels SET exported = 1 WHERE seq = ? AND hash = ?");
  update->bind(1, seq).bind_blob(2, hash.view());
  return update->run();
}

Result<std::uint64_t> Store::count_parcels_to_return() {
  PHUSA_STATEMENT(query, "SELECT count(*) FROM parcels WHERE exported = 0");
  PHUSA_TRY(query->step());
  return static_cast<std::uint64_t>(query->integer(0));
}

}  // namespace phusa::store
