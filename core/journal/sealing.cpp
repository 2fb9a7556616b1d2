#include "core/journal/sealing.hpp"

#include "core/journal/personal.hpp"

namespace phusa::journal {

Bytes batch_message(const OrganisationId& organisation, const PublicKey& device_key, const BatchHeader& header,
                    const Hash& facts_hash, const Hash& personal_hash) {
  Bytes out("phusa/batch/1\0", 14);
  out.append(organisation.view());
  out.append(device_key.view());
  put_u8(out, header.format);
  out.append(header.journal.view());
  put_u32(out, header.number);
  out.append(header.previous.view());
  put_u32(out, header.certificate);
  put_u32(out, header.catalogue_revision);
  out.append(header.catalogue_hash.view());
  put_u32(out, header.changes);
  put_u32(out, header.facts_plain_bytes);
  put_u32(out, header.personal_plain_bytes);
  out.append(facts_hash.view());
  out.append(personal_hash.view());
  return out;
}

Hash facts_hash(BytesView facts, std::span<const BatchSection> sections) {
  Bytes lengths("phusa/facts/1\0", 14);
  put_u64(lengths, facts.size());
  Hasher hasher;
  hasher.add(lengths).add(facts);
  for (const BatchSection& section : sections) {
    Bytes head;
    put_u32(head, section.type);
    put_u64(head, section.data.size());
    hasher.add(head).add(section.data);
  }
  return hasher.finish();
}

namespace {

Bytes message_of(const OrganisationId& organisation, const PublicKey& device_key, const SealedBatch& batch,
                 std::span<const Leaf> leaves) {
  return batch_message(organisation, device_key, batch.header, facts_hash(batch.facts, batch.sections),
                       personal_hash(leaves));
}

}  // namespace

Hash batch_hash(const OrganisationId& organisation, const PublicKey& device_key, const SealedBatch& batch,
                std::span<const Leaf> leaves) {
  return hash_of(message_of(organisation, device_key, batch, leaves));
}

Hash seal(const OrganisationId& organisation, const KeyPair& key, SealedBatch& batch, std::span<const Leaf> leaves) {
  const Bytes message = message_of(organisation, key.public_key, batch, leaves);
  batch.signature = sign(key, message);
  return hash_of(message);
}

Result<Hash> verify_batch(const OrganisationId& organisation, const PublicKey& device_key, const SealedBatch& batch,
                          std::span<const Leaf> leaves) {
  const Bytes message = message_of(organisation, device_key, batch, leaves);
  if (!is_signed_by(device_key, message, batch.signature)) {
    return fail(ErrorCode::kUnauthorized, "the batch is not signed by its device, or was changed on the way");
  }
  return hash_of(message);
}

}  // namespace phusa::journal
