#pragma once

#include "sync-server/ledger/rows.hpp"

/// Who may do what: devices, their certificates, persons, enrolment codes, tokens.
namespace phusa::ledger {

/// A phone. Made by the office entry that grants its first certificate, so that replay makes the same one;
/// token and times are the access room's, and no judgement reads them.
struct DeviceRow {
  PublicKey key;
  DeviceId id;
  PersonId person;
  PersonNo person_no = 0;
  Rank rank = Rank::kVolunteer;  ///< of the newest certificate
  std::string unit;              ///< code, of the newest certificate
  Hash token_hash;               ///< of the bearer token; zero: may not read
  WallTime enrolled_at{};
  WallTime last_seen{};
  bool revoked = false;
};

/// A certificate ever granted, in the order of granting.
struct GrantRow {
  DeviceId device;
  std::uint32_t serial = 0;
  std::uint64_t position = 0;  ///< of the office entry
  Bytes certificate;           ///< journal::encode_certificate
};

/// A batch of a revoked device's journal that still counts, with all before it; a forked journal has several.
struct RevocationRow {
  DeviceId device;
  JournalId journal;
  Hash last_good;
};

/// A certificate that an officer issued and the office has not granted, and why.
struct DoubtRow {
  DeviceId device;
  std::uint32_t serial = 0;
  std::uint64_t position = 0;  ///< of the office entry
  HoldReason reason = HoldReason::kNone;
  Bytes certificate;  ///< journal::encode_certificate
};

/// A person's name and phone number: the only table that law may ask us to delete from.
struct PersonRow {
  PersonId id;
  std::string name;
  std::string phone;
};

struct EnrolmentCodeRow {
  Hash code_hash;    ///< of the secret part; the code itself is never kept
  std::string unit;  ///< code
  Rank rank = Rank::kVolunteer;
  std::uint32_t uses_left = 1;
  WallTime expires_at{};
  WallTime made_at{};
  std::optional<PublicKey> replaces;  ///< the phone whose successor the code lets in
  std::uint32_t vouches = 0;          ///< devices that whoever redeems it may vouch for; of an officer's code
};

/// A bearer token of the office's JSON API.
struct ApiTokenRow {
  Hash token_hash;
  std::string name;
  std::optional<std::string> unit;  ///< sees this unit's subtree only
  WallTime made_at{};
  bool revoked = false;
};

}  // namespace phusa::ledger
