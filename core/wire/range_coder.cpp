#include "core/wire/range_coder.hpp"

namespace phusa::wire {

// The top byte of the 32 low bits is done with, unless a carry still reaches it: that can only be while 0xff
// bytes follow one another, so the byte before them waits.
void RangeEncoder::shift() {
  const bool carry = (low_ >> 32) != 0;
  if (carry || low_ < 0xff000000u) {
    out_.push_back(static_cast<char>(held_ + (carry ? 1 : 0)));
    for (; held_count_ > 1; --held_count_) out_.push_back(static_cast<char>(carry ? 0x00 : 0xff));
    held_ = static_cast<std::uint8_t>(low_ >> 24);
    held_count_ = 0;
  }
  ++held_count_;
  low_ = (low_ & 0x00ffffffu) << 8;
  range_ <<= 8;
}

Bytes RangeEncoder::finish() {
  // The number in [low, low + range) that ends in most zero bits: the decoder reads zeros past the end.
  const std::uint64_t high = low_ + range_ - 1;
  for (unsigned zeros = 32; zeros > 0; --zeros) {
    const std::uint64_t round = (high >> zeros) << zeros;
    if (round >= low_) {
      low_ = round;
      break;
    }
  }
  for (unsigned i = 0; i <= detail::kLookAheadBytes; ++i) {
    range_ = 1;
    shift();
  }
  for (unsigned i = 0; i < detail::kLookAheadBytes && !out_.empty() && out_.back() == '\0'; ++i)
    out_.pop_back();
  out_.erase(0, 1);
  return std::move(out_);
}

}  // namespace phusa::wire
