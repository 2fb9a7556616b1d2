#include "core/wire/number_model.hpp"
#include "tests/core/wire/samples.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace phusa::wire {
namespace {

using test::Samples;

std::vector<std::uint64_t> some_numbers(std::uint64_t seed, std::size_t count) {
  Samples samples(seed);
  std::vector<std::uint64_t> out;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t wide = samples.below(UINT64_MAX);
    out.push_back(samples.once_in(4) ? wide >> samples.below(64) : samples.below(5));
  }
  return out;
}

RC_GTEST_PROP(RangeCoder, GivesBackWhatWasWritten, (std::uint64_t seed)) {
  const auto numbers = some_numbers(seed, *rc::gen::inRange<std::size_t>(0, 2'000));
  RangeEncoder encoder;
  {
    NumberModel plain;
    CategoryModel category;
    SignedModel with_sign;
    for (const std::uint64_t number : numbers) {
      code_number(encoder, plain, number);
      code_category(encoder, category, number);
      code_signed(encoder, with_sign, static_cast<std::int64_t>(number));
      code_raw(encoder, number, 64);
    }
  }
  const Bytes bytes = encoder.finish();
  RangeDecoder decoder(bytes);
  NumberModel plain;
  CategoryModel category;
  SignedModel with_sign;
  for (const std::uint64_t number : numbers) {
    RC_ASSERT(code_number(decoder, plain, 0) == number);
    RC_ASSERT(code_category(decoder, category, 0) == number);
    RC_ASSERT(code_signed(decoder, with_sign, 0) == static_cast<std::int64_t>(number));
    RC_ASSERT(code_raw(decoder, 0, 64) == number);
  }
  RC_ASSERT(decoder.done());
}

TEST(RangeCoder, CarriesThroughRunsOfFullBytes) {
  // Long stretches of the likeliest top values keep the low end just below a carry.
  for (const std::uint32_t value : {0xffffu, 0xfffeu, 0u, 0x8000u}) {
    RangeEncoder encoder;
    for (int i = 0; i < 500; ++i) encoder.raw(i % 97 == 96 ? 0 : value, 16);
    const Bytes bytes = encoder.finish();
    RangeDecoder decoder(bytes);
    for (int i = 0; i < 500; ++i) ASSERT_EQ(decoder.raw(0, 16), i % 97 == 96 ? 0 : value);
    EXPECT_TRUE(decoder.done());
  }
}

TEST(RangeCoder, CostsNextToNothingForWhatNeverChanges) {
  RangeEncoder encoder;
  Bit bit;
  for (int i = 0; i < 10'000; ++i) encoder.bit(bit, true);
  EXPECT_LE(encoder.finish().size(), 20u);
}

TEST(RangeCoder, ReadingPastTheEndIsNoticed) {
  RangeDecoder decoder("");
  NumberModel model;
  for (int i = 0; i < 1'000 && decoder.ok(); ++i) code_raw(decoder, 0, 8);
  EXPECT_FALSE(decoder.ok());
}

TEST(RangeCoder, BytesLeftOverAreNoticed) {
  RangeEncoder encoder;
  encoder.raw(5, 8);
  const Bytes bytes = encoder.finish() + "more bytes";
  RangeDecoder decoder(bytes);
  EXPECT_EQ(decoder.raw(0, 8), 5u);
  EXPECT_FALSE(decoder.done());
}

}  // namespace
}  // namespace phusa::wire
