#include "sync-server/ingest/held_loads.hpp"

#include "core/base/limits.hpp"
#include "core/merge/state_codec.hpp"
#include "core/wire/codec.hpp"

#include <algorithm>
#include <map>

namespace phusa::ingest {
namespace {

constexpr std::uint32_t kWhole = 100;

/// 100 as soon as a batch of the largest kind finds no room.
std::uint32_t percent_of_bytes(std::uint64_t bytes, std::uint64_t most) {
  if (bytes + limits::kBatchKeptBytesMax + limits::kHeldBatchBytes > most) return kWhole;
  return static_cast<std::uint32_t>(bytes * kWhole / most);
}

std::uint32_t percent_of(std::uint64_t count, std::uint64_t most) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(kWhole, count * kWhole / most));
}

Result<std::set<PublicKey>> devices_with_anything_held(ledger::Snapshot& snapshot) {
  std::set<PublicKey> keys;
  PHUSA_ASSIGN(const auto batches, snapshot.held_batches());
  for (const ledger::EntryRow& row : batches) keys.insert(row.device_key);
  PHUSA_ASSIGN(const auto changes, snapshot.held_changes());
  std::set<std::uint64_t> positions;
  for (const ledger::HeldChangeRow& row : changes) positions.insert(row.position);
  for (const std::uint64_t position : positions) {
    PHUSA_ASSIGN(const auto entry, snapshot.entry_without_bytes(position));
    if (entry) keys.insert(entry->device_key);
  }
  return keys;
}

/// Whom the devices in doubt answer to, and how much of its share each such officer has taken.
struct Officers {
  std::map<DeviceId, DeviceId> of_device;
  std::map<DeviceId, std::uint32_t> percent;
};

Result<Officers> officers_of_doubts(ledger::Snapshot& snapshot, const World& world) {
  Officers out;
  PHUSA_ASSIGN(const auto rows, snapshot.doubts());
  for (const ledger::DoubtRow& row : rows) {
    const Doubt* doubt = world.doubt(row.device, row.serial);
    if (doubt == nullptr) continue;
    const DeviceId officer = world.answerable(device_id_of(doubt->certificate.issuer));
    out.of_device[row.device] = officer;
    out.percent[officer] = 0;
  }
  for (auto& [officer, percent] : out.percent) {
    const auto below = world.doubts_below(officer);
    PHUSA_ASSIGN(const std::uint64_t bytes, bytes_below(snapshot, below));
    percent = std::max(percent_of_bytes(bytes, limits::kHeldBytesPerOfficerMax),
                       percent_of(below.size(), limits::kDoubtsPerOfficerMax));
  }
  return out;
}

}  // namespace

std::uint64_t bytes_of(const ledger::HeldLoad& load) {
  return load.bytes + load.batches * limits::kHeldBatchBytes;
}

Result<std::uint64_t> bytes_below(ledger::Snapshot& snapshot, std::span<const Doubt* const> doubts) {
  std::set<PublicKey> devices;
  for (const Doubt* doubt : doubts) devices.insert(doubt->certificate.subject);
  std::uint64_t together = 0;
  for (const PublicKey& device : devices) {
    PHUSA_ASSIGN(const ledger::HeldLoad load, snapshot.held_load(device));
    together += bytes_of(load);
  }
  return together;
}

Result<std::vector<HeldOfDevice>> held_by_device(ledger::Snapshot& snapshot, const PublicKey& server_key) {
  PHUSA_ASSIGN(const World world, World::load(snapshot, server_key));
  PHUSA_ASSIGN(const Officers officers, officers_of_doubts(snapshot, world));
  PHUSA_ASSIGN(const auto keys, devices_with_anything_held(snapshot));
  std::vector<HeldOfDevice> out;
  for (const PublicKey& key : keys) {
    HeldOfDevice row;
    row.key = key;
    PHUSA_ASSIGN(row.load, snapshot.held_load(key));
    row.percent = std::max(percent_of_bytes(bytes_of(row.load), limits::kHeldBytesPerDeviceMax),
                           percent_of(row.load.changes, limits::kHeldChangesPerDeviceMax));
    if (const auto at = officers.of_device.find(device_id_of(key)); at != officers.of_device.end()) {
      row.officer = at->second;
      row.officer_percent = officers.percent.at(at->second);
    }
    out.push_back(row);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return bytes_of(a.load) > bytes_of(b.load); });
  return out;
}

Result<bool> is_anything_admitted(ledger::Snapshot& snapshot, const ledger::RecordRow& row) {
  if (row.hold != HoldReason::kIncomplete) return true;  // else it had no unit
  PHUSA_ASSIGN(const auto block, snapshot.block_by_no(row.key.block_no()));
  if (!block) return fail(ErrorCode::kCorrupt, "a record's block is not in the ledger");
  PHUSA_ASSIGN(const RecordState state,
               merge::decode_state({block->device, block->block, row.key.n()}, row.state));
  return !state.registers.empty();
}

Result<std::vector<LostRevision>> lost_revisions(ledger::Snapshot& snapshot, const PublicKey& server_key) {
  PHUSA_ASSIGN(const World world, World::load(snapshot, server_key));
  std::map<std::pair<std::uint32_t, Hash>, LostRevision> found;
  std::map<std::pair<std::uint32_t, Hash>, std::set<PublicKey>> devices;
  PHUSA_ASSIGN(const auto batches, snapshot.held_batches());
  for (const ledger::EntryRow& light : batches) {
    if (light.hold != HoldReason::kUnknownCatalogue) continue;
    PHUSA_ASSIGN(const auto row, snapshot.entry(light.point.position));
    PHUSA_ASSIGN(const wire::BatchOnWire sealed, wire::decode_batch(row->envelope));
    const BatchHeader& header = sealed.batch.header;
    const std::pair key(header.catalogue_revision, header.catalogue_hash);
    LostRevision& lost = found[key];
    lost.revision = header.catalogue_revision;
    lost.hash = header.catalogue_hash;
    lost.is_contradicted = world.catalogue_hash(lost.revision) != nullptr;
    ++lost.batches;
    lost.changes += header.changes;
    devices[key].insert(light.device_key);
    lost.devices = devices[key].size();
  }
  std::vector<LostRevision> out;
  for (const auto& [key, lost] : found) out.push_back(lost);
  return out;
}

}  // namespace phusa::ingest
