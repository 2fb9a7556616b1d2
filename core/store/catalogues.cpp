#include "core/store/store_impl.hpp"

namespace phusa::store {
namespace {

Result<std::optional<CatalogueRow>> read_catalogue(sqlite::Statement& query) {
  PHUSA_ASSIGN(const bool found, query.step());
  if (!found) return std::optional<CatalogueRow>();
  CatalogueRow row;
  row.revision = static_cast<std::uint32_t>(query.integer(0));
  PHUSA_ASSIGN(row.hash, Hash::from(query.blob(1)));
  PHUSA_ASSIGN(row.signature, Signature::from(query.blob(2)));
  row.encoded = Bytes(query.blob(3));
  return std::optional<CatalogueRow>(std::move(row));
}

}  // namespace

Result<void> Store::put_catalogue(const CatalogueRow& catalogue) {
  PHUSA_STATEMENT(insert,
                  "INSERT OR REPLACE INTO catalogues(revision, hash, signature, encoded) VALUES(?, ?, ?, ?)");
  insert->bind(1, catalogue.revision)
      .bind_blob(2, catalogue.hash.view())
      .bind_blob(3, catalogue.signature.view());
  insert->bind_blob(4, catalogue.encoded);
  PHUSA_TRY(insert->run());
  // Batches sealed under older revisions need no more than their hashes.
  PHUSA_STATEMENT(empty,
                  "UPDATE catalogues SET encoded = x'' WHERE encoded <> x'' AND seq NOT IN"
                  " (SELECT seq FROM catalogues ORDER BY revision DESC, seq DESC LIMIT ?)");
  empty->bind(1, static_cast<std::int64_t>(limits::kCataloguesKeptMax));
  return empty->run();
}

Result<std::optional<CatalogueRow>> Store::newest_catalogue() {
  PHUSA_STATEMENT(query,
                  "SELECT revision, hash, signature, encoded FROM catalogues"
                  " ORDER BY revision DESC, seq DESC LIMIT 1");
  return read_catalogue(*raw_query);
}

Result<std::vector<Hash>> Store::catalogue_hashes(std::uint32_t revision) {
  PHUSA_STATEMENT(query, "SELECT hash FROM catalogues WHERE revision = ? ORDER BY seq DESC");
  query->bind(1, revision);
  std::vector<Hash> out;
  for (;;) {
    PHUSA_ASSIGN(const bool found, query->step());
    if (!found) return out;
    PHUSA_ASSIGN(const Hash hash, Hash::from(query->blob(0)));
    out.push_back(hash);
  }
}

Result<std::vector<CatalogueRow>> Store::catalogues_after(std::uint32_t revision, std::size_t count) {
  PHUSA_STATEMENT(query,
                  "SELECT revision, hash, signature, encoded FROM catalogues"
                  " WHERE revision > ? AND encoded <> x'' ORDER BY revision, seq LIMIT ?");
  query->bind(1, revision).bind(2, static_cast<std::int64_t>(count));
  std::vector<CatalogueRow> out;
  for (;;) {
    PHUSA_ASSIGN(auto row, read_catalogue(*raw_query));
    if (!row) return out;
    out.push_back(std::move(*row));
  }
}

Result<void> Store::put_chain(std::uint32_t serial, BytesView chain) {
  PHUSA_STATEMENT(insert, "INSERT OR REPLACE INTO chains(serial, chain) VALUES(?, ?)");
  insert->bind(1, serial).bind_blob(2, chain);
  return insert->run();
}

Result<std::optional<Bytes>> Store::chain(std::uint32_t serial) {
  PHUSA_STATEMENT(query, "SELECT chain FROM chains WHERE serial = ?");
  query->bind(1, serial);
  PHUSA_ASSIGN(const bool found, query->step());
  return found ? std::optional<Bytes>(Bytes(query->blob(0))) : std::nullopt;
}

Result<std::vector<Bytes>> Store::chains() {
  PHUSA_STATEMENT(query, "SELECT chain FROM chains ORDER BY serial DESC");
  std::vector<Bytes> out;
  for (;;) {
    PHUSA_ASSIGN(const bool found, query->step());
    if (!found) return out;
    out.emplace_back(query->blob(0));
  }
}

Result<void> Store::add_office_entry(const Hash& hash, BytesView entry) {
  PHUSA_STATEMENT(insert, "INSERT OR IGNORE INTO office_entries(hash, entry) VALUES(?, ?)");
  insert->bind_blob(1, hash.view()).bind_blob(2, entry);
  PHUSA_TRY(insert->run());
  PHUSA_STATEMENT(remove,
                  "DELETE FROM office_entries WHERE seq <= (SELECT max(seq) FROM office_entries) - ?");
  remove->bind(1, static_cast<std::int64_t>(limits::kOfficeEntriesKeptMax));
  return remove->run();
}

Result<std::vector<std::pair<std::int64_t, Bytes>>> Store::office_entries_after(std::int64_t after,
                                                                                std::size_t count) {
  PHUSA_STATEMENT(query, "SELECT seq, entry FROM office_entries WHERE seq > ? ORDER BY seq LIMIT ?");
  query->bind(1, after).bind(2, static_cast<std::int64_t>(count));
  std::vector<std::pair<std::int64_t, Bytes>> out;
  for (;;) {
    PHUSA_ASSIGN(const bool found, query->step());
    if (!found) return out;
    out.emplace_back(query->integer(0), Bytes(query->blob(1)));
  }
}

Result<void> Store::add_vouched(const VouchedRow& row) {
  PHUSA_STATEMENT(insert, "INSERT INTO vouched(subject, unit, predecessor, certificate) VALUES(?, ?, ?, ?)");
  insert->bind_blob(1, row.subject).bind_text(2, row.unit);
  insert->bind_blob(3, row.predecessor).bind_blob(4, row.certificate);
  return insert->run();
}

Result<std::vector<VouchedRow>> Store::vouched() {
  PHUSA_STATEMENT(query, "SELECT subject, unit, predecessor, certificate FROM vouched ORDER BY seq");
  std::vector<VouchedRow> out;
  for (;;) {
    PHUSA_ASSIGN(const bool found, query->step());
    if (!found) return out;
    out.push_back(
        {Bytes(query->blob(0)), std::string(query->blob(1)), Bytes(query->blob(2)), Bytes(query->blob(3))});
  }
}

}  // namespace phusa::store
