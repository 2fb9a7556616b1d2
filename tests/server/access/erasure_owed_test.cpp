#include "sync-server/access/persons.hpp"
#include "tests/server/access/enrolment_fixture.hpp"

#include <fstream>

namespace phusa::access {
namespace {

/// A ledger on a disk with no room for the second copy of the file that writing it anew takes.
class WithoutRoomToCompact : public ledger::Ledger {
 public:
  explicit WithoutRoomToCompact(ledger::Ledger& ledger) : ledger_(ledger) {}
  Result<std::unique_ptr<ledger::Transaction>> begin_write() override { return ledger_.begin_write(); }
  Result<std::unique_ptr<ledger::Snapshot>> begin_read() override { return ledger_.begin_read(); }
  Result<void> compact() override { return fail(ErrorCode::kIo, "no space left on the disk"); }
  Result<void> copy_to(const std::string& path,
                       const std::function<void(std::uint64_t, std::uint64_t)>& progress) override {
    return ledger_.copy_to(path, progress);
  }

 private:
  ledger::Ledger& ledger_;
};

/// An erasure that ended after its transaction and before the file was written anew.
class OwedErasure : public EnrolmentTest {
 protected:
  void SetUp() override {
    EnrolmentTest::SetUp();
    const Phone phone = new_phone();
    ASSERT_TRUE(redeem(request(phone, ticket())));
    ASSERT_TRUE(is_name_in_files());
    WithoutRoomToCompact full(*ledger_);
    const auto erased = erase_person(*engine_, full, folder_.path(), device_id_of(phone.key.public_key));
    ASSERT_FALSE(erased);
    EXPECT_EQ(erased.error().code, ErrorCode::kIo);
  }
  bool is_name_in_files() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      if (bytes.find("Nguyễn Văn A") != std::string::npos) return true;
    }
    return false;
  }
  Result<ingest::Erased> open_again() {
    PHUSA_ASSIGN(const ErasureList list, load_erasure_list(folder_.path()));
    return erase_again(*engine_, *ledger_, list);
  }
};

TEST_F(OwedErasure, IsFinishedAtTheNextOpening) {
  ASSERT_TRUE(is_name_in_files()) << "nothing is owed, and this tests nothing";
  ASSERT_TRUE(open_again());
  EXPECT_FALSE(is_name_in_files());
}

TEST_F(OwedErasure, BarsNoOpeningWhileThereIsNoRoomAndIsFinishedWhenThereIs) {
  WithoutRoomToCompact full(*ledger_);
  for (int opening = 0; opening < 2; ++opening) {
    const auto again = erase_again(*engine_, full, *load_erasure_list(folder_.path()));
    ASSERT_TRUE(again) << again.error().context;
    ASSERT_TRUE(again->compaction_owed) << "and nobody is told";
    EXPECT_EQ(again->compaction_owed->context, "no space left on the disk");
  }
  EXPECT_TRUE(is_name_in_files());
  const auto finished = open_again();
  ASSERT_TRUE(finished);
  EXPECT_FALSE(finished->compaction_owed);
  EXPECT_FALSE(is_name_in_files());
}

TEST_F(OwedErasure, WithNothingElseToEraseAsksForNoWriting) {
  const std::uint64_t before = std::filesystem::file_size(folder_.path() / "ledger.sqlite-wal");
  WithoutRoomToCompact full(*ledger_);
  ASSERT_TRUE(erase_again(*engine_, full, *load_erasure_list(folder_.path())));
  EXPECT_EQ(std::filesystem::file_size(folder_.path() / "ledger.sqlite-wal"), before) << "on a full disk";
}

TEST_F(OwedErasure, IsFinishedOnce) {
  ASSERT_TRUE(open_again());
  WithoutRoomToCompact full(*ledger_);
  EXPECT_TRUE(erase_again(*engine_, full, *load_erasure_list(folder_.path()))) << "nothing is owed any more";
}

}  // namespace
}  // namespace phusa::access
