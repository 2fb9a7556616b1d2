#pragma once

#include "core/journal/keys.hpp"
#include "core/model/batch.hpp"

#include <optional>
#include <string>

namespace phusa::journal {

/// Signed message: "phusa/receipt/1\0" ‖ organisation ‖ device key ‖ count u32 ‖ per batch: hash ‖ position
/// u64 ‖ tag.
void sign_receipt(const OrganisationId& organisation, const KeyPair& server, Receipt& receipt);
Result<void> verify_receipt(const OrganisationId& organisation, const PublicKey& server,
                            const Receipt& receipt);

/// All that a device says when it joins: nobody on the way may change any of it.
struct EnrolmentClaim {
  Bytes code;
  PublicKey device_key;
  Hash token_hash;  ///< of the bearer token
  std::string name;
  std::string phone;
  std::optional<PublicKey> predecessor;
};

/// Signed message of an enrolment: "phusa/enrol/1\0" ‖ code ‖ device key ‖ token hash ‖ name ‖ phone ‖ has
/// predecessor u8 ‖ [predecessor].
Bytes enrolment_message(const EnrolmentClaim& claim);

/// What the server signs of a catalogue revision: "phusa/catalogue/1\0" ‖ organisation ‖ revision u32 ‖
/// H(bytes).
Bytes catalogue_message(const OrganisationId& organisation, std::uint32_t revision,
                        const Hash& catalogue_hash);

/// What the server signs of a parcel's journal beside its receipt: "phusa/fates/1\0" ‖ organisation ‖ device
/// key ‖ H(fates), as wire::encode_fates has them.
Bytes fates_message(const OrganisationId& organisation, const PublicKey& device, BytesView fates);

}  // namespace phusa::journal
