#include "core/client/hand_over.hpp"

#include "core/client/leaving.hpp"
#include "core/journal/bundle.hpp"
#include "core/sync/hand_over_file.hpp"
#include "tests/core/client/hand_over_fixture.hpp"

#include <filesystem>

namespace phusa::test {
namespace {

TEST_F(HandOverTest, WhatIsHandedOverIsShownSoAndStillOffered) {
  const RecordId id = log(10);
  const Bytes file = file_of(*phone_);
  EXPECT_EQ(stage(*phone_, id), Stage::kHandedOver);
  clock_.now += std::chrono::days(3);
  EXPECT_EQ(status(*phone_).handed_over(), 1u);
  EXPECT_EQ(status(*phone_).handed_over_days(), 3u);
  EXPECT_EQ(status(*phone_).unsent_days(), 0u);
  EXPECT_EQ(load(*phone_).outbox.batches.size(), 1u) << "a file may be lost";
  // Handed over once more, the days are those of the first time.
  EXPECT_NE(file_of(*phone_), file);
  EXPECT_EQ(status(*phone_).handed_over_days(), 3u);
  office_.sync(*phone_);
  EXPECT_EQ(stage(*phone_, id), Stage::kCounted);
  EXPECT_EQ(status(*phone_).handed_over_days(), 0u);
}

TEST_F(HandOverTest, AFileThatMayNotBeOnAnyDiskHandsNothingOver) {
  const RecordId id = log(10);
  const auto given = HandOver(*phone_).give(false);
  ASSERT_TRUE(given);
  EXPECT_EQ(stage(*phone_, id), Stage::kSaved);
  const auto refused = Leaving(*phone_).leave(false);
  ASSERT_FALSE(refused) << "it would have been the only copy";
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_EQ(carry(*phone_, given->file).known, 1u) << "should the file be there after all, it is known";
  const RecordId later = log(20);
  ASSERT_TRUE(HandOver(*phone_).note_given(given->contents));
  EXPECT_EQ(stage(*phone_, id), Stage::kHandedOver);
  EXPECT_EQ(stage(*phone_, later), Stage::kSaved);
  EXPECT_FALSE(HandOver(*phone_).note_given("what no hand-over gave"));
}

TEST_F(HandOverTest, OneBundleByThreeCarriersAndTheOriginCountsOnceAndReceiptsComeBackInAnyOrder) {
  const RecordId id = log(10);
  const Bytes file = file_of(*phone_);
  auto second = open("second");
  auto third = open("third");
  office_.join(*second);
  office_.join(*third);
  for (Phone* carrier : {carrier_.get(), second.get(), third.get()}) {
    EXPECT_EQ(carry(*carrier, file).bundles, 1u);
    EXPECT_EQ(carry(*carrier, file).known, 1u) << "the same file again";
    EXPECT_EQ(status(*carrier).carried_bundles(), 1u);
    office_.sync(*carrier);
    EXPECT_EQ(status(*carrier).carried_bundles(), 0u);
    EXPECT_EQ(status(*carrier).receipts_to_return(), 1u);
  }
  EXPECT_EQ(office_.taken_anew, 1u);
  EXPECT_EQ(take_receipts(*phone_, receipts_of(*third)).received, 1u);
  EXPECT_EQ(stage(*phone_, id), Stage::kReceived);
  EXPECT_EQ(take_receipts(*phone_, receipts_of(*third)).received, 0u) << "told again";
  EXPECT_EQ(take_receipts(*phone_, receipts_of(*carrier_)).received, 0u);
  EXPECT_TRUE(load(*phone_).outbox.batches.empty());
  office_.pull(*phone_);
  EXPECT_EQ(take_receipts(*phone_, receipts_of(*second)).received, 0u) << "after the phone heard it itself";
  EXPECT_EQ(stage(*phone_, id), Stage::kCounted);
  EXPECT_EQ(office_.taken_anew, 1u);
}

TEST_F(HandOverTest, CarriersPassBundlesAndReceiptsOn) {
  log(10);
  auto last = open("last");
  office_.join(*last);
  carry(*carrier_, file_of(*phone_));
  const auto passed_on = HandOver(*carrier_).give(true);
  ASSERT_TRUE(passed_on);
  EXPECT_EQ(passed_on->carried_bundles, 1u);
  EXPECT_EQ(passed_on->changes, 0u);
  carry(*last, passed_on->file);
  office_.sync(*last);
  EXPECT_EQ(take_receipts(*carrier_, receipts_of(*last)).passed_on, 1u);
  EXPECT_EQ(status(*carrier_).receipts_to_return(), 1u);
  EXPECT_EQ(take_receipts(*phone_, receipts_of(*carrier_)).received, 1u);
  EXPECT_EQ(status(*carrier_).receipts_to_return(), 0u);
}

TEST_F(HandOverTest, ACarrierCanNeitherReadNorAlter) {
  log(10);
  const Bytes file = file_of(*phone_);
  EXPECT_EQ(carry(*carrier_, file).changes_seen, 0u);
  Bytes bundle = read_hand_over_file(file)->front();
  for (const std::size_t at : {std::size_t{30}, bundle.size() / 2, bundle.size() - 1}) {
    Bytes altered = bundle;
    altered[at] = static_cast<char>(altered[at] ^ 1);
    EXPECT_NE(office_.open(altered).status, wire::BundleStatus::kTaken) << at;
  }
  EXPECT_EQ(office_.taken_anew, 0u);
}

TEST_F(HandOverTest, ABundleThatTheServerCannotReadIsDroppedAndTold) {
  log(10);
  Bytes bundle = read_hand_over_file(file_of(*phone_))->front();
  bundle.back() = static_cast<char>(bundle.back() ^ 1);
  carry(*carrier_, write_hand_over_file({bundle}));
  EXPECT_EQ(office_.sync(*carrier_).bundles_useless, 1u);
  EXPECT_EQ(status(*carrier_).carried_bundles(), 0u);
}

TEST_F(HandOverTest, WhoCanOpenABundleLeavesADamagedOneOutAtOnce) {
  const std::array keys{*journal::box_key_of(carrier_->identity().key.public_key)};
  const Bytes good = *journal::seal_bundle("x", keys, *randoms_.front());
  Bytes damaged = *journal::seal_bundle("y", keys, *randoms_.front());
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  const auto refused = HandOver(*carrier_).carry(write_hand_over_file({damaged}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt);
  const HandOver::Taken taken = carry(*carrier_, write_hand_over_file({damaged, good}));
  EXPECT_EQ(taken.damaged, 1u);
  EXPECT_EQ(taken.bundles, 1u) << "one that is damaged keeps none from the rest";
  EXPECT_EQ(status(*carrier_).carried_bundles(), 1u);
}

TEST_F(HandOverTest, ABundleForAKeyThatIsNotThereIsKeptAndTriedAgainWithTheNextCatalogueOrDay) {
  log(10);
  carry(*carrier_, file_of(*phone_));
  office_.knows_box_key = false;
  const auto applied = office_.sync(*carrier_);
  EXPECT_FALSE(applied.more_to_send);
  EXPECT_EQ(status(*carrier_).carried_bundles(), 1u);
  EXPECT_TRUE(load(*carrier_).outbox.bundles.empty()) << "not at every sync";
  clock_.now += std::chrono::hours(25);
  EXPECT_EQ(load(*carrier_).outbox.bundles.size(), 1u);
  clock_.now -= std::chrono::hours(25);
  office_.publish();
  wire::SyncReply reply;
  reply.catalogue = office_.snapshot();
  const auto newer = carrier_->apply_reply(reply, {});
  ASSERT_TRUE(newer);
  office_.knows_box_key = true;
  EXPECT_EQ(load(*carrier_).outbox.bundles.size(), 1u);
  office_.sync(*carrier_);
  EXPECT_EQ(status(*carrier_).carried_bundles(), 0u);
  EXPECT_EQ(office_.taken_anew, 1u);
}

TEST_F(HandOverTest, AServerThatPassesOverBundlesLeavesThemWhereTheyAre) {
  log(10);
  carry(*carrier_, file_of(*phone_));
  const Phone::Loaded loaded = load(*carrier_);
  wire::SyncReply reply = office_.take(loaded, carrier_->identity().key.public_key);
  reply.bundles.clear();
  const auto applied = carrier_->apply_reply(reply, loaded);
  ASSERT_TRUE(applied);
  EXPECT_FALSE(applied->more_to_send);
  EXPECT_EQ(status(*carrier_).carried_bundles(), 1u);
}

TEST_F(HandOverTest, ABundleThatIsTakenWithoutReceiptsIsDeliveredAndItsAuthorGoesOnOffering) {
  const RecordId id = log(10);
  const Bytes file = file_of(*phone_);
  carry(*carrier_, file);
  const Phone::Loaded loaded = load(*carrier_);
  wire::SyncReply reply = office_.take(loaded, carrier_->identity().key.public_key);
  reply.bundles[0].parcel.clear();
  const auto applied = carrier_->apply_reply(reply, loaded);
  ASSERT_TRUE(applied);
  EXPECT_EQ(applied->bundles_delivered, 1u);
  EXPECT_EQ(status(*carrier_).carried_bundles(), 0u)
      << "whoever seals to a key that nobody has blocks no carrier";
  EXPECT_EQ(status(*carrier_).receipts_to_return(), 0u);
  EXPECT_EQ(stage(*phone_, id), Stage::kHandedOver);
  EXPECT_EQ(load(*phone_).outbox.batches.size(), 1u);
  EXPECT_EQ(carry(*carrier_, file).bundles, 1u) << "brought again it is asked about again";
  office_.sync(*carrier_);
  EXPECT_EQ(status(*carrier_).receipts_to_return(), 1u);
}

TEST_F(HandOverTest, OnesOwnBundleIsNotCarriedByOneself) {
  log(10);
  const HandOver::Taken taken = carry(*phone_, file_of(*phone_));
  EXPECT_EQ(taken.bundles, 0u);
  EXPECT_EQ(taken.known, 1u);
  EXPECT_EQ(status(*phone_).carried_bundles(), 0u);
}

TEST_F(HandOverTest, ADamagedOrCutFileChangesNothing) {
  log(10);
  const Bytes file = file_of(*phone_);
  for (std::size_t size = 0; size < file.size(); size += 7) {
    const auto cut = HandOver(*carrier_).carry(BytesView(file).substr(0, size));
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code, ErrorCode::kCorrupt);
  }
  EXPECT_EQ(status(*carrier_).carried_bundles(), 0u);
  carry(*carrier_, file);
  office_.sync(*carrier_);
  const Bytes receipts = receipts_of(*carrier_);
  for (std::size_t size = 0; size < receipts.size(); size += 3)
    EXPECT_FALSE(Receipts(*phone_).take(BytesView(receipts).substr(0, size)));
  EXPECT_EQ(load(*phone_).outbox.batches.size(), 1u);
}

TEST_F(HandOverTest, OnlyWhatTheServerSignedIsBelieved) {
  const RecordId id = log(10);
  const Bytes file = file_of(*phone_);
  const PublicKey key = phone_->identity().key.public_key;
  const Phone::Loaded loaded = load(*phone_);
  const auto forge = [&](wire::VerdictStatus status) {
    wire::ReceiptParcel parcel;
    parcel.journals.emplace_back();
    parcel.journals[0].device_key = key;
    (void)office_.take(loaded, key);
    parcel.journals[0].batches = office_.last_hashes;
    wire::Verdict verdict;
    verdict.status = status;
    verdict.point = {77, TransactionTag{{1}}};
    parcel.journals[0].verdicts = {verdict};
    const auto sealed = journal::seal_parcel(wire::encode_receipt_parcel(parcel), *journal::box_key_of(key),
                                             *randoms_.front());
    return write_receipts_file({{Bytes(16, 'i'), *sealed}});
  };
  const auto forged = Receipts(*phone_).take(forge(wire::VerdictStatus::kAdmitted));
  ASSERT_FALSE(forged);
  EXPECT_EQ(forged.error().code, ErrorCode::kUnauthorized);
  EXPECT_EQ(take_receipts(*phone_, forge(wire::VerdictStatus::kInvalid)).received, 0u);
  EXPECT_EQ(stage(*phone_, id), Stage::kHandedOver) << "anybody can say that a batch is no good";
  EXPECT_EQ(load(*phone_).outbox.batches.size(), 1u);
}

TEST_F(HandOverTest, ACarrierWhoKnowsTheReceiptMakesNothingLookHeld) {
  const RecordId id = log(10);
  (void)file_of(*phone_);
  const PublicKey key = phone_->identity().key.public_key;
  // An officer can open the bundle and bring the batches itself: so it gets the receipt over them, and builds
  // a parcel of its own around it.
  const wire::SyncReply reply = office_.take(load(*phone_), key);
  wire::ReceiptParcel parcel;
  parcel.journals.emplace_back();
  parcel.journals[0].device_key = key;
  parcel.journals[0].batches = office_.last_hashes;
  wire::Verdict verdict = reply.verdicts.at(0);
  if (verdict.point.tag.is_zero()) verdict.point.tag = reply.tag;
  verdict.status = wire::VerdictStatus::kHeld;
  verdict.reason = HoldReason::kRevoked;
  verdict.held = {{0, HoldReason::kRefusedByOffice}};
  verdict.fork = true;
  parcel.journals[0].verdicts = {verdict};
  parcel.journals[0].signature = reply.receipts.at(0).signature;
  const auto file = [&] {
    const auto sealed = journal::seal_parcel(wire::encode_receipt_parcel(parcel), *journal::box_key_of(key),
                                             *randoms_.front());
    return write_receipts_file({{Bytes(16, 'i'), *sealed}});
  };
  // Signed by the server, but for what it said another time.
  parcel.journals[0].fates_signature = office_.sign_fates(parcel.journals[0]);
  parcel.journals[0].verdicts[0].held.clear();
  const Receipts::Imported imported = take_receipts(*phone_, file());
  EXPECT_EQ(imported.received, 1u) << "the receipt itself is good";
  EXPECT_EQ(imported.held, 0u);
  EXPECT_EQ(stage(*phone_, id), Stage::kReceived);
  EXPECT_FALSE(phone_->sync_state()->forked);
}

TEST_F(HandOverTest, WhatTheServerSaysIsHeldIsShownByItsParcel) {
  const RecordId id = log(10);
  carry(*carrier_, file_of(*phone_));
  office_.alter_fates = [](wire::ReceiptParcel::Journal& journal) {
    journal.verdicts.at(0).held = {{0, HoldReason::kMissingVersion}};
  };
  office_.sync(*carrier_);
  const Receipts::Imported imported = take_receipts(*phone_, receipts_of(*carrier_));
  EXPECT_EQ(imported.received, 1u);
  EXPECT_EQ(imported.held, 1u);
  EXPECT_EQ(stage(*phone_, id), Stage::kHeld);
}

TEST_F(HandOverTest, ForgedReceiptsDoNotKeepTheOthersOfTheirFileOut) {
  log(10);
  carry(*carrier_, file_of(*phone_));
  office_.sync(*carrier_);
  auto parts = read_receipts_file(receipts_of(*carrier_));
  ASSERT_TRUE(parts);
  const auto junk = journal::seal_parcel("junk", *journal::box_key_of(phone_->identity().key.public_key),
                                         *randoms_.front());
  parts->insert(parts->begin(), {Bytes(16, 'i'), *junk});
  EXPECT_EQ(take_receipts(*phone_, write_receipts_file(*parts)).received, 1u);
}

TEST_F(HandOverTest, MuchIsManyBundlesOfAllowedSizeAndGoesUpInSeveralExchanges) {
  for (int part = 0; part < 12; ++part) {
    std::vector<Draft> drafts;
    for (int i = 0; i < 120; ++i) {
      Bytes note;
      while (note.size() < 1'900) note += to_hex(randoms_.front()->fixed<Hash>().view());
      note.resize(1'900);
      drafts.push_back(trees(i + 1, note));
    }
    ASSERT_TRUE(phone_->log(drafts));
  }
  const auto given = HandOver(*phone_).give(false);
  ASSERT_TRUE(given) << given.error().context;
  EXPECT_EQ(given->changes, 12u * 120);
  const auto bundles = read_hand_over_file(given->file);
  ASSERT_TRUE(bundles);
  EXPECT_GT(bundles->size(), 2u);
  for (const Bytes& bundle : *bundles) EXPECT_LE(bundle.size(), limits::kBundleBytesMax);
  EXPECT_EQ(carry(*carrier_, given->file).bundles, bundles->size());
  std::size_t exchanges = 1;
  while (office_.sync(*carrier_, Office::Echo::kNothing).more_to_send) ++exchanges;
  EXPECT_GT(exchanges, 2u);
  EXPECT_EQ(take_receipts(*phone_, receipts_of(*carrier_)).received, 12u * 120);
  EXPECT_EQ(phone_->sync_state()->unsent_batches, 0u);
}

TEST_F(HandOverTest, ReceiptsOfAServerThatWasRestoredSinceAcknowledgeNothing) {
  log(10);
  carry(*carrier_, file_of(*phone_));
  office_.sync(*carrier_);
  const Bytes receipts = receipts_of(*carrier_);
  office_.sync(*phone_);
  // The server comes back without either, and the phone hears so.
  wire::SyncReply reset;
  reset.reset = true;
  ASSERT_TRUE(phone_->apply_reply(reset, {}));
  EXPECT_EQ(take_receipts(*phone_, receipts).received, 0u);
  EXPECT_EQ(load(*phone_).outbox.batches.size(), 1u) << "it goes on being offered";
}

TEST_F(HandOverTest, WhatWasDeliveredIsOfferedAgainToAServerThatWasRestored) {
  log(10);
  carry(*carrier_, file_of(*phone_));
  phone_.reset();  // lost
  office_.sync(*carrier_, Office::Echo::kNothing);
  EXPECT_EQ(status(*carrier_).carried_bundles(), 0u);
  const auto loaded = load(*carrier_);
  EXPECT_TRUE(loaded.outbox.bundles.empty());
  ASSERT_TRUE(loaded.outbox.furthest) << "without it no server can tell the carrier that it was restored";
  EXPECT_GT(loaded.outbox.furthest->position, 0u);
  EXPECT_FALSE(loaded.outbox.furthest->tag.is_zero());
  EXPECT_EQ(HandOver(*carrier_).give(true)->carried_bundles, 0u) << "it is not passed on";

  wire::SyncReply reset;
  reset.reset = true;
  const auto applied = carrier_->apply_reply(reset, {});
  ASSERT_TRUE(applied);
  EXPECT_TRUE(applied->more_to_send);
  EXPECT_EQ(load(*carrier_).outbox.bundles.size(), 1u);
}

TEST_F(HandOverTest, WhatIsOfferedAgainAfterAResetIsNotCarriedAgain) {
  log(10);
  carry(*carrier_, file_of(*phone_));
  office_.sync(*carrier_);
  wire::SyncReply reset;
  reset.reset = true;
  ASSERT_TRUE(carrier_->apply_reply(reset, {}));
  EXPECT_EQ(status(*carrier_).carried_bundles(), 0u);
  EXPECT_EQ(HandOver(*carrier_).give(true)->carried_bundles, 0u) << "it was delivered once";
  std::vector<Bytes> bundles;
  const std::array keys{*journal::BoxKey::from(office_.catalogue().box_key)};
  for (std::size_t i = 0; i < limits::kCarriedBundlesMax; ++i)
    bundles.push_back(*journal::seal_bundle("x", keys, *randoms_.front()));
  EXPECT_EQ(carry(*carrier_, write_hand_over_file(bundles)).bundles, limits::kCarriedBundlesMax);
  EXPECT_EQ(load(*carrier_).outbox.bundles.size(), limits::kBundlesPerRequestMax);
}

TEST_F(HandOverTest, ReceiptsReachAPhoneRestoredToBeforeItSealed) {
  phone_.reset();
  std::filesystem::copy_file(folder_.file("phone"), folder_.file("backup"));
  phone_ = open("phone");
  log(10);
  carry(*carrier_, file_of(*phone_));
  office_.sync(*carrier_);
  auto restored = open("backup");
  const Receipts::Imported imported = take_receipts(*restored, receipts_of(*carrier_));
  EXPECT_EQ(imported.received + imported.passed_on, 0u);
  EXPECT_EQ(HandOver(*restored).carry(file_of(*phone_))->bundles, 1u)
      << "it does not know its own bundle, and carries it";
}

}  // namespace
}  // namespace phusa::test
