#pragma once

#include "core/base/random.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace phusa::sim {

/// A generator of one component. Each component has its own, named by what it is and derived from the seed,
/// so that one which draws more numbers than yesterday shifts nobody else's.
class Dice {
 public:
  explicit Dice(std::uint64_t state) : state_(state) {}
  Dice(std::uint64_t seed, std::string_view component, std::uint64_t index = 0);

  std::uint64_t u64();
  /// 0 to n - 1; n > 0.
  std::uint64_t below(std::uint64_t n) { return u64() % n; }
  bool chance(std::uint32_t per_thousand) { return below(1000) < per_thousand; }
  /// An index, as likely as its weight.
  std::size_t weighted(const std::vector<std::uint32_t>& weights);

 private:
  std::uint64_t state_;
};

/// The seam to randomness of one opened program.
class SimRandom final : public Random {
 public:
  explicit SimRandom(Dice dice) : dice_(dice) {}
  void fill(std::span<std::uint8_t> out) override;

 private:
  Dice dice_;
};

/// Makes everything inside libsodium and SQLite that wants chance draw from `seed` too.
void seed_libraries(std::uint64_t seed);
std::uint64_t library_number();

}  // namespace phusa::sim
