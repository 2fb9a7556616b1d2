#pragma once

#include "core/journal/keys.hpp"
#include "core/model/batch.hpp"

#include <span>

/// Sealing: what makes a batch one thing for ever. Signed message, in this order, integers little-endian:
///   "phusa/batch/1\0" ‖ organisation 32 ‖ device key 32
///   ‖ format u8 ‖ journal 8 ‖ number u32 ‖ previous 32 ‖ certificate u32 ‖ catalogue revision u32 ‖ catalogue hash 32
///   ‖ changes u32 ‖ plain bytes of facts u32 ‖ plain bytes of personal u32
///   ‖ H(facts as sent, sections) 32 ‖ H(personal) 32
/// The batch hash is BLAKE2b-256 of that message, without the signature: Ed25519 lets a signer sign one message in
/// several ways, and a batch must count once.
namespace phusa::journal {

Bytes batch_message(const OrganisationId& organisation, const PublicKey& device_key, const BatchHeader& header,
                    const Hash& facts_hash, const Hash& personal_hash);

Hash facts_hash(BytesView facts, std::span<const BatchSection> sections);

/// Identity of a batch whose header is whole (not cut short for the wire).
Hash batch_hash(const OrganisationId& organisation, const PublicKey& device_key, const SealedBatch& batch,
                std::span<const Leaf> leaves);

/// Signs `batch` in place and returns its hash.
Hash seal(const OrganisationId& organisation, const KeyPair& key, SealedBatch& batch, std::span<const Leaf> leaves);

/// The batch hash when the signature is right; else kUnauthorized.
Result<Hash> verify_batch(const OrganisationId& organisation, const PublicKey& device_key, const SealedBatch& batch,
                          std::span<const Leaf> leaves);

}  // namespace phusa::journal
