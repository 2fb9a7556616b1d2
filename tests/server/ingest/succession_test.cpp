#include "core/journal/certificate.hpp"
#include "core/merge/merge.hpp"
#include "tests/server/ingest/vouching.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace phusa::test {
namespace {

constexpr std::uint32_t kUnitB = 3;

class SuccessionOf : public ::testing::Test {
 protected:
  SuccessionOf() { settle(server); }
  void TearDown() override {
    const auto report = server.verify();
    for (const std::string& difference : report.differences) ADD_FAILURE() << difference;
  }

  void settle(TestServer& at) {
    keep_server_certificate(at);
    grant(at, officer, officers());
  }
  static void grant(TestServer& at, const FakePhone&, const Certificate& certificate) {
    ASSERT_TRUE(at.engine().append_office(OfficeAct::kGrant, ingest::grant_payload(certificate)));
  }
  Certificate officers() const { return granted(officer, {.unit = "a", .rank = Rank::kOfficer, .uses = 9}); }
  std::vector<Bytes> vouch_for(const FakePhone& device, std::optional<PublicKey> predecessor = std::nullopt,
                               const std::string& unit = "a1") const {
    return chain({vouched(officer, device, {.unit = unit, .predecessor = predecessor}), officers()});
  }
  static std::int64_t shown(const FakePhone& phone, const RecordId& record) {
    const auto state = phone.displayed(record);
    const auto amount = value::amount(merge::winning_value(state, trees_field()));
    return amount ? amount->value : -1;
  }

  TestServer server;
  FakePhone officer{2, Rank::kOfficer, "a"};
  FakePhone old_phone{10, Rank::kVolunteer, "a1"};
  FakePhone new_phone{11, Rank::kVolunteer, "a1"};
  FakePhone newest_phone{12, Rank::kVolunteer, "a1"};
};

TEST_F(SuccessionOf, ByTheOfficeYesterdaysWorkIsOnTheNewPhoneAndItsOwn) {
  grant(server, old_phone, granted(old_phone, {.unit = "a1", .person = 5}));
  const RecordId record = old_phone.log(trees(7));
  old_phone.seal();
  server.deliver(old_phone.key(), {old_phone.sealed[0].whole});
  const auto its = granted(new_phone, {.unit = "a1", .predecessor = old_phone.key(), .person = 5});
  ASSERT_EQ(*introduce(server, new_phone, chain({its})), HoldReason::kNone);
  ASSERT_TRUE(new_phone.sync(server.engine()));
  EXPECT_EQ(shown(new_phone, record), 7);
  new_phone.edit(record, trees_field(), amount(9));
  ASSERT_TRUE(new_phone.sync(server.engine()));
  EXPECT_EQ(sum_of(server), 9);
}

TEST_F(SuccessionOf, ByVouchThePersonIsThePredecessors) {
  const RecordId record = old_phone.log(trees(7));
  carry(server, old_phone, vouch_for(old_phone));
  const auto named = journal::predecessor_named(old_phone.id());
  ASSERT_EQ(*introduce(server, new_phone, vouch_for(new_phone, named)), HoldReason::kNone);
  ASSERT_TRUE(new_phone.sync(server.engine()));
  EXPECT_EQ(shown(new_phone, record), 7);
  new_phone.edit(record, trees_field(), amount(9));
  const RecordId later = new_phone.log(trees(20));
  ASSERT_TRUE(new_phone.sync(server.engine()));
  EXPECT_EQ(sum_of(server), 29);
  // The old phone turns up again: one person still, and its unsent work counts.
  old_phone.log(trees(100));
  carry(server, old_phone, {});
  EXPECT_EQ(sum_of(server), 129);
  ASSERT_EQ(*introduce(server, old_phone, vouch_for(old_phone)), HoldReason::kNone);
  ASSERT_TRUE(old_phone.sync(server.engine()));
  EXPECT_EQ(shown(old_phone, later), 20);
}

TEST_F(SuccessionOf, APredecessorThatComesLaterIsJoinedThenAndItsWorkComesDown) {
  ASSERT_EQ(*introduce(server, new_phone, vouch_for(new_phone, old_phone.key())), HoldReason::kNone);
  ASSERT_TRUE(new_phone.sync(server.engine()));
  const RecordId record = old_phone.log(trees(7));
  carry(server, old_phone, vouch_for(old_phone));
  ASSERT_TRUE(new_phone.sync(server.engine()));
  EXPECT_EQ(shown(new_phone, record), 7);
  new_phone.edit(record, trees_field(), amount(9));
  ASSERT_TRUE(new_phone.sync(server.engine()));
  EXPECT_EQ(sum_of(server), 9);
}

TEST_F(SuccessionOf, AnOfficerCannotGiveAwayRecordsOfAnothersUnit) {
  grant(server, old_phone, granted(old_phone, {.unit = "b", .person = 5}));
  const RecordId record = old_phone.log(trees(7, kUnitB));
  old_phone.seal();
  server.deliver(old_phone.key(), {old_phone.sealed[0].whole});
  ASSERT_EQ(*introduce(server, new_phone, vouch_for(new_phone, old_phone.key())), HoldReason::kNone);
  ASSERT_TRUE(new_phone.sync(server.engine()));
  EXPECT_FALSE(new_phone.base.contains(record));
  new_phone.base = {{record, [&] {
                       RecordState state;
                       state.id = record;
                       merge::join(state, old_phone.sealed[0].changes[0]);
                       return state;
                     }()}};
  new_phone.edit(record, trees_field(), amount(1));
  carry(server, new_phone, {});
  EXPECT_EQ(sum_of(server), 7) << "held: not its own";
}

TEST_F(SuccessionOf, APersonWrittenIntoAVoucherOwnsNothing) {
  grant(server, old_phone, granted(old_phone, {.unit = "a1", .person = 5}));
  const RecordId record = old_phone.log(trees(7));
  old_phone.seal();
  server.deliver(old_phone.key(), {old_phone.sealed[0].whole});
  const auto forged = vouched(officer, new_phone, {.unit = "a1", .person = 5});
  ASSERT_EQ(*introduce(server, new_phone, chain({forged, officers()})), HoldReason::kNone);
  ASSERT_TRUE(new_phone.sync(server.engine()));
  EXPECT_FALSE(new_phone.base.contains(record));
}

TEST_F(SuccessionOf, ThreePhonesOfOnePersonConvergeInEveryOrder) {
  const RecordId first = old_phone.log(trees(7));
  old_phone.seal();
  RecordState seen;
  seen.id = first;
  merge::join(seen, old_phone.sealed[0].changes[0]);
  new_phone.base[first] = seen;
  new_phone.edit(first, trees_field(), amount(8));
  const RecordId second = new_phone.log(trees(20));
  new_phone.seal();
  for (const Change& change : new_phone.sealed[0].changes) {
    RecordState& state = newest_phone.base[change.record];
    if (change.record == first) state = seen;
    state.id = change.record;
    merge::join(state, change);
  }
  newest_phone.edit(first, trees_field(), amount(9));
  newest_phone.edit(second, trees_field(), amount(21));
  newest_phone.seal();
  struct Arrival {
    FakePhone* phone;
    std::vector<Bytes> chain;
  };
  std::vector<Arrival> arrivals = {{&old_phone, vouch_for(old_phone)},
                                   {&new_phone, vouch_for(new_phone, old_phone.key())},
                                   {&newest_phone, vouch_for(newest_phone, new_phone.key())}};
  std::vector<std::size_t> order = {0, 1, 2};
  std::optional<std::vector<std::string>> expected;
  do {
    TestServer other;
    settle(other);
    for (const std::size_t i : order) carry(other, *arrivals[i].phone, arrivals[i].chain);
    EXPECT_EQ(sum_of(other), 30) << order[0] << order[1] << order[2];
    EXPECT_EQ(other.verify().differences_found, 0u);
    if (!expected) expected = other.conclusions();
    EXPECT_EQ(other.conclusions(), *expected);
  } while (std::next_permutation(order.begin(), order.end()));
}

}  // namespace
}  // namespace phusa::test
