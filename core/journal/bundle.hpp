#pragma once

#include "core/base/random.hpp"
#include "core/journal/keys.hpp"

#include <span>
#include <vector>

/// Bundles: what a phone gives to another to carry. The carrier can neither read nor alter it.
///
///   "PHB1" ‖ format u8 ‖ bundle id 16 ‖ recipients u8 ‖ per recipient: box key id 8 ‖ sealed content key 80
///   ‖ nonce 24 ‖ encrypted content
///
/// The content key is sealed as by libsodium's crypto_box_seal (X25519), its ephemeral key drawn from
/// `Random`. The content is padded to hide its size and encrypted with XChaCha20-Poly1305, everything before
/// the nonce as associated data: whoever changes a recipient, an id or the format changes the bundle.
namespace phusa::journal {

using BundleId = FixedBytes<16, struct BundleIdTag>;
/// The first 8 bytes of BLAKE2b-256(box key): which of a server's keys opens it.
using BoxKeyId = FixedBytes<8, struct BoxKeyIdTag>;

BoxKeyId box_key_id_of(const BoxKey& key);

/// A device's signing key as a box key: receipts come back to it, and an officer's phone can be a recipient.
/// kInvalidArgument: not a point of the curve.
Result<BoxKey> box_key_of(const PublicKey& device);

/// What opens what was sealed to `public_key`.
struct OpeningKey {
  FixedBytes<32, struct BoxSecretTag> secret;  ///< X25519 scalar
  BoxKey public_key;
};
OpeningKey opening_key_of(const BoxKeyPair& server);
OpeningKey opening_key_of(const KeyPair& device);

/// kLimitExceeded: no recipient, or more than limits::kBundleRecipientsMax, or larger than kBundleBytesMax
/// once sealed.
Result<Bytes> seal_bundle(BytesView content, std::span<const BoxKey> recipients, Random& random);

struct BundleHead {
  BundleId id;
  std::vector<BoxKeyId> recipients;
};
/// What anybody can read of a bundle. kCorrupt, kUnsupportedVersion, kLimitExceeded.
Result<BundleHead> read_bundle_head(BytesView bundle);

/// The content. kNotFound: sealed to other keys; kCorrupt: altered or cut.
Result<Bytes> open_bundle(BytesView bundle, std::span<const OpeningKey> keys);

/// Receipts to one return key: the carrier cannot read them. kInvalidArgument: no key of the curve.
Result<Bytes> seal_parcel(BytesView parcel, const BoxKey& return_key, Random& random);
/// kCorrupt: altered, cut, or sealed to another key.
Result<Bytes> open_parcel(BytesView sealed, const OpeningKey& key);

}  // namespace phusa::journal
