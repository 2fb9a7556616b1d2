#include "sync-server/ingest/revocation.hpp"

#include "core/journal/office_journal.hpp"
#include "sync-server/ingest/batch_opening.hpp"
#include "sync-server/ingest/payloads.hpp"

#include <algorithm>
#include <tuple>

namespace phusa::ingest {

Result<std::vector<BatchFate>> fates_under(ledger::Snapshot& snapshot, const PublicKey& device,
                                           const std::set<Hash>& last_good) {
  PHUSA_ASSIGN(auto rows, snapshot.batches_of(device));
  std::sort(rows.begin(), rows.end(), [](const ledger::EntryRow& a, const ledger::EntryRow& b) {
    return std::tie(a.journal, a.number, a.point.position) < std::tie(b.journal, b.number, b.point.position);
  });
  std::set<Hash> good = last_good;
  std::vector<BatchFate> fates;
  fates.reserve(rows.size());
  // Backwards within each journal: what follows a batch decides on it.
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    PHUSA_ASSIGN(const auto whole, snapshot.entry(row->point.position));
    PHUSA_ASSIGN(const OpenBatch open, open_entry(*whole));
    const bool is_kept = good.contains(row->hash);
    if (is_kept) good.insert(open.batch.header.previous);
    fates.push_back({*row, open.batch.header.changes, is_kept});
  }
  std::reverse(fates.begin(), fates.end());
  return fates;
}

Result<std::optional<WallTime>> revoked_at(ledger::Snapshot& snapshot, const DeviceId& device) {
  std::optional<WallTime> at;
  const char act = static_cast<char>(OfficeAct::kRevoke);
  PHUSA_TRY(snapshot.for_each_office_entry(0, BytesView(&act, 1), [&](const ledger::EntryRow& row) {
    const auto entry = journal::decode_office_entry(row.envelope);
    const auto revocation = entry ? read_revoke_payload(entry->payload) : fail(entry.error());
    if (revocation && revocation->device == device) at = entry->at;
    return true;
  }));
  return at;
}

Result<std::vector<LastGood>> last_batches(ledger::Snapshot& snapshot, const PublicKey& device) {
  PHUSA_ASSIGN(const auto rows, snapshot.batches_of(device));
  std::set<Hash> followed;
  for (const ledger::EntryRow& row : rows) {
    PHUSA_ASSIGN(const auto whole, snapshot.entry(row.point.position));
    PHUSA_ASSIGN(const OpenBatch open, open_entry(*whole));
    followed.insert(open.batch.header.previous);
  }
  std::vector<LastGood> out;
  for (const ledger::EntryRow& row : rows) {
    if (!followed.contains(row.hash)) out.push_back({row.journal, row.hash});
  }
  return out;
}

}  // namespace phusa::ingest
