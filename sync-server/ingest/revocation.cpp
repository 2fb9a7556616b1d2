#include "sync-server/ingest/revocation.hpp"

#include "sync-server/ingest/batch_opening.hpp"

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

}  // namespace phusa::ingest
