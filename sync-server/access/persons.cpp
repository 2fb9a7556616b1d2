#include "sync-server/access/persons.hpp"

#include "core/journal/certificate.hpp"
#include "sync-server/ingest/introduction.hpp"

namespace phusa::access {
namespace {

/// Who is to be forgotten: the keys that wrote, the names that they came with.
struct Forgotten {
  std::vector<PublicKey> keys;
  std::set<PersonId> persons;

  void add(const PublicKey& key) {
    keys.push_back(key);
    // What it came with while it was in doubt; it may have become somebody else since.
    persons.insert(ingest::person_of_vouched(key));
  }
};

/// All devices of the person, or the one in doubt: nobody knows yet whose that is.
Result<Forgotten> behind(const DeviceId& device, std::span<const DeviceId> devices_of_person,
                         ledger::Snapshot& snapshot) {
  Forgotten out;
  for (const DeviceId& id : devices_of_person) {
    PHUSA_ASSIGN(const auto row, snapshot.device(id));
    if (!row) return fail(ErrorCode::kCorrupt, "a device that holds a grant is not in the ledger");
    out.add(row->key);
    // Devices that replaced one another may each have come with a name.
    out.persons.insert(row->person);
  }
  if (!out.keys.empty()) return out;
  PHUSA_ASSIGN(const auto doubts, snapshot.doubts());
  for (const ledger::DoubtRow& doubt : doubts) {
    if (doubt.device != device) continue;
    PHUSA_ASSIGN(const Certificate certificate, journal::decode_certificate(doubt.certificate));
    out.add(certificate.subject);
    return out;
  }
  return fail(ErrorCode::kNotFound, "no such device; see phusa-server devices list");
}

/// There from the transaction that erases until no unused part of the file holds what was erased: whoever
/// dies between the two leaves it to the next opening.
constexpr std::string_view kCompactionOwed = "compaction_owed";

Result<void> owe_compaction(ledger::Transaction& transaction) {
  return transaction.put_meta(kCompactionOwed, "1");
}

Result<bool> is_compaction_owed(ledger::Snapshot& snapshot) {
  PHUSA_ASSIGN(const auto owed, snapshot.meta(kCompactionOwed));
  return owed && !owed->empty();
}

Result<void> compact(ingest::Engine& engine, ledger::Ledger& ledger) {
  PHUSA_TRY(ledger.compact());
  return engine.write(
      [](ledger::Transaction& transaction) { return transaction.put_meta(kCompactionOwed, {}); });
}

}  // namespace

Result<ingest::Erased> erase_person(ingest::Engine& engine, ledger::Ledger& ledger,
                                    const std::filesystem::path& data, const DeviceId& device) {
  ingest::Erased erased;
  const auto work = [&](ledger::Transaction& transaction) -> Result<void> {
    PHUSA_ASSIGN(const Forgotten who, behind(device, engine.devices_of_person(device), transaction));
    for (const PersonId& person : who.persons) PHUSA_TRY(transaction.erase_person(person));
    PHUSA_ASSIGN(erased, ingest::erase_words(transaction, who.keys));
    PHUSA_TRY(owe_compaction(transaction));
    // Before the commit: what is erased is on it.
    return add_to_erasure_list(data, {erased.hashes, who.persons, {}});
  };
  PHUSA_TRY(engine.write(work));
  engine.keep_erased(erased.hashes);
  PHUSA_TRY(compact(engine, ledger));
  return erased;
}

namespace {

/// Whether the ledger knows of a name given anew: only then is what it has not the name that was erased.
Result<bool> is_named_again(ledger::Snapshot& snapshot, const ErasureList& list, const PersonId& id) {
  const auto namings = list.named_again.find(id);
  if (namings == list.named_again.end()) return false;
  for (const ErasureList::Naming& naming : namings->second) {
    PHUSA_ASSIGN(const bool redeemed, snapshot.has_redeemed(naming.code_hash, naming.device));
    if (redeemed) return true;
  }
  return false;
}

/// Those of the list whose erased names the ledger has.
Result<std::vector<PersonId>> persons_left(ledger::Snapshot& snapshot, const ErasureList& list) {
  std::vector<PersonId> out;
  for (const PersonId& id : list.persons) {
    PHUSA_ASSIGN(const auto person, snapshot.person(id));
    if (!person) continue;
    PHUSA_ASSIGN(const bool named_again, is_named_again(snapshot, list, id));
    if (!named_again) out.push_back(id);
  }
  return out;
}

/// A glance, since every opening asks and mostly nothing is there.
Result<bool> is_any_left(ledger::Snapshot& snapshot, const ErasureList& list) {
  PHUSA_ASSIGN(const bool words, ingest::has_words(snapshot, list.batches));
  if (words) return true;
  PHUSA_ASSIGN(const auto persons, persons_left(snapshot, list));
  return !persons.empty();
}

}  // namespace

Result<ingest::Erased> erase_again(ingest::Engine& engine, ledger::Ledger& ledger, const ErasureList& list) {
  ingest::Erased erased;
  engine.keep_erased(list.batches);
  bool any = false;
  {
    PHUSA_ASSIGN(const auto snapshot, ledger.begin_read());
    PHUSA_ASSIGN(any, is_any_left(*snapshot, list));
    PHUSA_ASSIGN(const bool owed, is_compaction_owed(*snapshot));
    if (!any && !owed) return erased;
  }
  const auto work = [&](ledger::Transaction& transaction) -> Result<void> {
    PHUSA_ASSIGN(erased, ingest::erase_words_of(transaction, list.batches));
    PHUSA_ASSIGN(const auto persons, persons_left(transaction, list));
    for (const PersonId& person : persons) PHUSA_TRY(transaction.erase_person(person));
    return owe_compaction(transaction);
  };
  if (any) PHUSA_TRY(engine.write(work));
  // Nobody reads the words any more: what the file's unused parts still hold keeps no one from working.
  if (auto done = compact(engine, ledger); !done) erased.compaction_owed = std::move(done).error();
  return erased;
}

}  // namespace phusa::access
