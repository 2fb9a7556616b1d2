#include "core/base/limits.hpp"
#include "core/client/point.hpp"
#include "core/merge/state_codec.hpp"
#include "core/wire/page.hpp"
#include "tests/core/client/phone_fixture.hpp"

/// What a phone does when the server says that it begins again: another scope, or a server put back.
namespace phusa::test {
namespace {

TEST_F(PhoneTest, WhatThePhoneMayNoLongerSeeGoesButNothingOfItsOwn) {
  const RecordId own = log(30);
  const RecordId kept = log(40);
  office_.sync(*phone_);
  SeededRandom officer_random(2);
  const auto officer = open_phone(folder_.file("officer"), clock_, officer_random);
  office_.join(*officer, Rank::kOfficer);
  office_.pull(*officer);
  ASSERT_TRUE(officer->layers(own));
  edit(*phone_, kept, 41);
  wire::SyncReply reply;
  reply.reset = true;
  ASSERT_TRUE(officer->apply_reply(reply, {}));
  EXPECT_FALSE(officer->layers(own)) << "another's";
  ASSERT_TRUE(phone_->apply_reply(reply, {}));
  EXPECT_EQ(shown_trees(*phone_, own), 30);
  EXPECT_EQ(shown_trees(*phone_, kept), 41);
  // A restored server gets everything again, and the record comes back with it.
  const auto loaded = phone_->load_outbox(limits::kRequestTargetBytes, 64);
  EXPECT_EQ(loaded->outbox.batches.size(), 2u);
  office_.batches.clear();
  office_.records.clear();
  office_.sync(*phone_, Office::Echo::kPage);
  EXPECT_EQ(shown_trees(*phone_, own), 30);
  EXPECT_EQ(shown_trees(*phone_, kept), 41);
}

TEST_F(PhoneTest, WhoMayNotReadOffersAllToARestoredServerAndLosesNothingFromSight) {
  const RecordId id = log(30);
  office_.sync(*phone_);
  wire::SyncReply told;
  told.reset = true;
  told.introduce = true;
  auto applied = phone_->apply_reply(told, {});
  ASSERT_TRUE(applied);
  EXPECT_TRUE(applied->more_to_send);
  EXPECT_EQ(shown_trees(*phone_, id), 30);
  auto loaded = phone_->load_outbox(limits::kRequestTargetBytes, 64);
  EXPECT_EQ(loaded->outbox.batches.size(), 1u);
  EXPECT_TRUE(loaded->outbox.cursor.empty() && !loaded->outbox.furthest) << "or it is told for ever";
  told.introduce = false;
  told.revoked_at = clock_.now;
  ASSERT_TRUE(phone_->apply_reply(told, {}));
  EXPECT_EQ(shown_trees(*phone_, id), 30);
  Phone::Sent delivery;
  delivery.asked_to_read = false;
  ASSERT_TRUE(phone_->apply_reply({}, delivery));
  EXPECT_EQ(shown_trees(*phone_, id), 30) << "an answer to a delivery shows nothing, so nothing is missing";
  EXPECT_TRUE(phone_->sync_state()->revoked_at);
}

TEST_F(PhoneTest, WhatARestoredServerLostStaysInSightUntilItIsThereAgain) {
  const RecordId id = log(30);
  office_.sync(*phone_);
  wire::SyncReply nothing_there;
  nothing_there.reset = true;
  ASSERT_TRUE(phone_->apply_reply(nothing_there, {}));
  EXPECT_EQ(shown_trees(*phone_, id), 30) << "the connection may break before it is offered again";
  edit(*phone_, id, 31);
  office_.sync(*phone_);
  EXPECT_EQ(shown_trees(*phone_, id), 31) << "an edit of what was in sight stands over it";
}

TEST_F(PhoneTest, WhatTheServerHoldsOfOneStaysInSightThoughNoPageHasIt) {
  const RecordId id = log(30);
  office_.sync(*phone_, Office::Echo::kPage);
  edit(*phone_, id, 31);
  const auto sent = phone_->load_outbox(limits::kRequestTargetBytes, 64);
  const PublicKey key = phone_->identity().key.public_key;
  wire::SyncReply reply = office_.take(*sent, key, Office::Echo::kNothing);
  reply.reset = true;  // it lost the record, and waits for it with the edit
  reply.verdicts[0].status = wire::VerdictStatus::kHeld;
  reply.verdicts[0].reason = HoldReason::kUnknownCatalogue;
  reply.verdicts[0].settled = false;
  office_.sign(reply, key, office_.last_hashes);
  ASSERT_TRUE(phone_->apply_reply(reply, *sent));
  EXPECT_EQ(shown_trees(*phone_, id), 31);
}

/// Another phone, which reads the first one's records and may edit them.
class ResetOfAnOfficer : public PhoneTest {
 protected:
  ResetOfAnOfficer() : officer_(open_phone(folder_.file("officer"), clock_, officer_random_)) {
    office_.join(*officer_, Rank::kOfficer);
  }
  void reset() {
    wire::SyncReply reply;
    reply.reset = true;
    ASSERT_TRUE(officer_->apply_reply(reply, {}));
  }
  bool remembers(const RecordId& id, const std::string& words) {
    const auto history = officer_->history(id);
    EXPECT_TRUE(history);
    return std::any_of(history->begin(), history->end(), [&](const store::HistoryRow& row) {
      const auto replaced = merge::decode_state(id, row.replaced);
      return std::any_of(replaced->registers.begin(), replaced->registers.end(),
                         [&](const Register& reg) { return reg.nodes.front().text == words; });
    });
  }

  SeededRandom officer_random_{2};
  std::unique_ptr<Phone> officer_;
};

TEST_F(ResetOfAnOfficer, WhatItMayNoLongerSeeGoesWithItsOwnEditsOfIt) {
  const RecordId id = log(30);
  office_.sync(*phone_);
  office_.pull(*officer_);
  edit(*officer_, id, 31);
  office_.sync(*officer_);
  reset();
  EXPECT_EQ(shown_trees(*officer_, id), 31) << "it may be that the server lost the edit";
  office_.sync(*officer_, Office::Echo::kNothing);
  EXPECT_FALSE(officer_->layers(id)) << "the server has it, and shows nothing";
  reset();
  EXPECT_FALSE(officer_->layers(id)) << "of what was not to be seen nothing comes back";
}

TEST_F(ResetOfAnOfficer, WhatItsEditTookOutOfSightGoesWithAnEditMadeMeanwhile) {
  const RecordId id = log(30);
  office_.sync(*phone_);
  office_.pull(*officer_);
  edit(*officer_, id, 31);
  const auto sent = *officer_->load_outbox(limits::kRequestTargetBytes, 64);
  edit(*officer_, id, 32);
  wire::SyncReply reply = office_.take(sent, officer_->identity().key.public_key, Office::Echo::kNothing);
  wire::RecordDelta gone;
  gone.id = id;
  gone.gone = true;
  reply.page = *wire::pack_page(std::vector{gone});
  ASSERT_TRUE(officer_->apply_reply(reply, sent));
  EXPECT_EQ(shown_trees(*officer_, id), 32) << "it is on this phone alone";
  office_.sync(*officer_, Office::Echo::kNothing);
  EXPECT_FALSE(officer_->layers(id));
}

TEST_F(ResetOfAnOfficer, WordsOfOthersAreNoLongerInWhatWasReplaced) {
  const RecordId id = log(30, "chị Hòa, số nhà 12");
  office_.sync(*phone_);
  office_.pull(*officer_);
  ASSERT_TRUE(officer_->edit(id, {{FieldKind::kNote, "của cán bộ"}}));
  ASSERT_TRUE(officer_->edit(id, {{FieldKind::kNote, "khác"}}));
  office_.sync(*officer_);
  ASSERT_TRUE(officer_->edit(id, {{FieldKind::kNote, "khác nữa"}}));
  ASSERT_TRUE(remembers(id, "chị Hòa, số nhà 12"));
  reset();
  EXPECT_FALSE(remembers(id, "chị Hòa, số nhà 12"));
  EXPECT_TRUE(remembers(id, "khác")) << "its own";
}

TEST_F(PhoneTest, WhoHeardOfARestoreWhileDeliveringIsReadToFromTheBeginning) {
  log(30);
  office_.sync(*phone_);
  const auto asks_with = [&] { return phone_->load_outbox(limits::kRequestTargetBytes, 64)->outbox.cursor; };
  wire::SyncReply told;
  told.reset = true;
  Phone::Sent delivery;
  delivery.asked_to_read = false;
  ASSERT_TRUE(phone_->apply_reply(told, delivery));
  EXPECT_EQ(asks_with(), wire::kCursorOfNothing);
  ASSERT_TRUE(phone_->apply_reply({}, delivery));
  EXPECT_EQ(asks_with(), wire::kCursorOfNothing) << "until it is read to";
  told.cursor = write_point({1, TransactionTag{{1}}});
  ASSERT_TRUE(phone_->apply_reply(told, {}));
  EXPECT_EQ(asks_with(), told.cursor);
}

}  // namespace
}  // namespace phusa::test
