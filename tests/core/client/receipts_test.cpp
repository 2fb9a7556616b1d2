#include "core/client/receipts.hpp"

#include "core/base/limits.hpp"
#include "core/client/hand_over.hpp"
#include "core/client/meta_keys.hpp"
#include "core/client/methods.hpp"
#include "core/client/point.hpp"
#include "core/journal/bundle.hpp"
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

TEST_F(ReceiptsTest, DamagedOnesOfOnesOwnAreToldAndNotKeptAsSomebodyElses) {
  log(40);
  ASSERT_TRUE(HandOver(*carrier_).carry(HandOver(*phone_).give(false)->file));
  office_.sync(*carrier_, Office::Echo::kNothing);
  auto parts = *read_receipts_file(Receipts(*carrier_).give()->file);
  const ReceiptPart whole = parts.front();
  parts.front().parcel.back() ^= 1;
  const auto alone = Receipts(*phone_).take(write_receipts_file(parts));
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().code, ErrorCode::kCorrupt);
  parts.push_back({Bytes(16, 'o'), "sealed to another phone"});
  const auto among_others = Receipts(*phone_).take(write_receipts_file(parts));
  ASSERT_TRUE(among_others);
  EXPECT_EQ(among_others->damaged, 1u);
  EXPECT_EQ(among_others->passed_on, 1u);
  EXPECT_EQ(phone_->sync_state()->receipts_to_return, 1u) << "the other's alone";
  const auto copied_again = Receipts(*phone_).take(write_receipts_file({whole}));
  ASSERT_TRUE(copied_again);
  EXPECT_EQ(copied_again->received, 1u);
  EXPECT_EQ(copied_again->damaged, 0u);
}

TEST_F(ReceiptsTest, ForgedOnesAreToldAlsoWhereTheFileHoldsThoseOfOthers) {
  const PublicKey key = phone_->identity().key.public_key;
  wire::ReceiptParcel parcel;
  parcel.journals.emplace_back();
  parcel.journals[0].device_key = key;
  parcel.journals[0].batches = {hash_of("a batch")};
  parcel.journals[0].verdicts.emplace_back();
  parcel.journals[0].verdicts[0].point = {77, TransactionTag{{1}}};
  const auto sealed =
      journal::seal_parcel(wire::encode_receipt_parcel(parcel), *journal::box_key_of(key), others_random_);
  std::vector<ReceiptPart> parts = {{Bytes(16, 'i'), *sealed}};
  v1::FileBytes file;
  file.set_content(write_receipts_file(parts));
  const auto forged = method::receipts_import(*phone_, file);
  ASSERT_FALSE(forged);
  EXPECT_EQ(forged.error().key, "forged_receipts");
  parts.push_back({Bytes(16, 'o'), "sealed to another phone"});
  file.set_content(write_receipts_file(parts));
  const auto reply = method::receipts_import(*phone_, file);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->forged(), 1u);
  EXPECT_EQ(reply->passed_on(), 1u);
}

TEST_F(ReceiptsTest, MoreThanTheServerCanBeAskedAboutAtOnceWaitForASync) {
  std::vector<LedgerPoint> points;
  for (std::size_t i = 0; i < limits::kSeenPointsMax; ++i) points.push_back({i + 1000, TransactionTag{{7}}});
  {
    const auto store = store::Store::open({folder_.file("phone"), false, {}});
    auto transaction = (*store)->begin_write();
    ASSERT_TRUE((*store)->put(meta::kPointsByHand, write_points(points)));
    ASSERT_TRUE(transaction->commit());
  }
  log(40);
  ASSERT_TRUE(HandOver(*carrier_).carry(HandOver(*phone_).give(false)->file));
  office_.sync(*carrier_, Office::Echo::kNothing);
  v1::FileBytes file;
  file.set_content(Receipts(*carrier_).give()->file);
  const auto refused = method::receipts_import(*phone_, file);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().key, "too_many_deliveries");
  EXPECT_EQ(refused.error().args, std::vector<std::string>{std::to_string(limits::kSeenPointsMax)});
}

}  // namespace
}  // namespace phusa::test
