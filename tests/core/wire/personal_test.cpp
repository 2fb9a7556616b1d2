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
  // The same long text again and again costs next to nothing.
  PersonalPart part;
  part.texts.assign(2 * limits::kChangesPerBatchMax, std::string(limits::kTextBytesMax, 'x'));
  const Bytes bomb = pack_personal(part);
  EXPECT_LT(bomb.size(), 5'000u);
  EXPECT_EQ(error_of(unpack_personal(bomb)), ErrorCode::kLimitExceeded);
  const Bytes zeros = compress(Bytes(64 * 1024 * 1024, '\0'));
  EXPECT_LT(zeros.size(), 10'000u);
  EXPECT_EQ(error_of(decompress(zeros, limits::kBatchPlainBytesMax)), ErrorCode::kLimitExceeded);
}

TEST(Personal, TextsOfAnyBytesComeBack) {
  PersonalPart part;
  part.texts = {" ",        "  hai  ô trống ", std::string(limits::kTextBytesMax, ' '),
                "\xff\xfe", Bytes("a\0b", 3),  std::string(limits::kTextBytesMax, 'x')};
  EXPECT_EQ(*unpack_personal(pack_personal(part)), part);
}

TEST(Personal, APartWithoutTextsIsRefused) {
  EXPECT_EQ(error_of(unpack_personal(Bytes("\0", 1) + Bytes(BatchSalt::kSize, 's'))), ErrorCode::kCorrupt);
  EXPECT_EQ(error_of(unpack_personal(Bytes("\1", 1) + Bytes(BatchSalt::kSize, 's'))), ErrorCode::kCorrupt);
  EXPECT_EQ(error_of(unpack_personal(Bytes("\2", 1) + Bytes(BatchSalt::kSize, 's') + "x")),
            ErrorCode::kCorrupt);
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

}  // namespace
}  // namespace phusa::wire
