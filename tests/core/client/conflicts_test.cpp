#include "tests/core/client/phone_fixture.hpp"

namespace phusa::test {
namespace {

/// Two who edit one field.
class ConflictsOfAPhone : public PhoneTest {
 protected:
  /// An officer's phone that has all there is.
  std::unique_ptr<Phone> officers_phone() {
    auto officer = open_phone(folder_.file("officer"), clock_, officer_random_);
    office_.join(*officer, Rank::kOfficer);
    office_.pull(*officer);
    return officer;
  }

 private:
  SeededRandom officer_random_{2};
};

TEST_F(ConflictsOfAPhone, AnOfficersEditStandsOverABlindOneAndBothAreKnown) {
  const RecordId id = log(30);
  office_.sync(*phone_);
  const auto officer = officers_phone();
  edit(*officer, id, 28);
  edit(*phone_, id, 35);
  edit(*phone_, id, 36);
  office_.sync(*officer);
  office_.sync(*phone_);
  office_.pull(*officer);
  EXPECT_EQ(shown_trees(*phone_, id), 28);
  EXPECT_EQ(shown_trees(*officer, id), 28);
  ASSERT_EQ(conflicts(*officer, id).size(), 1u);
  EXPECT_EQ(value::amount(conflicts(*officer, id)[0]->version.value)->value, 36);
  EXPECT_EQ(stage(*phone_, id), Stage::kCounted) << "an edit that lost has arrived all the same";

  edit(*officer, id, 36);  // decides: names the one that lost
  office_.sync(*officer);
  EXPECT_TRUE(conflicts(*officer, id).empty());
  EXPECT_EQ(shown_trees(*officer, id), 36);
}

TEST_F(ConflictsOfAPhone, AnOfficersEditThatArrivesUnderAPendingOneIsNamedByTheNext) {
  const RecordId id = log(30);
  office_.sync(*phone_);
  const auto officer = officers_phone();
  edit(*phone_, id, 35);  // pending while the officer's arrives
  edit(*officer, id, 28);
  office_.sync(*officer);
  office_.pull(*phone_);
  EXPECT_EQ(shown_trees(*phone_, id), 28);
  edit(*phone_, id, 29);  // seen: beats it
  EXPECT_EQ(shown_trees(*phone_, id), 29);
  office_.sync(*phone_);
  EXPECT_EQ(shown_trees(*phone_, id), 29);
  EXPECT_TRUE(conflicts(*phone_, id).empty());
}

TEST_F(ConflictsOfAPhone, TwoCopiesOfAStoreEditingOneFieldLoseNothingInSilence) {
  const RecordId id = log(30);
  office_.sync(*phone_);
  phone_.reset();
  std::filesystem::copy_file(folder_.file("phone"), folder_.file("copy"));
  SeededRandom copy_random(3);
  phone_ = open_phone(folder_.file("phone"), clock_, random_);
  auto copy = open_phone(folder_.file("copy"), clock_, copy_random);
  edit(*phone_, id, 31);
  edit(*copy, id, 33);
  const RecordId a = log(1);
  const Draft draft = trees(2);
  const RecordId b = copy->log({&draft, 1})->front();
  EXPECT_NE(a, b);
  office_.sync(*phone_);
  office_.sync(*copy);
  office_.pull(*phone_);
  office_.pull(*copy);
  EXPECT_EQ(shown_trees(*phone_, id), 33);  // equal counts and device: the greater value
  EXPECT_EQ(shown_trees(*copy, id), 33);
  EXPECT_EQ(conflicts(*phone_, id).size(), 1u);
  EXPECT_EQ(shown_trees(*phone_, b), 2);
  EXPECT_EQ(shown_trees(*copy, a), 1);
  edit(*copy, id, 40);
  office_.sync(*copy);
  office_.pull(*phone_);
  EXPECT_EQ(shown_trees(*phone_, id), 40);
}

TEST_F(ConflictsOfAPhone, AForkGoesOnInAJournalOfItsOwn) {
  log(1);
  auto loaded = phone_->load_outbox(limits::kRequestTargetBytes, 64);
  auto reply = office_.take(*loaded, phone_->identity().key.public_key);
  reply.verdicts[0].fork = true;
  const auto applied = phone_->apply_reply(reply, *loaded);
  ASSERT_TRUE(applied);
  EXPECT_TRUE(applied->forked);
  log(2);
  loaded = phone_->load_outbox(limits::kRequestTargetBytes, 64);
  ASSERT_EQ(loaded->outbox.batches.size(), 1u);
  EXPECT_FALSE(loaded->outbox.batches[0].journal.is_zero());
  EXPECT_TRUE(phone_->sync_state()->forked);
}

}  // namespace
}  // namespace phusa::test
