#include "core/merge/merge.hpp"
#include "sync-server/totals/query.hpp"
#include "tests/support/phone_fixture.hpp"

#include <gtest/gtest.h>

namespace phusa::testing {
namespace {

Result<ledger::Figures> total(TestServer& server, std::uint32_t indicator, totals::Query query = {}) {
  PHUSA_ASSIGN(const auto snapshot, server.ledger().begin_read());
  query.indicator = IndicatorNo{indicator};
  PHUSA_ASSIGN(const totals::Table table, totals::query(*snapshot, *server.engine().catalogue(), query));
  ledger::Figures sum;
  for (const totals::Row& row : table.rows) sum += row.figures;
  return sum;
}

std::int64_t sum_of(TestServer& server, std::uint32_t indicator, totals::Query query = {}) {
  const auto figures = total(server, indicator, std::move(query));
  EXPECT_TRUE(figures.has_value());
  return figures ? static_cast<std::int64_t>(figures->sum) : -1;
}

LogContent trees(std::int64_t amount, std::uint32_t unit = 1) {
  LogContent content;
  content.unit = unit;
  content.values[0] = {amount, Qualifier::kExact};
  return content;
}

TEST(Exchange, WhatAPhoneLogsIsCountedOnceAndOthersSeeIt) {
  TestServer server;
  FakePhone volunteer(1, Rank::kVolunteer, "a");
  FakePhone officer(2, Rank::kOfficer, "a");
  FakePhone office(3, Rank::kOffice, "root");
  for (const FakePhone* phone : {&volunteer, &officer, &office}) server.enrol(*phone);
  const RecordId record = volunteer.log(trees(30));
  ASSERT_TRUE(volunteer.sync(server.engine()).has_value());
  EXPECT_EQ(sum_of(server, 0), 30);
  EXPECT_EQ(volunteer.pulled, 0u) << "an echo came down";
  ASSERT_TRUE(officer.sync(server.engine()).has_value());
  ASSERT_TRUE(officer.base.contains(record));
  officer.edit(record, FieldKey::value_of(IndicatorNo{0}), value::of_amount({25, Qualifier::kMore}));
  ASSERT_TRUE(officer.sync(server.engine()).has_value());
  EXPECT_EQ(sum_of(server, 0), 25);
  ASSERT_TRUE(volunteer.sync(server.engine()).has_value());
  EXPECT_EQ(
      value::amount(merge::winning_value(volunteer.displayed(record), FieldKey::value_of(IndicatorNo{0})))
          ->value,
      25);
  ASSERT_TRUE(office.sync(server.engine()).has_value());
  EXPECT_EQ(office.base.size(), 1u);
}

}  // namespace
}  // namespace phusa::testing
