#include "sync-server/http/held_list.hpp"

#include "tests/support/phone_fixture.hpp"

#include <gtest/gtest.h>

namespace phusa::http {
namespace {

using test::FakePhone;
using test::LogContent;

class HeldList : public ::testing::Test {
 protected:
  HeldList() {
    server.enrol(volunteer);
    server.enrol(other);
  }
  RecordId log_and_deliver() {
    LogContent content;
    content.values[0] = {12, Qualifier::kExact};
    const RecordId record = volunteer.log(content);
    volunteer.seal();
    server.deliver(volunteer.key(), {volunteer.sealed.back().whole});
    return record;
  }
  void revoke_up_to(const Hash& good) {
    const Bytes payload =
        ingest::revoke_payload(volunteer.id(), std::vector<ingest::LastGood>{{JournalId{}, good}});
    ASSERT_TRUE(server.engine().append_office(OfficeAct::kRevoke, payload));
  }
  std::vector<HeldItem> held(std::optional<UnitNo> scope = std::nullopt) {
    const auto snapshot = server.ledger().begin_read();
    return *list_held(**snapshot, *server.engine().catalogue(), scope);
  }

  test::TestServer server;
  FakePhone volunteer{1, Rank::kVolunteer, "a"};
  FakePhone other{2, Rank::kVolunteer, "a"};
};

TEST_F(HeldList, WhatARevocationTookBackIsListedOnceAsItsBatch) {
  log_and_deliver();
  log_and_deliver();
  revoke_up_to(volunteer.sealed[0].hash);
  const auto items = held();
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].what, HeldItem::What::kBatch);
  EXPECT_EQ(items[0].reason, HoldReason::kRevoked);
  EXPECT_EQ(items[0].batch, volunteer.sealed[1].hash);
}

TEST_F(HeldList, AChangeOfWhatHasNotArrivedIsListedOnceAsAChange) {
  const RecordId elsewhere{other.id(), 7, 1};
  volunteer.edit(elsewhere, FieldKey::value_of(IndicatorNo{0}), value::of_amount({8, Qualifier::kExact}));
  volunteer.seal();
  server.deliver(volunteer.key(), {volunteer.sealed.back().whole});
  const auto items = held();
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].what, HeldItem::What::kChange);
}

TEST_F(HeldList, ARecordWithSomethingOfItStaysARecordWithItsReason) {
  const RecordId record = log_and_deliver();
  volunteer.edit(record, FieldKind::kDay, {});
  volunteer.seal();
  server.deliver(volunteer.key(), {volunteer.sealed.back().whole});
  const auto items = held();
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].what, HeldItem::What::kRecord);
  EXPECT_EQ(items[0].reason, HoldReason::kIncomplete);
}

}  // namespace
}  // namespace phusa::http
