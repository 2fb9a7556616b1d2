#include "core/base/random.hpp"

#include <sodium.h>

#include <array>

namespace phusa {

std::uint64_t Random::u64() {
  std::array<std::uint8_t, 8> raw{};
  fill(raw);
  return ByteReader({reinterpret_cast<const char*>(raw.data()), raw.size()}).u64();
}

void SystemRandom::fill(std::span<std::uint8_t> out) { randombytes_buf(out.data(), out.size()); }

}  // namespace phusa
