#include "core/client/leaving.hpp"

#include "core/base/limits.hpp"
#include "core/client/hand_over.hpp"
#include "core/client/receipts.hpp"
#include "tests/core/client/phone_fixture.hpp"

namespace phusa::test {
namespace {

/// Another program with the same store.
class LeavingTest : public PhoneTest {
 protected:
  std::unique_ptr<Phone> other_ = open_phone(folder_.file("phone"), clock_, random_);
};

TEST_F(LeavingTest, AReplyOnItsWayWhenAnotherProgramLeavesBringsNothingBack) {
  const RecordId id = log(30);
  office_.sync(*phone_);
  const auto loaded = phone_->load_outbox(limits::kRequestTargetBytes, limits::kBatchesPerRequestMax);
  ASSERT_TRUE(loaded);
  ASSERT_TRUE(Leaving(*other_).leave(false));
  ASSERT_TRUE(phone_->refresh());
  wire::SyncReply reply;
  reply.page = office_.page_of({id});
  reply.cursor = "a cursor";
  const auto applied = phone_->apply_reply(reply, *loaded);
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, ErrorCode::kConflict);
  EXPECT_FALSE(phone_->layers(id)) << "the next to join would see it";
}

TEST_F(LeavingTest, WhatIsSavedWhileItWaitsIsNotErased) {
  auto holder = store::Store::open({folder_.file("phone"), false, {}});
  auto held = std::make_optional((*holder)->begin_write());
  ASSERT_TRUE(*held);
  PhoneOptions options;
  options.path = folder_.file("phone");
  options.wait = [&](std::chrono::milliseconds) {
    if (!held) return false;
    held.reset();
    log(30);
    return true;
  };
  const auto leaver = Phone::open(std::move(options), clock_, random_);
  ASSERT_TRUE(leaver) << leaver.error().context;
  const auto left = Leaving(**leaver).leave(false);
  ASSERT_FALSE(held) << "it had to wait";
  ASSERT_FALSE(left);
  EXPECT_EQ(left.error().code, ErrorCode::kConflict);
}

TEST_F(LeavingTest, NothingIsLoggedIntoAStoreThatAnotherProgramEmptied) {
  ASSERT_TRUE(Leaving(*other_).leave(false));
  const Draft draft = trees(30);
  EXPECT_EQ(phone_->log({&draft, 1}).error().code, ErrorCode::kBusy);
  EXPECT_EQ(phone_->log({&draft, 1}).error().code, ErrorCode::kConflict) << "it has not joined";
  office_.join(*phone_);
  log(5);
  EXPECT_EQ(office_.sync(*phone_).acknowledged, 1u);
}

TEST_F(LeavingTest, WhatARestoredServerLostIsUnsentThoughItWasHandedOverOnce) {
  log(30);
  const auto given = HandOver(*phone_).give(false);
  ASSERT_TRUE(given);
  ASSERT_TRUE(HandOver(*phone_).note_given(given->contents));
  ASSERT_EQ(Leaving(*phone_).unsent()->changes, 0u);
  office_.sync(*phone_);
  wire::SyncReply reset;
  reset.reset = true;
  ASSERT_TRUE(phone_->apply_reply(reset, {}));
  const auto left = Leaving(*phone_).leave(false);
  ASSERT_FALSE(left);
  EXPECT_EQ(left.error().code, ErrorCode::kConflict);
}

TEST_F(LeavingTest, WhatWasDeliveredOnceForOthersHoldsNobodyBackAfterAReset) {
  log(30);
  SeededRandom others_random(2);
  const auto carrier = open_phone(folder_.file("carrier"), clock_, others_random);
  office_.join(*carrier);
  ASSERT_TRUE(HandOver(*carrier).carry(HandOver(*phone_).give(false)->file));
  office_.sync(*carrier);
  ASSERT_TRUE(Receipts(*carrier).note_given(Receipts(*carrier).give()->contents));
  wire::SyncReply reset;
  reset.reset = true;
  ASSERT_TRUE(carrier->apply_reply(reset, {}));
  EXPECT_EQ(Leaving(*carrier).unsent()->carried_bundles, 0u);
  EXPECT_TRUE(Leaving(*carrier).leave(false));
}

TEST_F(LeavingTest, WhatOthersGaveIsPassedOnOnce) {
  log(30);
  SeededRandom others_random(2);
  const auto carrier = open_phone(folder_.file("carrier"), clock_, others_random);
  office_.join(*carrier);
  ASSERT_TRUE(HandOver(*carrier).carry(HandOver(*phone_).give(false)->file));
  EXPECT_EQ(Leaving(*carrier).leave(false).error().code, ErrorCode::kConflict);
  ASSERT_TRUE(HandOver(*carrier).note_given(HandOver(*carrier).give(true)->contents));
  EXPECT_TRUE(Leaving(*carrier).leave(false)) << "somebody else has it now";
}

TEST_F(LeavingTest, ReceiptsOfOthersAreGivenBackFirst) {
  log(30);
  SeededRandom others_random(2);
  const auto carrier = open_phone(folder_.file("carrier"), clock_, others_random);
  office_.join(*carrier);
  ASSERT_TRUE(HandOver(*carrier).carry(HandOver(*phone_).give(false)->file));
  office_.sync(*carrier);
  EXPECT_EQ(Leaving(*carrier).may_leave(false).error().code, ErrorCode::kConflict);
  EXPECT_EQ(Leaving(*carrier).leave(false).error().code, ErrorCode::kConflict);
  EXPECT_EQ(Leaving(*carrier).may_leave(true)->receipts, 1u);
  EXPECT_EQ(carrier->sync_state()->receipts_to_return, 1u) << "looking gives nothing up";
  ASSERT_TRUE(Receipts(*carrier).note_given(Receipts(*carrier).give()->contents));
  EXPECT_EQ(Leaving(*carrier).may_leave(false)->receipts, 0u);
  EXPECT_TRUE(Leaving(*carrier).leave(false));
}

}  // namespace
}  // namespace phusa::test
