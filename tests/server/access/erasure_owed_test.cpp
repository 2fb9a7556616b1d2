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

/// A person who asked to be forgotten and came back with another phone, a code and a name.
class NamedAgain : public EnrolmentTest {
 protected:
  void SetUp() override {
    EnrolmentTest::SetUp();
    enrolment_ = std::make_unique<Enrolment>(Enrolment::Parts{*engine_, clock_, random_, folder_.path()},
                                             keys_, enrolment_->identity());
    ASSERT_TRUE(redeem(request(first_, ticket())));
    person_ = (*(*ledger_->begin_read())->device(device_id_of(first_.key.public_key)))->person;
    erase();
    ASSERT_FALSE(has_name());
  }
  void erase() {
    ASSERT_TRUE(erase_person(*engine_, *ledger_, folder_.path(), device_id_of(first_.key.public_key)));
    enrolment_->forget(load_erasure_list(folder_.path())->persons);
  }
  void come_back() {
    Offer offer{"so_y_te", Rank::kVolunteer};
    offer.replaces = first_.key.public_key;
    const auto issued = enrolment_->issue(offer);
    ASSERT_TRUE(issued) << issued.error().context;
    ASSERT_TRUE(redeem(request(new_phone(), *issued)));
  }
  bool has_name() { return (*(*ledger_->begin_read())->person(person_)).has_value(); }
  bool has_name_when_opened() {
    EXPECT_TRUE(erase_again(*engine_, *ledger_, *load_erasure_list(folder_.path())));
    return has_name();
  }
  std::string list_text() const {
    std::ifstream in(folder_.path() / "keys" / kErasureListFile);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  Phone first_{journal::key_pair_from(random_.fixed<KeySeed>()), random_.fixed<Hash>()};
  PersonId person_;
};

TEST_F(NamedAgain, KeepsTheNameThroughEveryOpening) {
  EXPECT_FALSE(has_name_when_opened());
  come_back();
  EXPECT_TRUE(has_name_when_opened());
  EXPECT_TRUE(has_name_when_opened());
}

TEST_F(NamedAgain, AndErasedOnceMoreHasNone) {
  come_back();
  erase();
  EXPECT_FALSE(has_name_when_opened());
  ASSERT_TRUE(engine_->write([&](ledger::Transaction& t) { return t.put_person({person_, "Cũ", ""}); }));
  EXPECT_FALSE(has_name_when_opened()) << "the name of a ledger from before that came back";
  come_back();
  EXPECT_TRUE(has_name_when_opened());
}

TEST_F(NamedAgain, InALedgerThatDoesNotKnowItIsErasedAsBefore) {
  ErasureList named;
  named.named_again[person_].insert({random_.fixed<Hash>(), first_.key.public_key});
  ASSERT_TRUE(add_to_erasure_list(folder_.path(), named));
  ASSERT_TRUE(engine_->write([&](ledger::Transaction& t) { return t.put_person({person_, "Cũ", ""}); }));
  EXPECT_FALSE(has_name_when_opened());
}

TEST_F(NamedAgain, TheListOnlyGrowsAndWhatOlderProgramsReadOfItStays) {
  const std::string before = list_text();
  come_back();
  const std::string after = list_text();
  EXPECT_TRUE(after.starts_with(before));
  const std::string added = after.substr(before.size());
  EXPECT_TRUE(added.starts_with("\nnamed-again " + person_.hex() + " ")) << added;
  EXPECT_TRUE(load_erasure_list(folder_.path())->persons.contains(person_));
}

TEST_F(NamedAgain, OfAListCopiedElsewhereItIsStillKnown) {
  come_back();
  const phusa::test::TemporaryFolder elsewhere;
  std::filesystem::create_directory(elsewhere.path() / "keys");
  ASSERT_TRUE(add_to_erasure_list(elsewhere.path(), *load_erasure_list(folder_.path())));
  const auto copied = load_erasure_list(elsewhere.path());
  EXPECT_EQ(copied->named_again, load_erasure_list(folder_.path())->named_again);
  EXPECT_FALSE(copied->named_again.empty());
}

}  // namespace
}  // namespace phusa::access
