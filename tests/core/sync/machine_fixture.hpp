#pragma once

#include "core/sync/machine.hpp"

#include <gtest/gtest.h>

namespace phusa::test {
class CountingRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) byte = next_++;
  }

 private:
  std::uint8_t next_ = 0;
};

inline Outbox outbox_of(std::size_t batches, std::uint64_t changes_left) {
  Outbox outbox;
  outbox.token = Bytes(32, 't');
  for (std::size_t i = 0; i < batches; ++i) {
    SealedBatch batch;
    batch.header.number = static_cast<std::uint32_t>(i + 1);
    batch.header.changes = 10;
    batch.facts = "facts";
    outbox.batches.push_back({wire::encode_batch(batch), {}, 10});
  }
  outbox.changes_left = changes_left;
  return outbox;
}

inline HttpReply reply_of(std::size_t verdicts, bool more = false) {
  wire::SyncReply reply;
  reply.verdicts.resize(verdicts);
  for (std::size_t i = 0; i < verdicts; ++i) reply.verdicts[i].point.position = i + 1;
  reply.more = more;
  return {200, std::string(wire::kContentType), wire::encode_sync_reply(reply)};
}

template <class Action>
const Action* find(const std::vector<SyncAction>& actions) {
  for (const SyncAction& action : actions) {
    if (const auto* found = std::get_if<Action>(&action)) return found;
  }
  return nullptr;
}

class SyncMachineTest : public ::testing::Test {
 protected:
  /// Steps to the request; returns its id.
  std::uint64_t send(SyncMachine& machine, Outbox outbox) {
    const auto actions = machine.step(sync_event::OutboxLoaded{std::move(outbox)});
    const auto* sent = find<sync_action::SendHttp>(actions);
    EXPECT_NE(sent, nullptr);
    return sent == nullptr ? 0 : sent->request.id;
  }
  SyncMachine started(SyncOptions options) {
    SyncMachine machine(std::move(options), random_);
    EXPECT_NE(find<sync_action::LoadOutbox>(machine.step(sync_event::Start{})), nullptr);
    return machine;
  }

  CountingRandom random_;
  SyncOptions once_{"http://127.0.0.1:1", false, false};
  SyncOptions patient_{"http://127.0.0.1:1", false, true};
};

}  // namespace phusa::test
