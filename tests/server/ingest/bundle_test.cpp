#include "core/base/limits.hpp"
#include "core/journal/receipt.hpp"
#include "core/wire/fates.hpp"
#include "sync-server/ingest/bundles.hpp"
#include "tests/support/phone_fixture.hpp"

#include <gtest/gtest.h>

namespace phusa::test {
namespace {

class BundleTest : public ::testing::Test {
 protected:
  BundleTest() {
    server.enrol(origin);
    for (FakePhone& carrier : carriers) server.enrol(carrier);
    for (int i = 1; i <= 3; ++i) {
      LogContent content;
      content.values[0] = {i * 10, Qualifier::kExact};
      content.note = "trồng ở đầu làng";
      origin.log(content);
      origin.seal();
    }
  }

  wire::BundleContent content() const {
    wire::JournalUp journal;
    journal.device_key = origin.key();
    for (const SealedByPhone& batch : origin.sealed) journal.encoded_batches.push_back(batch.whole);
    return {Bytes(return_key.public_key.view()), {journal}};
  }
  Bytes sealed(const wire::BundleContent& inside, const journal::BoxKey& to = test_box().public_key) {
    return *journal::seal_bundle(wire::encode_bundle_content(inside), std::array{to}, random);
  }
  wire::SyncReply send(FakePhone& carrier, std::vector<Bytes> bundles) {
    carrier.seal();
    wire::SyncRequest request = carrier.request();
    request.bundles = std::move(bundles);
    const auto body = server.engine().sync(wire::encode_sync_request(request));
    EXPECT_TRUE(body.has_value()) << body.error().context;
    wire::SyncReply reply = *wire::decode_sync_reply(*body);
    carrier.take(request, reply);
    return reply;
  }
  wire::ReceiptParcel opened(const wire::BundleReply& reply) const {
    const auto parcel = journal::open_parcel(reply.parcel, journal::opening_key_of(return_key));
    EXPECT_TRUE(parcel.has_value());
    return *wire::decode_receipt_parcel(*parcel);
  }
  static bool is_receipt_good(const wire::ReceiptParcel::Journal& journal) {
    Receipt receipt{journal.device_key, {}, journal.signature};
    for (std::size_t i = 0; i < journal.batches.size(); ++i) {
      if (journal.verdicts[i].is_durable())
        receipt.items.push_back({journal.batches[i], journal.verdicts[i].point});
    }
    const ingest::EngineOptions keys = test_keys();
    return journal::verify_receipt(organisation_id_of(keys.root_key), keys.server_key.public_key, receipt)
        .has_value();
  }
  std::size_t records() {
    std::size_t count = 0;
    const auto snapshot = server.ledger().begin_read();
    EXPECT_TRUE((*snapshot)->for_each_record({}, [&](const auto&) { return ++count != 0; }).has_value());
    return count;
  }

  TestServer server;
  SeededRandom random{5};
  FakePhone origin{1, Rank::kVolunteer, "a"};
  std::vector<FakePhone> carriers{
      {2, Rank::kVolunteer, "b"}, {3, Rank::kOfficer, "b"}, {4, Rank::kVolunteer, "a1"}};
  journal::BoxKeyPair return_key = journal::box_key_pair_from(random.fixed<KeySeed>());
};

TEST_F(BundleTest, ByThreeCarriersAndTheOriginItCountsOnceAndEachGetsAParcel) {
  const Bytes bundle = sealed(content());
  for (FakePhone& carrier : carriers) {
    const auto reply = send(carrier, {bundle});
    ASSERT_EQ(reply.bundles.size(), 1u);
    EXPECT_EQ(reply.bundles[0].status, wire::BundleStatus::kTaken);
    EXPECT_TRUE(reply.verdicts.empty());
    const auto parcel = opened(reply.bundles[0]);
    ASSERT_EQ(parcel.journals.size(), 1u);
    EXPECT_EQ(parcel.journals[0].device_key, origin.key());
    ASSERT_EQ(parcel.journals[0].verdicts.size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(parcel.journals[0].batches[i], origin.sealed[i].hash);
      EXPECT_EQ(parcel.journals[0].verdicts[i].status,
                &carrier == &carriers[0] ? wire::VerdictStatus::kAdmitted : wire::VerdictStatus::kDuplicate);
      EXPECT_FALSE(parcel.journals[0].verdicts[i].settled);
    }
    EXPECT_EQ(reply.bundles[0].point, parcel.journals[0].verdicts[2].point)
        << "the carrier cannot read the parcel";
    EXPECT_TRUE(is_receipt_good(parcel.journals[0]));
  }
  EXPECT_EQ(records(), 3u);
  ASSERT_TRUE(origin.sync(server.engine()).has_value());
  EXPECT_EQ(records(), 3u);
  EXPECT_EQ(server.verify().differences, std::vector<std::string>{});
}

TEST_F(BundleTest, ACarrierThatMayNotReadDeliversAllTheSame) {
  FakePhone stranger(9, Rank::kVolunteer, "b");
  const auto reply = send(stranger, {sealed(content())});
  EXPECT_EQ(opened(reply.bundles.at(0)).journals.at(0).verdicts.at(2).status, wire::VerdictStatus::kAdmitted);
  EXPECT_TRUE(reply.page.empty());
  EXPECT_EQ(records(), 3u);
}

TEST_F(BundleTest, ABrokenOrForeignOneFailsNeitherTheOthersNorTheRequest) {
  const auto foreign = journal::box_key_pair_from(random.fixed<KeySeed>());
  Bytes later_version = sealed(content());
  later_version[4] = 9;
  LogContent own;
  carriers[0].log(own);
  const auto reply = send(carriers[0], {"nonsense", sealed(content(), foreign.public_key), later_version,
                                        sealed(content()), Bytes()});
  ASSERT_EQ(reply.bundles.size(), 5u);
  EXPECT_EQ(reply.bundles[0].status, wire::BundleStatus::kInvalid);
  EXPECT_EQ(reply.bundles[1].status, wire::BundleStatus::kUnknownKey);
  EXPECT_EQ(reply.bundles[2].status, wire::BundleStatus::kUnknownKey);
  EXPECT_EQ(reply.bundles[3].status, wire::BundleStatus::kTaken);
  EXPECT_EQ(reply.bundles[4].status, wire::BundleStatus::kInvalid);
  ASSERT_EQ(reply.verdicts.size(), 1u);
  EXPECT_EQ(reply.verdicts[0].status, wire::VerdictStatus::kAdmitted);
  EXPECT_EQ(records(), 4u);
}

TEST_F(BundleTest, NoChangedByteGetsThrough) {
  const Bytes bundle = sealed(content());
  const auto before = server.conclusions();
  std::vector<Bytes> changed;
  const auto flush = [&] {
    for (const auto& reply : send(carriers[0], std::exchange(changed, {})).bundles)
      EXPECT_NE(reply.status, wire::BundleStatus::kTaken);
  };
  for (std::size_t at = 0; at < bundle.size(); ++at) {
    changed.push_back(bundle);
    changed.back()[at] = static_cast<char>(changed.back()[at] ^ 0x20);
    if (changed.size() == limits::kBundlesPerRequestMax) flush();
  }
  flush();
  EXPECT_EQ(server.conclusions(), before);
}

TEST_F(BundleTest, WhatWasSealedToAnOldKeyOpensAndToANewOneOnceItIsThere) {
  const auto next = journal::box_key_pair_from(random.fixed<KeySeed>());
  const Bytes to_next = sealed(content(), next.public_key);
  EXPECT_EQ(send(carriers[0], {to_next}).bundles.at(0).status, wire::BundleStatus::kUnknownKey);
  server.engine().add_opening_key(journal::opening_key_of(next));
  EXPECT_EQ(send(carriers[0], {to_next}).bundles.at(0).status, wire::BundleStatus::kTaken);
  EXPECT_EQ(send(carriers[1], {sealed(content())}).bundles.at(0).status, wire::BundleStatus::kTaken);
}

TEST_F(BundleTest, ABatchThatCannotBeTakenLeavesTheOthersTheirReceipts) {
  auto inside = content();
  SealedBatch broken = wire::decode_batch(inside.journals[0].encoded_batches[1])->batch;
  broken.signature.bytes[0] ^= 1;
  inside.journals[0].encoded_batches[1] = wire::encode_batch(broken, wire::HashForm::kWhole);
  FakePhone unknown(8, Rank::kVolunteer, "a");
  unknown.log({});
  unknown.seal();
  inside.journals.push_back({unknown.key(), {}, {unknown.sealed[0].whole}, {}});
  const auto parcel = opened(send(carriers[0], {sealed(inside)}).bundles.at(0));
  ASSERT_EQ(parcel.journals.size(), 2u);
  EXPECT_EQ(parcel.journals[0].verdicts[0].status, wire::VerdictStatus::kAdmitted);
  EXPECT_EQ(parcel.journals[0].verdicts[1].status, wire::VerdictStatus::kInvalid);
  EXPECT_TRUE(parcel.journals[0].batches[1].is_zero());
  EXPECT_EQ(parcel.journals[0].verdicts[2].status, wire::VerdictStatus::kAdmitted);
  EXPECT_TRUE(parcel.journals[0].verdicts[2].gap);
  EXPECT_TRUE(is_receipt_good(parcel.journals[0]));
  EXPECT_EQ(parcel.journals[1].verdicts[0].status, wire::VerdictStatus::kNeedCertificate);
  EXPECT_TRUE(parcel.journals[1].signature.is_zero());
}

TEST_F(BundleTest, ABatchStrippedOfItsWordsIsRefusedAndCanStillComeWithThem) {
  auto inside = content();
  for (Bytes& batch : inside.journals[0].encoded_batches) batch = without_words(batch);
  const auto stripped = opened(send(carriers[0], {sealed(inside)}).bundles.at(0));
  for (const wire::Verdict& verdict : stripped.journals.at(0).verdicts)
    EXPECT_EQ(verdict.status, wire::VerdictStatus::kInvalid);
  const auto whole = opened(send(carriers[0], {sealed(content())}).bundles.at(0));
  for (const wire::Verdict& verdict : whole.journals.at(0).verdicts)
    EXPECT_EQ(verdict.status, wire::VerdictStatus::kAdmitted);
}

TEST_F(BundleTest, AJournalWithoutANameIsNotTakenForTheCarriers) {
  auto inside = content();
  inside.journals[0].device_key.reset();
  EXPECT_EQ(send(carriers[0], {sealed(inside)}).bundles.at(0).status, wire::BundleStatus::kInvalid);
  EXPECT_EQ(records(), 0u);
}

TEST_F(BundleTest, WithoutAReturnKeyThereIsNoParcel) {
  for (const Bytes& key : {Bytes(), Bytes("short"), Bytes(32, '\0')}) {
    auto inside = content();
    inside.return_key = key;
    const auto reply = send(carriers[0], {sealed(inside)});
    EXPECT_EQ(reply.bundles.at(0).status, wire::BundleStatus::kTaken);
    EXPECT_TRUE(reply.bundles.at(0).parcel.empty());
  }
  EXPECT_EQ(records(), 3u);
}

TEST_F(BundleTest, ALargeParcelGoesWithoutItsListsOfHeldChanges) {
  ingest::OpenedBundle bundle{wire::BundleStatus::kTaken, content()};
  wire::ReceiptParcel parcel;
  parcel.journals.push_back({origin.key(), {}, {}, {}, {}});
  for (std::size_t i = 0; i < limits::kBatchesPerRequestMax; ++i) {
    wire::Verdict verdict;
    verdict.point = {i + 1, random.fixed<TransactionTag>()};
    for (std::uint32_t change = 0; change < limits::kChangesPerBatchMax; ++change)
      verdict.held.push_back({change, HoldReason::kForgedCounts});
    parcel.journals[0].batches.push_back(random.fixed<Hash>());
    parcel.journals[0].verdicts.push_back(std::move(verdict));
  }
  const auto replies =
      ingest::reply_to_bundles({server.engine().organisation(), test_keys().root_key, test_keys().server_key},
                               std::array{bundle}, std::array{parcel}, &random);
  EXPECT_LE(replies.at(0).parcel.size(), limits::kParcelBytesMax);
  const auto back = opened(replies[0]);
  ASSERT_EQ(back.journals.at(0).verdicts.size(), limits::kBatchesPerRequestMax);
  EXPECT_TRUE(back.journals[0].verdicts[0].held.empty());
  const Bytes message = journal::fates_message(server.engine().organisation(), origin.key(),
                                               wire::encode_fates(back.journals[0]));
  EXPECT_TRUE(
      journal::is_signed_by(test_keys().server_key.public_key, message, back.journals[0].fates_signature));
  EXPECT_EQ(back.journals[0].verdicts[63].point.position, 64u);
}

}  // namespace
}  // namespace phusa::test
