#include "tests/sim/dice.hpp"

#include <sodium.h>
#include <sqlite3.h>

namespace phusa::sim {
namespace {

std::uint64_t mix(std::uint64_t z) {  // splitmix64
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

Dice& library_dice() {
  static Dice dice(0);
  return dice;
}

const char* name_of_generator() {
  return "phusa-sim";
}
std::uint32_t next_number() {
  return static_cast<std::uint32_t>(library_dice().u64());
}
void fill_buffer(void* out, std::size_t size) {
  auto* bytes = static_cast<std::uint8_t*>(out);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(library_dice().u64() >> 24);
}

randombytes_implementation generator = {name_of_generator, next_number, nullptr,
                                        nullptr,           fill_buffer, nullptr};

}  // namespace

Dice::Dice(std::uint64_t seed, std::string_view component, std::uint64_t index) : state_(mix(seed + 1)) {
  for (const char c : component) state_ = mix(state_ ^ static_cast<std::uint8_t>(c)) + 0x9e3779b97f4a7c15ULL;
  state_ = mix(state_ + index * 0xd1342543de82ef95ULL);
}

std::uint64_t Dice::u64() {
  state_ += 0x9e3779b97f4a7c15ULL;
  return mix(state_);
}

std::size_t Dice::weighted(const std::vector<std::uint32_t>& weights) {
  std::uint64_t sum = 0;
  for (const std::uint32_t weight : weights) sum += weight;
  std::uint64_t at = below(sum);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (at < weights[i]) return i;
    at -= weights[i];
  }
  return weights.size() - 1;
}

void SimRandom::fill(std::span<std::uint8_t> out) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i % 8 == 0) word = dice_.u64();
    out[i] = static_cast<std::uint8_t>(word >> (8 * (i % 8)));
  }
}

void seed_libraries(std::uint64_t seed) {
  static const bool is_set = [] {
    randombytes_set_implementation(&generator);
    return true;
  }();
  static_cast<void>(is_set);
  library_dice() = Dice(seed, "libraries");
  sqlite3_randomness(0, nullptr);  // seeds itself again, from the file system below it
}

std::uint64_t library_number() {
  return library_dice().u64();
}

}  // namespace phusa::sim
