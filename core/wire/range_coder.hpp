#pragma once

#include "core/base/bytes.hpp"

#include <array>
#include <cstdint>

/// An adaptive binary range coder. Encoder and decoder have one shape: `bit` and `raw` take the value to
/// write and return the value written, or take nothing of interest and return the value read. So what walks a
/// row is written once and cannot disagree with itself. Integers only: every machine computes the same.
namespace phusa::wire {

/// What a coder has learnt of one yes-or-no question: how likely yes is. Learns fast first, then ever slower.
struct Bit {
  std::uint16_t yes = 1u << 15;  ///< of 2^16
  std::uint16_t seen = 0;        ///< as wide as `yes`, so that whole tables of them are filled at once

  constexpr Bit() = default;
  /// Starts with an opinion, held as firmly as if asked `weight` times.
  constexpr Bit(std::uint16_t likely, std::uint16_t weight) : yes(likely), seen(weight) {}

  void learn(bool value);
};

inline constexpr std::uint16_t kBitSeenMax = 126;

namespace detail {

constexpr std::array<std::uint16_t, kBitSeenMax + 1> learning_rates() {
  std::array<std::uint16_t, kBitSeenMax + 1> rates{};
  for (std::size_t seen = 0; seen < rates.size(); ++seen) {
    rates[seen] = static_cast<std::uint16_t>(65536 * 10 / (seen * 10 + 16));  // 1 / (seen + 1.6)
  }
  return rates;
}

inline constexpr auto kLearningRates = learning_rates();
inline constexpr std::uint32_t kRangeMin = 1u << 24;
inline constexpr unsigned kLookAheadBytes = 4;

}  // namespace detail

inline void Bit::learn(bool value) {
  const std::uint32_t rate = detail::kLearningRates[seen];
  if (value) {
    yes = static_cast<std::uint16_t>(yes + (((65535u - yes) * rate) >> 16));
  } else {
    yes = static_cast<std::uint16_t>(yes - ((yes * rate) >> 16));
  }
  if (seen < kBitSeenMax) ++seen;
}

/// The part of `range` that goes to yes: never none, never all.
inline std::uint32_t yes_part(std::uint32_t range, const Bit& model) {
  return (range >> 15) * (1u + (model.yes >> 1) - (model.yes >> 15));
}

class RangeEncoder {
 public:
  static constexpr bool kDecodes = false;

  bool bit(Bit& model, bool value) {
    const std::uint32_t part = yes_part(range_, model);
    if (value) {
      range_ = part;
    } else {
      low_ += part;
      range_ -= part;
    }
    model.learn(value);
    while (range_ < detail::kRangeMin) shift();
    return value;
  }

  /// The lowest `count` bits, at most 16, each as likely as not.
  std::uint32_t raw(std::uint32_t value, unsigned count) {
    range_ >>= count;
    low_ += static_cast<std::uint64_t>(value) * range_;
    while (range_ < detail::kRangeMin) shift();
    return value;
  }

  Bytes finish();

  bool ok() const { return ok_; }
  void spoil() { ok_ = false; }

 private:
  void shift();

  Bytes out_;
  std::uint64_t low_ = 0;
  std::uint32_t range_ = 0xffffffffu;
  std::uint8_t held_ = 0;  // the last byte, until it is known whether a carry reaches it
  std::uint64_t held_count_ =
      1;  // it, and the 0xff bytes after it; a zero before the first byte, cut off at the end
  bool ok_ = true;
};

/// Any bytes decode to something: the caller checks what it means. Reading past the end turns the decoder
/// bad.
class RangeDecoder {
 public:
  static constexpr bool kDecodes = true;

  explicit RangeDecoder(BytesView bytes) : in_(bytes) {
    for (unsigned i = 0; i < detail::kLookAheadBytes; ++i) code_ = (code_ << 8) | next();
  }

  bool bit(Bit& model, bool /*unknown*/ = false) {
    const std::uint32_t part = yes_part(range_, model);
    const bool value = code_ < part;
    if (value) {
      range_ = part;
    } else {
      code_ -= part;
      range_ -= part;
    }
    model.learn(value);
    while (range_ < detail::kRangeMin) shift();
    return value;
  }

  std::uint32_t raw(std::uint32_t /*unknown*/, unsigned count) {
    range_ >>= count;
    std::uint32_t value = code_ / range_;
    if ((value >> count) != 0) {  // no encoder writes this
      spoil();
      value = 0;
    }
    code_ -= value * range_;
    while (range_ < detail::kRangeMin) shift();
    return value;
  }

  bool ok() const { return ok_; }
  void spoil() { ok_ = false; }
  /// Read without a fault, and to the last byte.
  bool done() const { return ok_ && at_ >= in_.size(); }

 private:
  void shift() {
    range_ <<= 8;
    code_ = (code_ << 8) | next();
  }
  std::uint32_t next() {
    const std::size_t at = at_++;
    if (at < in_.size()) return static_cast<unsigned char>(in_[at]);
    if (at >= in_.size() + detail::kLookAheadBytes) ok_ = false;
    return 0;
  }

  BytesView in_;
  std::size_t at_ = 0;
  std::uint32_t code_ = 0;
  std::uint32_t range_ = 0xffffffffu;
  bool ok_ = true;
};

}  // namespace phusa::wire
