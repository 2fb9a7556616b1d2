#include "core/client/meta_keys.hpp"
#include "core/journal/bundle.hpp"
#include "core/sync/hand_over_file.hpp"
#include "tests/core/client/hand_over_fixture.hpp"

#include <algorithm>

namespace phusa::test {
namespace {

TEST_F(HandOverTest, NoMoreIsCarriedThanAllowed) {
  std::vector<Bytes> bundles;
  const std::array keys{*journal::BoxKey::from(office_.catalogue().box_key)};
  for (std::size_t i = 0; i <= limits::kCarriedBundlesMax; ++i)
    bundles.push_back(*journal::seal_bundle("x", keys, *randoms_.front()));
  const auto refused = HandOver(*carrier_).carry(write_hand_over_file(bundles));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(status(*carrier_).carried_bundles(), 0u);
  bundles.pop_back();
  EXPECT_EQ(carry(*carrier_, write_hand_over_file(bundles)).bundles, limits::kCarriedBundlesMax);
}

/// As many as a phone may carry, sealed to a key that nobody has.
std::vector<Bytes> junk(Random& random) {
  std::vector<Bytes> out;
  const std::array keys{*journal::BoxKey::from(Bytes(journal::BoxKey::kSize, 'k'))};
  for (std::size_t i = 0; i < limits::kCarriedBundlesMax; ++i)
    out.push_back(*journal::seal_bundle("x", keys, random));
  return out;
}

TEST_F(HandOverTest, WhatTheServerHasNoKeyForGivesWayOnceThereIsNoRoom) {
  const std::vector<Bytes> bundles = junk(*randoms_.front());
  carry(*carrier_, write_hand_over_file(bundles));
  log(10);
  const Bytes good = file_of(*phone_);
  EXPECT_EQ(HandOver(*carrier_).carry(good).error().code, ErrorCode::kLimitExceeded)
      << "of those that no server was asked about none gives way";
  EXPECT_EQ(status(*carrier_).carried_bundles(), limits::kCarriedBundlesMax);
  while (office_.sync(*carrier_).more_to_send) continue;
  EXPECT_EQ(status(*carrier_).carried_bundles(), limits::kCarriedBundlesMax)
      << "while there is room they stay";
  const HandOver::Taken taken = carry(*carrier_, good);
  EXPECT_EQ(taken.bundles, 1u);
  EXPECT_EQ(taken.gave_way, 1u);
  EXPECT_EQ(status(*carrier_).carried_bundles(), limits::kCarriedBundlesMax);
  EXPECT_EQ(carry(*carrier_, write_hand_over_file({bundles[1]})).known, 1u);
  EXPECT_EQ(carry(*carrier_, write_hand_over_file({bundles[0]})).bundles, 1u) << "the oldest went";
  office_.sync(*carrier_);
  EXPECT_EQ(office_.taken_anew, 1u);
}

TEST_F(HandOverTest, WhatWasPassedOnGivesWayOnceThereIsNoRoom) {
  const std::vector<Bytes> bundles = junk(*randoms_.front());
  carry(*carrier_, write_hand_over_file({bundles.begin(), bundles.end() - 1}));
  ASSERT_TRUE(HandOver(*carrier_).note_given(HandOver(*carrier_).give(true)->contents));
  carry(*carrier_, write_hand_over_file({bundles.back()}));
  const std::vector<Bytes> more = junk(*randoms_.front());
  const HandOver::Taken taken = carry(*carrier_, write_hand_over_file({more.begin(), more.begin() + 3}));
  EXPECT_EQ(taken.bundles, 3u);
  EXPECT_EQ(taken.passed_on_gave_way, 3u);
  EXPECT_EQ(taken.gave_way, 0u);
  EXPECT_EQ(status(*carrier_).carried_bundles(), limits::kCarriedBundlesMax);
  EXPECT_EQ(carry(*carrier_, write_hand_over_file({bundles.back(), bundles[3]})).known, 2u)
      << "the oldest went, and nothing that nobody else has";
  v1::FileBytes file;
  file.set_content(write_hand_over_file(more));
  const auto refused = method::carry(*carrier_, file);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().key, "carrier_full");
  EXPECT_EQ(refused.error().args, std::vector<std::string>{std::to_string(limits::kCarriedBundlesMax)});
  EXPECT_EQ(carry(*carrier_, write_hand_over_file({bundles[3]})).known, 1u) << "a refusal drops nothing";
}

TEST_F(HandOverTest, WhatWasDeliveredAndComesAgainIsInNobodyElsesHandsAndDoesNotGiveWay) {
  log(10);
  const Bytes file = file_of(*phone_);
  carry(*carrier_, file);
  ASSERT_TRUE(HandOver(*carrier_).note_given(HandOver(*carrier_).give(true)->contents));
  office_.sync(*carrier_);
  ASSERT_EQ(status(*carrier_).carried_bundles(), 0u);
  EXPECT_EQ(carry(*carrier_, file).bundles, 1u);
  EXPECT_EQ(HandOver(*carrier_).carry(write_hand_over_file(junk(*randoms_.front()))).error().code,
            ErrorCode::kLimitExceeded);
}

TEST_F(HandOverTest, WithoutAKeyToSealToThePersonIsToldWhatHelps) {
  log(10);
  office_.publish([](Catalogue& catalogue) { catalogue.box_key.clear(); });
  wire::SyncReply reply;
  reply.catalogue = office_.snapshot();
  ASSERT_TRUE(phone_->apply_reply(reply, {}));
  const auto store = store::Store::open({folder_.file("phone"), false, {}});
  auto transaction = (*store)->begin_write();
  ASSERT_TRUE((*store)->drop(meta::kBoxKey));
  ASSERT_TRUE(transaction->commit());
  phone_ = open("phone");
  const auto refused = method::hand_over(*phone_, v1::HandOverRequest());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().key, "no_box_key");
}

TEST_F(HandOverTest, AFileThatFindsNoRoomAllTheSameDropsNothing) {
  const std::vector<Bytes> bundles = junk(*randoms_.front());
  carry(*carrier_, write_hand_over_file({bundles[0]}));
  office_.sync(*carrier_);
  std::vector<Bytes> untried(bundles.begin() + 1, bundles.end());
  carry(*carrier_, write_hand_over_file(untried));
  std::vector<Bytes> two = junk(*randoms_.back());
  two.resize(2);
  EXPECT_EQ(HandOver(*carrier_).carry(write_hand_over_file(two)).error().code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(carry(*carrier_, write_hand_over_file({bundles[0]})).known, 1u);
}

TEST_F(HandOverTest, AServerThatPassesOverBundlesMakesNoneGiveWay) {
  carry(*carrier_, write_hand_over_file(junk(*randoms_.front())));
  for (Phone::Loaded loaded = load(*carrier_); !loaded.outbox.bundles.empty(); loaded = load(*carrier_))
    ASSERT_TRUE(carrier_->apply_reply({}, loaded));
  log(10);
  EXPECT_EQ(HandOver(*carrier_).carry(file_of(*phone_)).error().code, ErrorCode::kLimitExceeded);
}

TEST_F(HandOverTest, AFileHoldsWhatACarrierMayTakeAndTheNextOneTheRest) {
  std::vector<Bytes> bundles;
  const std::array keys{*journal::BoxKey::from(office_.catalogue().box_key)};
  for (std::size_t i = 0; i < limits::kCarriedBundlesMax; ++i)
    bundles.push_back(*journal::seal_bundle("x", keys, *randoms_.front()));
  carry(*phone_, write_hand_over_file(bundles));
  log(10);
  const auto first = HandOver(*phone_).give(false);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->changes, 1u);
  EXPECT_EQ(first->left_changes, 0u);
  EXPECT_EQ(first->left_bundles, 1u);
  EXPECT_EQ(carry(*carrier_, first->file).bundles, limits::kCarriedBundlesMax);
  ASSERT_TRUE(HandOver(*phone_).note_given(first->contents));
  log(20);
  const auto second = HandOver(*phone_).give(false);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->left_changes + second->left_bundles, 0u);
  EXPECT_EQ(second->changes, 2u);
  auto last = open("last");
  office_.join(*last);
  EXPECT_EQ(carry(*last, second->file).bundles, limits::kCarriedBundlesMax);
  const auto has = [&](const Given& given, const Bytes& bundle) {
    const auto inside = read_hand_over_file(given.file);
    return std::find(inside->begin(), inside->end(), bundle) != inside->end();
  };
  for (const Bytes& bundle : bundles) EXPECT_TRUE(has(*first, bundle) || has(*second, bundle));
}

}  // namespace
}  // namespace phusa::test
