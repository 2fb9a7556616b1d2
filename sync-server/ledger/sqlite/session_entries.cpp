#include "sync-server/ledger/sqlite/session.hpp"

namespace phusa::ledger {
namespace {

#define PHUSA_ENTRY_COLUMNS \
  "position, tag, kind, hash, device, journal, number, received_at, rules, hold, envelope, personal "

#define PHUSA_ENTRY_NO_BYTES \
  "position, tag, kind, hash, device, journal, number, received_at, rules, hold, x'', x'' "

EntryRow entry_at(const Statement& s) {
  EntryRow row;
  row.point.position = static_cast<std::uint64_t>(s.integer(0));
  row.point.tag = s.fixed<TransactionTag>(1);
  row.kind = static_cast<EntryKind>(s.integer(2));
  row.hash = s.fixed<Hash>(3);
  row.device_key = s.fixed<PublicKey>(4);
  row.journal = s.fixed<JournalId>(5);
  row.number = static_cast<std::uint32_t>(s.integer(6));
  row.received_at = time_of(s.integer(7));
  row.rules_version = static_cast<std::uint32_t>(s.integer(8));
  row.hold = static_cast<HoldReason>(s.integer(9));
  row.envelope = Bytes(s.bytes(10));
  row.personal = Bytes(s.bytes(11));
  return row;
}

Result<std::optional<EntryRow>> one_entry(Statement& statement) {
  PHUSA_ASSIGN(const bool found, statement.step());
  if (!found) return std::optional<EntryRow>();
  return std::optional<EntryRow>(entry_at(statement));
}

Result<std::vector<EntryRow>> all_entries(Statement& s) {
  std::vector<EntryRow> rows;
  for (;;) {
    PHUSA_ASSIGN(const bool found, s.step());
    if (!found) return rows;
    rows.push_back(entry_at(s));
  }
}

Result<std::vector<HeldChangeRow>> all_held(Statement& s) {
  std::vector<HeldChangeRow> rows;
  for (;;) {
    PHUSA_ASSIGN(const bool found, s.step());
    if (!found) return rows;
    rows.push_back({static_cast<std::uint64_t>(s.integer(0)), static_cast<std::uint32_t>(s.integer(1)),
                    RecordKey{static_cast<std::uint64_t>(s.integer(2))},
                    static_cast<HoldReason>(s.integer(3))});
  }
}

CatalogueRow catalogue_at(const Statement& s) {
  return {static_cast<std::uint32_t>(s.integer(0)), Bytes(s.bytes(1)), s.fixed<Hash>(2),
          s.fixed<Signature>(3)};
}

}  // namespace

Session::~Session() {
  if (open_) (void)connection_.run("ROLLBACK");
  if (give_back_) give_back_();
}

Result<void> Session::begin(bool writing) {
  PHUSA_TRY(connection_.run(writing ? "BEGIN IMMEDIATE" : "BEGIN"));
  open_ = true;
  PHUSA_TRY(head());  // the first read is what pins a snapshot
  return {};
}

Result<void> Session::commit() {
  auto done = connection_.run("COMMIT");
  // Should this fail too, the ledger sees that the connection is still in its transaction, and takes another.
  if (!done) (void)connection_.run("ROLLBACK");
  open_ = false;
  return done;
}

Result<LedgerPoint> Session::head() {
  if (head_) return *head_;
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT position, tag FROM entries ORDER BY position DESC LIMIT 1"));
  PHUSA_ASSIGN(const bool found, s.step());
  head_ = found ? LedgerPoint{static_cast<std::uint64_t>(s.integer(0)), s.fixed<TransactionTag>(1)}
                : LedgerPoint{};
  return *head_;
}

Result<std::optional<LedgerPoint>> Session::point(std::uint64_t position) {
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT tag FROM entries WHERE position = ?"));
  s.with(static_cast<std::int64_t>(position));
  PHUSA_ASSIGN(const bool found, s.step());
  if (!found) return std::optional<LedgerPoint>();
  return std::optional<LedgerPoint>(LedgerPoint{position, s.fixed<TransactionTag>(0)});
}

Result<std::optional<EntryRow>> Session::entry(std::uint64_t position) {
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT " PHUSA_ENTRY_COLUMNS "FROM entries WHERE position = ?"));
  s.with(static_cast<std::int64_t>(position));
  return one_entry(s);
}

Result<std::optional<EntryRow>> Session::entry_without_bytes(std::uint64_t position) {
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT " PHUSA_ENTRY_NO_BYTES "FROM entries WHERE position = ?"));
  s.with(static_cast<std::int64_t>(position));
  return one_entry(s);
}

Result<std::optional<EntryRow>> Session::entry_by_hash(const Hash& hash) {
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT " PHUSA_ENTRY_COLUMNS "FROM entries WHERE hash = ?"));
  s.with(hash.view());
  return one_entry(s);
}

Result<std::vector<EntryRow>> Session::batches(const PublicKey& device, const JournalId& journal,
                                               std::uint32_t number) {
  PHUSA_ASSIGN(auto s, connection_.lend(
                           "SELECT " PHUSA_ENTRY_NO_BYTES
                           "FROM entries WHERE device = ? AND journal = ? AND number = ? ORDER BY position"));
  s.with(device.view()).with(journal.view()).with(static_cast<std::int64_t>(number));
  return all_entries(s);
}

Result<std::vector<EntryRow>> Session::batches_of(const PublicKey& device) {
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT " PHUSA_ENTRY_NO_BYTES
                                        "FROM entries WHERE device = ? ORDER BY position"));
  s.with(device.view());
  return all_entries(s);
}

Result<std::vector<PublicKey>> Session::forked_devices() {
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT DISTINCT device FROM (SELECT device FROM entries GROUP BY "
                                        "device, journal, number HAVING count(*) > 1) ORDER BY device"));
  std::vector<PublicKey> out;
  for (;;) {
    PHUSA_ASSIGN(const bool found, s.step());
    if (!found) return out;
    PHUSA_ASSIGN(const PublicKey key, PublicKey::from(s.bytes(0)));
    out.push_back(key);
  }
}

Result<std::optional<EntryRow>> Session::newest_office_entry() {
  PHUSA_ASSIGN(
      auto s, connection_.lend("SELECT " PHUSA_ENTRY_NO_BYTES "FROM entries WHERE device = ? AND journal = ? "
                               "ORDER BY number DESC LIMIT 1"));
  const PublicKey nobody;
  const JournalId journal;
  s.with(nobody.view()).with(journal.view());
  return one_entry(s);
}

Result<void> Session::for_each_office_entry(std::uint64_t number, BytesView first_bytes,
                                            const Visit<EntryRow>& visit) {
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT " PHUSA_ENTRY_COLUMNS
                                        "FROM entries WHERE device = ? AND journal = ? AND number > ? "
                                        "AND instr(?, substr(envelope, 1, 1)) > 0 ORDER BY number"));
  const PublicKey nobody;
  const JournalId journal;
  s.with(nobody.view()).with(journal.view()).with(static_cast<std::int64_t>(number)).with(first_bytes);
  for (;;) {
    PHUSA_ASSIGN(const bool found, s.step());
    if (!found || !visit(entry_at(s))) return {};
  }
}

Result<void> Session::for_each_entry(std::uint64_t first, const Visit<EntryRow>& visit) {
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT " PHUSA_ENTRY_COLUMNS
                                        "FROM entries WHERE position >= ? ORDER BY position"));
  s.with(static_cast<std::int64_t>(first));
  for (;;) {
    PHUSA_ASSIGN(const bool found, s.step());
    if (!found || !visit(entry_at(s))) return {};
  }
}

Result<std::vector<EntryRow>> Session::held_batches() {
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT " PHUSA_ENTRY_NO_BYTES
                                        "FROM entries WHERE hold <> 0 ORDER BY position"));
  return all_entries(s);
}

Result<HeldLoad> Session::held_load(const PublicKey& device) {
  HeldLoad out;
  {
    PHUSA_ASSIGN(auto s,
                 connection_.lend("SELECT count(*), ifnull(sum(length(envelope) + length(personal)), 0) "
                                  "FROM entries WHERE device = ? AND hold <> 0"));
    s.with(device.view());
    PHUSA_TRY(s.step());
    out.batches = static_cast<std::uint64_t>(s.integer(0));
    out.bytes = static_cast<std::uint64_t>(s.integer(1));
  }
  PHUSA_ASSIGN(auto s,
               connection_.lend("SELECT count(*) FROM held_changes CROSS JOIN entries USING(position) "
                                "WHERE entries.device = ?"));
  s.with(device.view());
  PHUSA_TRY(s.step());
  out.changes = static_cast<std::uint64_t>(s.integer(0));
  return out;
}

Result<bool> Session::has_held_changes(const PublicKey& device, std::uint64_t at_least) {
  if (at_least == 0) return true;
  {
    PHUSA_ASSIGN(auto s, connection_.lend("SELECT 1 FROM held_changes LIMIT 1 OFFSET ?"));
    s.with(static_cast<std::int64_t>(at_least - 1));
    PHUSA_ASSIGN(const bool enough_in_all, s.step());
    if (!enough_in_all) return false;
  }
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT 1 FROM held_changes CROSS JOIN entries USING(position) "
                                        "WHERE entries.device = ? LIMIT 1 OFFSET ?"));
  s.with(device.view()).with(static_cast<std::int64_t>(at_least - 1));
  return s.step();
}

Result<void> Session::append(EntryRow& row) {
  PHUSA_ASSIGN(const LedgerPoint newest, head());
  row.point.position = newest.position + 1;
  if (row.point.tag.is_zero()) row.point.tag = tag_;
  PHUSA_ASSIGN(auto s, connection_.lend("INSERT INTO entries(" PHUSA_ENTRY_COLUMNS
                                        ") VALUES(?,?,?,?,?,?,?,?,?,?,?,?)"));
  s.with(static_cast<std::int64_t>(row.point.position))
      .with(row.point.tag.view())
      .with(static_cast<std::int64_t>(row.kind));
  s.with(row.hash.view())
      .with(row.device_key.view())
      .with(row.journal.view())
      .with(static_cast<std::int64_t>(row.number));
  s.with(seconds_of(row.received_at)).with(static_cast<std::int64_t>(row.rules_version));
  s.with(static_cast<std::int64_t>(row.hold)).with(BytesView(row.envelope)).with(BytesView(row.personal));
  PHUSA_TRY(s.run());
  head_ = row.point;
  return {};
}

Result<void> Session::set_batch_hold(std::uint64_t position, HoldReason hold) {
  PHUSA_ASSIGN(auto s, connection_.lend("UPDATE entries SET hold = ? WHERE position = ?"));
  return s.with(static_cast<std::int64_t>(hold)).with(static_cast<std::int64_t>(position)).run();
}

Result<void> Session::set_batch_personal(std::uint64_t position, BytesView personal) {
  PHUSA_ASSIGN(auto s, connection_.lend("UPDATE entries SET personal = ? WHERE position = ?"));
  return s.with(personal).with(static_cast<std::int64_t>(position)).run();
}

Result<std::vector<HeldChangeRow>> Session::held_changes_of(RecordKey key) {
  PHUSA_ASSIGN(auto s,
               connection_.lend("SELECT position, change, key, reason FROM held_changes WHERE key = ? "
                                "ORDER BY position, change"));
  s.with(static_cast<std::int64_t>(key.value));
  return all_held(s);
}

Result<std::vector<HeldChangeRow>> Session::held_changes_at(std::uint64_t position) {
  PHUSA_ASSIGN(auto s,
               connection_.lend("SELECT position, change, key, reason FROM held_changes WHERE position = ? "
                                "ORDER BY position, change"));
  s.with(static_cast<std::int64_t>(position));
  return all_held(s);
}

Result<std::vector<HeldChangeRow>> Session::held_changes() {
  PHUSA_ASSIGN(
      auto s,
      connection_.lend("SELECT position, change, key, reason FROM held_changes ORDER BY position, change"));
  return all_held(s);
}

Result<void> Session::put_held_change(const HeldChangeRow& row) {
  PHUSA_ASSIGN(auto s,
               connection_.lend("INSERT INTO held_changes(position, change, key, reason) VALUES(?,?,?,?) "
                                "ON CONFLICT DO UPDATE SET reason = excluded.reason"));
  s.with(static_cast<std::int64_t>(row.position)).with(static_cast<std::int64_t>(row.index));
  return s.with(static_cast<std::int64_t>(row.key.value)).with(static_cast<std::int64_t>(row.reason)).run();
}

Result<void> Session::erase_held_change(std::uint64_t position, std::uint32_t index) {
  PHUSA_ASSIGN(auto s, connection_.lend("DELETE FROM held_changes WHERE position = ? AND change = ?"));
  return s.with(static_cast<std::int64_t>(position)).with(static_cast<std::int64_t>(index)).run();
}

Result<std::optional<DecisionRow>> Session::decision(const Hash& batch, std::uint32_t index) {
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT accepted FROM decisions WHERE batch = ? AND change = ?"));
  s.with(batch.view()).with(static_cast<std::int64_t>(index));
  PHUSA_ASSIGN(const bool found, s.step());
  if (!found) return std::optional<DecisionRow>();
  return std::optional<DecisionRow>(DecisionRow{batch, index, s.integer(0) != 0});
}

Result<std::vector<DecisionRow>> Session::decisions() {
  PHUSA_ASSIGN(auto s,
               connection_.lend("SELECT batch, change, accepted FROM decisions ORDER BY batch, change"));
  std::vector<DecisionRow> out;
  for (;;) {
    PHUSA_ASSIGN(const bool found, s.step());
    if (!found) return out;
    out.push_back({s.fixed<Hash>(0), static_cast<std::uint32_t>(s.integer(1)), s.integer(2) != 0});
  }
}

Result<bool> Session::has_decisions() {
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT 1 FROM decisions LIMIT 1"));
  return s.step();
}

Result<void> Session::put_decision(const DecisionRow& row) {
  PHUSA_ASSIGN(auto s, connection_.lend("INSERT INTO decisions(batch, change, accepted) VALUES(?,?,?) "
                                        "ON CONFLICT DO UPDATE SET accepted = excluded.accepted"));
  return s.with(row.batch.view())
      .with(static_cast<std::int64_t>(row.index))
      .with(std::int64_t{row.accepted})
      .run();
}

Result<std::optional<CatalogueRow>> Session::newest_catalogue() {
  PHUSA_ASSIGN(auto s, connection_.lend("SELECT revision, encoded, hash, signature FROM catalogues "
                                        "ORDER BY revision DESC LIMIT 1"));
  PHUSA_ASSIGN(const bool found, s.step());
  if (!found) return std::optional<CatalogueRow>();
  return std::optional<CatalogueRow>(catalogue_at(s));
}

Result<std::vector<CatalogueRow>> Session::catalogues() {
  PHUSA_ASSIGN(auto s, connection_.lend(
                           "SELECT revision, encoded, hash, signature FROM catalogues ORDER BY revision"));
  std::vector<CatalogueRow> rows;
  for (;;) {
    PHUSA_ASSIGN(const bool found, s.step());
    if (!found) return rows;
    rows.push_back(catalogue_at(s));
  }
}

Result<void> Session::add_catalogue(const CatalogueRow& row) {
  PHUSA_ASSIGN(
      auto s, connection_.lend("INSERT INTO catalogues(revision, encoded, hash, signature) VALUES(?,?,?,?)"));
  s.with(static_cast<std::int64_t>(row.revision)).with(BytesView(row.encoded));
  return s.with(row.hash.view()).with(row.signature.view()).run();
}

Result<std::vector<AcceptedRevisionRow>> Session::accepted_revisions() {
  PHUSA_ASSIGN(auto s,
               connection_.lend("SELECT revision, hash FROM accepted_revisions ORDER BY revision, hash"));
  std::vector<AcceptedRevisionRow> rows;
  for (;;) {
    PHUSA_ASSIGN(const bool found, s.step());
    if (!found) return rows;
    rows.push_back({static_cast<std::uint32_t>(s.integer(0)), s.fixed<Hash>(1)});
  }
}

Result<void> Session::put_accepted_revision(const AcceptedRevisionRow& row) {
  PHUSA_ASSIGN(auto s,
               connection_.lend("INSERT OR IGNORE INTO accepted_revisions(revision, hash) VALUES(?,?)"));
  return s.with(static_cast<std::int64_t>(row.revision)).with(row.hash.view()).run();
}

}  // namespace phusa::ledger
