#pragma once

#include "core/base/key_store.hpp"
#include "core/model/batch.hpp"

namespace phusa::journal {

/// An Ed25519 key pair, made from its 32-byte seed.
struct KeyPair {
  KeySeed seed;
  PublicKey public_key;
};

KeyPair key_pair_from(const KeySeed& seed);
Signature sign(const KeyPair& key, BytesView message);
bool is_signed_by(const PublicKey& key, BytesView message, const Signature& signature);

/// X25519 public key that phones seal bundles to.
using BoxKey = FixedBytes<32, struct BoxKeyTag>;

/// An X25519 key pair, made from its 32-byte seed.
struct BoxKeyPair {
  KeySeed seed;
  BoxKey public_key;
};

BoxKeyPair box_key_pair_from(const KeySeed& seed);

}  // namespace phusa::journal
