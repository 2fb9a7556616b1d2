#include "sync-server/ingest/introduction.hpp"

#include "core/journal/certificate.hpp"
#include "core/journal/sealing.hpp"
#include "core/merge/merge.hpp"
#include "sync-server/ingest/revocation.hpp"
#include "tests/server/ingest/vouching.hpp"

#include <gtest/gtest.h>

namespace phusa::test {
namespace {

/// An officer of unit a who may vouch for two phones, and phones nobody has heard of.
class IntroductionOf : public ::testing::Test {
 protected:
  IntroductionOf() {
    keep_server_certificate(server);
    grant(officer, {.unit = "a", .rank = Rank::kOfficer, .uses = 2});
  }
  void TearDown() override {
    const auto report = server.verify();
    for (const std::string& difference : report.differences) ADD_FAILURE() << difference;
    const auto before = server.conclusions();
    server.restart();
    EXPECT_EQ(before, server.conclusions());
  }

  void grant(const FakePhone& phone, const Voucher& voucher) {
    ASSERT_TRUE(
        server.engine().append_office(OfficeAct::kGrant, ingest::grant_payload(granted(phone, voucher))));
  }
  Certificate officers() const { return granted(officer, {.unit = "a", .rank = Rank::kOfficer, .uses = 2}); }
  std::vector<Bytes> chain_for(const FakePhone& phone, const Voucher& voucher = {}) const {
    return chain({vouched(officer, phone, voucher), officers()});
  }
  void accept(const Certificate& certificate) {
    ASSERT_TRUE(server.engine().append_office(OfficeAct::kGrant, ingest::grant_payload(certificate)));
  }

  TestServer server;
  FakePhone officer{2, Rank::kOfficer, "a"};
  FakePhone phone{10, Rank::kVolunteer, "a1"};
  FakePhone second{11, Rank::kVolunteer, "a1"};
  FakePhone third{12, Rank::kVolunteer, "a1"};
};

TEST_F(IntroductionOf, AVouchedPhonesWorkCountsBeforeItEverMetTheServer) {
  phone.log(trees(7));
  EXPECT_EQ(carry(server, phone, {}).at(0).status, wire::VerdictStatus::kNeedCertificate);
  EXPECT_EQ(carry(server, phone, chain_for(phone)).at(0).status, wire::VerdictStatus::kAdmitted);
  EXPECT_EQ(sum_of(server), 7);
  EXPECT_EQ(carry(server, phone, chain_for(phone)).at(0).status, wire::VerdictStatus::kDuplicate);
  EXPECT_EQ(*introduce(server, phone, chain_for(phone)), HoldReason::kNone);
  EXPECT_EQ(office_entries(server, OfficeAct::kGrant), 2u) << "one of the officer, one of the phone";
  EXPECT_EQ(sum_of(server), 7);
}

// Anybody can send such, and opening takes the one writer's time.
TEST_F(IntroductionOf, AStrangersBatchIsAskedForItsCertificateBeforeItIsOpened) {
  phone.log(trees(7));
  phone.seal();
  SealedBatch unreadable = wire::decode_batch(phone.sealed.at(0).whole)->batch;
  unreadable.personal = Bytes(100, 'x');
  phone.sealed.at(0).whole = wire::encode_batch(unreadable, wire::HashForm::kWhole);
  EXPECT_EQ(carry(server, phone, {}).at(0).status, wire::VerdictStatus::kNeedCertificate);
  EXPECT_EQ(carry(server, phone, chain_for(second)).at(0).status, wire::VerdictStatus::kNeedCertificate);
  EXPECT_EQ(carry(server, phone, chain_for(phone)).at(0).status, wire::VerdictStatus::kInvalid);
}

TEST_F(IntroductionOf, WhatIsVouchedTooLateIsHeldWholeUntilTheOfficeAcceptsIt) {
  const auto late = vouched(officer, phone, {.issued_at = WallTime(Day(std::chrono::year(2025) / 12 / 1))});
  phone.log(trees(7));
  for (int i = 0; i < 3; ++i) {
    const auto verdict = carry(server, phone, chain({late, officers()})).at(0);
    EXPECT_TRUE(verdict.is_durable());
    EXPECT_EQ(verdict.reason, HoldReason::kVouchLate);
    EXPECT_EQ(*introduce(server, phone, chain({late, officers()})), HoldReason::kVouchLate);
  }
  EXPECT_EQ(office_entries(server, OfficeAct::kDoubt), 1u) << "doubted once";
  EXPECT_EQ(sum_of(server), 0);
  phone.log(trees(2));
  EXPECT_EQ(carry(server, phone, {}).at(1).reason, HoldReason::kVouchLate) << "its chain is known by now";
  accept(late);
  EXPECT_EQ(sum_of(server), 9);
  EXPECT_TRUE((*server.ledger().begin_read())->doubts()->empty());
  EXPECT_EQ(*introduce(server, phone, chain({late, officers()})), HoldReason::kNone);
}

TEST_F(IntroductionOf, AnOfficersClockFarAheadIsADoubtNotARefusal) {
  const WallTime day_after_tomorrow = server.clock().wall() + std::chrono::hours(49);
  EXPECT_EQ(*introduce(server, phone, chain_for(phone, {.issued_at = day_after_tomorrow})),
            HoldReason::kVouchLate);
  const WallTime this_evening = server.clock().wall() + std::chrono::hours(10);
  EXPECT_EQ(*introduce(server, second, chain_for(second, {.issued_at = this_evening})), HoldReason::kNone);
  const auto hostile = WallTime(std::chrono::seconds(INT64_MIN));
  EXPECT_EQ(*introduce(server, third, chain_for(third, {.issued_at = hostile})), HoldReason::kVouchLate);
}

TEST_F(IntroductionOf, AnOfficerVouchesForNoMoreThanAllowed) {
  EXPECT_EQ(*introduce(server, phone, chain_for(phone, {.serial = 1})), HoldReason::kNone);
  EXPECT_EQ(*introduce(server, second, chain_for(second, {.serial = 2})), HoldReason::kNone);
  third.log(trees(3));
  EXPECT_EQ(carry(server, third, chain_for(third, {.serial = 1})).at(0).reason, HoldReason::kVouchQuota);
  EXPECT_EQ(*introduce(server, phone, chain_for(phone, {.serial = 3})), HoldReason::kNone)
      << "the same phone twice is one phone";
  EXPECT_EQ(sum_of(server), 0);
  grant(officer, {.unit = "a", .rank = Rank::kOfficer, .serial = 2, .uses = 3});
  EXPECT_EQ(*introduce(server, third, chain_for(third, {.serial = 1})), HoldReason::kNone)
      << "with more vouches the reason is gone";
  EXPECT_EQ(sum_of(server), 3);
}

TEST_F(IntroductionOf, ARevokedOfficersUnusedVouchersAreInDoubtAndTheUsedStay) {
  phone.log(trees(7));
  carry(server, phone, chain_for(phone));
  revoke(server, officer, {});
  phone.log(trees(1));
  EXPECT_EQ(carry(server, phone, chain_for(phone)).at(1).status, wire::VerdictStatus::kAdmitted);
  second.log(trees(20));
  EXPECT_EQ(carry(server, second, chain_for(second)).at(0).reason, HoldReason::kVouchRevoked);
  EXPECT_EQ(sum_of(server), 8);
  accept(vouched(officer, second));
  EXPECT_EQ(sum_of(server), 28);
}

TEST_F(IntroductionOf, AnOfficerLetsNobodyIntoAnothersUnitNorAboveItself) {
  EXPECT_EQ(*introduce(server, phone, chain_for(phone, {.unit = "b"})), HoldReason::kVouchRevoked);
  EXPECT_EQ(*introduce(server, phone, chain_for(phone, {.unit = "nowhere"})), HoldReason::kVouchRevoked);
  EXPECT_FALSE(introduce(server, second, chain_for(second, {.rank = Rank::kOfficer})))
      << "no chain: its role does not fall";
}

TEST_F(IntroductionOf, AChainWithABrokenLinkProvesNothing) {
  phone.log(trees(7));
  const auto whole = chain_for(phone);
  for (std::size_t link = 0; link < whole.size(); ++link) {
    for (std::size_t at = 0; at < whole[link].size(); at += 7) {
      auto broken = whole;
      broken[link][at] = static_cast<char>(broken[link][at] ^ 1);
      EXPECT_EQ(carry(server, phone, broken).at(0).status, wire::VerdictStatus::kNeedCertificate);
    }
  }
  EXPECT_EQ(carry(server, phone, chain_for(second)).at(0).status, wire::VerdictStatus::kNeedCertificate);
  EXPECT_EQ(carry(server, phone, {whole[0], whole[2]}).at(0).status, wire::VerdictStatus::kNeedCertificate);
  EXPECT_EQ(carry(server, phone, {whole[2]}).at(0).status, wire::VerdictStatus::kNeedCertificate);
  EXPECT_EQ(office_entries(server, OfficeAct::kDoubt), 0u);
  EXPECT_EQ(sum_of(server), 0);
}

TEST_F(IntroductionOf, ALedgerRestoredToBeforeAllOfThemLearnsThemFromTheirChains) {
  const FakePhone other(3, Rank::kOfficer, "b");
  const auto lost = granted(other, {.unit = "b", .rank = Rank::kOfficer, .serial = 41, .uses = 9});
  phone.log(trees(7, 3));
  const auto its = vouched(other, phone, {.unit = "b"});
  EXPECT_EQ(carry(server, phone, chain({its, lost})).at(0).status, wire::VerdictStatus::kAdmitted);
  EXPECT_EQ(sum_of(server), 7);
  EXPECT_EQ(office_entries(server, OfficeAct::kGrant), 3u);
}

TEST_F(IntroductionOf, AnOldCertificateShownLateIsKnownButNotTheNewest) {
  const auto at = [](unsigned of_march) { return WallTime(Day(std::chrono::year(2026) / 3 / of_march)); };
  const auto newer = granted(phone, {.unit = "b", .serial = 8, .issued_at = at(12)});
  const auto older = granted(phone, {.unit = "a1", .serial = 3, .issued_at = at(2)});
  ASSERT_EQ(*introduce(server, phone, chain({newer})), HoldReason::kNone);
  phone.use_certificate(3);
  phone.log(trees(7));
  EXPECT_EQ(carry(server, phone, chain({older})).at(0).status, wire::VerdictStatus::kAdmitted);
  EXPECT_EQ(sum_of(server), 7);
  const auto snapshot = *server.ledger().begin_read();
  EXPECT_EQ((*snapshot->device(phone.id()))->unit, "b");
  EXPECT_EQ(*ingest::chain_of(*snapshot, phone.id()), chain({newer}));
  EXPECT_EQ(*ingest::chain_of(*snapshot, officer.id()), chain({officers()}));
  EXPECT_TRUE(ingest::chain_of(*snapshot, third.id())->empty());
  phone.use_certificate(8);
  phone.log(trees(1, 3));
  phone.seal();
  const auto reply = server.engine().sync(wire::encode_sync_request(phone.request()));
  ASSERT_TRUE(reply) << reply.error().context;
  EXPECT_EQ(wire::decode_sync_reply(*reply)->certificates.size(), 2u) << "one batch names the older";
  phone.sealed[0].received = LedgerPoint{};
  const auto next = server.engine().sync(wire::encode_sync_request(phone.request()));
  EXPECT_TRUE(wire::decode_sync_reply(*next)->certificates.empty()) << "it seals under the newest";
}

TEST_F(IntroductionOf, APhoneWhoseTokenIsUnknownIsAskedToIntroduceItself) {
  const auto ask = [&](const FakePhone& asking) -> Result<wire::SyncReply> {
    PHUSA_ASSIGN(const Bytes reply, server.engine().sync(wire::encode_sync_request(asking.request())));
    return wire::decode_sync_reply(reply);
  };
  EXPECT_TRUE(ask(phone)->introduce);
  phone.log(trees(1));
  carry(server, phone, chain_for(phone));
  EXPECT_TRUE(ask(phone)->introduce) << "granted by a carrier, still without a token";
  EXPECT_TRUE(ask(phone)->page.empty());
  phone.log(trees(7));
  phone.seal();
  EXPECT_EQ(*introduce(server, phone, chain_for(phone)), HoldReason::kNone);
  EXPECT_FALSE(ask(phone)->introduce);
  wire::SyncRequest thief = phone.request();
  thief.own.clear();
  thief.token = Bytes(32, 'x');
  EXPECT_EQ(server.engine().sync(wire::encode_sync_request(thief)).error().code, ErrorCode::kUnauthorized);
  revoke(server, phone, {});
  EXPECT_FALSE(ask(phone)->introduce) << "a revoked phone delivers and reads nothing";
}

TEST_F(IntroductionOf, WhoMayNotReadIsToldOfARestoreByWhatItSaw) {
  bool push_only = false;
  const auto is_told = [&](const std::optional<LedgerPoint>& furthest) {
    wire::SyncRequest request = phone.request();
    request.push_only = push_only;
    request.own.clear();
    request.cursor.clear();
    request.furthest = furthest;
    const auto reply = server.engine().sync(wire::encode_sync_request(request));
    EXPECT_TRUE(reply) << reply.error().context;
    return wire::decode_sync_reply(*reply)->reset;
  };
  const auto head = [&] { return *(*server.ledger().begin_read())->head(); };
  const LedgerPoint elsewhere{head().position, TransactionTag{{1, 2, 3}}};
  EXPECT_FALSE(is_told(std::nullopt)) << "it saw nothing";
  EXPECT_FALSE(is_told(head()));
  EXPECT_TRUE(is_told(elsewhere));
  ASSERT_EQ(*introduce(server, phone, chain_for(phone)), HoldReason::kNone);
  push_only = true;
  EXPECT_FALSE(is_told(head()));
  EXPECT_TRUE(is_told(elsewhere)) << "who only delivers gets no page either";
  push_only = false;
  revoke(server, phone, {});
  EXPECT_FALSE(is_told(head()));
  EXPECT_TRUE(is_told(elsewhere));
}

TEST_F(IntroductionOf, ARevokedPhoneThatTheServerForgotIsToldOfARestore) {
  revoke(server, phone, {});
  const LedgerPoint head = *(*server.ledger().begin_read())->head();
  wire::SyncRequest request = phone.request();
  request.own.clear();
  request.cursor.clear();
  request.furthest = head;
  EXPECT_EQ(server.engine().sync(wire::encode_sync_request(request)).error().code, ErrorCode::kUnauthorized);
  request.furthest = LedgerPoint{head.position, TransactionTag{{1, 2, 3}}};
  const auto reply = wire::decode_sync_reply(*server.engine().sync(wire::encode_sync_request(request)));
  EXPECT_TRUE(reply->reset);
  EXPECT_TRUE(reply->introduce) << "so that nothing is swept and its chain is shown";
  EXPECT_TRUE(reply->page.empty());
}

TEST_F(IntroductionOf, ABatchUnderACertificateNotShownWaitsForIt) {
  phone.use_certificate(9);
  phone.log(trees(7));
  EXPECT_EQ(carry(server, phone, chain_for(phone, {.serial = 1})).at(0).reason,
            HoldReason::kUnknownCertificate);
  EXPECT_EQ(sum_of(server), 0);
  std::vector<Bytes> both = chain_for(phone, {.serial = 1});
  for (const Bytes& certificate : chain_for(phone, {.serial = 9})) both.push_back(certificate);
  EXPECT_EQ(*introduce(server, phone, both), HoldReason::kNone) << "several chains at once";
  EXPECT_EQ(sum_of(server), 7);
}

TEST_F(IntroductionOf, ARevokedPhonesBatchUnderAnUnknownCertificateProvesNothing) {
  phone.log(trees(7));
  carry(server, phone, chain_for(phone));
  revoke(server, phone, {phone.sealed[0].hash});
  phone.log(trees(500));
  phone.seal();
  phone.use_certificate(999);
  phone.log(trees(900));
  for (const auto& verdict : carry(server, phone, chain_for(phone))) {
    if (verdict.status == wire::VerdictStatus::kDuplicate) continue;
    EXPECT_EQ(verdict.reason, HoldReason::kRevoked);
  }
  grant(third, {.serial = 5});  // judges all that is held again
  EXPECT_EQ(sum_of(server), 7);
}

TEST_F(IntroductionOf, ARevocationHeardOfFirstHoldsWhatComesAfterTheLastGoodBatch) {
  phone.log(trees(7));
  phone.seal();
  phone.log(trees(500));
  phone.seal();
  revoke(server, phone, {phone.sealed[0].hash});
  carry(server, phone, chain_for(phone));
  EXPECT_EQ(sum_of(server), 7);
  EXPECT_TRUE((*(*server.ledger().begin_read())->device(phone.id()))->revoked);
}

TEST_F(IntroductionOf, ADeviceRevokedWhileInDoubtIsAcceptedAsFarAsItIsGood) {
  const auto late = vouched(officer, phone, {.issued_at = WallTime(Day(std::chrono::year(2025) / 12 / 1))});
  for (const std::int64_t amount : {1, 10, 100}) {
    phone.log(trees(amount));
    phone.seal();
  }
  carry(server, phone, chain({late, officers()}));
  revoke(server, phone, {phone.sealed[0].hash});
  accept(late);
  EXPECT_EQ(sum_of(server), 1);
}

TEST_F(IntroductionOf, NamingARevokedDeviceAgainWidensWhatCounts) {
  for (const std::int64_t amount : {1, 10, 100, 1000}) {
    phone.log(trees(amount));
    phone.seal();
  }
  carry(server, phone, chain_for(phone));
  revoke(server, phone, {phone.sealed[0].hash});
  EXPECT_EQ(sum_of(server), 1);
  revoke(server, phone, {phone.sealed[2].hash});
  EXPECT_EQ(sum_of(server), 111) << "the one between counts too";
  revoke(server, phone, {phone.sealed[1].hash});
  EXPECT_EQ(sum_of(server), 111) << "never narrower";
}

/// A journal of four batches, of which the third waits for a server that knows its section.
void seal_four(FakePhone& phone) {
  for (const std::int64_t amount : {1, 10, 100, 1000}) {
    phone.log(trees(amount));
    phone.seal();
    if (phone.sealed.size() != 3) continue;
    SealedByPhone& third = phone.sealed.back();
    SealedBatch batch = wire::decode_batch(third.whole)->batch;
    batch.sections.push_back({7, "from tomorrow"});
    third.hash = journal::seal(organisation_id_of(test_keys().root_key), phone.keys(), batch, {});
    third.encoded = wire::encode_batch(batch);
    third.whole = wire::encode_batch(batch, wire::HashForm::kWhole);
  }
}

TEST_F(IntroductionOf, WhatLiesBeforeAGoodBatchCountsThoughTheOneBetweenWaits) {
  seal_four(phone);
  carry(server, phone, chain_for(phone));
  revoke(server, phone, {phone.sealed[0].hash});
  EXPECT_EQ(sum_of(server), 1);
  revoke(server, phone, {phone.sealed[3].hash});
  EXPECT_EQ(sum_of(server), 1011);
}

TEST_F(IntroductionOf, WhatLiesBeforeAGoodBatchCountsInWhicheverOrderTheyCome) {
  seal_four(phone);
  std::vector<std::size_t> order{1, 2, 3};
  do {
    TestServer other;
    keep_server_certificate(other);
    ASSERT_TRUE(other.engine().append_office(OfficeAct::kGrant, ingest::grant_payload(officers())));
    ASSERT_EQ(*introduce(other, phone, chain_for(phone)), HoldReason::kNone);
    revoke(other, phone, {phone.sealed[3].hash});
    for (const std::size_t which : order) other.deliver(phone.key(), {phone.sealed[which].whole});
    EXPECT_EQ(sum_of(other), 1010) << order[0] << order[1] << order[2];
    EXPECT_EQ(other.verify().differences, std::vector<std::string>{});
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(IntroductionOf, WhatARevocationKeepsIsKnownBefore) {
  for (const std::int64_t amount : {1, 10, 100}) {
    phone.log(trees(amount));
    phone.seal();
  }
  carry(server, phone, chain_for(phone));
  const auto fates = ingest::fates_under(**server.ledger().begin_read(), phone.key(), {phone.sealed[1].hash});
  ASSERT_EQ(fates->size(), 3u);
  EXPECT_TRUE((*fates)[0].is_kept) << "the one before a good one";
  EXPECT_TRUE((*fates)[1].is_kept);
  EXPECT_FALSE((*fates)[2].is_kept);
  EXPECT_EQ((*fates)[2].changes, 1u);
  revoke(server, phone, {phone.sealed[1].hash});
  EXPECT_EQ(sum_of(server), 11);
}

TEST_F(IntroductionOf, ALongJournalIsWidenedBatchByBatch) {
  for (int i = 0; i < 300; ++i) {
    phone.log(trees(1));
    phone.seal();
  }
  std::vector<Bytes> all;
  for (const auto& batch : phone.sealed) all.push_back(batch.whole);
  ASSERT_EQ(*introduce(server, phone, chain_for(phone)), HoldReason::kNone);
  for (std::size_t i = 0; i < all.size(); i += 60)
    server.deliver(phone.key(), {all.begin() + static_cast<std::ptrdiff_t>(i),
                                 all.begin() + static_cast<std::ptrdiff_t>(i + 60)});
  revoke(server, phone, {});
  EXPECT_EQ(sum_of(server), 0);
  revoke(server, phone, {phone.sealed.back().hash});
  EXPECT_EQ(sum_of(server), 300);
}

TEST_F(IntroductionOf, ADoubtIsAnEntryThatOnlyFitsOneShape) {
  const auto append = [&](const Bytes& payload) {
    return server.engine().append_office(OfficeAct::kDoubt, payload).error().code;
  };
  const Certificate certificate = vouched(officer, phone);
  EXPECT_EQ(append({}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(append(ingest::doubt_payload(HoldReason::kRevoked, certificate)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(append(ingest::doubt_payload(HoldReason::kVouchLate, certificate) + "x"),
            ErrorCode::kInvalidArgument);
  accept(certificate);
  EXPECT_EQ(append(ingest::doubt_payload(HoldReason::kVouchLate, certificate)), ErrorCode::kConflict);
}

}  // namespace
}  // namespace phusa::test
