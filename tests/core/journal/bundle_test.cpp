#include "core/journal/bundle.hpp"

#include "core/base/limits.hpp"
#include "tests/core/journal/batches.hpp"

#include <gtest/gtest.h>

namespace phusa::journal {
namespace {

using namespace test;

class Bundle : public testing::Test {
 protected:
  BoxKeyPair box(std::uint8_t fill) {
    KeySeed seed;
    seed.bytes.fill(fill);
    return box_key_pair_from(seed);
  }

  SystemRandom random_;
  BoxKeyPair server_ = box(7);
  KeyPair officer_ = key(9);
  Bytes content_ = "batches, chain and return key";
  std::vector<BoxKey> recipients_{server_.public_key, *box_key_of(officer_.public_key)};
  Bytes bundle_ = *seal_bundle(content_, recipients_, random_);
};

TEST_F(Bundle, EachRecipientOpensIt) {
  for (const OpeningKey& key : {opening_key_of(server_), opening_key_of(officer_)}) {
    const auto opened = open_bundle(bundle_, {&key, 1});
    ASSERT_TRUE(opened) << opened.error().context;
    EXPECT_EQ(*opened, content_);
  }
}

TEST_F(Bundle, AnotherKeyDoesNot) {
  const OpeningKey other = opening_key_of(box(8));
  EXPECT_EQ(open_bundle(bundle_, {&other, 1}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(bundle_.find(content_), Bytes::npos);
}

TEST_F(Bundle, AKeyThatWasReplacedStillOpensItBesideTheNewOne) {
  const std::vector keys{opening_key_of(box(8)), opening_key_of(server_)};
  EXPECT_TRUE(open_bundle(bundle_, keys));
}

TEST_F(Bundle, NoFlippedByteAndNoCutGoesUnnoticed) {
  const OpeningKey key = opening_key_of(server_);
  // The second recipient's slot only matters to the second recipient, but it is under the seal of the content.
  for (std::size_t i = 0; i < bundle_.size(); ++i) {
    Bytes altered = bundle_;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    EXPECT_FALSE(open_bundle(altered, {&key, 1})) << i;
  }
  for (std::size_t size = 0; size < bundle_.size(); ++size) {
    EXPECT_FALSE(open_bundle(BytesView(bundle_).substr(0, size), {&key, 1})) << size;
  }
  EXPECT_FALSE(open_bundle(bundle_ + "x", {&key, 1}));
}

TEST_F(Bundle, ItsSizeTellsLittle) {
  EXPECT_EQ(bundle_.size(), seal_bundle("", recipients_, random_)->size());
  EXPECT_EQ(bundle_.size(), seal_bundle(Bytes(900, 'x'), recipients_, random_)->size());
}

TEST_F(Bundle, ContentMayEndInAnything) {
  for (const Bytes& content : {Bytes(), Bytes("\x80"), Bytes("a\0", 2), Bytes(2048, '\0')}) {
    const OpeningKey key = opening_key_of(server_);
    EXPECT_EQ(*open_bundle(*seal_bundle(content, recipients_, random_), {&key, 1}), content);
  }
}

TEST_F(Bundle, TheHeadIsReadWithoutAnyKey) {
  const auto head = read_bundle_head(bundle_);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->recipients.size(), 2u);
  EXPECT_EQ(head->recipients[0], box_key_id_of(server_.public_key));
  EXPECT_NE(head->id, read_bundle_head(*seal_bundle(content_, recipients_, random_))->id);
}

TEST_F(Bundle, LimitsHold) {
  EXPECT_EQ(seal_bundle(Bytes(limits::kBundleBytesMax, 'x'), recipients_, random_).error().code,
            ErrorCode::kLimitExceeded);
  EXPECT_EQ(seal_bundle("x", {}, random_).error().code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(read_bundle_head(Bytes(limits::kBundleBytesMax + 1, 'x')).error().code,
            ErrorCode::kLimitExceeded);
  Bytes later = bundle_;
  later[4] = 2;
  EXPECT_EQ(read_bundle_head(later).error().code, ErrorCode::kUnsupportedVersion);
}

TEST_F(Bundle, AParcelIsReadByItsReceiverAlone) {
  const auto sealed = seal_parcel("receipts", *box_key_of(officer_.public_key), random_);
  ASSERT_TRUE(sealed);
  EXPECT_EQ(*open_parcel(*sealed, opening_key_of(officer_)), "receipts");
  EXPECT_EQ(open_parcel(*sealed, opening_key_of(server_)).error().code, ErrorCode::kCorrupt);
  EXPECT_FALSE(open_parcel("short", opening_key_of(officer_)));
}

TEST_F(Bundle, AKeyThatIsNoPointIsRefused) {
  PublicKey none;
  none.bytes.fill(0xff);
  EXPECT_FALSE(box_key_of(none));
}

}  // namespace
}  // namespace phusa::journal
