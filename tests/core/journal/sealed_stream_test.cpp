#include "core/journal/sealed_stream.hpp"

#include <gtest/gtest.h>

namespace phusa::journal {
namespace {

Source from(const Bytes& bytes) {
  return [&bytes, at = std::size_t{0}](std::size_t max) mutable -> Result<Bytes> {
    Bytes out = bytes.substr(at, max);
    at += out.size();
    return out;
  };
}

class SealedStreamTest : public ::testing::Test {
 protected:
  Bytes sealed(const Bytes& plain) {
    Bytes out;
    EXPECT_TRUE(seal_stream(from(plain), office.public_key, random, [&](BytesView bytes) -> Result<void> {
                  out += bytes;
                  return {};
                }).has_value());
    return out;
  }
  static Result<Bytes> opened(const Bytes& bytes, const BoxKeyPair& key) {
    Bytes out;
    PHUSA_TRY(open_stream(from(bytes), std::array{opening_key_of(key)}, [&](BytesView chunk) -> Result<void> {
      out += chunk;
      return {};
    }));
    return out;
  }
  static Bytes some(std::size_t size) {
    Bytes out(size, '\0');
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>(i * 7 + i / 251);
    return out;
  }

  SystemRandom random;
  BoxKeyPair office = box_key_pair_from(random.fixed<KeySeed>());
};

TEST_F(SealedStreamTest, WhatWasSealedComesOutWholeAtEverySizeAroundAChunk) {
  for (const std::size_t size : {0u, 1u, 65'535u, 65'536u, 65'537u, 131'072u, 200'000u}) {
    const Bytes plain = some(size);
    const auto back = opened(sealed(plain), office);
    ASSERT_TRUE(back.has_value()) << size;
    EXPECT_EQ(*back, plain) << size;
  }
}

TEST_F(SealedStreamTest, CutAnywhereItIsNotWhole) {
  const Bytes whole = sealed(some(131'072));
  for (const std::size_t size : {0ul, 4ul, 50ul, 93ul, 117ul, 65'670ul, 65'653ul + 17, whole.size() / 2,
                                 whole.size() - 65'553, whole.size() - 1}) {
    EXPECT_FALSE(opened(whole.substr(0, size), office).has_value()) << size;
  }
  EXPECT_FALSE(opened(whole + "x", office).has_value());
}

TEST_F(SealedStreamTest, NoChangedByteGetsThrough) {
  const Bytes whole = sealed(some(66'000));
  for (std::size_t at = 0; at < whole.size(); at += at < 150 ? 1 : 997) {
    Bytes changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(opened(changed, office).has_value()) << at;
  }
}

TEST_F(SealedStreamTest, ChunksCannotBeSwapped) {
  Bytes whole = sealed(some(3 * 65'536));
  const std::size_t first = whole.size() - 3 * (65'536 + 17);
  const Bytes one = whole.substr(first, 65'553);
  const Bytes two = whole.substr(first + 65'553, 65'553);
  whole.replace(first, 2 * 65'553, two + one);
  EXPECT_FALSE(opened(whole, office).has_value());
}

TEST_F(SealedStreamTest, AnotherKeyOpensNothingAndIsToldSo) {
  const auto other = box_key_pair_from(random.fixed<KeySeed>());
  const auto refused = opened(sealed("secret"), other);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
}

TEST_F(SealedStreamTest, ALaterVersionIsNotTakenForDamage) {
  Bytes later = sealed("x");
  later[4] = 2;
  EXPECT_EQ(opened(later, office).error().code, ErrorCode::kUnsupportedVersion);
}

TEST_F(SealedStreamTest, ASinkThatFailsEndsIt) {
  const auto full = seal_stream(from(some(10)), office.public_key, random,
                                [](BytesView) -> Result<void> { return fail(ErrorCode::kDiskFull, "full"); });
  EXPECT_EQ(full.error().code, ErrorCode::kDiskFull);
}

}  // namespace
}  // namespace phusa::journal
