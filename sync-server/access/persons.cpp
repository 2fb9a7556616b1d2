#include "sync-server/access/persons.hpp"

namespace phusa::access {

Result<ingest::Erased> erase_person(ingest::Engine& engine, ledger::Ledger& ledger, const DeviceId& device) {
  ingest::Erased erased;
  const auto work = [&](ledger::Transaction& transaction) -> Result<void> {
    const auto devices = engine.devices_of_person(device);
    if (devices.empty()) return fail(ErrorCode::kNotFound, "no such device; see phusa-server devices list");
    std::vector<PublicKey> keys;
    for (const DeviceId& id : devices) {
      PHUSA_ASSIGN(const auto row, transaction.device(id));
      if (!row) return fail(ErrorCode::kCorrupt, "a device that holds a grant is not in the ledger");
      keys.push_back(row->key);
      // Devices that replaced one another may each have come with a name.
      PHUSA_TRY(transaction.erase_person(row->person));
    }
    PHUSA_ASSIGN(erased, ingest::erase_words(transaction, keys));
    return {};
  };
  PHUSA_TRY(engine.write(work));
  PHUSA_TRY(ledger.compact());
  return erased;
}

}  // namespace phusa::access
