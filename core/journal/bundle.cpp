#include "core/journal/bundle.hpp"

#include "core/base/limits.hpp"

#include <sodium.h>

#include <algorithm>

namespace phusa::journal {
namespace {

constexpr BytesView kMagic = "PHB1";
constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kContentKeyBytes = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t kSealedKeyBytes = kContentKeyBytes + crypto_box_SEALBYTES;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kHeadBytes = 4 + 1 + BundleId::kSize + 1;
/// Sizes are told apart by no finer step than this.
constexpr std::size_t kPadBytes = 1024;

using ContentKey = FixedBytes<kContentKeyBytes, struct ContentKeyTag>;

unsigned char* raw(Bytes& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}
const unsigned char* raw(BytesView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// What crypto_box_seal makes, but for where its randomness comes from: ephemeral key ‖ box, the nonce being
/// BLAKE2b of both public keys.
Result<Bytes> seal_to(const BoxKey& recipient, BytesView message, Random& random) {
  const auto seed = random.fixed<KeySeed>();
  std::array<unsigned char, crypto_box_PUBLICKEYBYTES> ephemeral{};
  std::array<unsigned char, crypto_box_SECRETKEYBYTES> secret{};
  crypto_box_seed_keypair(ephemeral.data(), secret.data(), seed.bytes.data());
  std::array<unsigned char, crypto_box_NONCEBYTES> nonce{};
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, nonce.size());
  crypto_generichash_update(&state, ephemeral.data(), ephemeral.size());
  crypto_generichash_update(&state, recipient.bytes.data(), BoxKey::kSize);
  crypto_generichash_final(&state, nonce.data(), nonce.size());
  Bytes out(message.size() + crypto_box_SEALBYTES, '\0');
  std::copy(ephemeral.begin(), ephemeral.end(), out.begin());
  const int failed = crypto_box_easy(raw(out) + ephemeral.size(), raw(message), message.size(), nonce.data(),
                                     recipient.bytes.data(), secret.data());
  sodium_memzero(secret.data(), secret.size());
  if (failed != 0) return fail(ErrorCode::kInvalidArgument, "the key to seal to is no key");
  return out;
}

std::optional<Bytes> open_with(const OpeningKey& key, BytesView sealed) {
  if (sealed.size() < crypto_box_SEALBYTES) return {};
  Bytes out(sealed.size() - crypto_box_SEALBYTES, '\0');
  const int failed = crypto_box_seal_open(raw(out), raw(sealed), sealed.size(), key.public_key.bytes.data(),
                                          key.secret.bytes.data());
  if (failed != 0) return {};
  return out;
}

/// Content ‖ 0x80 ‖ zeros up to a multiple of kPadBytes.
Bytes pad(BytesView content) {
  Bytes out(content);
  out.push_back('\x80');
  out.resize((out.size() + kPadBytes - 1) / kPadBytes * kPadBytes, '\0');
  return out;
}

Result<void> unpad(Bytes& padded) {
  const std::size_t end = padded.find_last_not_of('\0');
  if (end == Bytes::npos || padded[end] != '\x80')
    return fail(ErrorCode::kCorrupt, "the bundle's content is not as it was sealed");
  padded.resize(end);
  return {};
}

struct ParsedBundle {
  BundleHead head;
  std::vector<BytesView> sealed_keys;
  BytesView associated;
  BytesView nonce;
  BytesView encrypted;
};

Result<ParsedBundle> parse(BytesView bundle) {
  if (bundle.size() > limits::kBundleBytesMax)
    return fail(ErrorCode::kLimitExceeded, "the bundle is larger than bundles may be");
  ByteReader reader(bundle);
  if (reader.take(kMagic.size()) != kMagic) return fail(ErrorCode::kCorrupt, "not a bundle of records");
  if (reader.u8() != kFormat)
    return fail(ErrorCode::kUnsupportedVersion, "the bundle is of a later version: update the program");
  ParsedBundle out;
  const BytesView id = reader.take(BundleId::kSize);
  const std::size_t recipients = reader.u8();
  if (!reader.ok() || recipients == 0 || recipients > limits::kBundleRecipientsMax)
    return fail(ErrorCode::kCorrupt, "the bundle's head is damaged");
  PHUSA_ASSIGN(out.head.id, BundleId::from(id));
  for (std::size_t i = 0; i < recipients; ++i) {
    const auto key = BoxKeyId::from(reader.take(BoxKeyId::kSize));
    out.sealed_keys.push_back(reader.take(kSealedKeyBytes));
    if (!key) break;
    out.head.recipients.push_back(*key);
  }
  const std::size_t associated = bundle.size() - reader.remaining();
  out.nonce = reader.take(kNonceBytes);
  if (!reader.ok()) return fail(ErrorCode::kCorrupt, "the bundle is cut short");
  out.associated = bundle.substr(0, associated);
  out.encrypted = reader.take(reader.remaining());
  return out;
}

}  // namespace

BoxKeyId box_key_id_of(const BoxKey& key) {
  const Hash hash = hash_of(key.view());
  BoxKeyId out;
  std::copy_n(hash.bytes.begin(), BoxKeyId::kSize, out.bytes.begin());
  return out;
}

Result<BoxKey> box_key_of(const PublicKey& device) {
  BoxKey out;
  if (crypto_sign_ed25519_pk_to_curve25519(out.bytes.data(), device.bytes.data()) != 0)
    return fail(ErrorCode::kInvalidArgument, "the device's key is no key");
  return out;
}

OpeningKey opening_key_of(const BoxKeyPair& server) {
  OpeningKey out;
  crypto_box_seed_keypair(out.public_key.bytes.data(), out.secret.bytes.data(), server.seed.bytes.data());
  return out;
}

OpeningKey opening_key_of(const KeyPair& device) {
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};
  std::copy(device.seed.bytes.begin(), device.seed.bytes.end(), secret.begin());
  OpeningKey out;
  crypto_sign_ed25519_sk_to_curve25519(out.secret.bytes.data(), secret.data());
  sodium_memzero(secret.data(), secret.size());
  crypto_scalarmult_base(out.public_key.bytes.data(), out.secret.bytes.data());
  return out;
}

Result<Bytes> seal_bundle(BytesView content, std::span<const BoxKey> recipients, Random& random) {
  if (recipients.empty() || recipients.size() > limits::kBundleRecipientsMax)
    return fail(ErrorCode::kLimitExceeded, "a bundle is sealed to one key, or a few");
  const auto key = random.fixed<ContentKey>();
  Bytes out(kMagic);
  put_u8(out, kFormat);
  out += random.fixed<BundleId>().view();
  put_u8(out, static_cast<std::uint8_t>(recipients.size()));
  for (const BoxKey& recipient : recipients) {
    out += box_key_id_of(recipient).view();
    PHUSA_ASSIGN(const Bytes sealed, seal_to(recipient, key.view(), random));
    out += sealed;
  }
  const std::size_t associated = out.size();
  out += random.fixed<FixedBytes<kNonceBytes, struct BundleNonceTag>>().view();
  const Bytes padded = pad(content);
  const std::size_t start = out.size();
  out.resize(start + padded.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES);
  crypto_aead_xchacha20poly1305_ietf_encrypt(raw(out) + start, nullptr, raw(padded), padded.size(), raw(out),
                                             associated, nullptr, raw(out) + associated, key.bytes.data());
  if (out.size() > limits::kBundleBytesMax)
    return fail(ErrorCode::kLimitExceeded, "the content is too large for one bundle");
  return out;
}

Result<BundleHead> read_bundle_head(BytesView bundle) {
  PHUSA_ASSIGN(ParsedBundle parsed, parse(bundle));
  return std::move(parsed.head);
}

Result<Bytes> open_bundle(BytesView bundle, std::span<const OpeningKey> keys) {
  PHUSA_ASSIGN(const ParsedBundle parsed, parse(bundle));
  if (parsed.encrypted.size() < crypto_aead_xchacha20poly1305_ietf_ABYTES)
    return fail(ErrorCode::kCorrupt, "the bundle is cut short");
  bool is_for_us = false;
  for (std::size_t i = 0; i < parsed.head.recipients.size(); ++i) {
    for (const OpeningKey& key : keys) {
      if (box_key_id_of(key.public_key) != parsed.head.recipients[i]) continue;
      is_for_us = true;
      const auto content_key = open_with(key, parsed.sealed_keys[i]);
      if (!content_key) continue;
      Bytes out(parsed.encrypted.size() - crypto_aead_xchacha20poly1305_ietf_ABYTES, '\0');
      const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
          raw(out), nullptr, nullptr, raw(parsed.encrypted), parsed.encrypted.size(), raw(parsed.associated),
          parsed.associated.size(), raw(parsed.nonce), raw(*content_key));
      if (failed != 0) continue;
      PHUSA_TRY(unpad(out));
      return out;
    }
  }
  if (!is_for_us) return fail(ErrorCode::kNotFound, "the bundle is sealed to a key that is not here");
  return fail(ErrorCode::kCorrupt, "the bundle was altered or cut on its way");
}

Result<Bytes> seal_parcel(BytesView parcel, const BoxKey& return_key, Random& random) {
  return seal_to(return_key, parcel, random);
}

Result<Bytes> open_parcel(BytesView sealed, const OpeningKey& key) {
  auto out = open_with(key, sealed);
  if (!out) return fail(ErrorCode::kCorrupt, "these receipts are for another phone, or were altered");
  return std::move(*out);
}

}  // namespace phusa::journal
