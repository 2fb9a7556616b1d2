#pragma once

#include "core/journal/keys.hpp"
#include "core/model/batch.hpp"

namespace phusa::journal {

/// Signed message: "phusa/office/1\0" ‖ organisation ‖ server key ‖ act u8 ‖ number u64 ‖ previous 32 ‖ at u64
/// ‖ H(payload). The entry's hash is BLAKE2b-256 of that message.
Hash sign_office_entry(const OrganisationId& organisation, const KeyPair& server, OfficeEntry& entry);
/// The entry's hash when the signature is right; else kUnauthorized.
Result<Hash> verify_office_entry(const OrganisationId& organisation, const PublicKey& server, const OfficeEntry& entry);

Bytes encode_office_entry(const OfficeEntry& entry);
Result<OfficeEntry> decode_office_entry(BytesView bytes);

}  // namespace phusa::journal
