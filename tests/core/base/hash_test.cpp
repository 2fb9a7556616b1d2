#include "core/base/hash.hpp"

#include "core/base/random.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace phusa {
namespace {

TEST(Hash, IsBlake2b256) {
  // BLAKE2b-256 of "" and of "abc", as b2sum -l 256 prints them.
  EXPECT_EQ(hash_of("").hex(), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  EXPECT_EQ(hash_of("abc").hex(), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

TEST(Hash, TheShortHashIsTheFirstFourBytesLittleEndian) {
  EXPECT_EQ(short_hash_of("abc"), 0x3c81ddbdu);
}

RC_GTEST_PROP(Hash, PartsAreHashedAsTheirConcatenation, (const std::vector<std::string>& parts)) {
  Hasher hasher;
  Bytes whole;
  for (const std::string& part : parts) {
    hasher.add(part);
    whole += part;
  }
  RC_ASSERT(hasher.finish() == hash_of(whole));
}

TEST(Hash, AWrongLengthIsCorrupt) {
  for (const std::size_t size : {0u, 31u, 33u}) {
    const auto hash = Hash::from(Bytes(size, 'x'));
    ASSERT_FALSE(hash);
    EXPECT_EQ(hash.error().code, ErrorCode::kCorrupt);
  }
  EXPECT_TRUE(Hash::from(Bytes(32, 'x')));
}

TEST(Hash, ComparesAsUnsignedBytes) {
  Hash low, high;
  low.bytes[0] = 0x7f;
  high.bytes[0] = 0x80;
  EXPECT_LT(low, high);
  EXPECT_LT(low.view(), high.view());
}

TEST(Random, TwoDrawsDiffer) {
  SystemRandom random;
  EXPECT_NE(random.u64(), random.u64());
  EXPECT_NE(random.fixed<Hash>(), random.fixed<Hash>());
}

}  // namespace
}  // namespace phusa
