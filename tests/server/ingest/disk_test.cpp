#include "tests/sim/sim_disk.hpp"
#include "tests/support/phone_fixture.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace phusa::test {
namespace {

/// Phones that sync all at once with a server whose disk gives out and comes back.
class DiskTest : public ::testing::TestWithParam<bool> {
 protected:
  static constexpr std::size_t kPhones = 6;

  DiskTest() {
    server_.emplace(disk_.path("ledger.sqlite"));
    twin_.emplace();
    for (std::size_t i = 0; i < kPhones; ++i) {
      phones_.emplace_back(i + 1, Rank::kVolunteer, "a");
      server_->enrol(phones_.back());
      twin_->enrol(phones_.back());
    }
    for (FakePhone& phone : phones_) {
      for (int i = 0; i < 40; ++i) {
        LogContent content;
        content.values[0] = {i + 1, Qualifier::kExact};
        content.note = std::string(200, 'x');
        phone.log(content);
      }
      phone.seal();
    }
  }
  ~DiskTest() override {
    server_.reset();
    twin_.reset();
  }

  void fail_writes() { GetParam() ? disk_.fill_up(4096) : disk_.break_io(sim::SimDisk::Io::kWrite); }
  void go_on() { disk_.heal(); }

  /// Every phone's request at once; the codes of what came back, kInternal standing for a good answer.
  std::vector<std::optional<ErrorCode>> sync_all() {
    std::vector<std::optional<ErrorCode>> out(kPhones);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kPhones; ++i) {
      threads.emplace_back([&, i] {
        const auto answered = phones_[i].exchange(server_->engine());
        if (!answered) out[i] = answered.error().code;
      });
    }
    for (std::thread& thread : threads) thread.join();
    return out;
  }

  FolderInMemory folder_;              // for the lock file
  sim::SimDisk disk_{folder_.path()};  // lives longer than the files
  std::optional<TestServer> server_;
  std::optional<TestServer> twin_;
  std::vector<FakePhone> phones_;
};

TEST_P(DiskTest, EveryWaitingRequestIsToldToComeAgainAndNothingIsHalfDone) {
  const auto before = server_->conclusions();
  // A new day, so that the failing transaction also holds an entry that changes what the server knows.
  const Day next_day = Day(std::chrono::year(2026) / 3 / 16);
  server_->clock().set(next_day);
  fail_writes();
  for (const auto& code : sync_all()) {
    ASSERT_TRUE(code.has_value());
    EXPECT_TRUE(is_retryable(*code)) << error_name(*code);
  }
  EXPECT_EQ(server_->conclusions(), before);
  for (const FakePhone& phone : phones_) EXPECT_FALSE(phone.sealed.at(0).received);
  EXPECT_FALSE(server_->engine().note_day().has_value());

  go_on();
  for (const auto& code : sync_all()) EXPECT_FALSE(code.has_value()) << error_name(*code);
  twin_->clock().set(next_day);
  for (FakePhone& phone : phones_) {
    ASSERT_TRUE(phone.sealed.at(0).received);
    twin_->deliver(phone.key(), {phone.sealed[0].whole});
  }
  EXPECT_EQ(server_->conclusions(), twin_->conclusions());
  EXPECT_EQ(server_->verify().differences, std::vector<std::string>{});
  server_->restart();
  EXPECT_EQ(server_->conclusions(), twin_->conclusions());
}

TEST_P(DiskTest, ReadingGoesOnWhenWritingCannot) {
  for (const auto& code : sync_all()) EXPECT_FALSE(code.has_value());
  FakePhone office(50, Rank::kOffice, "root");
  server_->enrol(office);
  server_->clock().set(Day(std::chrono::year(2026) / 3 / 20));
  fail_writes();
  const auto read = office.sync(server_->engine());
  EXPECT_TRUE(read.has_value()) << read.error().context;
  EXPECT_EQ(office.base.size(), kPhones * 40);
  go_on();
}

INSTANTIATE_TEST_SUITE_P(FullOrBroken, DiskTest, ::testing::Bool(),
                         [](const auto& disk) { return disk.param ? "Full" : "Broken"; });

}  // namespace
}  // namespace phusa::test
