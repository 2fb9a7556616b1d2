#pragma once

#include "sync-server/ingest/world.hpp"

#include <span>
#include <vector>

namespace phusa::ingest {

/// What a device's batches that are held whole take of its share.
std::uint64_t bytes_of(const ledger::HeldLoad& load);
/// The same of all devices that these doubts are about, together.
Result<std::uint64_t> bytes_below(ledger::Snapshot& snapshot, std::span<const Doubt* const> doubts);

/// Of whom how much is held, against limits::kHeld....
struct HeldOfDevice {
  PublicKey key;
  ledger::HeldLoad load;
  std::uint32_t percent = 0;          ///< of what the device may have; 100: the next may be refused
  std::optional<DeviceId> officer;    ///< of a device in doubt: who answers for it
  std::uint32_t officer_percent = 0;  ///< of what all such devices may have together, bytes or vouchers
};

/// All devices of which anything is held, those with the most first.
Result<std::vector<HeldOfDevice>> held_by_device(ledger::Snapshot& snapshot, const PublicKey& server_key);

/// Whether a record is more than a place that changes wait for, which are held.
Result<bool> is_anything_admitted(ledger::Snapshot& snapshot, const ledger::RecordRow& row);

/// A catalogue revision that batches held whole name and nobody here knows.
struct LostRevision {
  std::uint32_t revision = 0;
  Hash hash;
  bool is_contradicted = false;  ///< another stands under its number
  std::uint64_t batches = 0;
  std::uint64_t changes = 0;
  std::uint64_t devices = 0;
};

/// By number and hash.
Result<std::vector<LostRevision>> lost_revisions(ledger::Snapshot& snapshot, const PublicKey& server_key);

}  // namespace phusa::ingest
