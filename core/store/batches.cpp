#include "core/store/store_impl.hpp"

namespace phusa::store {
namespace {

constexpr const char* kSelectBySeq =
    "SELECT seq, journal, number, hash, state, send_whole, changes, catalogue, position, tag, encoded FROM "
    "batches"
    " WHERE seq = ?";
constexpr const char* kSelectLast =
    "SELECT seq, journal, number, hash, state, send_whole, changes, catalogue, position, tag, encoded FROM "
    "batches"
    " WHERE journal = ? ORDER BY seq DESC LIMIT 1";
constexpr const char* kSelectNumbered =
    "SELECT seq, journal, number, hash, state, send_whole, changes, catalogue, position, tag, encoded FROM "
    "batches"
    " WHERE journal = ? AND number = ? ORDER BY seq LIMIT 1";
constexpr const char* kSelectToSend =
    "SELECT seq, journal, number, hash, state, send_whole, changes, catalogue, position, tag, encoded FROM "
    "batches"
    " WHERE state = 0 AND seq > ? ORDER BY seq LIMIT 1";

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
  row.changes = static_cast<std::uint32_t>(query.integer(6));
  row.catalogue_revision = static_cast<std::uint32_t>(query.integer(7));
  row.point.position = static_cast<std::uint64_t>(query.integer(8));
  if (const auto tag = TransactionTag::from(query.blob(9))) row.point.tag = *tag;
  row.encoded = Bytes(query.blob(10));
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

Result<std::optional<BatchRow>> Store::next_unacknowledged(std::int64_t after) {
  PHUSA_STATEMENT(query, kSelectToSend);
  query->bind(1, after);
  return read_batch(*raw_query);
}

Result<void> Store::update_batch(const BatchRow& batch) {
  PHUSA_STATEMENT(update,
                  "UPDATE batches SET state = ?, send_whole = ?, position = ?, tag = ? WHERE seq = ?");
  update->bind(1, static_cast<std::int64_t>(batch.state)).bind(2, batch.send_whole ? 1 : 0);
  update->bind(3, static_cast<std::int64_t>(batch.point.position));
  update->bind_blob(4, batch.state == BatchState::kAcknowledged ? batch.point.tag.view() : BytesView());
  update->bind(5, batch.seq);
  return update->run();
}

Result<void> Store::offer_all_again() {
  PHUSA_STATEMENT(update, "UPDATE batches SET state = 0, position = 0, tag = x'' WHERE state = 1");
  return update->run();
}

Result<Store::BatchCounts> Store::unacknowledged() {
  PHUSA_STATEMENT(query, "SELECT count(*), coalesce(sum(changes), 0) FROM batches WHERE state = 0");
  PHUSA_TRY(query->step());
  return BatchCounts{static_cast<std::uint64_t>(query->integer(0)),
                     static_cast<std::uint64_t>(query->integer(1))};
}

Result<void> Store::put_catalogue(const CatalogueRow& catalogue) {
  // Older revisions keep their hash, which batches sealed under them need; only the newest is read.
  PHUSA_STATEMENT(empty, "UPDATE catalogues SET encoded = x'' WHERE revision <> ?");
  empty->bind(1, catalogue.revision);
  PHUSA_TRY(empty->run());
  PHUSA_STATEMENT(insert,
                  "INSERT OR REPLACE INTO catalogues(revision, hash, signature, encoded) VALUES(?, ?, ?, ?)");
  insert->bind(1, catalogue.revision)
      .bind_blob(2, catalogue.hash.view())
      .bind_blob(3, catalogue.signature.view());
  insert->bind_blob(4, catalogue.encoded);
  return insert->run();
}

Result<std::optional<CatalogueRow>> Store::newest_catalogue() {
  PHUSA_STATEMENT(query, "SELECT revision, hash, signature, encoded FROM catalogues WHERE encoded <> x''");
  PHUSA_ASSIGN(const bool found, query->step());
  if (!found) return std::optional<CatalogueRow>();
  CatalogueRow row;
  row.revision = static_cast<std::uint32_t>(query->integer(0));
  PHUSA_ASSIGN(row.hash, Hash::from(query->blob(1)));
  PHUSA_ASSIGN(row.signature, Signature::from(query->blob(2)));
  row.encoded = Bytes(query->blob(3));
  return std::optional<CatalogueRow>(std::move(row));
}

Result<std::optional<Hash>> Store::catalogue_hash(std::uint32_t revision) {
  PHUSA_STATEMENT(query, "SELECT hash FROM catalogues WHERE revision = ?");
  query->bind(1, revision);
  PHUSA_ASSIGN(const bool found, query->step());
  if (!found) return std::optional<Hash>();
  PHUSA_ASSIGN(const Hash hash, Hash::from(query->blob(0)));
  return std::optional<Hash>(hash);
}

}  // namespace phusa::store
