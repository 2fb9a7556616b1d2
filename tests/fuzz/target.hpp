#pragma once

#include "core/base/bytes.hpp"

#include <cstddef>
#include <cstdint>

/// What every fuzz target gives: libFuzzer calls it with inputs of its own making, the replay test with the
/// kept ones.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace phusa::fuzz {

inline BytesView view_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// A promise of the code under test: ends the process, with `promise` on standard error, where it is broken.
void expect(bool holds, const char* promise);

/// A message that `decode` takes is the same after encoding and decoding once more. Other bytes promise
/// nothing.
template <class Decode, class Encode>
void round_trip(BytesView bytes, const Decode& decode, const Encode& encode) {
  const auto first = decode(bytes);
  if (!first) return;
  const Bytes encoded = encode(*first);
  const auto second = decode(encoded);
  expect(second.has_value(), "what was decoded can be decoded again");
  expect(encode(*second) == encoded, "and is the same");
}

/// Choices out of an input. Where it has ended, every choice is the first.
class Choices {
 public:
  explicit Choices(BytesView bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }
  std::uint8_t byte();
  /// 0 <= result < end, end at most 256.
  std::size_t below(std::size_t end) { return byte() % end; }
  bool once_in(std::size_t n) { return below(n) == n - 1; }
  /// A byte; 255 is followed by four of a large one.
  std::uint32_t number();
  /// A number, then so many bytes or as many as there are.
  Bytes bytes();
  Bytes rest();

 private:
  BytesView rest_;
};

}  // namespace phusa::fuzz
