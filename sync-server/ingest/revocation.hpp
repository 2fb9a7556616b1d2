#pragma once

#include "sync-server/ingest/engine.hpp"

#include <set>
#include <vector>

namespace phusa::ingest {

/// What a revocation does to one batch.
struct BatchFate {
  ledger::EntryRow batch;  ///< without its bytes
  std::uint32_t changes = 0;
  bool is_kept = false;  ///< it is one of the last good batches, or another that is kept follows it
};

/// All batches of a device, by journal and number, as they fare when these are its last good ones.
Result<std::vector<BatchFate>> fates_under(ledger::Snapshot& snapshot, const PublicKey& device,
                                           const std::set<Hash>& last_good);

/// When the office last decided what of a revoked device counts; nothing if it is not revoked.
Result<std::optional<WallTime>> revoked_at(ledger::Snapshot& snapshot, const DeviceId& device);

/// The batches of a device that no other follows in this ledger: what a revocation names when nothing is
/// suspect. One for each journal, more where a copied phone forked it or a batch between is missing.
Result<std::vector<LastGood>> last_batches(ledger::Snapshot& snapshot, const PublicKey& device);

}  // namespace phusa::ingest
