#include "core/base/limits.hpp"
#include "core/merge/merge.hpp"
#include "core/wire/page.hpp"
#include "tests/core/client/office.hpp"

#include <gtest/gtest.h>

namespace phusa::test {
namespace {

/// Verdicts by hand.
class VerdictTest : public ::testing::Test {
 protected:
  VerdictTest() : phone_(open_phone(folder_.file("phone"), clock_, random_)) {
    office_.join(*phone_);
    const std::vector<Draft> drafts{trees(10), trees(20)};
    ids_ = *phone_->log(drafts);
    loaded_ = *phone_->load_outbox(limits::kRequestTargetBytes, 64);
    reply_ = office_.take(loaded_, key(), Office::Echo::kNothing);
  }
  const PublicKey& key() const { return phone_->identity().key.public_key; }
  std::size_t to_send() {
    return phone_->load_outbox(limits::kRequestTargetBytes, 64)->outbox.batches.size();
  }

  TemporaryFolder folder_;
  FixedClock clock_;
  SeededRandom random_{1};
  Office office_;
  std::unique_ptr<Phone> phone_;
  std::vector<RecordId> ids_;
  Phone::Loaded loaded_;
  wire::SyncReply reply_;
};

TEST_F(VerdictTest, AReceiptOfAnotherKeyAcknowledgesNothing) {
  reply_.receipts[0].signature.bytes[5] ^= 1;
  reply_.page = office_.page_of(ids_);
  EXPECT_EQ(phone_->apply_reply(reply_, loaded_).error().code, ErrorCode::kUnauthorized);
  EXPECT_EQ(to_send(), 1u);
  EXPECT_FALSE(phone_->layers(ids_[0])->base) << "neither verdicts nor page are kept";
}

TEST_F(VerdictTest, AMissingReceiptAcknowledgesNothing) {
  reply_.receipts.clear();
  EXPECT_EQ(phone_->apply_reply(reply_, loaded_).error().code, ErrorCode::kUnauthorized);
  EXPECT_EQ(to_send(), 1u);
}

TEST_F(VerdictTest, WhatFindsNoRoomStaysAndTheOthersGo) {
  ASSERT_TRUE(phone_->apply_reply(reply_, loaded_));
  ASSERT_TRUE(phone_->log(std::vector<Draft>{trees(30)}));
  loaded_ = *phone_->load_outbox(limits::kRequestTargetBytes, 64);
  const std::int64_t no_room = loaded_.batches.at(0);
  ASSERT_TRUE(phone_->log(std::vector<Draft>{trees(40)}));
  loaded_ = *phone_->load_outbox(limits::kRequestTargetBytes, 64);
  ASSERT_EQ(loaded_.batches.size(), 2u);
  reply_ = office_.take(loaded_, key(), Office::Echo::kNothing);
  const std::vector<Hash> hashes = office_.last_hashes;
  reply_.verdicts[0] = wire::Verdict{};
  reply_.verdicts[0].status = wire::VerdictStatus::kFull;
  reply_.receipts.clear();
  office_.sign(reply_, key(), hashes);
  const auto applied = phone_->apply_reply(reply_, loaded_);
  ASSERT_TRUE(applied) << applied.error().context;
  EXPECT_EQ(applied->full, std::vector<std::int64_t>{no_room});
  EXPECT_EQ(applied->acknowledged, 1u);
  EXPECT_EQ(applied->held, 0u) << "it is not held anywhere: it is here";
  // In this sync it is passed over, and nothing waits for it; the next one offers it again.
  const auto without = *phone_->load_outbox(limits::kRequestTargetBytes, 64, {no_room});
  EXPECT_TRUE(without.batches.empty());
  EXPECT_EQ(without.outbox.changes_left, 0u);
  EXPECT_EQ(phone_->load_outbox(limits::kRequestTargetBytes, 64)->batches,
            std::vector<std::int64_t>{no_room});
}

TEST_F(VerdictTest, ARevokedPhoneKeepsSinceWhenUntilTheServerSaysOtherwise) {
  reply_.revoked_at = clock_.now - std::chrono::hours(30);
  EXPECT_TRUE(phone_->apply_reply(reply_, loaded_)->revoked);
  EXPECT_EQ(phone_->sync_state()->revoked_at, clock_.now - std::chrono::hours(30));
  wire::SyncReply forgotten;
  forgotten.introduce = true;
  ASSERT_TRUE(phone_->apply_reply(forgotten, {}));
  EXPECT_TRUE(phone_->sync_state()->revoked_at) << "a server that does not know the phone says nothing of it";
  ASSERT_TRUE(phone_->apply_reply(wire::SyncReply{}, {}));
  EXPECT_FALSE(phone_->sync_state()->revoked_at);
}

TEST_F(VerdictTest, ARevokedPhoneAsksWhatOfItCountsAndAgainWhenThatIsDecidedAnew) {
  ASSERT_TRUE(phone_->apply_reply(reply_, loaded_));
  office_.pull(*phone_);
  ASSERT_EQ(stage(*phone_, ids_[0]), Stage::kCounted);
  wire::SyncReply told;
  for (const HoldReason reason : {HoldReason::kRevoked, HoldReason::kNone}) {
    told.revoked_at = told.revoked_at.value_or(clock_.now) + std::chrono::hours(1);
    EXPECT_TRUE(phone_->apply_reply(told, {})->more_to_send);
    const auto asked = *phone_->load_outbox(limits::kRequestTargetBytes, 64);
    ASSERT_EQ(asked.batches.size(), 1u);
    EXPECT_EQ(shown_trees(*phone_, ids_[0]), 10);
    wire::SyncReply answer = office_.take(asked, key(), Office::Echo::kNothing);
    answer.verdicts[0].reason = reason;
    answer.revoked_at = told.revoked_at;
    ASSERT_TRUE(phone_->apply_reply(answer, asked));
    EXPECT_EQ(stage(*phone_, ids_[0]) == Stage::kHeld, reason == HoldReason::kRevoked);
    EXPECT_EQ(shown_trees(*phone_, ids_[0]), 10) << "it stays in sight";
    EXPECT_EQ(to_send(), 0u) << "once";
  }
}

TEST_F(VerdictTest, AHeldChangeShowsItsReasonAndTheOthersAreReceived) {
  // Held by its index in the batch.
  reply_.verdicts[0].held = {{1, HoldReason::kMissingVersion}};
  const auto applied = phone_->apply_reply(reply_, loaded_);
  ASSERT_TRUE(applied);
  EXPECT_EQ(applied->held, 1u);
  EXPECT_EQ(applied->acknowledged, 2u);
  EXPECT_EQ(stage(*phone_, ids_[0]), Stage::kReceived);
  EXPECT_EQ(stage(*phone_, ids_[1]), Stage::kHeld);
  EXPECT_EQ(phone_->layers(ids_[1])->own_hold, HoldReason::kMissingVersion);
  office_.pull(*phone_);
  EXPECT_EQ(stage(*phone_, ids_[1]), Stage::kCounted) << "once the reason goes away it is counted";
}

TEST_F(VerdictTest, AWholeBatchHeldIsDurableAndNotSentAgain) {
  reply_.verdicts[0].status = wire::VerdictStatus::kHeld;
  reply_.verdicts[0].reason = HoldReason::kUnknownCatalogue;
  ASSERT_TRUE(phone_->apply_reply(reply_, loaded_));
  EXPECT_EQ(to_send(), 0u);
  EXPECT_EQ(stage(*phone_, ids_[0]), Stage::kHeld);
  EXPECT_EQ(shown_trees(*phone_, ids_[0]), 10);
}

TEST_F(VerdictTest, ABatchHeldWholeIsHeldAlsoWhenTheFirstAnswerWasLost) {
  reply_.verdicts[0].status = wire::VerdictStatus::kDuplicate;
  reply_.verdicts[0].reason = HoldReason::kVouchLate;
  const auto applied = phone_->apply_reply(reply_, loaded_);
  ASSERT_TRUE(applied);
  EXPECT_EQ(applied->held, 2u);
  EXPECT_EQ(stage(*phone_, ids_[0]), Stage::kHeld);
}

TEST_F(VerdictTest, ABatchHeldWholeStaysHeldWhenTheRecordComesWithoutIt) {
  reply_.verdicts[0].status = wire::VerdictStatus::kHeld;
  reply_.verdicts[0].reason = HoldReason::kUnknownCatalogue;
  ASSERT_TRUE(phone_->apply_reply(reply_, loaded_));
  wire::RecordDelta delta;
  delta.id = ids_[0];
  delta.hold = HoldReason::kIncomplete;  // another's edit of it was merged
  FieldEdit edit{FieldKind::kUnit, {}};
  edit.node.version.counts.officer = 1;
  edit.node.version.device.bytes[0] = 9;
  edit.node.version.value = value::of_number(2);
  delta.versions.push_back(edit);
  wire::SyncReply page;
  page.page = *wire::pack_page(std::vector{delta});
  ASSERT_TRUE(phone_->apply_reply(page, {}));
  EXPECT_EQ(stage(*phone_, ids_[0]), Stage::kHeld);
  EXPECT_EQ(phone_->layers(ids_[0])->own_hold, HoldReason::kUnknownCatalogue);
  office_.pull(*phone_);
  EXPECT_EQ(stage(*phone_, ids_[0]), Stage::kCounted) << "what the base has is held no longer";
}

// Somebody's edit beat it, and was withdrawn when that device was revoked.
TEST_F(VerdictTest, WhatWaitsWholeWaitsAgainWhenWhatPassedOverItIsWithdrawn) {
  reply_.verdicts[0].status = wire::VerdictStatus::kHeld;
  reply_.verdicts[0].reason = HoldReason::kUnknownCatalogue;
  ASSERT_TRUE(phone_->apply_reply(reply_, loaded_));
  const RecordState own = *phone_->layers(ids_[0])->own;
  const auto page_with = [&](std::uint32_t officer) {
    wire::RecordDelta delta;
    delta.id = ids_[0];
    for (const Register& reg : own.registers) {
      FieldEdit edit{reg.field, reg.nodes.front()};
      edit.node.version.counts = {};
      edit.node.version.counts.officer = officer;
      if (officer == 0) edit.node.version.counts.volunteer = 1;
      edit.node.version.device.bytes.fill(officer == 0 ? 0 : 9);
      delta.versions.push_back(edit);
    }
    wire::SyncReply page;
    page.page = *wire::pack_page(std::vector{delta});
    return page;
  };
  ASSERT_TRUE(phone_->apply_reply(page_with(1), {}));
  EXPECT_EQ(stage(*phone_, ids_[0]), Stage::kCounted) << "what was passed over is of no account";
  ASSERT_TRUE(phone_->apply_reply(page_with(0), {}));
  EXPECT_EQ(stage(*phone_, ids_[0]), Stage::kHeld);
}

TEST_F(VerdictTest, WhatWaitsWholeStaysHeldBesideALaterHeldChange) {
  reply_.verdicts[0].status = wire::VerdictStatus::kHeld;
  reply_.verdicts[0].reason = HoldReason::kUnknownCatalogue;
  ASSERT_TRUE(phone_->apply_reply(reply_, loaded_));
  ASSERT_TRUE(phone_->edit(ids_[0], {trees_value(11)}));
  const auto later = *phone_->load_outbox(limits::kRequestTargetBytes, 64);
  wire::SyncReply reply = office_.take(later, key(), Office::Echo::kNothing);
  ASSERT_EQ(reply.verdicts.size(), 1u);
  reply.verdicts[0].settled = false;
  reply.verdicts[0].held = {{0, HoldReason::kOutsideScope}};
  ASSERT_TRUE(phone_->apply_reply(reply, later));
  EXPECT_EQ(phone_->layers(ids_[0])->own_hold, HoldReason::kUnknownCatalogue);
  // The later change is merged: what the first batch set is still missing.
  wire::RecordDelta delta;
  delta.id = ids_[0];
  const FieldKey field = FieldKey::value_of(IndicatorNo{0});
  FieldEdit merged{field, phone_->layers(ids_[0])->own->find(field)->nodes.front()};
  merged.node.names.clear();
  delta.versions.push_back(merged);
  wire::SyncReply page;
  page.page = *wire::pack_page(std::vector{delta});
  ASSERT_TRUE(phone_->apply_reply(page, {}));
  EXPECT_EQ(stage(*phone_, ids_[0]), Stage::kHeld);
}

TEST_F(VerdictTest, WhatWaitsWholeStaysHeldWhenASingleChangeOfTheRecordWaitsNoMore) {
  ASSERT_TRUE(phone_->apply_reply(reply_, loaded_));
  office_.pull(*phone_);
  ASSERT_TRUE(phone_->edit(ids_[0], {trees_value(11)}));
  const auto later = *phone_->load_outbox(limits::kRequestTargetBytes, 64);
  wire::SyncReply reply = office_.take(later, key(), Office::Echo::kNothing);
  ASSERT_EQ(reply.verdicts.size(), 1u);
  reply.verdicts[0].settled = false;
  reply.verdicts[0].status = wire::VerdictStatus::kHeld;
  reply.verdicts[0].reason = HoldReason::kUnknownCatalogue;
  ASSERT_TRUE(phone_->apply_reply(reply, later));
  // Somebody else's change of the record is held, and then merged.
  auto deltas = *wire::unpack_page(office_.page_of({ids_[0]}));
  std::erase_if(deltas[0].versions,
                [](const FieldEdit& edit) { return edit.field == FieldKey::value_of(IndicatorNo{0}); });
  for (const HoldReason reason : {HoldReason::kMissingVersion, HoldReason::kNone}) {
    deltas[0].held_change = reason;
    wire::SyncReply page;
    page.page = *wire::pack_page(deltas);
    ASSERT_TRUE(phone_->apply_reply(page, {}));
    EXPECT_EQ(stage(*phone_, ids_[0]), Stage::kHeld) << hold_name(reason);
    EXPECT_EQ(shown_hold(*phone_->layers(ids_[0])),
              reason == HoldReason::kNone ? HoldReason::kUnknownCatalogue : reason);
  }
}

TEST_F(VerdictTest, AChangeThatWasRefusedForGoodWaitsForNothing) {
  ASSERT_TRUE(phone_->apply_reply(reply_, loaded_));
  office_.pull(*phone_);
  wire::SyncReply page;
  for (const auto& [reason, expected] : {std::pair{HoldReason::kMissingVersion, Stage::kHeld},
                                         {HoldReason::kRefusedByOffice, Stage::kCounted}}) {
    auto deltas = *wire::unpack_page(office_.page_of({ids_[0]}));
    deltas[0].held_change = reason;
    page.page = *wire::pack_page(deltas);
    ASSERT_TRUE(phone_->apply_reply(page, {}));
    EXPECT_EQ(stage(*phone_, ids_[0]), expected);
  }
}

TEST_F(VerdictTest, ASettledBatchPutsNothingOverWhatAnotherProgramReadLater) {
  wire::RecordDelta delta;
  delta.id = ids_[0];
  const FieldKey field = FieldKey::value_of(IndicatorNo{0});
  FieldEdit later{field, {}};
  later.node.version.counts.officer = 1;
  later.node.version.device.bytes[0] = 9;
  later.node.version.value = value::of_amount({77, Qualifier::kExact});
  delta.versions.push_back(later);
  wire::SyncReply page;
  page.page = *wire::pack_page(std::vector{delta});
  ASSERT_TRUE(phone_->apply_reply(page, {}));
  reply_.verdicts[0].settled = true;
  ASSERT_TRUE(phone_->apply_reply(reply_, loaded_));
  EXPECT_EQ(shown_trees(*phone_, ids_[0]), 77);
}

TEST_F(VerdictTest, AnInvalidBatchIsKeptAndNotOfferedAgain) {
  reply_.verdicts[0].status = wire::VerdictStatus::kInvalid;
  reply_.receipts.clear();
  const auto applied = phone_->apply_reply(reply_, loaded_);
  ASSERT_TRUE(applied);
  EXPECT_EQ(applied->acknowledged, 0u);
  EXPECT_EQ(to_send(), 0u);
  EXPECT_EQ(stage(*phone_, ids_[0]), Stage::kHeld);
  EXPECT_EQ(phone_->layers(ids_[0])->own_hold, HoldReason::kUnreadable);
}

TEST_F(VerdictTest, NeedFullSendsTheSameBatchWithWholeHashes) {
  reply_.verdicts[0].status = wire::VerdictStatus::kNeedFull;
  reply_.receipts.clear();
  ASSERT_TRUE(phone_->apply_reply(reply_, loaded_));
  const auto again = phone_->load_outbox(limits::kRequestTargetBytes, 64);
  ASSERT_EQ(again->outbox.batches.size(), 1u);
  const auto decoded = wire::decode_batch(again->outbox.batches[0].encoded);
  ASSERT_TRUE(decoded);
  EXPECT_FALSE(decoded->catalogue_is_short);
  EXPECT_EQ(decoded->batch.signature, wire::decode_batch(loaded_.outbox.batches[0].encoded)->batch.signature);
}

TEST_F(VerdictTest, ARepeatedReplyChangesNothing) {
  reply_.page = office_.page_of(ids_);
  ASSERT_TRUE(phone_->apply_reply(reply_, loaded_));
  reply_.verdicts[0].status = wire::VerdictStatus::kDuplicate;
  ASSERT_TRUE(phone_->apply_reply(reply_, loaded_));
  EXPECT_EQ(stage(*phone_, ids_[0]), Stage::kCounted);
  EXPECT_EQ(shown_trees(*phone_, ids_[1]), 20);
  EXPECT_TRUE(phone_->history(ids_[0])->empty());
}

TEST_F(VerdictTest, ARecordHeldByTheCentreShowsWhy) {
  reply_.page = office_.page_of(ids_, HoldReason::kDayInFuture);
  ASSERT_TRUE(phone_->apply_reply(reply_, loaded_));
  EXPECT_EQ(stage(*phone_, ids_[0]), Stage::kHeld);
  EXPECT_EQ(phone_->layers(ids_[0])->hold, HoldReason::kDayInFuture);
}

TEST_F(VerdictTest, ACatalogueSignedByNobodyIsRefusedWhole) {
  reply_.catalogue = office_.enrol(key(), Rank::kVolunteer, "NA").catalogue;
  reply_.catalogue->signature.bytes[0] ^= 1;
  EXPECT_EQ(phone_->apply_reply(reply_, loaded_).error().code, ErrorCode::kUnauthorized);
  EXPECT_EQ(to_send(), 1u);
}

TEST_F(VerdictTest, ADamagedPageIsRefusedWhole) {
  reply_.page = office_.page_of(ids_);
  reply_.page.resize(reply_.page.size() / 2);
  EXPECT_FALSE(phone_->apply_reply(reply_, loaded_));
  EXPECT_EQ(to_send(), 1u);
}

TEST_F(VerdictTest, TheCursorIsKeptWithThePageAndTheFurthestPointIsSentBeyondIt) {
  ASSERT_TRUE(phone_->apply_reply(reply_, loaded_));
  auto next = phone_->load_outbox(limits::kRequestTargetBytes, 64);
  ASSERT_TRUE(next->outbox.furthest);
  EXPECT_EQ(next->outbox.furthest->position, 1u);
  wire::SyncReply page;
  put_varint(page.cursor, 1);
  page.cursor.append(reply_.tag.view());
  ASSERT_TRUE(phone_->apply_reply(page, {}));
  next = phone_->load_outbox(limits::kRequestTargetBytes, 64);
  EXPECT_EQ(next->outbox.cursor, page.cursor);
  EXPECT_FALSE(next->outbox.furthest);
  EXPECT_EQ(phone_->sync_state()->as_of, "1." + reply_.tag.hex());
}

}  // namespace
}  // namespace phusa::test
