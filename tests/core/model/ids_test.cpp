#include "core/model/ids.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>

namespace phusa {
namespace {

RC_GTEST_PROP(RecordRef, WhatIsWrittenIsReadBack, (std::uint64_t block_hash, std::uint32_t n)) {
  const RecordRef ref{block_hash, n};
  std::string text = format_ref(ref);
  RC_ASSERT(text.size() >= 15u);
  RC_ASSERT(text[13] == '-');
  RC_ASSERT(parse_ref(text) == ref);
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  RC_ASSERT(parse_ref(text) == ref);
}

TEST(RecordRef, TheEndsOfTheRangeComeBack) {
  for (const std::uint64_t hash :
       {std::uint64_t{0}, std::uint64_t{1}, std::numeric_limits<std::uint64_t>::max()}) {
    for (const std::uint32_t n : {0u, 1u, UINT32_MAX}) {
      EXPECT_EQ(parse_ref(format_ref({hash, n})), (RecordRef{hash, n})) << format_ref({hash, n});
    }
  }
  EXPECT_EQ(format_ref({std::numeric_limits<std::uint64_t>::max(), 7}), "FZZZZZZZZZZZZ-7");
}

TEST(RecordRef, LettersThatLookAlikeAreReadAsTheDigitMeant) {
  EXPECT_EQ(parse_ref("0OoIiLl000000-1"), *parse_ref("0001111000000-1"));
}

TEST(RecordRef, WhatIsNoRefIsRefused) {
  for (const std::string_view text :
       {"", "-", "0000000000000", "0000000000000-", "000000000000-1", "00000000000000-1", "G000000000000-1",
        "Z000000000000-1", "000000U000000-1", "0000000000000-4294967296", "0000000000000-1x",
        "0000000000000--1", "0000000000000-+1", "0000000000000- 1", "0000000000000_1", " 0000000000000-1",
        "000\xc3\xa9"
        "00000000-1"}) {
    const auto ref = parse_ref(text);
    ASSERT_FALSE(ref) << text;
    EXPECT_EQ(ref.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(RecordRef, DependsOnDeviceAndBlock) {
  RecordId id;
  id.block = 1;
  RecordId other_block = id, other_device = id, other_n = id;
  other_block.block = 2;
  other_device.device.bytes[15] = 1;
  other_n.n = 9;
  EXPECT_NE(ref_of(id).block_hash, ref_of(other_block).block_hash);
  EXPECT_NE(ref_of(id).block_hash, ref_of(other_device).block_hash);
  EXPECT_EQ(ref_of(id).block_hash, ref_of(other_n).block_hash);
}

TEST(Ids, ADeviceIsTheStartOfItsKeysHash) {
  PublicKey key;
  key.bytes[3] = 9;
  const Hash hash = hash_of(key.view());
  EXPECT_EQ(device_id_of(key).view(), hash.view().substr(0, 16));
  EXPECT_EQ(organisation_id_of(key).view(), hash.view());
}

TEST(Rank, NamesComeBack) {
  for (const Rank rank : {Rank::kVolunteer, Rank::kOfficer, Rank::kOffice})
    EXPECT_EQ(parse_rank(rank_name(rank)), rank);
  EXPECT_FALSE(parse_rank("Officer"));
  EXPECT_FALSE(parse_rank(""));
}

}  // namespace
}  // namespace phusa
