#include "sync-server/totals/query.hpp"

#include "sync-server/totals/cell_log.hpp"
#include "tests/support/phone_fixture.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace phusa::test {
namespace {

class Totals : public ::testing::Test {
 protected:
  Totals() { server.enrol(office); }

  void log(std::uint32_t unit, std::int64_t amount, std::vector<std::uint32_t> campaigns = {}, int day = 10,
           std::vector<std::uint32_t> labels = {}, Qualifier qualifier = Qualifier::kExact) {
    LogContent content;
    content.unit = unit;
    content.campaigns = std::move(campaigns);
    content.labels = std::move(labels);
    content.day = Day(std::chrono::year(2026) / 2 / day);
    content.values[0] = {amount, qualifier};
    office.log(content);
  }
  std::vector<std::string> ask(totals::Query query, std::string_view by) {
    EXPECT_TRUE(totals::parse_by(by, query).has_value());
    EXPECT_TRUE(office.sync(server.engine()).has_value());
    const auto snapshot = server.ledger().begin_read();
    const auto table = totals::query(**snapshot, *server.engine().catalogue(), query);
    EXPECT_TRUE(table.has_value());
    std::vector<std::string> out;
    for (const totals::Row& row : table->rows) {
      out.push_back(row.indicator + "|" + row.unit + row.campaign + row.label + row.month + "|" +
                    format_decimal(row.figures.sum, 0) + "|" + std::to_string(row.figures.records));
    }
    return out;
  }
  using Rows = std::vector<std::string>;

  TestServer server;
  FakePhone office{1, Rank::kOffice, "root"};
};

TEST_F(Totals, ByUnitShowsOwnFiguresAndAUnitTakesItsSubtree) {
  log(1, 10);
  log(2, 20);
  log(3, 40);
  EXPECT_EQ(ask({}, "unit"), (Rows{"trees|a|10|1", "trees|a1|20|1", "trees|b|40|1"}));
  totals::Query query;
  query.unit = UnitNo{1};
  EXPECT_EQ(ask(query, ""), (Rows{"trees||30|2"}));
}

TEST_F(Totals, WhatAMergedUnitDidCountsForItsSuccessor) {
  log(2, 20);
  log(3, 40);
  EXPECT_EQ(ask({}, "unit"), (Rows{"trees|a1|20|1", "trees|b|40|1"}));
  Catalogue next = *server.engine().catalogue();
  ++next.revision;
  next.units[2].validity.until = Day(std::chrono::year(2026) / 2 / 28);
  next.units[2].successors = {UnitNo{3}};
  server.publish(next);
  totals::Query query;
  query.unit = UnitNo{3};
  EXPECT_EQ(ask(query, ""), (Rows{"trees||60|2"}));
  EXPECT_EQ(ask(query, "unit"), (Rows{"trees|a1|20|1", "trees|b|40|1"})) << "history stays with the old unit";
  query.unit = UnitNo{1};
  EXPECT_EQ(ask(query, ""), Rows{});
}

TEST_F(Totals, ByCampaignShowsARecordUnderEachCampaignAndItsParentsOnce) {
  log(1, 10, {0, 1});
  log(1, 5, {1});
  log(1, 1);
  EXPECT_EQ(ask({}, "campaign"), (Rows{"trees||1|1", "trees|spring|15|2", "trees|year|15|2"}));
  EXPECT_EQ(ask({}, ""), (Rows{"trees||16|3"}));
  totals::Query query;
  query.campaign = CampaignNo{0};
  EXPECT_EQ(ask(query, ""), (Rows{"trees||15|2"}));
}

TEST_F(Totals, LabelsMonthsAndDaysGroupAndFilter) {
  log(1, 10, {}, 1, {0});
  log(1, 5, {}, 28, {1});
  log(1, 2, {}, 10);
  EXPECT_EQ(ask({}, "label:level"), (Rows{"trees||2|1", "trees|big|10|1", "trees|small|5|1"}));
  EXPECT_EQ(ask({}, "month"), (Rows{"trees|2026-02|17|3"}));
  totals::Query query;
  query.from = Day(std::chrono::year(2026) / 2 / 2);
  EXPECT_EQ(ask(query, ""), (Rows{"trees||7|2"}));
  query.from = Day(std::chrono::year(2026) / 2 / 1);
  query.to = Day(std::chrono::year(2026) / 2 / 28);
  EXPECT_EQ(ask(query, ""), (Rows{"trees||17|3"}));
}

TEST_F(Totals, ReturnedRecordsAreLeftOutUnlessAskedFor) {
  log(1, 10);
  EXPECT_TRUE(office.sync(server.engine()).has_value());
  office.review(office.base.begin()->first, ReviewState::kReturned);
  EXPECT_EQ(ask({}, ""), Rows{});
  totals::Query query;
  query.review = *totals::parse_review("all");
  EXPECT_EQ(ask(query, ""), (Rows{"trees||10|1"}));
}

// Phones of long ago took figures on a header.
TEST_F(Totals, AFigureOnAnEventsHeaderIsALineThatDoesNotCount) {
  log(1, 10);
  LogContent header;
  header.unit = 1;
  header.day = Day(std::chrono::year(2026) / 2 / 10);
  header.event_header = true;
  header.values[0] = {1000, Qualifier::kExact};
  office.log(header);
  EXPECT_EQ(ask({}, ""), (Rows{"trees||10|1"}));
  const auto snapshot = server.ledger().begin_read();
  const auto page = totals::lines(**snapshot, *server.engine().catalogue(), {}, 0, 10);
  ASSERT_TRUE(page.has_value());
  std::int64_t counted = 0;
  for (const totals::Line& line : page->lines) counted += line.counted ? line.amount.value : 0;
  EXPECT_EQ(page->lines.size(), 2u);
  EXPECT_EQ(counted, 10);
}

TEST_F(Totals, ATotalOpensToTheLinesItIsMadeOf) {
  log(1, 10);
  log(1, 6000);  // above the indicator's maximum
  log(3, 7);
  EXPECT_TRUE(office.sync(server.engine()).has_value());
  const auto snapshot = server.ledger().begin_read();
  totals::Query query;
  query.unit = UnitNo{1};
  std::vector<totals::Line> lines;
  for (std::uint64_t after = 0;;) {
    const auto page = totals::lines(**snapshot, *server.engine().catalogue(), query, after, 1);
    ASSERT_TRUE(page.has_value());
    lines.insert(lines.end(), page->lines.begin(), page->lines.end());
    after = page->next;
    if (after == 0) break;
  }
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(lines[0].counted);
  EXPECT_EQ(lines[0].amount.value, 10);
  EXPECT_EQ(lines[0].device, office.id());
  EXPECT_EQ(lines[0].received_at, server.clock().wall());
  EXPECT_FALSE(lines[1].counted);
  EXPECT_EQ(lines[1].hold, HoldReason::kValueOutOfRange);
}

TEST_F(Totals, AHeldRecordShowsAmongTheLinesOfItsCampaignThoughNothingOfThatCountsYet) {
  log(1, 6000, {1});  // above the indicator's maximum
  log(1, 7000);
  EXPECT_TRUE(office.sync(server.engine()).has_value());
  const auto snapshot = server.ledger().begin_read();
  totals::Query query;
  for (const std::uint32_t campaign : {0u, 1u}) {
    query.campaign = CampaignNo{campaign};
    const auto page = totals::lines(**snapshot, *server.engine().catalogue(), query, 0, 10);
    ASSERT_TRUE(page.has_value());
    ASSERT_EQ(page->lines.size(), 1u);
    EXPECT_EQ(page->lines[0].amount.value, 6000);
    EXPECT_FALSE(page->lines[0].counted);
  }
  query.campaign = CampaignNo{2};
  EXPECT_TRUE(totals::lines(**snapshot, *server.engine().catalogue(), query, 0, 10)->lines.empty());
}

TEST(Figures, OfMoreAndNearlyAreMixed) {
  EXPECT_EQ(totals::qualifier_of({3, 1, 0, 5}), "more");
  EXPECT_EQ(totals::qualifier_of({3, 1, 1, 5}), "mixed");
}

TEST(Queries, NameWhatTheyDoNotKnow) {
  totals::Query query;
  EXPECT_EQ(totals::parse_by("unit,weather", query).error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(totals::parse_by("label:level,label:served", query).has_value()) << "one would be passed over";
  EXPECT_FALSE(totals::parse_review("liked").has_value());
}

RC_GTEST_PROP(CellLog, PacksWhatItUnpacks, (const std::vector<std::tuple<int, int, std::int64_t>>& raw)) {
  std::vector<totals::FineChange> changes;
  for (const auto& [day, unit, sum] : raw) {
    totals::FineChange change;
    change.key.day = day;
    change.key.unit.value = static_cast<std::uint32_t>(unit);
    change.figures = {day, unit, -1, Int128{sum} * 1000};
    changes.push_back(change);
  }
  totals::combine(changes);
  const auto again = totals::unpack_fine(totals::pack(changes));
  RC_ASSERT(again.has_value());
  RC_ASSERT(again->size() == changes.size());
  for (std::size_t i = 0; i < changes.size(); ++i) {
    RC_ASSERT((*again)[i].key == changes[i].key);
    RC_ASSERT((*again)[i].figures == changes[i].figures);
  }
}

}  // namespace
}  // namespace phusa::test
