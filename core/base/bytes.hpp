#pragma once

#include "core/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace phusa {

/// Raw bytes. std::string, because protobuf, SQLite and hashing all take it as it is, and its order is memcmp's.
using Bytes = std::string;
using BytesView = std::string_view;

std::string to_hex(BytesView bytes);
/// Lower or upper case, even length; anything else is kInvalidArgument.
Result<Bytes> from_hex(std::string_view hex);

void put_u8(Bytes& out, std::uint8_t value);
void put_u16(Bytes& out, std::uint16_t value);  // little-endian, as all fixed widths here
void put_u32(Bytes& out, std::uint32_t value);
void put_u64(Bytes& out, std::uint64_t value);
/// LEB128, the shortest form.
void put_varint(Bytes& out, std::uint64_t value);
/// Zigzag, then LEB128.
void put_signed_varint(Bytes& out, std::int64_t value);
/// Length as varint, then the bytes.
void put_bytes(Bytes& out, BytesView bytes);

constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

/// Reads what the put_ functions wrote from bytes nobody vouches for.
///
/// The first read past the end, or of a varint that is not in its shortest form, turns the reader bad: that read
/// and all later ones give zero or empty. So a decoder may read on and ask `ok()` once, before it acts on a count.
class ByteReader {
 public:
  explicit ByteReader(BytesView bytes) : rest_(bytes) {}

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  std::uint64_t varint();
  std::int64_t signed_varint();
  /// A varint that must not exceed `max`; larger turns the reader bad.
  std::uint64_t varint_up_to(std::uint64_t max);
  BytesView take(std::size_t size);
  /// Length as varint, then the bytes; a length over `size_max` turns the reader bad.
  BytesView bytes(std::size_t size_max);

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  /// Read without a fault, and to the last byte.
  bool done() const { return ok_ && rest_.empty(); }
  std::size_t remaining() const { return rest_.size(); }
  void spoil() { ok_ = false; rest_ = {}; }

 private:
  std::uint64_t fixed(std::size_t width);

  BytesView rest_;
  bool ok_ = true;
};

}  // namespace phusa
