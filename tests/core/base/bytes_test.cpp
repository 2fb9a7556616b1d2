#include "core/base/bytes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

namespace phusa {
namespace {

std::vector<std::uint64_t> edges() {
  std::vector<std::uint64_t> out{0, 1, std::numeric_limits<std::uint64_t>::max()};
  for (unsigned bits = 1; bits < 64; ++bits) {
    const std::uint64_t power = std::uint64_t{1} << bits;
    out.insert(out.end(), {power - 1, power, power + 1});
  }
  return out;
}

Bytes varint_of(std::uint64_t value) {
  Bytes out;
  put_varint(out, value);
  return out;
}

TEST(Varint, EveryPowerOfTwoAndItsNeighboursComeBack) {
  for (const std::uint64_t value : edges()) {
    const Bytes bytes = varint_of(value);
    ByteReader in(bytes);
    EXPECT_EQ(in.varint(), value);
    EXPECT_TRUE(in.done());
  }
}

TEST(Varint, EveryTruncationIsBad) {
  for (const std::uint64_t value : edges()) {
    const Bytes bytes = varint_of(value);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      ByteReader in(BytesView(bytes).substr(0, size));
      EXPECT_EQ(in.varint(), 0u);
      EXPECT_FALSE(in.ok());
    }
  }
}

TEST(Varint, LongerFormsOfAShorterNumberAreBad) {
  for (const std::uint64_t value : edges()) {
    Bytes longer = varint_of(value);
    if (longer.size() == 10) continue;
    longer.back() = static_cast<char>(longer.back() | 0x80);
    longer.push_back('\0');
    ByteReader in(longer);
    in.varint();
    EXPECT_FALSE(in.ok()) << to_hex(longer);
  }
}

TEST(Varint, MoreThan64BitsAreBad) {
  for (const std::uint8_t last : {0x02, 0x03, 0x7f, 0x81, 0xff}) {
    Bytes bytes(9, '\xff');
    bytes.push_back(static_cast<char>(last));
    bytes.push_back('\1');
    ByteReader in(bytes);
    in.varint();
    EXPECT_FALSE(in.ok()) << to_hex(bytes);
  }
}

RC_GTEST_PROP(Varint, WhateverIsReadIsWrittenBackTheSame, (const std::vector<std::uint8_t>& raw)) {
  const Bytes bytes(raw.begin(), raw.end());
  ByteReader in(bytes);
  const std::uint64_t value = in.varint();
  if (!in.ok()) return;
  RC_ASSERT(varint_of(value) == bytes.substr(0, bytes.size() - in.remaining()));
}

TEST(Varint, SignedEdgesComeBack) {
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t value :
       {kMin, kMin + 1, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1}, kMax - 1, kMax}) {
    Bytes bytes;
    put_signed_varint(bytes, value);
    ByteReader in(bytes);
    EXPECT_EQ(in.signed_varint(), value);
    EXPECT_TRUE(in.done());
  }
}

RC_GTEST_PROP(Varint, ZigzagIsABijection, (std::int64_t value)) {
  RC_ASSERT(unzigzag(zigzag(value)) == value);
  RC_ASSERT(zigzag(unzigzag(static_cast<std::uint64_t>(value))) == static_cast<std::uint64_t>(value));
}

TEST(Varint, UpToItsMaximumAndNotOneMore) {
  for (const std::uint64_t max : edges()) {
    const Bytes at = varint_of(max);
    ByteReader in(at);
    EXPECT_EQ(in.varint_up_to(max), max);
    EXPECT_TRUE(in.ok());
    if (max == std::numeric_limits<std::uint64_t>::max()) continue;
    const Bytes above = varint_of(max + 1);
    ByteReader over(above);
    EXPECT_EQ(over.varint_up_to(max), 0u);
    EXPECT_FALSE(over.ok());
  }
}

TEST(ByteReader, StaysBadAfterTheFirstFault) {
  ByteReader in(BytesView("\1\2\3", 3));
  EXPECT_EQ(in.u32(), 0u);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.u8(), 0u);
  EXPECT_EQ(in.take(1), BytesView());
  EXPECT_EQ(in.bytes(10), BytesView());
  EXPECT_EQ(in.remaining(), 0u);
  EXPECT_TRUE(in.at_end());
  EXPECT_FALSE(in.done());
}

TEST(ByteReader, FixedWidthsAreLittleEndian) {
  Bytes out;
  put_u8(out, 0x01);
  put_u16(out, 0x0203);
  put_u32(out, 0x04050607);
  put_u64(out, 0x08090a0b0c0d0e0f);
  EXPECT_EQ(to_hex(out),
            "01"
            "0302"
            "07060504"
            "0f0e0d0c0b0a0908");
  ByteReader in(out);
  EXPECT_EQ(in.u8(), 0x01);
  EXPECT_EQ(in.u16(), 0x0203);
  EXPECT_EQ(in.u32(), 0x04050607u);
  EXPECT_EQ(in.u64(), 0x08090a0b0c0d0e0fu);
  EXPECT_TRUE(in.done());
}

TEST(ByteReader, ALengthLargerThanWhatIsLeftIsBadAndTakesNothing) {
  Bytes bytes;
  put_varint(bytes, 1'000'000'000'000);
  bytes += "abc";
  ByteReader in(bytes);
  EXPECT_EQ(in.bytes(std::numeric_limits<std::size_t>::max()), BytesView());
  EXPECT_FALSE(in.ok());
}

TEST(ByteReader, ALengthOverTheLimitIsBadEvenIfTheBytesAreThere) {
  Bytes bytes;
  put_bytes(bytes, "abcd");
  ByteReader in(bytes);
  EXPECT_EQ(in.bytes(3), BytesView());
  EXPECT_FALSE(in.ok());
}

RC_GTEST_PROP(Hex, BytesComeBackInEitherCase, (const std::vector<std::uint8_t>& raw)) {
  const Bytes bytes(raw.begin(), raw.end());
  std::string hex = to_hex(bytes);
  RC_ASSERT(from_hex(hex) == bytes);
  for (char& c : hex) c = static_cast<char>(std::toupper(c));
  RC_ASSERT(from_hex(hex) == bytes);
}

TEST(Hex, OddLengthAndOtherCharactersAreRefused) {
  for (const std::string_view text : {"a", "abc", "0g", "g0", " 0", "0x", "-1", "\xc3\xa9"}) {
    const auto result = from_hex(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(Bytes, CompareAsUnsigned) {
  // Versions compare by value bytes: a byte of 0x80 and above must not count as negative.
  EXPECT_LT(Bytes("\x7f"), Bytes("\x80"));
  EXPECT_LT(Bytes("\x01", 1), Bytes("\xff", 1));
}

}  // namespace
}  // namespace phusa
