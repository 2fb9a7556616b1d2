#include "core/base/limits.hpp"
#include "core/journal/bundle.hpp"
#include "tests/server/ingest/vouching.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace phusa::test {
namespace {

/// How much a server holds for keys that nobody believes.
class HoldingBounds : public ::testing::Test {
 protected:
  HoldingBounds() {
    keep_server_certificate(server);
    EXPECT_TRUE(server.engine().append_office(OfficeAct::kGrant, ingest::grant_payload(officers())));
    EXPECT_TRUE(server.engine().append_office(
        OfficeAct::kGrant, ingest::grant_payload(granted(phone, {.unit = "a1", .person = 5}))));
  }
  Certificate officers() const { return granted(officer, {.unit = "a", .rank = Rank::kOfficer, .uses = 50}); }
  std::vector<Bytes> chain_for(const FakePhone& device, const Voucher& voucher = {}) const {
    return chain({vouched(officer, device, voucher), officers()});
  }
  ledger::HeldLoad load_of(const FakePhone& device) {
    return *(*server.ledger().begin_read())->held_load(device.key());
  }
  /// As if the device had sent so much that is held whole: what is in it nobody looks at.
  void fill(const FakePhone& device, std::size_t bytes) {
    const auto transaction = *server.ledger().begin_write();
    for (std::uint32_t number = 1'000'000; bytes > 0; ++number) {
      ledger::EntryRow row;
      row.hash = hash_of(device.id().hex() + std::to_string(number));
      row.device_key = device.key();
      row.number = number;
      row.envelope = Bytes(std::min<std::size_t>(bytes, 1024 * 1024), 'x');
      row.hold = HoldReason::kRevoked;
      bytes -= row.envelope.size();
      ASSERT_TRUE(transaction->append(row));
    }
    ASSERT_TRUE(transaction->commit());
  }
  wire::SyncReply sync(const wire::SyncRequest& request) {
    const auto reply = server.engine().sync(wire::encode_sync_request(request));
    EXPECT_TRUE(reply) << (reply ? "" : reply.error().context);
    return reply ? *wire::decode_sync_reply(*reply) : wire::SyncReply{};
  }

  TestServer server;
  FakePhone officer{2, Rank::kOfficer, "a"};
  FakePhone phone{10, Rank::kVolunteer, "a1"};
  FakePhone second{11, Rank::kVolunteer, "a1"};
};

constexpr auto kFull = wire::VerdictStatus::kFull;
constexpr auto kHeld = wire::VerdictStatus::kHeld;
constexpr auto kAdmitted = wire::VerdictStatus::kAdmitted;

TEST_F(HoldingBounds, AKeyThatIsShutOutFillsNothingPastItsShare) {
  revoke(server, phone, {});
  fill(phone, limits::kHeldBytesPerDeviceMax - 20 * limits::kHeldBatchBytes);
  const std::uint64_t before = (*server.ledger().begin_read())->head()->position;
  std::vector<wire::VerdictStatus> statuses;
  for (int i = 0; i < 60; ++i) {
    phone.log(trees(1));
    phone.seal();
  }
  for (const wire::Verdict& verdict : carry(server, phone, {})) statuses.push_back(verdict.status);
  const auto held = static_cast<std::uint64_t>(std::count(statuses.begin(), statuses.end(), kHeld));
  EXPECT_GT(held, 0u);
  EXPECT_LT(held, 5u);
  EXPECT_EQ(std::count(statuses.begin(), statuses.end(), kFull), static_cast<std::ptrdiff_t>(60 - held));
  EXPECT_EQ((*server.ledger().begin_read())->head()->position, before + held);
  const ledger::HeldLoad load = load_of(phone);
  EXPECT_LE(load.bytes + load.batches * limits::kHeldBatchBytes, limits::kHeldBytesPerDeviceMax);
  // Asked again, what is here is a duplicate and what is not is refused again; others are none the worse.
  EXPECT_EQ(carry(server, phone, {}).at(0).status, wire::VerdictStatus::kDuplicate);
  second.log(trees(7));
  EXPECT_EQ(carry(server, second, chain_for(second)).at(0).status, kAdmitted);
}

TEST_F(HoldingBounds, WhatIsGoodPassesWhateverElseLiesThere) {
  for (int i = 0; i < 3; ++i) {
    phone.log(trees(10));
    phone.seal();
  }
  const Hash last_good = phone.sealed[2].hash;
  phone.log(trees(1000));
  phone.seal();
  revoke(server, phone, {last_good});
  fill(phone, limits::kHeldBytesPerDeviceMax);
  // A batch before the last good one is known to be good by the one that follows it: from behind, if it must
  // be.
  for (int round = 0; round < 3; ++round) (void)carry(server, phone, {});
  const auto verdicts = carry(server, phone, {});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(verdicts.at(i).status, wire::VerdictStatus::kDuplicate) << i;
  EXPECT_EQ(verdicts.at(3).status, kFull);
  EXPECT_EQ(sum_of(server), 30);
}

TEST_F(HoldingBounds, OnceTheOfficeHasDecidedTheRestIsTaken) {
  second.log(trees(5));
  second.seal();
  const Certificate late =
      vouched(officer, second, {.issued_at = WallTime(Day(std::chrono::year(2025) / 12 / 1))});
  const auto papers = chain({late, officers()});
  EXPECT_EQ(carry(server, second, papers).at(0).status, kHeld);
  second.log(trees(6));
  second.seal();
  FakePhone other{12, Rank::kVolunteer, "a1"};
  ASSERT_EQ(
      *introduce(server, other, chain({vouched(officer, other, {.issued_at = late.issued_at}), officers()})),
      HoldReason::kVouchLate);
  fill(other, limits::kHeldBytesPerOfficerMax);
  EXPECT_EQ(carry(server, second, papers).at(1).status, kFull) << "they share what their officer answers for";
  ASSERT_TRUE(server.engine().append_office(OfficeAct::kGrant, ingest::grant_payload(late)));
  EXPECT_EQ(carry(server, second, papers).at(1).status, kAdmitted);
  EXPECT_EQ(sum_of(server), 11);
}

TEST_F(HoldingBounds, ARevokedOfficersKeyCannotGoOnVouchingForEver) {
  revoke(server, officer, {});
  for (std::size_t i = 0; i < limits::kDoubtsPerOfficerMax; ++i) {
    const FakePhone stranger(100 + i, Rank::kVolunteer, "a1");
    ASSERT_EQ(*introduce(server, stranger, chain_for(stranger)), HoldReason::kVouchRevoked) << i;
  }
  FakePhone one_more(99, Rank::kVolunteer, "a1");
  const std::uint64_t before = (*server.ledger().begin_read())->head()->position;
  EXPECT_EQ(introduce(server, one_more, chain_for(one_more)).error().code, ErrorCode::kHeldFull);
  one_more.log(trees(9));
  EXPECT_EQ(carry(server, one_more, chain_for(one_more)).at(0).status, kFull);
  EXPECT_EQ((*server.ledger().begin_read())->head()->position, before) << "nothing was written";
  // An officer of its own making, whose vouchers are in doubt as well, is no way round.
  FakePhone office(300, Rank::kOffice, "root");
  const Certificate offices = granted(office, {.unit = "root", .rank = Rank::kOffice, .uses = 50});
  ASSERT_TRUE(server.engine().append_office(OfficeAct::kGrant, ingest::grant_payload(offices)));
  revoke(server, office, {});
  std::size_t taken = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const FakePhone false_officer(400 + i, Rank::kOfficer, "a");
    const Certificate its = vouched(office, false_officer, {.unit = "a", .rank = Rank::kOfficer, .uses = 50});
    for (std::size_t j = 0; j < 100; ++j) {
      const FakePhone stranger(1000 + 100 * i + j, Rank::kVolunteer, "a1");
      const auto papers = chain({vouched(false_officer, stranger), its, offices});
      taken += introduce(server, stranger, papers) ? 1 : 0;
    }
  }
  EXPECT_LT(taken, limits::kDoubtsPerOfficerMax);
  // The officer of long ago who comes back with a good voucher is heard as before.
  EXPECT_EQ(*introduce(server, FakePhone(100, Rank::kVolunteer, "a1"),
                       chain_for(FakePhone(100, Rank::kVolunteer, "a1"))),
            HoldReason::kVouchRevoked);
}

TEST_F(HoldingBounds, RevokingStrangersMakesRoomForWhoWasVouchedForInGoodFaith) {
  revoke(server, officer, {});
  for (std::size_t i = 0; i < limits::kDoubtsPerOfficerMax; ++i) {
    const FakePhone stranger(100 + i, Rank::kVolunteer, "a1");
    ASSERT_EQ(*introduce(server, stranger, chain_for(stranger)), HoldReason::kVouchRevoked) << i;
  }
  FakePhone stranger(100, Rank::kVolunteer, "a1");
  fill(stranger, limits::kHeldBytesPerOfficerMax);
  FakePhone honest(99, Rank::kVolunteer, "a1");
  honest.log(trees(9));
  EXPECT_EQ(introduce(server, honest, chain_for(honest)).error().code, ErrorCode::kHeldFull);
  for (std::size_t i = 0; i < 10; ++i) revoke(server, FakePhone(100 + i, Rank::kVolunteer, "a1"), {});
  EXPECT_EQ(*introduce(server, honest, chain_for(honest)), HoldReason::kVouchRevoked);
  EXPECT_EQ(carry(server, honest, chain_for(honest)).at(0).status, kHeld);
  // A key that is shut out takes no more of it, however many vouchers it comes with.
  std::uint32_t serial = 1;
  for (std::size_t i = 0; i < limits::kDoubtsPerOfficerMax; ++i) {
    if (!introduce(server, stranger, chain_for(stranger, {.serial = ++serial}))) break;
  }
  EXPECT_LE(serial, limits::kDoubtsPerOfficerMax);
  EXPECT_EQ(*introduce(server, second, chain_for(second)), HoldReason::kVouchRevoked);
}

TEST_F(HoldingBounds, OneRecordDoesNotGrowWithoutEnd) {
  const RecordId record = phone.log(trees(1));
  (void)carry(server, phone, {});
  {
    const auto transaction = *server.ledger().begin_write();
    const auto block = *transaction->block(record.device, record.block);
    ledger::EntryRow row;
    row.device_key = phone.key();
    for (std::uint32_t i = 0; i < limits::kHeldChangesPerDeviceMax; ++i) {
      if (i % limits::kChangesPerBatchMax == 0) {
        row.hash = hash_of(std::to_string(i));
        row.number = 1'000'000 + i;
        ASSERT_TRUE(transaction->append(row));
      }
      ASSERT_TRUE(transaction->put_held_change({row.point.position, i % 2'000,
                                                ledger::RecordKey::of(block->no, record.n),
                                                HoldReason::kForgedCounts}));
    }
    ASSERT_TRUE(transaction->commit());
  }
  const auto head = (*server.ledger().begin_read())->head()->position;
  // What would be held with them is not taken; what is merged is.
  FakePhone thief = phone;
  thief.edit(RecordId{second.id(), 1, 1}, trees_field(), amount(3));
  EXPECT_EQ(carry(server, thief, {}).back().status, kFull);
  EXPECT_EQ((*server.ledger().begin_read())->head()->position, head);
  phone.log(trees(4));
  EXPECT_EQ(carry(server, phone, {}).back().status, kAdmitted);
}

/// Six weeks of ever so much: a hundred records a day, each with a note, each sent as soon as it is saved.
TEST_F(HoldingBounds, WeeksOfAnHonestPhoneInDoubtFit) {
  revoke(server, officer, {});
  const auto papers = chain_for(second);
  ASSERT_EQ(*introduce(server, second, papers), HoldReason::kVouchRevoked);
  constexpr int kRecords = 500;  // of the 4,200
  for (int i = 0; i < kRecords; ++i) {
    LogContent content = trees(10 + i);
    content.note =
        "Trồng cây ở ấp " + std::to_string(i) + ", có bà con và các em học sinh cùng làm, trời mưa";
    second.log(content);
    second.seal();
  }
  for (std::size_t from = 0; from < second.sealed.size(); from += 64) {
    std::vector<Bytes> some;
    for (std::size_t i = from; i < std::min(from + 64, second.sealed.size()); ++i)
      some.push_back(second.sealed[i].whole);
    for (const wire::Verdict& verdict : server.deliver(second.key(), some)) EXPECT_EQ(verdict.status, kHeld);
  }
  const ledger::HeldLoad load = load_of(second);
  ASSERT_EQ(load.batches, static_cast<std::uint64_t>(kRecords));
  const std::uint64_t a_record = (load.bytes + load.batches * limits::kHeldBatchBytes) / kRecords;
  EXPECT_LT(a_record * 4'200, limits::kHeldBytesPerDeviceMax);
  EXPECT_LT(a_record * 4'200 * limits::kVouchUsesDefault / 5, limits::kHeldBytesPerOfficerMax)
      << "ten such phones of one officer";
  ::testing::Test::RecordProperty("bytes_a_record", static_cast<int>(a_record));
}

TEST_F(HoldingBounds, ABundleWithSomethingLeftOutStaysWithItsCarrier) {
  revoke(server, phone, {});
  fill(phone, limits::kHeldBytesPerDeviceMax);
  phone.log(trees(3));
  phone.seal();
  wire::BundleContent content;
  SeededRandom random(8);
  content.return_key = Bytes(journal::box_key_of(phone.key())->view());
  content.journals.emplace_back();
  content.journals.back().device_key = phone.key();
  content.journals.back().encoded_batches.push_back(phone.sealed.front().whole);
  const std::vector<journal::BoxKey> to{test_box().public_key};
  const auto bundle = journal::seal_bundle(wire::encode_bundle_content(content), to, random);
  ASSERT_TRUE(bundle);
  wire::SyncRequest request = second.request();
  request.bundles = {*bundle};
  const wire::SyncReply reply = sync(request);
  ASSERT_EQ(reply.bundles.size(), 1u);
  EXPECT_EQ(reply.bundles[0].status, wire::BundleStatus::kFull);
  EXPECT_FALSE(reply.bundles[0].parcel.empty());
}

}  // namespace
}  // namespace phusa::test
