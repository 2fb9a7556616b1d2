#include "core/store/store.hpp"
#include "tests/sim/sim_disk.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

namespace phusa::store {
namespace {

using sim::Crash;
using sim::SimDisk;

/// A program dies at each write and sync of a commit, somebody opens the file and looks, and then the power
/// goes: what was looked at may not be gone.
class DeadProcess : public ::testing::TestWithParam<bool> {
 protected:
  std::unique_ptr<Store> open(bool read_only) {
    auto store =
        Store::open({disk_.path("phone"), read_only, [](std::chrono::milliseconds) { return false; }});
    EXPECT_TRUE(store) << store.error().context;
    return store ? std::move(*store) : nullptr;
  }
  static Result<void> put(Store& store, std::string_view value) {
    PHUSA_ASSIGN(auto transaction, store.begin_write());
    PHUSA_TRY(store.put("shown", value));
    return transaction.commit();
  }

  test::TemporaryFolder folder_;  // for the lock file
  SimDisk disk_{folder_.path()};
};

TEST_P(DeadProcess, LeavesNothingThatIsShownAndThenGone) {
  ASSERT_TRUE(put(*open(false), "before"));
  const SimDisk::Image start = disk_.image();
  std::size_t shown_unreported = 0;
  for (std::uint64_t at = 1;; ++at) {
    disk_.put_back(start);
    auto store = open(false);
    disk_.crash_at(at, Crash::kProcessDies);
    const bool reported = put(*store, "after").has_value();
    const bool died = disk_.is_dead();
    disk_.crash_now(Crash::kProcessDies);
    store.reset();
    sim::Dice dice(at);
    disk_.recover(dice);

    store = open(GetParam());
    ASSERT_TRUE(store);
    const auto seen = store->get("shown");
    ASSERT_TRUE(seen && *seen);
    shown_unreported += !reported && **seen == "after" ? 1 : 0;
    disk_.crash_now(Crash::kPowerLoss);
    store.reset();
    disk_.recover_what_was_synced();

    store = open(false);
    ASSERT_TRUE(store);
    EXPECT_EQ(*store->get("shown"), *seen) << "the program died at write or sync " << at;
    if (!died) break;
  }
  EXPECT_GT(shown_unreported, 0u);
}

INSTANTIATE_TEST_SUITE_P(SomebodyLooks, DeadProcess, ::testing::Bool(),
                         [](const auto& how) { return how.param ? "ForReadingOnly" : "AndMayWrite"; });

}  // namespace
}  // namespace phusa::store
