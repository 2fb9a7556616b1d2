#pragma once

#include "core/journal/keys.hpp"

namespace phusa::journal::test {

inline KeyPair key(std::uint8_t n) {
  KeySeed seed;
  seed.bytes.fill(n);
  return key_pair_from(seed);
}

inline OrganisationId organisation() {
  return organisation_id_of(key(1).public_key);
}

/// A different, valid key and organisation.
inline OrganisationId other_organisation() {
  return organisation_id_of(key(99).public_key);
}

inline SealedBatch batch() {
  SealedBatch out;
  out.header.journal.bytes[0] = 5;
  out.header.number = 7;
  out.header.previous = hash_of("previous");
  out.header.certificate = 3;
  out.header.catalogue_revision = 2;
  out.header.catalogue_hash = hash_of("catalogue");
  out.header.changes = 4;
  out.header.facts_plain_bytes = 400;
  out.header.personal_plain_bytes = 40;
  out.facts = "the packed facts";
  out.sections = {{9, "section nine"}, {10, ""}};
  out.personal = "the packed words";
  return out;
}

}  // namespace phusa::journal::test
