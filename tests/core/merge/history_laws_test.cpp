#include "core/merge/state_codec.hpp"
#include "tests/core/merge/random_states.hpp"
#include "tests/core/merge/world.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <random>

namespace phusa::merge {
namespace {

using namespace test;

World any_finished_world() {
  World world(*rc::gen::arbitrary<bool>());
  world.play(*any_history());
  world.finish();
  return world;
}

std::vector<VersionName> held_names(const Server& server) {
  std::vector<VersionName> out;
  for (const SealedChange& change : server.held) {
    for (const FieldEdit& edit : change.change.edits) out.push_back(name_of(edit.field, edit.node.version));
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

void deliver_shuffled(Server& server, std::vector<SealedChange> changes, std::mt19937_64& random) {
  for (std::size_t i = changes.size(); i > 0; --i) {
    if (random() % 3 == 0) changes.push_back(changes[random() % i]);
  }
  std::shuffle(changes.begin(), changes.end(), random);
  for (const SealedChange& change : changes) server.receive(change);
}

RC_GTEST_PROP(HistoryLaws, NoHonestChangeEndsHeld, ()) {
  for (int i = 0; i < 4; ++i) RC_ASSERT(any_finished_world().server.held.empty());
}

// Law 4.
RC_GTEST_PROP(HistoryLaws, AnyOrderGroupingAndRepetitionOfArrivalGivesTheSameRecords, (std::uint64_t seed)) {
  const World world = any_finished_world();
  std::mt19937_64 random(seed);
  Server shuffled;
  deliver_shuffled(shuffled, world.sealed, random);
  RC_ASSERT(shuffled.held.empty());
  RC_ASSERT(shuffled.state == world.server.state);

  Server left, right;
  std::vector<SealedChange> halves[2];
  for (const SealedChange& change : world.sealed) halves[random() % 2].push_back(change);
  deliver_shuffled(left, halves[0], random);
  deliver_shuffled(right, halves[1], random);
  left.absorb(right);
  RC_ASSERT(left.held.empty());
  RC_ASSERT(left.state == world.server.state);
  RC_ASSERT(encode_state(left.state) == encode_state(world.server.state));
}

// Laws 4 and 7: what stays held for want of what never came is the same set in any order, too.
RC_GTEST_PROP(HistoryLaws, WhatIsHeldWhileChangesAreMissingDoesNotDependOnTheOrder, (std::uint64_t seed)) {
  const World world = any_finished_world();
  std::mt19937_64 random(seed);
  std::vector<SealedChange> arrived;
  for (const SealedChange& change : world.sealed) {
    if (random() % 4 != 0) arrived.push_back(change);
  }
  Server first, second;
  deliver_shuffled(first, arrived, random);
  deliver_shuffled(second, arrived, random);
  RC_ASSERT(first.state == second.state);
  RC_ASSERT(held_names(first) == held_names(second));
  deliver_shuffled(first, world.sealed, random);
  RC_ASSERT(first.held.empty());
  RC_ASSERT(first.state == world.server.state);
}

RC_GTEST_PROP(HistoryLaws, AnEditBeatsEverythingItsAuthorSaw, ()) {
  for (int i = 0; i < 4; ++i) {
    for (const SealedChange& change : any_finished_world().sealed) {
      for (const SealedEdit& edit : change.edits) RC_ASSERT(edit.node.version.counts > edit.greatest_seen);
    }
  }
}

RC_GTEST_PROP(HistoryLaws, AnEditReplacesAllThatItsAuthorOverwroteAndNothingUnseen, ()) {
  for (int i = 0; i < 4; ++i) {
    for (const SealedChange& change : any_finished_world().sealed) {
      for (const SealedEdit& edit : change.edits) {
        const auto& names = edit.node.names;
        RC_ASSERT(std::is_sorted(names.begin(), names.end()));
        RC_ASSERT(
            std::includes(names.begin(), names.end(), edit.overwritten.begin(), edit.overwritten.end()));
        RC_ASSERT(std::includes(edit.seen.begin(), edit.seen.end(), names.begin(), names.end()));
      }
    }
  }
}

RC_GTEST_PROP(HistoryLaws, NoEditIsLostInSilence, ()) {
  const World world = any_finished_world();
  for (const SealedChange& change : world.sealed) {
    for (const SealedEdit& edit : change.edits) {
      const Register* reg = world.server.state.find(edit.field);
      RC_ASSERT(reg != nullptr);
      const Node& won = reg->nodes.front();
      if (won.version == edit.node.version) continue;
      // Replaced: by someone who had seen it, not by the mere word of a name.
      const VersionName name = name_of(edit.field, edit.node.version);
      const bool replaced_knowingly =
          std::any_of(world.sealed.begin(), world.sealed.end(), [&](const SealedChange& other) {
            return std::any_of(other.edits.begin(), other.edits.end(), [&](const SealedEdit& by) {
              return by.field == edit.field && by.seen.contains(name) &&
                     std::binary_search(by.node.names.begin(), by.node.names.end(), name);
            });
          });
      const bool says_the_same = edit.field.is_personal() ? won.text == edit.node.text
                                                          : won.version.value == edit.node.version.value;
      const auto shown = conflicts(*reg);
      const bool is_conflict = std::any_of(
          shown.begin(), shown.end(), [&](const Node* node) { return node->version == edit.node.version; });
      RC_ASSERT(replaced_knowingly || says_the_same || is_conflict);
    }
  }
}

RC_GTEST_PROP(HistoryLaws, ConflictsAreAtMostOnePerPhoneThatRemembersItsLastEdit, ()) {
  World world(true);
  world.play(*any_history());
  world.finish();
  for (const Register& reg : world.server.state.registers) {
    auto left = world.phones_by_device();
    --left[reg.nodes.front().version.device];  // whoever won has no conflict to show beside it
    for (const Node* lost : conflicts(reg)) RC_ASSERT(left[lost->version.device]-- > 0u);
  }
}

RC_GTEST_PROP(HistoryLaws, EveryPhoneShowsTheWinnerOnceAllHasArrived, ()) {
  for (int i = 0; i < 4; ++i) RC_ASSERT(any_finished_world().all_phones_show_the_winner());
}

// Law 8.
RC_GTEST_PROP(HistoryLaws, ClocksDecideNothing, (std::uint64_t seed)) {
  const World world = any_finished_world();
  std::mt19937_64 random(seed);
  Server forged;
  for (SealedChange change : world.sealed) {
    change.change.logged_at = WallTime(std::chrono::seconds(static_cast<std::int64_t>(random())));
    forged.receive(change);
  }
  RC_ASSERT(forged.held.empty());
  RC_ASSERT(forged.state.registers == world.server.state.registers);
  RC_ASSERT(content_digest(forged.state) == content_digest(world.server.state));
}

}  // namespace
}  // namespace phusa::merge
