#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace phusa::fuzz {

void expect(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

std::uint8_t Choices::byte() {
  if (rest_.empty()) return 0;
  const auto out = static_cast<std::uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return out;
}

Bytes Choices::bytes() {
  const std::uint32_t wanted = number();  // first, for it takes of the rest
  const std::size_t size = std::min<std::size_t>(wanted, rest_.size());
  Bytes out(rest_.substr(0, size));
  rest_.remove_prefix(size);
  return out;
}

std::uint32_t Choices::number() {
  // Small ones mostly: large ones cost a marker and four bytes.
  const std::uint8_t small = byte();
  if (small != 255) return small;
  std::uint32_t out = 0;
  for (int i = 0; i < 4; ++i) out = out << 8 | byte();
  return out;
}

Bytes Choices::rest() {
  Bytes out(rest_);
  rest_ = {};
  return out;
}

}  // namespace phusa::fuzz
