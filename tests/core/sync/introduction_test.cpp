#include "tests/core/sync/machine_fixture.hpp"

namespace phusa::test {
namespace {

/// Introductions and what travels beside own batches.
class IntroductionTest : public SyncMachineTest {
 protected:
  static Outbox with_introduction(std::size_t batches) {
    Outbox outbox = outbox_of(batches, 10 * batches);
    outbox.introduction = wire::EnrolRequest{};
    outbox.introduction->name = "Lan";
    return outbox;
  }
  static HttpReply welcome() { return {200, std::string(wire::kContentType), wire::encode_enrol_reply({})}; }
  static HttpReply refusal(ErrorCode code, std::uint32_t status) {
    return {status, std::string(wire::kContentType), wire::encode_refusal({{code, "in doubt"}, 0})};
  }
  static std::string url_of(const std::vector<SyncAction>& actions) {
    const auto* sent = find<sync_action::SendHttp>(actions);
    return sent == nullptr ? "" : sent->request.url;
  }
  static bool is_push_only(const std::vector<SyncAction>& actions) {
    const auto* sent = find<sync_action::SendHttp>(actions);
    return sent != nullptr && wire::decode_sync_request(sent->request.body)->push_only;
  }
};

TEST_F(IntroductionTest, GoesFirstAndOnceThenTheSyncGoesOn) {
  SyncMachine machine = started(once_);
  auto actions = machine.step(sync_event::OutboxLoaded{with_introduction(1)});
  EXPECT_TRUE(url_of(actions).ends_with("/v1/enrol"));
  actions = machine.step(sync_event::HttpArrived{1, welcome(), {}});
  ASSERT_NE(find<sync_action::ApplyIntroduction>(actions), nullptr);
  EXPECT_NE(find<sync_action::LoadOutbox>(machine.step(sync_event::Introduced{})), nullptr);
  // Even where the store still has it: never twice in a sync.
  actions = machine.step(sync_event::OutboxLoaded{with_introduction(1)});
  EXPECT_TRUE(url_of(actions).ends_with("/v1/sync"));
  EXPECT_FALSE(is_push_only(actions));
  wire::SyncReply reply;
  reply.verdicts.resize(1);
  reply.introduce = true;
  (void)machine.step(
      sync_event::HttpArrived{2, {200, std::string(wire::kContentType), wire::encode_sync_reply(reply)}, {}});
  actions = machine.step(sync_event::ReplyApplied{{}, 10, 0, 0, false});
  ASSERT_NE(find<sync_action::Finished>(actions), nullptr);
  EXPECT_FALSE(find<sync_action::Finished>(actions)->error);
}

TEST_F(IntroductionTest, OnlyWhoIsReadToAsksForTheBeginning) {
  for (const bool push_only : {true, false}) {
    SyncOptions options = once_;
    options.push_only = push_only;
    SyncMachine machine = started(options);
    Outbox outbox = outbox_of(1, 10);
    outbox.cursor = wire::kCursorOfNothing;
    const auto actions = machine.step(sync_event::OutboxLoaded{outbox});
    const auto* sent = find<sync_action::SendHttp>(actions);
    ASSERT_NE(sent, nullptr);
    EXPECT_EQ(wire::decode_sync_request(sent->request.body)->cursor, push_only ? Bytes() : outbox.cursor);
  }
}

TEST_F(IntroductionTest, AServerInDoubtGetsTheBatchesAndTheSyncSaysWhy) {
  SyncMachine machine = started(patient_);
  (void)machine.step(sync_event::OutboxLoaded{with_introduction(1)});
  EXPECT_NE(find<sync_action::LoadOutbox>(
                machine.step(sync_event::HttpArrived{1, refusal(ErrorCode::kForbidden, 403), {}})),
            nullptr);
  auto actions = machine.step(sync_event::OutboxLoaded{with_introduction(1)});
  EXPECT_TRUE(url_of(actions).ends_with("/v1/sync"));
  EXPECT_TRUE(is_push_only(actions));
  (void)machine.step(sync_event::HttpArrived{2, reply_of(1), {}});
  actions = machine.step(sync_event::ReplyApplied{{}, 10, 10, 0, false});
  const auto* finished = find<sync_action::Finished>(actions);
  ASSERT_NE(finished, nullptr);
  EXPECT_FALSE(finished->error);
  ASSERT_TRUE(finished->note);
  EXPECT_EQ(finished->note->code, ErrorCode::kForbidden);
}

TEST_F(IntroductionTest, WithNothingToBringTheRefusalIsTheOutcome) {
  SyncMachine machine = started(once_);
  (void)machine.step(sync_event::OutboxLoaded{with_introduction(0)});
  (void)machine.step(sync_event::HttpArrived{1, refusal(ErrorCode::kForbidden, 403), {}});
  auto actions = machine.step(sync_event::OutboxLoaded{with_introduction(0)});
  EXPECT_TRUE(url_of(actions).ends_with("/v1/sync")) << "the server may have been restored, and says it here";
  (void)machine.step(sync_event::HttpArrived{2, reply_of(0), {}});
  actions = machine.step(sync_event::ReplyApplied{});
  ASSERT_NE(find<sync_action::Finished>(actions), nullptr);
  EXPECT_EQ(find<sync_action::Finished>(actions)->error->code, ErrorCode::kForbidden);
}

TEST_F(IntroductionTest, WhoIsInDoubtOffersAgainWhatARestoredServerLost) {
  SyncMachine machine = started(once_);
  (void)machine.step(sync_event::OutboxLoaded{with_introduction(0)});
  (void)machine.step(sync_event::HttpArrived{1, refusal(ErrorCode::kForbidden, 403), {}});
  (void)machine.step(sync_event::OutboxLoaded{with_introduction(0)});
  (void)machine.step(sync_event::HttpArrived{2, reply_of(0), {}});
  sync_event::ReplyApplied told;
  told.more_to_send = true;
  EXPECT_NE(find<sync_action::LoadOutbox>(machine.step(told)), nullptr);
  (void)machine.step(sync_event::OutboxLoaded{with_introduction(1)});
  (void)machine.step(sync_event::HttpArrived{3, reply_of(1), {}});
  const auto actions = machine.step(sync_event::ReplyApplied{{}, 10, 10, 0, false});
  ASSERT_NE(find<sync_action::Finished>(actions), nullptr);
  EXPECT_FALSE(find<sync_action::Finished>(actions)->error);
}

TEST_F(IntroductionTest, ABusyServerIsAskedAgainLater) {
  SyncMachine machine = started(patient_);
  (void)machine.step(sync_event::OutboxLoaded{with_introduction(1)});
  const auto actions = machine.step(sync_event::HttpArrived{1, refusal(ErrorCode::kUnavailable, 503), {}});
  EXPECT_NE(find<sync_action::Wait>(actions), nullptr);
}

TEST_F(IntroductionTest, AServerThatForgotThisDeviceIsToldAgainInTheSameSync) {
  SyncMachine machine = started(once_);
  auto id = send(machine, outbox_of(1, 10));
  wire::SyncReply reply;
  reply.verdicts.resize(1);
  reply.introduce = true;
  (void)machine.step(sync_event::HttpArrived{
      id, {200, std::string(wire::kContentType), wire::encode_sync_reply(reply)}, {}});
  EXPECT_NE(find<sync_action::LoadOutbox>(machine.step(sync_event::ReplyApplied{{}, 10, 0, 0, false})),
            nullptr);
  EXPECT_TRUE(url_of(machine.step(sync_event::OutboxLoaded{with_introduction(0)})).ends_with("/v1/enrol"));
}

TEST_F(SyncMachineTest, AServerThatNeverStopsStartingOverIsLeft) {
  SyncMachine machine = started(once_);
  wire::SyncReply reply;
  reply.reset = true;
  const HttpReply again{200, std::string(wire::kContentType), wire::encode_sync_reply(reply)};
  for (int times = 0; times < 20 && !machine.is_finished(); ++times) {
    const auto id = send(machine, outbox_of(0, 0));
    if (find<sync_action::ApplyReply>(machine.step(sync_event::HttpArrived{id, again, {}})) == nullptr) break;
    (void)machine.step(sync_event::ReplyApplied{{}, 0, 0, 0, false, true});
  }
  EXPECT_TRUE(machine.is_finished());
}

TEST_F(SyncMachineTest, ARevokedPhoneDeliversAllItHasAndThenSaysSo) {
  SyncMachine machine = started({"http://s", false, true});
  const auto first = send(machine, outbox_of(1, 20));
  machine.step(sync_event::HttpArrived{first, reply_of(1), {}});
  sync_event::ReplyApplied applied;
  applied.acknowledged = 10;
  applied.revoked = true;
  EXPECT_NE(find<sync_action::LoadOutbox>(machine.step(applied)), nullptr);
  const auto second = send(machine, outbox_of(1, 10));
  machine.step(sync_event::HttpArrived{second, reply_of(1), {}});
  const auto actions = machine.step(applied);
  const auto* finished = find<sync_action::Finished>(actions);
  ASSERT_NE(finished, nullptr);
  EXPECT_EQ(finished->error->code, ErrorCode::kRevoked);
  EXPECT_EQ(finished->progress.sent, 20u);
}

}  // namespace
}  // namespace phusa::test
