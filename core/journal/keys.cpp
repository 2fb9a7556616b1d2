#include "core/journal/keys.hpp"

#include <sodium.h>

#include <algorithm>

namespace phusa::journal {

KeyPair key_pair_from(const KeySeed& seed) {
  KeyPair pair{seed, {}};
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret;
  crypto_sign_seed_keypair(pair.public_key.bytes.data(), secret.data(), seed.bytes.data());
  sodium_memzero(secret.data(), secret.size());
  return pair;
}

Signature sign(const KeyPair& key, BytesView message) {
  // libsodium's secret key is the seed followed by the public key.
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret;
  std::copy(key.seed.bytes.begin(), key.seed.bytes.end(), secret.begin());
  std::copy(key.public_key.bytes.begin(), key.public_key.bytes.end(), secret.begin() + KeySeed::kSize);
  Signature signature;
  crypto_sign_detached(signature.bytes.data(), nullptr, reinterpret_cast<const unsigned char*>(message.data()),
                       message.size(), secret.data());
  sodium_memzero(secret.data(), secret.size());
  return signature;
}

bool is_signed_by(const PublicKey& key, BytesView message, const Signature& signature) {
  return crypto_sign_verify_detached(signature.bytes.data(), reinterpret_cast<const unsigned char*>(message.data()),
                                     message.size(), key.bytes.data()) == 0;
}

BoxKeyPair box_key_pair_from(const KeySeed& seed) {
  static_assert(crypto_box_SEEDBYTES == KeySeed::kSize && crypto_box_PUBLICKEYBYTES == BoxKey::kSize);
  BoxKeyPair pair{seed, {}};
  std::array<unsigned char, crypto_box_SECRETKEYBYTES> secret;
  crypto_box_seed_keypair(pair.public_key.bytes.data(), secret.data(), seed.bytes.data());
  sodium_memzero(secret.data(), secret.size());
  return pair;
}

}  // namespace phusa::journal
