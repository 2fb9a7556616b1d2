#include "core/base/bytes.hpp"

namespace phusa {
namespace {

void put_fixed(Bytes& out, std::uint64_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string to_hex(BytesView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

Result<Bytes> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return fail(ErrorCode::kInvalidArgument, "hexadecimal text of odd length");
  Bytes out;
  out.reserve(hex.size() / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = hex_digit(hex[i]);
    const int low = hex_digit(hex[i + 1]);
    if (high < 0 || low < 0) return fail(ErrorCode::kInvalidArgument, "not hexadecimal text");
    out.push_back(static_cast<char>(high * 16 + low));
  }
  return out;
}

void put_u8(Bytes& out, std::uint8_t value) { out.push_back(static_cast<char>(value)); }
void put_u16(Bytes& out, std::uint16_t value) { put_fixed(out, value, 2); }
void put_u32(Bytes& out, std::uint32_t value) { put_fixed(out, value, 4); }
void put_u64(Bytes& out, std::uint64_t value) { put_fixed(out, value, 8); }

void put_varint(Bytes& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

void put_signed_varint(Bytes& out, std::int64_t value) { put_varint(out, zigzag(value)); }

void put_bytes(Bytes& out, BytesView bytes) {
  put_varint(out, bytes.size());
  out.append(bytes);
}

std::uint64_t ByteReader::fixed(std::size_t width) {
  const BytesView bytes = take(width);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return value;
}

std::uint8_t ByteReader::u8() { return static_cast<std::uint8_t>(fixed(1)); }
std::uint16_t ByteReader::u16() { return static_cast<std::uint16_t>(fixed(2)); }
std::uint32_t ByteReader::u32() { return static_cast<std::uint32_t>(fixed(4)); }
std::uint64_t ByteReader::u64() { return fixed(8); }

std::uint64_t ByteReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) break;
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    if (shift == 63 && byte > 1) break;            // past 64 bits
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) {
      if (byte == 0 && shift != 0) break;          // a longer form of a shorter number
      return value;
    }
  }
  spoil();
  return 0;
}

std::int64_t ByteReader::signed_varint() { return unzigzag(varint()); }

std::uint64_t ByteReader::varint_up_to(std::uint64_t max) {
  const std::uint64_t value = varint();
  if (value <= max) return value;
  spoil();
  return 0;
}

BytesView ByteReader::take(std::size_t size) {
  if (size > rest_.size()) {
    spoil();
    return {};
  }
  const BytesView bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return bytes;
}

BytesView ByteReader::bytes(std::size_t size_max) {
  const std::uint64_t size = varint_up_to(size_max);
  return take(static_cast<std::size_t>(size));
}

}  // namespace phusa
