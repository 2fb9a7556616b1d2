#include "sync-server/access/persons.hpp"

namespace phusa::access {

Result<ingest::Erased> erase_person(ingest::Engine& engine, ledger::Ledger& ledger,
                                    const std::filesystem::path& data, const DeviceId& device) {
  ingest::Erased erased;
  const auto work = [&](ledger::Transaction& transaction) -> Result<void> {
    const auto devices = engine.devices_of_person(device);
    if (devices.empty()) return fail(ErrorCode::kNotFound, "no such device; see phusa-server devices list");
    std::vector<PublicKey> keys;
    ErasureList list;
    for (const DeviceId& id : devices) {
      PHUSA_ASSIGN(const auto row, transaction.device(id));
      if (!row) return fail(ErrorCode::kCorrupt, "a device that holds a grant is not in the ledger");
      keys.push_back(row->key);
      // Devices that replaced one another may each have come with a name.
      PHUSA_TRY(transaction.erase_person(row->person));
      list.persons.insert(row->person);
    }
    PHUSA_ASSIGN(erased, ingest::erase_words(transaction, keys));
    list.batches = erased.hashes;
    return add_to_erasure_list(data, list);  // before the commit: what is erased is on it
  };
  PHUSA_TRY(engine.write(work));
  engine.keep_erased(erased.hashes);
  PHUSA_TRY(ledger.compact());
  return erased;
}

namespace {

/// A glance, since every opening asks and mostly nothing is there.
Result<bool> is_any_left(ledger::Snapshot& snapshot, const ErasureList& list) {
  PHUSA_ASSIGN(const bool words, ingest::has_words(snapshot, list.batches));
  if (words) return true;
  for (const PersonId& id : list.persons) {
    PHUSA_ASSIGN(const auto person, snapshot.person(id));
    if (person) return true;
  }
  return false;
}

}  // namespace

Result<ingest::Erased> erase_again(ingest::Engine& engine, ledger::Ledger& ledger, const ErasureList& list) {
  ingest::Erased erased;
  if (list.empty()) return erased;
  engine.keep_erased(list.batches);
  {
    PHUSA_ASSIGN(const auto snapshot, ledger.begin_read());
    PHUSA_ASSIGN(const bool any, is_any_left(*snapshot, list));
    if (!any) return erased;
  }
  const auto work = [&](ledger::Transaction& transaction) -> Result<void> {
    PHUSA_ASSIGN(erased, ingest::erase_words_of(transaction, list.batches));
    for (const PersonId& person : list.persons) PHUSA_TRY(transaction.erase_person(person));
    return {};
  };
  PHUSA_TRY(engine.write(work));
  PHUSA_TRY(ledger.compact());
  return erased;
}

}  // namespace phusa::access
