#include "sync-server/access/persons.hpp"

namespace phusa::access {

Result<ingest::Erased> erase_person(ingest::Engine& engine, ledger::Ledger& ledger, const DeviceId& device) {
  ingest::Erased erased;
  PHUSA_TRY(engine.write([&](ledger::Transaction& transaction) -> Result<void> {
    PHUSA_ASSIGN(const auto row, transaction.device(device));
    if (!row) return fail(ErrorCode::kNotFound, "no such device; see phusa-server devices list");
    PHUSA_ASSIGN(const auto devices, transaction.devices());
    std::vector<PublicKey> keys;
    for (const ledger::DeviceRow& other : devices) {
      if (other.person == row->person) keys.push_back(other.key);
    }
    PHUSA_ASSIGN(erased, ingest::erase_words(transaction, keys));
    return transaction.erase_person(row->person);
  }));
  PHUSA_TRY(ledger.compact());
  return erased;
}

}  // namespace phusa::access
