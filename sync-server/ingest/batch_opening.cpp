#include "sync-server/ingest/batch_opening.hpp"

#include "core/journal/personal.hpp"
#include "core/wire/codec.hpp"
#include "core/wire/facts.hpp"

namespace phusa::ingest {

Result<OpenBatch> open_batch(const PublicKey& device_key, SealedBatch batch) {
  OpenBatch open;
  open.device_key = device_key;
  open.device = device_id_of(device_key);
  PHUSA_ASSIGN(PersonalPart personal, wire::unpack_personal(batch.personal));
  open.leaves = personal.leaves.empty() ? journal::leaves_of(personal.salt, personal.texts)
                                        : std::move(personal.leaves);
  open.texts = std::move(personal.texts);
  open.batch = std::move(batch);
  return open;
}

Result<OpenBatch> open_entry(const ledger::EntryRow& row) {
  PHUSA_ASSIGN(wire::BatchOnWire decoded, wire::decode_batch(row.envelope));
  decoded.batch.personal = row.personal;
  return open_batch(row.device_key, std::move(decoded.batch));
}

Result<std::vector<Change>> unpack_changes(const OpenBatch& open) {
  PHUSA_ASSIGN(std::vector<Change> changes,
               wire::unpack_facts(open.batch.facts, open.device, open.leaves, open.texts));
  if (changes.size() != open.batch.header.changes) {
    return fail(ErrorCode::kCorrupt, "a batch holds another number of changes than its header says");
  }
  return changes;
}

ledger::EntryRow entry_of(const OpenBatch& open, const Hash& hash) {
  ledger::EntryRow row;
  row.kind = ledger::EntryKind::kBatch;
  row.hash = hash;
  row.device_key = open.device_key;
  row.journal = open.batch.header.journal;
  row.number = open.batch.header.number;
  SealedBatch bare = open.batch;
  row.personal = std::exchange(bare.personal, {});
  row.envelope = wire::encode_batch(bare, wire::HashForm::kWhole);
  return row;
}

}  // namespace phusa::ingest
