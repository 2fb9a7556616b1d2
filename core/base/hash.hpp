#pragma once

#include "core/base/bytes.hpp"

#include <array>
#include <compare>
#include <cstdint>

namespace phusa {

/// `size` bytes of identity or digest, compared as unsigned bytes.
template <std::size_t size, class Tag>
struct FixedBytes {
  static constexpr std::size_t kSize = size;
  std::array<std::uint8_t, size> bytes{};

  BytesView view() const { return {reinterpret_cast<const char*>(bytes.data()), size}; }
  std::string hex() const { return to_hex(view()); }
  bool is_zero() const { return *this == FixedBytes{}; }

  /// nullopt-like: a wrong length is kCorrupt.
  static Result<FixedBytes> from(BytesView raw) {
    if (raw.size() != size) {
      return fail(ErrorCode::kCorrupt,
                  "expected " + std::to_string(size) + " bytes, got " + std::to_string(raw.size()));
    }
    FixedBytes out;
    for (std::size_t i = 0; i < size; ++i) out.bytes[i] = static_cast<std::uint8_t>(raw[i]);
    return out;
  }

  friend auto operator<=>(const FixedBytes&, const FixedBytes&) = default;
};

/// BLAKE2b-256.
using Hash = FixedBytes<32, struct HashTag>;

/// BLAKE2b-256 of the parts, one after another. Callers start with a prefix of their own ("phusa/batch/1\0").
class Hasher {
 public:
  Hasher();
  Hasher& add(BytesView bytes);
  Hash finish();

 private:
  alignas(64) std::array<std::uint8_t, 384> state_{};  // crypto_generichash_state, whose header stays in hash.cpp
};

Hash hash_of(BytesView bytes);
/// The first 4 bytes of BLAKE2b-256, little-endian: a short name for a value, never proof of one.
std::uint32_t short_hash_of(BytesView bytes);

}  // namespace phusa

template <std::size_t kBytes, class Tag>
struct std::hash<phusa::FixedBytes<kBytes, Tag>> {
  // Identities are hashes or random already: their first bytes are spread well enough.
  std::size_t operator()(const phusa::FixedBytes<kBytes, Tag>& value) const noexcept {
    std::size_t out = 0;
    for (std::size_t i = 0; i < sizeof out && i < kBytes; ++i) out = (out << 8) | value.bytes[i];
    return out;
  }
};
