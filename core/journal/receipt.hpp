#pragma once

#include "core/journal/keys.hpp"
#include "core/model/batch.hpp"

namespace phusa::journal {

/// Signed message: "phusa/receipt/1\0" ‖ organisation ‖ device key ‖ count u32 ‖ per batch: hash ‖ position u64 ‖ tag.
void sign_receipt(const OrganisationId& organisation, const KeyPair& server, Receipt& receipt);
Result<void> verify_receipt(const OrganisationId& organisation, const PublicKey& server, const Receipt& receipt);

/// Signed message of an enrolment: "phusa/enrol/1\0" ‖ code ‖ device key ‖ hash of the bearer token.
Bytes enrolment_message(BytesView code, const PublicKey& device_key, const Hash& token_hash);

/// What the server signs of a catalogue revision: "phusa/catalogue/1\0" ‖ organisation ‖ revision u32 ‖ H(bytes).
Bytes catalogue_message(const OrganisationId& organisation, std::uint32_t revision, const Hash& catalogue_hash);

}  // namespace phusa::journal
