#include "core/base/hash.hpp"

#include <sodium.h>

namespace phusa {
namespace {

crypto_generichash_state* state_of(std::array<std::uint8_t, 384>& raw) {
  static_assert(sizeof(crypto_generichash_state) <= 384);
  return reinterpret_cast<crypto_generichash_state*>(raw.data());
}

const unsigned char* data_of(BytesView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

}  // namespace

Hasher::Hasher() { crypto_generichash_init(state_of(state_), nullptr, 0, Hash::kSize); }

Hasher& Hasher::add(BytesView bytes) {
  crypto_generichash_update(state_of(state_), data_of(bytes), bytes.size());
  return *this;
}

Hash Hasher::finish() {
  Hash out;
  crypto_generichash_final(state_of(state_), out.bytes.data(), out.bytes.size());
  return out;
}

Hash hash_of(BytesView bytes) {
  Hash out;
  crypto_generichash(out.bytes.data(), out.bytes.size(), data_of(bytes), bytes.size(), nullptr, 0);
  return out;
}

std::uint32_t short_hash_of(BytesView bytes) {
  const Hash hash = hash_of(bytes);
  return ByteReader(hash.view()).u32();
}

}  // namespace phusa
