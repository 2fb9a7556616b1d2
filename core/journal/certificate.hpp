#pragma once

#include "core/journal/keys.hpp"
#include "core/model/batch.hpp"

#include <span>

namespace phusa::journal {

/// Signed message: "phusa/certificate/1\0" ‖ organisation ‖ the fields in order; kept and sent as fields ‖ signature.
void sign_certificate(const OrganisationId& organisation, const KeyPair& issuer, Certificate& certificate);

Bytes encode_certificate(const Certificate& certificate);
Result<Certificate> decode_certificate(BytesView bytes);

/// Whether the signature is its issuer's; says nothing about the issuer's right.
bool is_signed_by_issuer(const OrganisationId& organisation, const Certificate& certificate);

/// Follows `chain` (a device's certificate first, each followed by its issuer's, the server's last) up to `root`:
/// every signature right, roles falling, none but the root certifying a server. kUnauthorized says which link broke.
Result<void> verify_chain(const OrganisationId& organisation, const PublicKey& root, std::span<const Certificate> chain);

/// How a certificate or an enrolment names a predecessor: by its key, or, where only the device's id is known (all that
/// people see of a device), by the 16 bytes of the id and 16 zeros.
PublicKey predecessor_named(const DeviceId& device);
DeviceId predecessor_id(const PublicKey& predecessor);

}  // namespace phusa::journal
