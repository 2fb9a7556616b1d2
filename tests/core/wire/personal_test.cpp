#include "core/base/limits.hpp"
#include "core/wire/compression.hpp"
#include "core/wire/facts.hpp"
#include "tests/core/wire/samples.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace phusa::wire {
namespace {

using test::Samples;

ErrorCode error_of(const auto& result) {
  return result ? ErrorCode::kInternal : result.error().code;
}

PersonalPart some_texts(std::uint64_t seed, std::size_t count) {
  Samples samples(seed);
  PersonalPart part;
  part.salt = samples.fixed<BatchSalt>();
  for (std::size_t i = 0; i < count; ++i) part.texts.push_back(samples.text(20));
  return part;
}

RC_GTEST_PROP(Personal, TextsComeBack, (std::uint64_t seed)) {
  const PersonalPart part = some_texts(seed, *rc::gen::inRange<std::size_t>(1, 50));
  const auto unpacked = unpack_personal(pack_personal(part));
  RC_ASSERT(unpacked.has_value());
  RC_ASSERT(*unpacked == part);
}

TEST(Personal, NothingIsNoBytes) {
  EXPECT_EQ(pack_personal(PersonalPart{}), "");
  EXPECT_EQ(*unpack_personal(""), PersonalPart{});
}

TEST(Personal, AnErasedPartKeepsItsLeaves) {
  PersonalPart part = some_texts(1, 5);
  part.leaves = test::leaves_of(part.texts);
  part.texts.clear();
  EXPECT_EQ(*unpack_personal(pack_personal(part)), part);
}

TEST(Personal, ABombIsRefusedBeforeItTakesMemory) {
  Bytes bomb("\0", 1);  // texts
  bomb.append(BatchSalt::kSize, 's');
  bomb.push_back('\1');  // compressed
  bomb.append(compress(Bytes(64 * 1024 * 1024, '\0')));
  EXPECT_LT(bomb.size(), 10'000u);
  EXPECT_EQ(error_of(unpack_personal(bomb)), ErrorCode::kLimitExceeded);
}

TEST(Personal, AFrameThatDoesNotSayItsSizeIsRefused) {
  EXPECT_EQ(error_of(decompress("not compressed", 1'000)), ErrorCode::kCorrupt);
  EXPECT_EQ(error_of(decompress("", 1'000)), ErrorCode::kCorrupt);
}

TEST(Personal, AFrameCutShortIsRefused) {
  const Bytes packed = compress(Bytes(1'000, 'a') + "some words that end it");
  for (std::size_t size = 0; size < packed.size(); ++size) {
    EXPECT_FALSE(decompress(BytesView(packed).substr(0, size), 10'000).has_value()) << size;
  }
  EXPECT_FALSE(decompress(packed + "x", 10'000).has_value());
}

TEST(Personal, ACountIsCheckedAgainstTheBytesThatAreThere) {
  Bytes bytes("\0", 1);
  bytes.append(BatchSalt::kSize, 's');
  bytes.push_back('\0');  // as they are
  put_varint(bytes, 4'000'000'000);
  EXPECT_EQ(error_of(unpack_personal(bytes)), ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace phusa::wire
