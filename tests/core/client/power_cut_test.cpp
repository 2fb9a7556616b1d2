#include "core/base/limits.hpp"
#include "core/client/hand_over.hpp"
#include "core/client/leaving.hpp"
#include "core/merge/merge.hpp"
#include "tests/core/client/office.hpp"
#include "tests/sim/sim_disk.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>

namespace phusa::test {
namespace {

/// What a phone may do, one after another; what it said of each record.
struct Script {
  Phone& phone;
  Office& office;
  std::map<RecordId, std::int64_t> said;                        ///< the last figure it reported as saved
  std::optional<std::pair<RecordId, std::int64_t>> doing = {};  ///< an edit that was not reported
  bool has_file = false;     ///< somebody may have a file
  bool handed_over = false;  ///< a file was given away since the last exchange

  /// False when the power went.
  bool step(unsigned what, std::int64_t figure) {
    doing.reset();
    switch (what % 5) {
      case 0: {
        const Draft draft = trees(figure, figure % 2 == 0 ? "a note" : "");
        const auto ids = phone.log({&draft, 1});
        if (ids) said[ids->front()] = figure;
        return ids.has_value();
      }
      case 1: {
        if (said.empty()) return true;
        const auto at = std::next(
            said.begin(), static_cast<std::ptrdiff_t>(figure % static_cast<std::int64_t>(said.size())));
        doing = {at->first, figure};
        if (!phone.edit(at->first, {trees_value(figure)})) return false;
        at->second = figure;
        return true;
      }
      case 2:
        return phone.load_outbox(limits::kRequestTargetBytes, 64).has_value();
      case 3: {
        const auto given = HandOver(phone).give(false);
        if (!given) return false;
        has_file = true;
        if (!HandOver(phone).note_given(given->contents)) return false;
        handed_over |= given->changes > 0;
        return true;
      }
      default: {
        handed_over = false;
        const auto loaded = phone.load_outbox(limits::kRequestTargetBytes, 64);
        if (!loaded) return false;
        const auto reply = office.take(*loaded, phone.identity().key.public_key,
                                       figure % 2 == 0 ? Office::Echo::kPage : Office::Echo::kSettled);
        return phone.apply_reply(reply, *loaded).has_value();
      }
    }
  }

  std::string missing_in(Phone& again) const {
    for (const auto& [id, figure] : said) {
      const auto layers = again.layers(id);
      if (!layers) return "a record is lost: " + layers.error().context;
      const auto amount =
          value::amount(merge::winning_value(displayed(*layers), FieldKey::value_of(IndicatorNo{0})));
      const bool in_flight = doing && doing->first == id && amount && amount->value == doing->second;
      if (!in_flight && (!amount || amount->value != figure)) return "an edit is lost";
    }
    if (!has_file && again.sync_state()->oldest_handed_at) return "handed over, and there is no file";
    if (handed_over && !again.sync_state()->oldest_handed_at) return "a file that was given is forgotten";
    return {};
  }
};

struct Played {
  std::uint64_t mutations = 0;  ///< writes and syncs of the steps
  std::string lost;
};

/// What a power cut leaves of writes that were not synced: nothing for 0, else what dice of that seed say.
void bring_back(sim::SimDisk& disk, std::uint64_t fate) {
  sim::Dice dice(fate);
  fate == 0 ? disk.recover_what_was_synced() : disk.recover(dice);
}

/// Plays the steps, with the power cut at write or sync `cut` (0: after the last step), and looks at what a
/// reopened store has.
Played play(const std::vector<std::pair<unsigned, std::int64_t>>& steps, std::uint64_t cut,
            std::uint64_t fate = 0, bool syncs_lie = false) {
  TemporaryFolder folder;
  FixedClock clock;
  SeededRandom random(11);
  Office office;
  sim::SimDisk disk(folder.path());
  auto phone = open_phone(disk.path("phone"), clock, random);
  office.join(*phone);
  if (syncs_lie) disk.ignore_syncs();
  const std::uint64_t before = disk.mutations();
  if (cut != 0) disk.crash_at(cut, sim::Crash::kPowerLoss);
  Script script{*phone, office, {}};
  for (const auto& [what, figure] : steps) {
    if (!script.step(what, figure)) break;
    script.doing.reset();
  }
  Played run;
  run.mutations = disk.mutations() - before;
  disk.crash_now(sim::Crash::kPowerLoss);  // closing writes no more: what counts is what was synced by now
  phone.reset();
  bring_back(disk, fate);
  phone = open_phone(disk.path("phone"), clock, random);
  if (!phone) {
    run.lost = "the store cannot be opened";
    return run;
  }
  run.lost = script.missing_in(*phone);
  return run;
}

TEST(PowerCut, EverythingReportedAsSavedIsThereWhereverThePowerGoes) {
  EXPECT_TRUE(rc::check([] {
    const auto steps = *rc::gen::resize(
        12, rc::gen::nonEmpty(rc::gen::container<std::vector<std::pair<unsigned, std::int64_t>>>(
                rc::gen::pair(rc::gen::inRange(0u, 10u), rc::gen::inRange<std::int64_t>(1, 1000)))));
    const Played whole = play(steps, 0);
    RC_ASSERT(whole.lost == std::string());
    const auto cut = *rc::gen::inRange<std::uint64_t>(1, whole.mutations + 2);
    const auto fate = *rc::gen::inRange<std::uint64_t>(0, 1000);
    RC_ASSERT(play(steps, cut, fate).lost == std::string());
  }));
}

TEST(PowerCut, AtEachWriteAndSyncOfAFixedScript) {
  const std::vector<std::pair<unsigned, std::int64_t>> steps{{0, 10}, {0, 20}, {1, 30}, {2, 1}, {1, 41},
                                                             {4, 2},  {0, 50}, {1, 60}, {3, 1}, {4, 3},
                                                             {1, 71}, {0, 80}, {3, 1}};
  const std::uint64_t mutations = play(steps, 0).mutations;
  EXPECT_GE(mutations, 20u);
  for (std::uint64_t cut = 1; cut <= mutations; ++cut) {
    EXPECT_EQ(play(steps, cut).lost, "") << "cut at write or sync " << cut;
    EXPECT_EQ(play(steps, cut, cut).lost, "") << "cut at write or sync " << cut << ", some of it kept";
  }
}

// The same as a store with synchronous=OFF: commits are reported and nothing reaches the disk.
TEST(PowerCut, SyncsThatDoNothingAreFoundOut) {
  const std::vector<std::pair<unsigned, std::int64_t>> steps{{0, 10}, {0, 20}, {1, 30}};
  EXPECT_NE(play(steps, 0, 0, true).lost, "");
}

TEST(PowerCut, LeavingIsWholeOrNotAtAll) {
  std::uint64_t gone = 0;
  for (std::uint64_t cut = 1;; ++cut) {
    TemporaryFolder folder;
    FixedClock clock;
    SeededRandom random(11);
    Office office;
    sim::SimDisk disk(folder.path());
    auto phone = open_phone(disk.path("phone"), clock, random);
    office.join(*phone);
    const Draft draft = trees(10, "a note");
    const auto ids = phone->log({&draft, 1});
    ASSERT_TRUE(ids);
    const DeviceId before = phone->identity().device;
    disk.crash_at(cut, sim::Crash::kPowerLoss);
    const bool said = Leaving(*phone).leave(true).has_value();
    const bool was_cut = disk.is_dead();
    disk.crash_now(sim::Crash::kPowerLoss);
    phone.reset();
    bring_back(disk, cut % 2 == 0 ? 0 : cut);
    phone = open_phone(disk.path("phone"), clock, random);
    ASSERT_TRUE(phone);
    if (phone->identity().is_joined) {
      EXPECT_FALSE(said) << "cut at write or sync " << cut;
      EXPECT_EQ(shown_trees(*phone, ids->front()), 10);
    } else {
      ++gone;
      EXPECT_FALSE(phone->layers(ids->front()));
      EXPECT_NE(phone->identity().device, before);
    }
    if (!was_cut) break;
  }
  EXPECT_GT(gone, 1u);
}

TEST(DiskFull, IsSaidClearlyAndNothingSavedIsLost) {
  TemporaryFolder folder;
  FixedClock clock;
  SeededRandom random(12);
  Office office;
  sim::SimDisk disk(folder.path());
  auto phone = open_phone(disk.path("phone"), clock, random);
  office.join(*phone);
  disk.fill_up(80'000);
  std::vector<RecordId> saved;
  std::optional<Error> error;
  for (int i = 0; i < 500 && !error; ++i) {
    const Draft draft = trees(i + 1, std::string(500, 'x'));
    const auto ids = phone->log({&draft, 1});
    if (ids)
      saved.push_back(ids->front());
    else
      error = ids.error();
  }
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::kDiskFull) << error->context;
  ASSERT_FALSE(saved.empty());
  for (std::size_t i = 0; i < saved.size(); ++i)
    EXPECT_EQ(shown_trees(*phone, saved[i]), static_cast<std::int64_t>(i + 1));
  disk.heal();
  const Draft draft = trees(7);
  EXPECT_TRUE(phone->log({&draft, 1})) << "with room again it goes on";
}

}  // namespace
}  // namespace phusa::test
