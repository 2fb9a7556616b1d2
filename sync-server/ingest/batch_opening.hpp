#pragma once

#include "core/model/batch.hpp"
#include "sync-server/ledger/rows.hpp"

#include <string>
#include <vector>

namespace phusa::ingest {

/// A batch with its personal part taken apart: what signature, hash and facts need.
struct OpenBatch {
  PublicKey device_key;
  DeviceId device;
  SealedBatch batch;  ///< header whole
  std::vector<Leaf> leaves;
  std::vector<std::string> texts;  ///< empty once erased

  /// Its words gave way to their leaves.
  bool is_erased() const { return texts.empty() && !leaves.empty(); }
};

/// kCorrupt, kLimitExceeded: the personal part cannot be read.
Result<OpenBatch> open_batch(const PublicKey& device_key, SealedBatch batch);
/// A batch as it lies in the ledger.
Result<OpenBatch> open_entry(const ledger::EntryRow& row);
/// The changes inside, as many as the header says. kCorrupt, kLimitExceeded.
Result<std::vector<Change>> unpack_changes(const OpenBatch& open);
/// The row that keeps it; its point, receive time and hold are not set.
ledger::EntryRow entry_of(const OpenBatch& open, const Hash& hash);

}  // namespace phusa::ingest
