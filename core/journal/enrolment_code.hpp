#pragma once

#include "core/model/ids.hpp"

#include <string>
#include <string_view>

namespace phusa::journal {

/// 128 bits that the server hands out once; only their hash is kept there.
using EnrolmentSecret = FixedBytes<16, struct EnrolmentSecretTag>;
/// The first 8 bytes of BLAKE2b-256(root key): who answers must have this root.
using RootFingerprint = FixedBytes<8, struct RootFingerprintTag>;

/// What an office gives to a person who is to join with a phone.
struct EnrolmentCode {
  EnrolmentSecret secret;
  RootFingerprint root;

  friend bool operator==(const EnrolmentCode&, const EnrolmentCode&) = default;
};

RootFingerprint fingerprint_of(const OrganisationId& organisation);

/// Crockford's base 32 of secret ‖ fingerprint ‖ check byte (the first of BLAKE2b-256 over those 24): 40
/// digits, in groups of five with dashes.
std::string format_enrolment_code(const EnrolmentCode& code);

/// Reads what people type: either case, with or without dashes and spaces, O for 0, I or L for 1.
/// kInvalidArgument when a digit is missing or mistyped.
Result<EnrolmentCode> parse_enrolment_code(std::string_view text);

}  // namespace phusa::journal
