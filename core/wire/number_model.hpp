#pragma once

#include "core/wire/range_coder.hpp"

#include <algorithm>
#include <bit>
#include <string>
#include <vector>

namespace phusa::wire {

/// What one column has shown of its numbers: how long they are, and of short ones every bit, of longer ones
/// the first. So a few frequent numbers cost next to nothing, and an even spread costs its logarithm.
struct NumberModel {
  static constexpr unsigned kWholeBits = 8;  ///< numbers up to this length are learnt whole
  static constexpr unsigned kHeadBits = 4;   ///< bits after the first that are learnt of longer ones
  static constexpr unsigned kLengthsMax = 24;

  std::array<Bit, 64> length;
  std::array<Bit, (1u << kWholeBits) + ((kLengthsMax - kWholeBits) << kHeadBits)> head;

  /// Where the bits after the first of a number of `bits` bits are learnt.
  static constexpr std::size_t head_of(unsigned bits) {
    if (bits <= kWholeBits) return std::size_t{1} << (bits - 1);
    return (std::size_t{1} << kWholeBits) + ((std::min(bits, kLengthsMax) - kWholeBits - 1) << kHeadBits);
  }
};

template <class Coder>
std::uint64_t code_raw(Coder& coder, std::uint64_t value, unsigned bits) {
  std::uint64_t out = 0;
  while (bits > 0) {
    const unsigned step = std::min(bits, 16u);
    bits -= step;
    out = (out << step) | coder.raw(static_cast<std::uint32_t>((value >> bits) & ((1u << step) - 1)), step);
  }
  return out;
}

/// One of 2^depth equal choices, learnt.
template <unsigned depth, class Coder>
unsigned code_choice(Coder& coder, std::array<Bit, std::size_t{1} << depth>& models, unsigned value) {
  unsigned node = 1;
  for (unsigned i = depth; i-- > 0;)
    node = node * 2 + (coder.bit(models[node], ((value >> i) & 1) != 0) ? 1 : 0);
  return node - (1u << depth);
}

template <class Coder>
std::uint64_t code_number(Coder& coder, NumberModel& model, std::uint64_t value) {
  constexpr unsigned kEscape = 63;  // and more: 64 bits follow
  const unsigned bits =
      code_choice<6>(coder, model.length, std::min(static_cast<unsigned>(std::bit_width(value)), kEscape));
  if (bits <= 1) return bits;
  if (bits == kEscape) return code_raw(coder, value, 64);
  Bit* const head = &model.head[NumberModel::head_of(bits)];
  const std::size_t heads = bits <= NumberModel::kWholeBits ? bits - 1 : NumberModel::kHeadBits;
  unsigned left = bits - 1;
  std::size_t node = 1;
  for (std::size_t i = 0; i < heads; ++i) {
    --left;
    node = node * 2 + (coder.bit(head[node - 1], ((value >> left) & 1) != 0) ? 1 : 0);
  }
  return (static_cast<std::uint64_t>(node) << left) |
         code_raw(coder, value & ((std::uint64_t{1} << left) - 1), left);
}

/// A number that is often the same as most others of its column.
struct CategoryModel {
  NumberModel numbers;
  std::array<Bit, 2> is_favourite;
  std::uint64_t favourite = 0;
  std::uint32_t votes = 0;
  bool was_favourite = false;

  void vote(std::uint64_t value) {
    if (value == favourite && votes > 0) {
      ++votes;
    } else if (votes > 0) {
      --votes;
    } else {
      favourite = value;
      votes = 1;
    }
  }
};

template <class Coder>
std::uint64_t code_category(Coder& coder, CategoryModel& model, std::uint64_t value) {
  std::uint64_t out = model.favourite;
  bool is_favourite = false;
  if (model.votes > 0)
    is_favourite = coder.bit(model.is_favourite[model.was_favourite ? 1 : 0], value == out);
  if (!is_favourite) out = code_number(coder, model.numbers, value);
  model.was_favourite = is_favourite;
  model.vote(out);
  return out;
}

struct SignedModel {
  Bit is_negative{1u << 13, 1};
  NumberModel numbers;
};

template <class Coder>
std::int64_t code_signed(Coder& coder, SignedModel& model, std::int64_t value) {
  const bool negative = coder.bit(model.is_negative, value < 0);
  // -1 is coded as 0: the sign is known, and the smallest int64 has no positive.
  const std::uint64_t size =
      code_number(coder, model.numbers, static_cast<std::uint64_t>(value < 0 ? ~value : value));
  return static_cast<std::int64_t>(negative ? ~size : size);
}

/// Byte strings, many of which come again.
struct BytesModel {
  static constexpr std::size_t kKeptMax = 64;

  Bit is_kept{1u << 13, 1};
  NumberModel kept_index;
  NumberModel size;
  std::array<Bit, 256> bytes;
  std::vector<Bytes> kept;
};

/// A size over `size_max` turns the coder bad.
template <class Coder>
Bytes code_bytes(Coder& coder, BytesModel& model, BytesView value, std::size_t size_max) {
  const auto known = std::find(model.kept.begin(), model.kept.end(), value);
  if (!model.kept.empty() && coder.bit(model.is_kept, known != model.kept.end())) {
    const std::uint64_t index =
        code_number(coder, model.kept_index, static_cast<std::uint64_t>(known - model.kept.begin()));
    if (index < model.kept.size()) return model.kept[index];
    coder.spoil();
    return {};
  }
  const std::uint64_t size = code_number(coder, model.size, value.size());
  Bytes out;
  if (size > size_max) coder.spoil();
  for (std::uint64_t i = 0; i < size && coder.ok(); ++i) {
    const unsigned byte = i < value.size() ? static_cast<unsigned char>(value[i]) : 0;
    out.push_back(static_cast<char>(code_choice<8>(coder, model.bytes, byte)));
  }
  if (model.kept.size() < BytesModel::kKeptMax && coder.ok()) model.kept.push_back(out);
  return out;
}

template <class Fixed, class Coder>
Fixed code_fixed(Coder& coder, const Fixed& value) {
  Fixed out;
  for (std::size_t i = 0; i < Fixed::kSize; ++i)
    out.bytes[i] = static_cast<std::uint8_t>(coder.raw(value.bytes[i], 8));
  return out;
}

}  // namespace phusa::wire
