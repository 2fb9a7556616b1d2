#include "core/base/limits.hpp"
#include "core/client/methods.hpp"
#include "core/merge/state_codec.hpp"
#include "tests/core/client/phone_fixture.hpp"

#include <sqlite3.h>

#include <fstream>

namespace phusa::test {
namespace {

TEST_F(PhoneTest, WhatWasLoggedIsThereAfterReopening) {
  const RecordId id = log(30, "ở Nhơn Ái");
  phone_ = open_phone(folder_.file("phone"), clock_, random_);
  EXPECT_EQ(shown_trees(*phone_, id), 30);
  EXPECT_EQ(merge::winning_value(displayed(*phone_->layers(id)), FieldKind::kNote), "ở Nhơn Ái");
  EXPECT_NE(log(1).block, id.block) << "a store opened again must mint a block of its own";
}

TEST_F(PhoneTest, BeforeJoiningNothingCanBeLogged) {
  auto other = open_phone(folder_.file("other"), clock_, random_);
  const Draft draft = trees(1);
  EXPECT_EQ(other->log({&draft, 1}).error().code, ErrorCode::kConflict);
}

TEST_F(PhoneTest, JoiningTwiceIsRefused) {
  EXPECT_EQ(phone_->prepare_enrolment(office_.code(), "http://x").error().code, ErrorCode::kConflict);
}

TEST_F(PhoneTest, AnotherRootThanTheCodeNamesIsRefused) {
  auto other = open_phone(folder_.file("other"), clock_, random_);
  journal::EnrolmentCode wrong = office_.code();
  wrong.root.bytes[0] ^= 1;
  const auto reply = office_.enrol(other->identity().key.public_key, Rank::kVolunteer, "NA");
  EXPECT_EQ(other->accept_enrolment(wrong, "http://x", reply).error().code, ErrorCode::kUnauthorized);
  EXPECT_FALSE(other->identity().is_joined);
}

TEST_F(PhoneTest, FiftyTapsAreOneChange) {
  const RecordId id = log(0);
  for (int i = 1; i <= 50; ++i) edit(*phone_, id, i);
  const auto loaded = phone_->load_outbox(limits::kRequestTargetBytes, 64);
  ASSERT_TRUE(loaded);
  ASSERT_EQ(loaded->outbox.batches.size(), 1u);
  EXPECT_EQ(loaded->outbox.batches[0].changes, 1u);
  EXPECT_EQ(phone_->history(id)->size(), 1u);
}

TEST_F(PhoneTest, AnEditOfWhatWasSealedReachesTheOfficeWithoutConflict) {
  const RecordId id = log(30, "a note");
  office_.sync(*phone_);
  EXPECT_EQ(stage(*phone_, id), Stage::kCounted);
  edit(*phone_, id, 31);
  EXPECT_EQ(stage(*phone_, id), Stage::kSaved);
  ASSERT_TRUE(phone_->edit(id, {{FieldKind::kNote, "another"}}));
  office_.sync(*phone_);
  edit(*phone_, id, 32);
  office_.sync(*phone_);
  EXPECT_EQ(stage(*phone_, id), Stage::kCounted);
  const RecordState& state = office_.records.at(id);
  EXPECT_EQ(merge::winning_value(state, FieldKey::value_of(IndicatorNo{0})), trees_value(32).value);
  for (const Register& reg : state.registers) EXPECT_TRUE(merge::conflicts(reg).empty()) << reg.field.code;
  EXPECT_FALSE(phone_->layers(id)->own) << "what the base has needs no layer of its own";
}

TEST_F(PhoneTest, SettledBatchesMoveIntoTheBaseWithoutEcho) {
  const RecordId id = log(30, "a note");
  office_.sync(*phone_, Office::Echo::kSettled);
  const auto layers = phone_->layers(id);
  EXPECT_TRUE(layers->base);
  EXPECT_FALSE(layers->own);
  EXPECT_EQ(stage(*phone_, id), Stage::kCounted);
  EXPECT_EQ(merge::winning_value(displayed(*layers), FieldKind::kNote), "a note");
  edit(*phone_, id, 31);
  ASSERT_TRUE(phone_->edit(id, {{FieldKind::kNote, "changed"}}));
  office_.sync(*phone_);
  for (const Register& reg : office_.records.at(id).registers) EXPECT_TRUE(merge::conflicts(reg).empty());
}

TEST_F(PhoneTest, AcknowledgedButNotSeenInTheBaseIsReceived) {
  const RecordId id = log(30);
  office_.sync(*phone_, Office::Echo::kNothing);
  EXPECT_EQ(stage(*phone_, id), Stage::kReceived);
  office_.pull(*phone_);
  EXPECT_EQ(stage(*phone_, id), Stage::kCounted);
}

TEST_F(PhoneTest, RetractedByWhatWasSeenAndRestored) {
  const RecordId id = log(30);
  ASSERT_TRUE(phone_->retract({&id, 1}));
  EXPECT_TRUE(merge::is_retracted(displayed(*phone_->layers(id))));
  edit(*phone_, id, 31);
  EXPECT_TRUE(merge::is_retraction_outdated(displayed(*phone_->layers(id))));
  ASSERT_TRUE(phone_->restore({&id, 1}));
  office_.sync(*phone_);
  EXPECT_FALSE(merge::is_retracted(office_.records.at(id)));
}

TEST_F(PhoneTest, OnlyOfficersReview) {
  const RecordId id = log(30);
  EXPECT_EQ(phone_->review({&id, 1}, ReviewState::kConfirmed, "").error().code, ErrorCode::kForbidden);
  office_.sync(*phone_);
  SeededRandom officer_random(2);
  auto officer = open_phone(folder_.file("officer"), clock_, officer_random);
  office_.join(*officer, Rank::kOfficer);
  office_.pull(*officer);
  ASSERT_TRUE(officer->review({&id, 1}, ReviewState::kReturned, "which commune?"));
  office_.sync(*officer);
  office_.pull(*phone_);
  EXPECT_EQ(stage(*phone_, id), Stage::kReturned);
  edit(*phone_, id, 31);
  office_.sync(*phone_);
  EXPECT_EQ(stage(*phone_, id), Stage::kCounted) << "a review of other content is awaiting again";
}

TEST_F(PhoneTest, WhatWasRetractedIsToldApartAndNotAsCounted) {
  const RecordId id = log(30);
  log(40);
  office_.sync(*phone_);
  ASSERT_TRUE(phone_->retract({&id, 1}));
  const auto waiting = *method::status(*phone_);
  EXPECT_EQ(waiting.saved(), 1u) << "the centre has not heard of it";
  EXPECT_EQ(waiting.counted(), 1u);
  EXPECT_EQ(waiting.retracted(), 1u);
  office_.sync(*phone_);
  const auto done = *method::status(*phone_);
  EXPECT_EQ(done.saved(), 0u);
  EXPECT_EQ(done.counted(), 1u);
  EXPECT_EQ(done.retracted(), 1u);
}

TEST_F(PhoneTest, HistoryKeepsWhatAnEditAndWhatAnArrivalReplaced) {
  const RecordId id = log(30);
  EXPECT_TRUE(phone_->history(id)->empty()) << "creation costs nothing";
  edit(*phone_, id, 31);
  office_.sync(*phone_);
  EXPECT_EQ(phone_->history(id)->size(), 1u) << "an echo replaces nothing";
  SeededRandom officer_random(2);
  auto officer = open_phone(folder_.file("officer"), clock_, officer_random);
  office_.join(*officer, Rank::kOfficer);
  office_.pull(*officer);
  edit(*officer, id, 28);
  office_.sync(*officer);
  office_.pull(*phone_);
  EXPECT_EQ(phone_->history(id)->size(), 2u);
}

TEST_F(PhoneTest, ALongRowOfEditsIsSealedBeforeItsCountStepsTooFar) {
  const RecordId id = log(1);
  {  // as if so many taps had been coalesced
    auto store = store::Store::open({folder_.file("phone"), false, {}});
    auto transaction = (*store)->begin_write();
    const auto row = *(*store)->find_row(id);
    RecordState state = *merge::decode_state(id, **(*store)->pending(*row));
    state.at(trees_value(1).field).nodes.front().version.counts.volunteer = limits::kOwnCountStepMax;
    ASSERT_TRUE((*store)->put_pending(*row, merge::encode_state(state)));
    ASSERT_TRUE(transaction->commit());
  }
  edit(*phone_, id, 7);
  EXPECT_EQ(shown_trees(*phone_, id), 7);
  const auto loaded = phone_->load_outbox(limits::kRequestTargetBytes, 64);
  EXPECT_EQ(loaded->outbox.batches.size(), 2u);
}

TEST_F(PhoneTest, MoreThanABatchHoldsBecomesSeveral) {
  std::vector<Draft> drafts(limits::kChangesPerBatchMax + 10, trees(1));
  ASSERT_TRUE(phone_->log(drafts));
  EXPECT_EQ(phone_->load_outbox(limits::kRequestTargetBytes, 64)->outbox.batches.size(), 2u);
  office_.sync(*phone_, Office::Echo::kSettled);
  std::size_t counted = 0;
  ASSERT_TRUE(phone_->for_each([&](const Phone::Shown& shown) -> Result<void> {
    counted += shown.stage == Stage::kCounted ? 1 : 0;
    return {};
  }));
  EXPECT_EQ(counted, drafts.size());
}

TEST_F(PhoneTest, AFlippedByteInAStoredBatchIsNotSentAndLosesNothing) {
  const RecordId id = log(30, "a note");
  ASSERT_TRUE(phone_->load_outbox(limits::kRequestTargetBytes, 64));
  phone_.reset();
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(folder_.file("phone").c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db,
                         "UPDATE batches SET encoded = substr(encoded, 1, length(encoded) - 80) || x'00' ||"
                         " substr(encoded, -79)",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(db);
  phone_ = open_phone(folder_.file("phone"), clock_, random_);
  EXPECT_EQ(shown_trees(*phone_, id), 30);
  office_.sync(*phone_);  // the office never saw the batch before this one and asks for whole hashes
  office_.sync(*phone_);
  ASSERT_TRUE(office_.records.contains(id));
  EXPECT_EQ(merge::winning_value(office_.records.at(id), FieldKind::kNote), "a note");
  EXPECT_EQ(stage(*phone_, id), Stage::kCounted);
}

TEST_F(PhoneTest, WhatIsLoggedMeansWhatTheCatalogueOfThenSays) {
  const auto named_by_batch = [&] {
    const auto loaded = phone_->load_outbox(limits::kRequestTargetBytes, 64);
    return wire::decode_batch(loaded->outbox.batches.at(0).encoded)->batch.header.catalogue_hash;
  };
  const Hash then = hash_of(office_.snapshot().encoded);
  log(30);
  // A restored office gave the number of its newest revision to another content.
  office_.publish([](Catalogue& catalogue) {
    --catalogue.revision;
    catalogue.units.back().name += " II";
  });
  wire::SyncReply reply;
  reply.catalogue = office_.snapshot();
  const auto applied = phone_->apply_reply(reply, {});
  ASSERT_TRUE(applied);
  EXPECT_TRUE(applied->more_to_send);
  EXPECT_EQ(ByteReader(named_by_batch().view()).u32(), ByteReader(then.view()).u32());
}

TEST_F(PhoneTest, AnEditIsOfTheRankThatAnotherProgramBrought) {
  const RecordId id = log(30);
  office_.sync(*phone_);
  auto other = open_phone(folder_.file("phone"), clock_, random_);
  wire::SyncReply promoted;
  promoted.certificates = office_.enrol(phone_->identity().key.public_key, Rank::kOfficer, "NA").certificates;
  ASSERT_TRUE(other->apply_reply(promoted, {}));
  edit(*phone_, id, 31);
  const Layers layers = *phone_->layers(id);
  const Node& node = layers.pending->find(FieldKey::value_of(IndicatorNo{0}))->nodes.front();
  EXPECT_EQ(node.version.counts.of(Rank::kOfficer), 1u);
}

TEST_F(PhoneTest, MoreFieldsThanOneChangeHoldsAreSealedBefore) {
  Draft draft = trees(30);
  for (std::uint32_t i = 1; draft.size() < limits::kFieldsPerChangeMax; ++i)
    draft.push_back({FieldKey::value_of(IndicatorNo{i}), value::of_amount({5, {}})});
  const auto ids = phone_->log({&draft, 1});
  ASSERT_TRUE(ids) << ids.error().context;
  for (std::uint32_t i = 300; i < 310; ++i)
    ASSERT_TRUE(
        phone_->edit(ids->front(), {{FieldKey::value_of(IndicatorNo{i}), value::of_amount({7, {}})}}));
  EXPECT_TRUE(phone_->load_outbox(limits::kRequestTargetBytes, 64)) << "or nothing is ever sent again";
}

TEST_F(PhoneTest, WhoStaysInDoubtOffersTheOfficesEntriesOnce) {
  wire::SyncReply reply;
  reply.office_entries = {office_.signed_entry(OfficeAct::kRevoke, 4)};
  ASSERT_TRUE(phone_->apply_reply(reply, {}));
  wire::SyncReply doubt;
  doubt.introduce = true;
  const auto first = phone_->apply_reply(doubt, {});
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->more_to_send);
  const auto loaded = phone_->load_outbox(limits::kRequestTargetBytes, 64);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->outbox.office_entries.size(), 1u);
  const auto second = phone_->apply_reply(doubt, *loaded);
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->more_to_send) << "or the sync has no end";
}

TEST_F(PhoneTest, ARecordTakesAtMost180BytesHereAndWhereItIsPulled) {
  constexpr std::size_t kRecords = 2000;
  std::vector<Draft> drafts;
  for (std::size_t i = 0; i < kRecords; ++i) {
    // As in the mixed workload: two or three figures, every other with a note of some 30 bytes.
    Draft draft =
        trees(static_cast<std::int64_t>(i * 37 % 900), i % 2 == 0 ? "trồng cây ven kênh xã Nhơn Ái" : "");
    draft.push_back({FieldKind::kCampaigns, value::of_numbers({static_cast<std::uint32_t>(i % 3)})});
    draft.push_back(
        {FieldKey::value_of(IndicatorNo{1}), value::of_amount({static_cast<std::int64_t>(i) * 50'000, {}})});
    drafts.push_back(std::move(draft));
  }
  const auto size = [&](const std::string& name) { return std::filesystem::file_size(folder_.file(name)); };
  auto puller = open_phone(folder_.file("puller"), clock_, random_);
  office_.join(*puller, Rank::kOfficer);
  const std::size_t empty = [&] {
    open_phone(folder_.file("empty"), clock_, random_).reset();
    return size("empty");
  }();
  ASSERT_TRUE(phone_->log(drafts));
  office_.sync(*phone_, Office::Echo::kSettled);
  office_.pull(*puller);
  phone_.reset();
  puller.reset();
  EXPECT_LE((size("phone") - empty) / kRecords, 180u);
  EXPECT_LE((size("puller") - empty) / kRecords, 180u);
  RecordProperty("own_bytes", static_cast<int>((size("phone") - empty) / kRecords));
  RecordProperty("pulled_bytes", static_cast<int>((size("puller") - empty) / kRecords));
}

TEST_F(PhoneTest, ASecondHolderOfTheStoreWaitsAndThenSaysBusy) {
  auto holder = store::Store::open({folder_.file("phone"), false, {}});
  ASSERT_TRUE(holder);
  {
    const auto transaction = (*holder)->begin_write();
    ASSERT_TRUE(transaction);
    const Draft draft = trees(1);
    EXPECT_EQ(phone_->log({&draft, 1}).error().code, ErrorCode::kBusy);
    EXPECT_TRUE(phone_->for_each([](const Phone::Shown&) -> Result<void> { return {}; }))
        << "reading never waits";
  }
  log(1);
}

}  // namespace
}  // namespace phusa::test
