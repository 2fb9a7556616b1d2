#pragma once

#include "core/journal/keys.hpp"

namespace phusa::ingest {

/// The organisation as every check of a signature needs it.
struct Organisation {
  OrganisationId id;
  PublicKey root_key;
  journal::KeyPair server_key;
};

}  // namespace phusa::ingest
