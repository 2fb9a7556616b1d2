#include "core/client/receipts.hpp"

#include "core/base/limits.hpp"
#include "core/client/hand_over.hpp"
#include "core/client/point.hpp"
#include "core/sync/hand_over_file.hpp"
#include "tests/core/client/phone_fixture.hpp"

namespace phusa::test {
namespace {

/// A phone that hands over, and another that carries.
class ReceiptsTest : public PhoneTest {
 protected:
  ReceiptsTest() { office_.join(*carrier_); }
  void bring_receipts(std::int64_t count) {
    log(count);
    ASSERT_TRUE(HandOver(*carrier_).carry(HandOver(*phone_).give(false)->file));
    office_.sync(*carrier_, Office::Echo::kNothing);
    ASSERT_EQ(Receipts(*phone_).take(Receipts(*carrier_).give()->file)->received, 1u);
  }

  SeededRandom others_random_{2};
  std::unique_ptr<Phone> carrier_ = open_phone(folder_.file("carrier"), clock_, others_random_);
};

// Over the point that the server has not been asked about since, or over one of another history, they would
// hide a restore.
TEST_F(ReceiptsTest, ThePointsOfThoseThatOthersBringAreAskedAboutEachByItself) {
  const auto load = [&] {
    return *phone_->load_outbox(limits::kRequestTargetBytes, limits::kBatchesPerRequestMax);
  };
  log(30);
  office_.sync(*phone_, Office::Echo::kNothing);
  const auto before = load().outbox.furthest;
  ASSERT_TRUE(before);
  bring_receipts(40);
  bring_receipts(50);
  const auto asked = load();
  EXPECT_EQ(asked.outbox.furthest, before);
  ASSERT_EQ(asked.outbox.seen.size(), 2u) << "they may be of two histories";
  EXPECT_EQ(asked.outbox.seen[0].position, before->position + 1);
  bring_receipts(60);
  ASSERT_TRUE(phone_->apply_reply({}, asked));
  ASSERT_EQ(load().outbox.seen.size(), 1u) << "of which the server was not asked yet";
  EXPECT_EQ(load().outbox.furthest, asked.outbox.seen[1]);
  Phone::Sent delivery = load();
  delivery.asked_to_read = false;
  ASSERT_TRUE(phone_->apply_reply({}, delivery));
  EXPECT_TRUE(load().outbox.seen.empty()) << "who only delivers is told of a restore too";
}

TEST_F(ReceiptsTest, ReceiptsWaitUntilTheirFileIsOnADisk) {
  log(40);
  ASSERT_TRUE(HandOver(*carrier_).carry(HandOver(*phone_).give(false)->file));
  office_.sync(*carrier_, Office::Echo::kNothing);
  const auto first = Receipts(*carrier_).give();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->parcels, 1u);
  EXPECT_EQ(carrier_->sync_state()->receipts_to_return, 1u) << "the stick may be full";
  ASSERT_TRUE(Receipts(*carrier_).note_given(first->contents));
  EXPECT_EQ(carrier_->sync_state()->receipts_to_return, 0u);
  EXPECT_EQ(Receipts(*carrier_).give()->parcels, 1u) << "a file may be lost";
  EXPECT_FALSE(Receipts(*carrier_).note_given("what no export gave"));
}

TEST_F(ReceiptsTest, WhatAFileHasNoRoomForGoesOnWaiting) {
  constexpr std::size_t kParcelBytes = limits::kParcelBytesMax;
  std::vector<ReceiptPart> parts;
  std::vector<Bytes> files;
  for (std::size_t i = 0; i < limits::kCarriedBundlesMax; ++i) {
    parts.push_back({Bytes(16, 'i'), std::to_string(1000 + i) + Bytes(kParcelBytes - 4, 'x')});
    if (parts.size() < limits::kCarriedBundlesMax / 2) continue;
    files.push_back(write_receipts_file(parts));
    parts.clear();
  }
  for (const Bytes& file : files) ASSERT_TRUE(Receipts(*carrier_).take(file));
  const auto first = Receipts(*carrier_).give();
  ASSERT_TRUE(first);
  EXPECT_GT(first->left, 0u);
  ASSERT_TRUE(Receipts(*carrier_).note_given(first->contents));
  EXPECT_EQ(carrier_->sync_state()->receipts_to_return, first->left);
  const auto second = Receipts(*carrier_).give();
  ASSERT_TRUE(Receipts(*carrier_).note_given(second->contents));
  EXPECT_EQ(carrier_->sync_state()->receipts_to_return, 0u) << "the next file begins with it";
}

}  // namespace
}  // namespace phusa::test
