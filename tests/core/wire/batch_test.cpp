#include "core/base/limits.hpp"
#include "core/wire/codec.hpp"
#include "tests/core/wire/samples.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace phusa::wire {
namespace {

using test::Samples;

ErrorCode error_of(const auto& result) {
  return result ? ErrorCode::kInternal : result.error().code;
}

// A field of Batch, as protobuf writes it.
Bytes with_number(std::uint32_t field, std::uint64_t value) {
  Bytes out;
  put_varint(out, field << 3);
  put_varint(out, value);
  return out;
}

RC_GTEST_PROP(Batch, WholeFormComesBackWhole, (std::uint64_t seed)) {
  const SealedBatch batch = Samples(seed).sealed_batch();
  const auto decoded = decode_batch(encode_batch(batch, HashForm::kWhole));
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(decoded->batch == batch);
  RC_ASSERT(!decoded->previous_is_short && !decoded->catalogue_is_short);
}

RC_GTEST_PROP(Batch, ShortFormKeepsTheStartOfHashes, (std::uint64_t seed)) {
  SealedBatch batch = Samples(seed).sealed_batch();
  const auto decoded = decode_batch(encode_batch(batch));
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(decoded->previous_is_short == (batch.header.number > 1));
  RC_ASSERT(decoded->catalogue_is_short);
  for (Hash* hash : {&batch.header.previous, &batch.header.catalogue_hash}) {
    for (std::size_t i = 4; i < Hash::kSize; ++i) hash->bytes[i] = 0;
  }
  RC_ASSERT(decoded->batch == batch);
}

TEST(Batch, AHashThatStartsWithZerosIsStillShort) {
  SealedBatch batch = Samples(1).sealed_batch();
  batch.header.number = 2;
  batch.header.previous = Hash{};
  batch.header.previous.bytes[31] = 9;
  const auto decoded = decode_batch(encode_batch(batch));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_TRUE(decoded->previous_is_short);
}

TEST(Batch, HeaderSignatureAndChainCostUnderAHundredBytes) {
  SealedBatch batch = Samples(1).sealed_batch();
  batch.header = BatchHeader{};
  batch.header.number = 300;
  batch.header.previous.bytes.fill(7);
  batch.header.catalogue_hash.bytes.fill(7);
  batch.header.certificate = 5'000;
  batch.header.catalogue_revision = 12;
  batch.header.changes = 100;
  batch.header.facts_plain_bytes = 9'000;
  batch.sections.clear();
  batch.personal.clear();
  EXPECT_LE(encode_batch(batch).size() - batch.facts.size(), 100u);
}

TEST(Batch, AnotherFormatIsNamedAsSuch) {
  SealedBatch batch = Samples(1).sealed_batch();
  batch.header.format = 2;
  EXPECT_EQ(error_of(decode_batch(encode_batch(batch))), ErrorCode::kUnsupportedVersion);
}

TEST(Batch, WhatIsMissingOrTwiceIsRefused) {
  const SealedBatch sound = Samples(1).sealed_batch();
  SealedBatch batch = sound;
  batch.header.number = 0;
  EXPECT_EQ(error_of(decode_batch(encode_batch(batch))), ErrorCode::kCorrupt);
  batch = sound;
  batch.header.number = 1;
  batch.header.previous.bytes.fill(1);
  EXPECT_EQ(error_of(decode_batch(encode_batch(batch))), ErrorCode::kCorrupt);
  EXPECT_EQ(error_of(decode_batch("")), ErrorCode::kUnsupportedVersion);
  Bytes short_signature = encode_batch(sound);
  short_signature += Bytes("\x82\x01\x01x", 4);  // the last one given stands
  EXPECT_EQ(error_of(decode_batch(short_signature)), ErrorCode::kCorrupt);
}

TEST(Batch, MoreThanTheLimitsIsRefused) {
  const Bytes sound = encode_batch(Samples(1).sealed_batch());
  EXPECT_EQ(error_of(decode_batch(sound + with_number(10, limits::kChangesPerBatchMax + 1))),
            ErrorCode::kLimitExceeded);
  EXPECT_EQ(error_of(decode_batch(sound + with_number(11, limits::kBatchPlainBytesMax + 1))),
            ErrorCode::kLimitExceeded);
  EXPECT_EQ(error_of(decode_batch(sound + with_number(12, limits::kBatchPlainBytesMax + 1))),
            ErrorCode::kLimitExceeded);
  SealedBatch batch = Samples(1).sealed_batch();
  batch.sections.assign(limits::kSectionsPerBatchMax + 1, BatchSection{});
  EXPECT_FALSE(decode_batch(encode_batch(batch)).has_value());
  batch.sections.clear();
  batch.facts = Bytes(limits::kBatchWireBytesMax, 'x');
  EXPECT_EQ(error_of(decode_batch(encode_batch(batch))), ErrorCode::kLimitExceeded);
}

}  // namespace
}  // namespace phusa::wire
