#include "tests/core/sync/machine_fixture.hpp"

#include <algorithm>
#include <map>

namespace phusa::test {
namespace {

TEST_F(SyncMachineTest, SteadyStateIsOneRequest) {
  SyncMachine machine = started(once_);
  const auto id = send(machine, outbox_of(1, 10));
  const auto apply = machine.step(sync_event::HttpArrived{id, reply_of(1), {100, 50}});
  ASSERT_NE(find<sync_action::ApplyReply>(apply), nullptr);
  const auto done = machine.step(sync_event::ReplyApplied{{}, 10, 0, 0, false});
  const auto* finished = find<sync_action::Finished>(done);
  ASSERT_NE(finished, nullptr);
  EXPECT_FALSE(finished->error);
  EXPECT_EQ(finished->progress.sent, 10u);
  EXPECT_EQ(finished->progress.traffic.up, 100u);
  EXPECT_TRUE(machine.is_finished());
}

TEST_F(SyncMachineTest, AsksAgainWhileEitherSideHasMore) {
  SyncMachine machine = started(once_);
  auto id = send(machine, outbox_of(2, 50));
  (void)machine.step(sync_event::HttpArrived{id, reply_of(2), {}});
  EXPECT_NE(find<sync_action::LoadOutbox>(machine.step(sync_event::ReplyApplied{{}, 20, 0, 0, false})),
            nullptr);
  id = send(machine, outbox_of(2, 20));
  (void)machine.step(sync_event::HttpArrived{id, reply_of(2, true), {}});
  EXPECT_NE(find<sync_action::LoadOutbox>(machine.step(sync_event::ReplyApplied{{}, 20, 0, 4, false})),
            nullptr);
  id = send(machine, outbox_of(0, 0));
  (void)machine.step(sync_event::HttpArrived{id, reply_of(0), {}});
  EXPECT_NE(find<sync_action::Finished>(machine.step(sync_event::ReplyApplied{})), nullptr);
}

TEST_F(SyncMachineTest, FailedAttemptNeverReportsSuccess) {
  SyncMachine machine = started(once_);
  const auto id = send(machine, outbox_of(1, 10));
  const auto actions = machine.step(sync_event::HttpFailed{id, "connection refused", {}});
  const auto* finished = find<sync_action::Finished>(actions);
  ASSERT_NE(finished, nullptr);
  ASSERT_TRUE(finished->error);
  EXPECT_EQ(finished->error->code, ErrorCode::kNetwork);
}

TEST_F(SyncMachineTest, CaptivePortalIsNotAServer) {
  for (const HttpReply& portal : {HttpReply{200, "text/html", "<html>sign in</html>"},
                                  HttpReply{200, std::string(wire::kContentType), "<html>"},
                                  HttpReply{302, "", ""}, HttpReply{200, "application/json", "PHS1"}}) {
    SyncMachine machine = started(once_);
    const auto id = send(machine, outbox_of(1, 10));
    const auto actions = machine.step(sync_event::HttpArrived{id, portal, {}});
    const auto* finished = find<sync_action::Finished>(actions);
    ASSERT_NE(finished, nullptr);
    EXPECT_EQ(finished->error->code, ErrorCode::kUnexpectedReply);
    EXPECT_EQ(find<sync_action::ApplyReply>(actions), nullptr);
  }
}

TEST_F(SyncMachineTest, VerdictsThatDoNotFitTheRequestAreNotApplied) {
  SyncMachine machine = started(once_);
  const auto id = send(machine, outbox_of(2, 20));
  const auto actions = machine.step(sync_event::HttpArrived{id, reply_of(1), {}});
  EXPECT_EQ(find<sync_action::ApplyReply>(actions), nullptr);
  ASSERT_NE(find<sync_action::Finished>(actions), nullptr);
  EXPECT_TRUE(find<sync_action::Finished>(actions)->error);
}

TEST_F(SyncMachineTest, BackOffGrowsStaysBoundedAndNetworkUpEndsIt) {
  SyncMachine machine = started(patient_);
  std::chrono::milliseconds longest{0};
  for (int i = 0; i < 30; ++i) {
    const auto id = send(machine, outbox_of(1, 10));
    const auto actions = machine.step(sync_event::HttpFailed{id, "no route", {}});
    const auto* wait = find<sync_action::Wait>(actions);
    ASSERT_NE(wait, nullptr);
    EXPECT_GE(wait->duration, std::chrono::milliseconds(500));
    EXPECT_LE(wait->duration, std::chrono::minutes(5));
    longest = std::max(longest, wait->duration);
    (void)machine.step(sync_event::Woke{});
  }
  EXPECT_GE(longest, std::chrono::minutes(2));
  const auto id = send(machine, outbox_of(1, 10));
  (void)machine.step(sync_event::HttpFailed{id, "no route", {}});
  EXPECT_NE(find<sync_action::LoadOutbox>(machine.step(sync_event::NetworkUp{})), nullptr);
}

TEST_F(SyncMachineTest, ServersSpreadForRushHoursIsHonoured) {
  SyncMachine machine = started(patient_);
  const auto id = send(machine, outbox_of(0, 0));
  wire::Refusal refusal{{ErrorCode::kUnavailable, "full"}, 90};
  const auto actions = machine.step(
      sync_event::HttpArrived{id, {503, std::string(wire::kContentType), wire::encode_refusal(refusal)}, {}});
  const auto* wait = find<sync_action::Wait>(actions);
  ASSERT_NE(wait, nullptr);
  EXPECT_GE(wait->duration, std::chrono::seconds(90));
}

TEST_F(SyncMachineTest, RefusedTokenIsNotTriedForEver) {
  SyncMachine machine = started(patient_);
  const auto id = send(machine, outbox_of(0, 0));
  wire::Refusal refusal{{ErrorCode::kUnauthorized, "unknown token"}, 0};
  const auto actions = machine.step(
      sync_event::HttpArrived{id, {401, std::string(wire::kContentType), wire::encode_refusal(refusal)}, {}});
  const auto* finished = find<sync_action::Finished>(actions);
  ASSERT_NE(finished, nullptr);
  EXPECT_EQ(finished->error->code, ErrorCode::kUnauthorized);
}

TEST_F(SyncMachineTest, CancelStopsTheRequestAndLateRepliesAreIgnored) {
  SyncMachine machine = started(once_);
  const auto id = send(machine, outbox_of(1, 10));
  const auto actions = machine.step(sync_event::Cancel{});
  EXPECT_NE(find<sync_action::CancelHttp>(actions), nullptr);
  ASSERT_NE(find<sync_action::Finished>(actions), nullptr);
  EXPECT_EQ(find<sync_action::Finished>(actions)->error->code, ErrorCode::kCancelled);
  EXPECT_TRUE(machine.step(sync_event::HttpArrived{id, reply_of(1), {}}).empty());
}

TEST_F(SyncMachineTest, AnAnswerThatWasCutOnItsWayIsAskedForAgain) {
  SyncMachine machine = started(patient_);
  const auto id = send(machine, outbox_of(1, 10));
  HttpReply cut = reply_of(1);
  cut.body.pop_back();
  const auto actions = machine.step(sync_event::HttpArrived{id, cut, {}});
  EXPECT_EQ(find<sync_action::ApplyReply>(actions), nullptr);
  EXPECT_EQ(find<sync_action::Finished>(actions), nullptr);
}

TEST_F(SyncMachineTest, WholeHashesAreAskedForOnceInARow) {
  SyncMachine machine = started(once_);
  wire::SyncReply reply;
  reply.verdicts.resize(1);
  reply.verdicts[0].status = wire::VerdictStatus::kNeedFull;
  const HttpReply need{200, std::string(wire::kContentType), wire::encode_sync_reply(reply)};
  auto id = send(machine, outbox_of(1, 10));
  (void)machine.step(sync_event::HttpArrived{id, need, {}});
  EXPECT_NE(find<sync_action::LoadOutbox>(machine.step(sync_event::ReplyApplied{})), nullptr);
  id = send(machine, outbox_of(1, 10));
  (void)machine.step(sync_event::HttpArrived{id, need, {}});
  const auto actions = machine.step(sync_event::ReplyApplied{});
  ASSERT_NE(find<sync_action::Finished>(actions), nullptr);
  EXPECT_TRUE(find<sync_action::Finished>(actions)->error);
}

// A restored server takes what it is offered anew, and only then meets a batch whose short hashes it has
// forgotten.
TEST_F(SyncMachineTest, ABatchAskedForWholeAfterOtherThingsMovedDoesNotEndTheSync) {
  SyncMachine machine = started(once_);
  auto id = send(machine, outbox_of(1, 20));
  (void)machine.step(sync_event::HttpArrived{id, reply_of(1), {}});
  ASSERT_NE(find<sync_action::LoadOutbox>(machine.step(sync_event::ReplyApplied{{}, 10, 0, 0, false})),
            nullptr);
  wire::SyncReply reply;
  reply.verdicts.resize(1);
  reply.verdicts[0].status = wire::VerdictStatus::kNeedFull;
  id = send(machine, outbox_of(1, 10));
  (void)machine.step(sync_event::HttpArrived{
      id, {200, std::string(wire::kContentType), wire::encode_sync_reply(reply)}, {}});
  const auto asked = machine.step(sync_event::ReplyApplied{});
  EXPECT_EQ(find<sync_action::Finished>(asked), nullptr);
  ASSERT_NE(find<sync_action::LoadOutbox>(asked), nullptr);
  id = send(machine, outbox_of(1, 10));
  (void)machine.step(sync_event::HttpArrived{id, reply_of(1), {}});
  const auto done = machine.step(sync_event::ReplyApplied{{}, 10, 0, 0, false});
  ASSERT_NE(find<sync_action::Finished>(done), nullptr);
  EXPECT_FALSE(find<sync_action::Finished>(done)->error);
}


TEST_F(SyncMachineTest, BundlesTravelAndTheSyncGoesOnWhileThereAreMore) {
  SyncMachine machine = started(once_);
  Outbox outbox = outbox_of(0, 0);
  outbox.bundles = {"bundle"};
  const auto id = send(machine, outbox);
  wire::SyncReply reply;
  reply.bundles.resize(2);
  const HttpReply two{200, std::string(wire::kContentType), wire::encode_sync_reply(reply)};
  SyncMachine other = started(once_);
  const auto other_id = send(other, outbox);
  EXPECT_EQ(find<sync_action::ApplyReply>(other.step(sync_event::HttpArrived{other_id, two, {}})), nullptr);
  reply.bundles.resize(1);
  const HttpReply one{200, std::string(wire::kContentType), wire::encode_sync_reply(reply)};
  EXPECT_NE(find<sync_action::ApplyReply>(machine.step(sync_event::HttpArrived{id, one, {}})), nullptr);
  EXPECT_NE(find<sync_action::LoadOutbox>(machine.step(sync_event::ReplyApplied{{}, 0, 0, 0, false, true})),
            nullptr);
  (void)send(machine, outbox_of(0, 0));
}

TEST_F(SyncMachineTest, StoreThatCannotCommitEndsTheSyncWithItsError) {
  SyncMachine machine = started(once_);
  const auto id = send(machine, outbox_of(1, 10));
  (void)machine.step(sync_event::HttpArrived{id, reply_of(1), {}});
  const auto actions =
      machine.step(sync_event::ReplyApplied{fail(ErrorCode::kDiskFull, "the phone is full"), 0, 0, 0, false});
  ASSERT_NE(find<sync_action::Finished>(actions), nullptr);
  EXPECT_EQ(find<sync_action::Finished>(actions)->error->code, ErrorCode::kDiskFull);
}

TEST_F(SyncMachineTest, WhatFindsNoRoomEndsTheSyncWithItsReasonWhenAllElseHasGone) {
  SyncMachine machine = started({"http://s", false, false});
  const auto id = send(machine, outbox_of(2, 20));
  machine.step(sync_event::HttpArrived{id, reply_of(2), {}});
  sync_event::ReplyApplied applied;
  applied.acknowledged = 10;
  applied.full = 1;
  // Nothing was moved but this: it must neither stop the rest nor go round for ever.
  auto actions = machine.step(applied);
  const auto* finished = find<sync_action::Finished>(actions);
  ASSERT_NE(finished, nullptr);
  ASSERT_TRUE(finished->error);
  EXPECT_EQ(finished->error->code, ErrorCode::kHeldFull);
  EXPECT_EQ(finished->progress.sent, 10u);
}

TEST_F(SyncMachineTest, WhatFindsNoRoomIsOfferedAgainByWhoKeepsTrying) {
  SyncMachine machine = started({"http://s", false, true});
  std::chrono::milliseconds last{0};
  for (int round = 0; round < 4; ++round) {
    const auto id = send(machine, outbox_of(1, 10));
    machine.step(sync_event::HttpArrived{id, reply_of(1), {}});
    sync_event::ReplyApplied applied;
    applied.full = 1;
    auto actions = machine.step(applied);
    if (find<sync_action::LoadOutbox>(actions) != nullptr) {
      // Once more without it, to see whether anything is left.
      const auto empty = send(machine, outbox_of(0, 0));
      machine.step(sync_event::HttpArrived{empty, reply_of(0), {}});
      actions = machine.step(sync_event::ReplyApplied{});
    }
    const auto* wait = find<sync_action::Wait>(actions);
    ASSERT_NE(wait, nullptr) << round;
    EXPECT_GE(wait->duration, last / 2);
    last = wait->duration;
    machine.step(sync_event::Woke{});
  }
}

}  // namespace
}  // namespace phusa::test
