#include "core/store/store_impl.hpp"

namespace phusa::store {
namespace {

#define PHUSA_SELECT_BATCH                                                                               \
  "SELECT seq, journal, number, hash, state, send_whole, send_chain, changes, catalogue, position, tag," \
  " handed_at, encoded FROM batches"

constexpr const char* kSelectBySeq = PHUSA_SELECT_BATCH " WHERE seq = ?";
constexpr const char* kSelectLast = PHUSA_SELECT_BATCH " WHERE journal = ? ORDER BY seq DESC LIMIT 1";
constexpr const char* kSelectNumbered =
    PHUSA_SELECT_BATCH " WHERE journal = ? AND number = ? ORDER BY seq LIMIT 1";
constexpr const char* kSelectHashed = PHUSA_SELECT_BATCH " WHERE hash = ? ORDER BY seq LIMIT 1";
constexpr const char* kSelectToSend = PHUSA_SELECT_BATCH " WHERE state = 0 AND seq > ? ORDER BY seq LIMIT 1";

#undef PHUSA_SELECT_BATCH

Result<std::optional<BatchRow>> read_batch(sqlite::Statement& query) {
  PHUSA_ASSIGN(const bool found, query.step());
  if (!found) return std::optional<BatchRow>();
  BatchRow row;
  row.seq = query.integer(0);
  PHUSA_ASSIGN(row.journal, JournalId::from(query.blob(1)));
  row.number = static_cast<std::uint32_t>(query.integer(2));
  PHUSA_ASSIGN(row.hash, Hash::from(query.blob(3)));
  row.state = static_cast<BatchState>(query.integer(4));
  row.send_whole = query.integer(5) != 0;
  row.send_chain = query.integer(6) != 0;
  row.changes = static_cast<std::uint32_t>(query.integer(7));
  row.catalogue_revision = static_cast<std::uint32_t>(query.integer(8));
  row.point.position = static_cast<std::uint64_t>(query.integer(9));
  if (const auto tag = TransactionTag::from(query.blob(10))) row.point.tag = *tag;
  if (!query.is_null(11)) row.handed_at = WallTime(std::chrono::seconds(query.integer(11)));
  row.encoded = Bytes(query.blob(12));
  return std::optional<BatchRow>(std::move(row));
}

}  // namespace

Result<std::int64_t> Store::add_batch(const BatchRow& batch) {
  PHUSA_STATEMENT(insert,
                  "INSERT INTO batches(journal, number, hash, state, send_whole, changes, catalogue, "
                  "position, tag, encoded)"
                  " VALUES(?, ?, ?, ?, ?, ?, ?, 0, x'', ?)");
  insert->bind_blob(1, batch.journal.view()).bind(2, batch.number).bind_blob(3, batch.hash.view());
  insert->bind(4, static_cast<std::int64_t>(batch.state))
      .bind(5, batch.send_whole ? 1 : 0)
      .bind(6, batch.changes);
  insert->bind(7, batch.catalogue_revision).bind_blob(8, batch.encoded);
  PHUSA_TRY(insert->run());
  return sqlite3_last_insert_rowid(impl_->db.get());
}

Result<std::optional<BatchRow>> Store::batch(std::int64_t seq) {
  PHUSA_STATEMENT(query, kSelectBySeq);
  query->bind(1, seq);
  return read_batch(*raw_query);
}

Result<std::optional<BatchRow>> Store::last_batch(const JournalId& journal) {
  PHUSA_STATEMENT(query, kSelectLast);
  query->bind_blob(1, journal.view());
  return read_batch(*raw_query);
}

Result<std::optional<BatchRow>> Store::batch_numbered(const JournalId& journal, std::uint32_t number) {
  PHUSA_STATEMENT(query, kSelectNumbered);
  query->bind_blob(1, journal.view()).bind(2, number);
  return read_batch(*raw_query);
}

Result<std::optional<BatchRow>> Store::batch_hashed(const Hash& hash) {
  PHUSA_STATEMENT(query, kSelectHashed);
  query->bind_blob(1, hash.view());
  return read_batch(*raw_query);
}

Result<std::optional<BatchRow>> Store::next_unacknowledged(std::int64_t after) {
  PHUSA_STATEMENT(query, kSelectToSend);
  query->bind(1, after);
  return read_batch(*raw_query);
}

Result<void> Store::update_batch(const BatchRow& batch) {
  PHUSA_STATEMENT(update,
                  "UPDATE batches SET state = ?, send_whole = ?, send_chain = ?, position = ?, tag = ?, "
                  "handed_at = ? WHERE seq = ?");
  update->bind(1, static_cast<std::int64_t>(batch.state)).bind(2, batch.send_whole ? 1 : 0);
  update->bind(3, batch.send_chain ? 1 : 0).bind(4, static_cast<std::int64_t>(batch.point.position));
  update->bind_blob(5, batch.state == BatchState::kAcknowledged ? batch.point.tag.view() : BytesView());
  if (batch.handed_at) {
    update->bind(6, batch.handed_at->time_since_epoch().count());
  } else {
    update->bind_null(6);
  }
  update->bind(7, batch.seq);
  return update->run();
}

Result<void> Store::offer_all_again() {
  PHUSA_STATEMENT(update, "UPDATE batches SET state = 0, position = 0, tag = x'' WHERE state = 1");
  return update->run();
}

Result<Store::BatchCounts> Store::unacknowledged() {
  PHUSA_STATEMENT(query,
                  "SELECT count(*), coalesce(sum(changes), 0),"
                  " coalesce(sum(CASE WHEN handed_at IS NULL THEN changes ELSE 0 END), 0), min(handed_at)"
                  " FROM batches WHERE state = 0");
  PHUSA_TRY(query->step());
  BatchCounts out;
  out.batches = static_cast<std::uint64_t>(query->integer(0));
  out.changes = static_cast<std::uint64_t>(query->integer(1));
  out.unhanded_changes = static_cast<std::uint64_t>(query->integer(2));
  if (!raw_query->is_null(3)) out.oldest_handed_at = WallTime(std::chrono::seconds(query->integer(3)));
  return out;
}

Result<std::int64_t> Store::last_seq() {
  PHUSA_STATEMENT(query, "SELECT coalesce(max(seq), 0) FROM batches");
  PHUSA_TRY(query->step());
  return query->integer(0);
}

}  // namespace phusa::store
