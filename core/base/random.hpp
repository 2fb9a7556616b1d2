#pragma once

#include "core/base/bytes.hpp"
#include "core/base/hash.hpp"

#include <cstdint>
#include <span>

namespace phusa {

/// The seam to randomness: keys, salts, tags, block ids and jitter come from here and nowhere else. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;

  std::uint64_t u64();
  template <class Fixed>
  Fixed fixed() {
    Fixed out;
    fill(out.bytes);
    return out;
  }
};

/// The operating system's generator, through libsodium.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace phusa
