#include "core/base/limits.hpp"
#include "tests/core/client/office.hpp"
#include "tests/sim/sim_disk.hpp"

#include <gtest/gtest.h>

#include <set>

namespace phusa::test {
namespace {

using sim::SimDisk;

/// A phone with batches that were sealed one over the other, and work that is not sealed yet.
class FaultInASync : public ::testing::TestWithParam<SimDisk::Io> {
 protected:
  FaultInASync() {
    auto phone = open();
    office_.join(*phone);
    log(*phone, 10, "the first");
    log(*phone, 20, "");
    seal(*phone);
    edit(*phone, 0, 11);  // what the first batch holds is nowhere else from now on
    seal(*phone);
    edit(*phone, 0, 12);
    log(*phone, 30, "the last");
    phone.reset();
    start_ = disk_.image();
  }

  std::unique_ptr<Phone> open() { return open_phone(disk_.path("phone"), clock_, random_); }
  void log(Phone& phone, std::int64_t figure, const std::string& note) {
    const Draft draft = trees(figure, note);
    const auto ids = phone.log({&draft, 1});
    ASSERT_TRUE(ids);
    ids_.push_back(ids->front());
  }
  void edit(Phone& phone, std::size_t which, std::int64_t figure) {
    ASSERT_TRUE(phone.edit(ids_[which], {trees_value(figure)}));
  }
  static Result<Phone::Loaded> load(Phone& phone) {
    return phone.load_outbox(limits::kRequestTargetBytes, limits::kBatchesPerRequestMax);
  }
  static void seal(Phone& phone) { ASSERT_TRUE(load(phone)); }
  static Result<void> sync(Phone& phone, Office& office) {
    PHUSA_ASSIGN(const auto loaded, load(phone));
    PHUSA_TRY(phone.apply_reply(office.take(loaded, phone.identity().key.public_key), loaded));
    return {};
  }

  TemporaryFolder folder_;  // for the lock file
  SimDisk disk_{folder_.path()};
  FixedClock clock_;
  SeededRandom random_{11};
  Office office_;
  std::vector<RecordId> ids_;
  SimDisk::Image start_;
};

TEST_P(FaultInASync, SealsNothingAgainAndTheNextSyncDeliversEveryVersion) {
  std::set<Hash> first_two;
  std::uint64_t failed = 0;
  for (std::uint64_t n = 0;; ++n) {
    disk_.put_back(start_);
    Office office = office_;
    auto phone = open();
    disk_.took_a_fault();
    if (n != 0) disk_.fail_io(GetParam(), n);
    const auto done = sync(*phone, office);
    const bool met = disk_.took_a_fault();
    disk_.heal();
    if (!done) {
      ++failed;
      EXPECT_TRUE(met) << done.error().context;
      EXPECT_EQ(done.error().code, ErrorCode::kIo) << "fault " << n << ": " << done.error().context;
    }
    const auto again = sync(*phone, office);
    ASSERT_TRUE(again) << "fault " << n << ": " << again.error().context;
    EXPECT_EQ(office.batches.size(), 3u) << "fault " << n;
    for (const auto& [hash, point] : office.batches) {
      if (n == 0 && point.position <= 2) first_two.insert(hash);
    }
    for (const Hash& hash : first_two) EXPECT_TRUE(office.batches.contains(hash)) << "fault " << n;
    const std::int64_t figures[] = {12, 20, 30};
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      EXPECT_EQ(shown_trees(*phone, ids_[i]), figures[i]) << "fault " << n;
      EXPECT_NE(stage(*phone, ids_[i]), Stage::kSaved) << "fault " << n;
    }
    if (n != 0 && !met) break;
  }
  EXPECT_EQ(first_two.size(), 2u);
  EXPECT_GT(failed, 0u);
}

INSTANTIATE_TEST_SUITE_P(Of, FaultInASync,
                         ::testing::Values(SimDisk::Io::kRead, SimDisk::Io::kWrite, SimDisk::Io::kSync),
                         [](const auto& io) -> std::string {
                           if (io.param == SimDisk::Io::kRead) return "ARead";
                           return io.param == SimDisk::Io::kWrite ? "AWrite" : "ASync";
                         });

}  // namespace
}  // namespace phusa::test
