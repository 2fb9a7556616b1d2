#include "core/model/catalogue.hpp"

#include <gtest/gtest.h>

namespace phusa {
namespace {

Unit unit(std::string code, std::optional<std::uint32_t> parent) {
  Unit out;
  out.code = std::move(code);
  if (parent) out.parent = UnitNo{*parent};
  return out;
}

Campaign campaign(std::string code, std::vector<CampaignNo> parents) {
  Campaign out;
  out.code = std::move(code);
  out.parents = std::move(parents);
  return out;
}

Catalogue tree() {
  Catalogue out;
  out.units = {unit("DK", std::nullopt), unit("A", 0), unit("B", 0), unit("A1", 1), unit("A1a", 3)};
  return out;
}

TEST(Catalogue, FindsRowsByCodeAndTheirNumberIsTheirPlace) {
  const Catalogue catalogue = tree();
  EXPECT_EQ(catalogue.unit("A1"), UnitNo{3});
  EXPECT_EQ(catalogue.unit("a1"), std::nullopt);
  EXPECT_EQ(catalogue.campaign("A1"), std::nullopt);
}

TEST(Catalogue, ASubtreeHoldsItsRootAndAllBelow) {
  const Catalogue catalogue = tree();
  EXPECT_EQ(catalogue.subtree(UnitNo{1}), (std::vector<UnitNo>{{1}, {3}, {4}}));
  EXPECT_EQ(catalogue.subtree(UnitNo{0}).size(), 5u);
  EXPECT_TRUE(catalogue.is_within(UnitNo{4}, UnitNo{1}));
  EXPECT_FALSE(catalogue.is_within(UnitNo{1}, UnitNo{4}));
  EXPECT_FALSE(catalogue.is_within(UnitNo{2}, UnitNo{1}));
}

TEST(Catalogue, AMergedUnitRollsUpIntoItsSuccessorAndNoLongerIntoItsParent) {
  Catalogue catalogue = tree();
  const Day day(std::chrono::year(2026) / 10 / 31);
  catalogue.units[3].validity.until = day;  // A1, and A1a below it
  catalogue.units[3].successors = {UnitNo{2}};
  for (const std::uint32_t no : {3u, 4u}) {
    EXPECT_TRUE(catalogue.rolls_up_into(UnitNo{no}, UnitNo{2}));
    EXPECT_FALSE(catalogue.rolls_up_into(UnitNo{no}, UnitNo{1}));
    EXPECT_TRUE(catalogue.rolls_up_into(UnitNo{no}, UnitNo{0})) << "no grand total changes";
  }
  EXPECT_TRUE(catalogue.rolls_up_into(UnitNo{4}, UnitNo{3}));
  catalogue.units[3].successors = {UnitNo{2}, UnitNo{4}};
  EXPECT_TRUE(catalogue.rolls_up_into(UnitNo{3}, UnitNo{1})) << "split: nobody can say what went where";
  catalogue.units[3].successors = {UnitNo{4}};
  for (const std::uint32_t no : {3u, 4u}) {
    EXPECT_TRUE(catalogue.rolls_up_into(UnitNo{no}, UnitNo{0})) << "into one below itself, it leaves no total";
    EXPECT_TRUE(catalogue.rolls_up_into(UnitNo{no}, UnitNo{1}));
    EXPECT_TRUE(catalogue.rolls_up_into(UnitNo{no}, UnitNo{3}));
  }
  EXPECT_FALSE(catalogue.rolls_up_into(UnitNo{3}, UnitNo{4})) << "and its own figure is not also below it";
}

TEST(Catalogue, ANumberThatNoTableHasLiesNowhere) {
  const Catalogue catalogue = tree();
  EXPECT_FALSE(catalogue.is_within(UnitNo{99}, UnitNo{99}));
  EXPECT_TRUE(catalogue.subtree(UnitNo{99}).empty());
  EXPECT_TRUE(catalogue.with_ancestors(CampaignNo{99}).empty());
}

TEST(Catalogue, ACycleEndsTheWalk) {
  Catalogue catalogue = tree();
  catalogue.units[0].parent = UnitNo{4};
  EXPECT_TRUE(catalogue.is_within(UnitNo{0}, UnitNo{3}));
  EXPECT_FALSE(catalogue.is_within(UnitNo{0}, UnitNo{2}));
}

TEST(Catalogue, ACampaignOfTwoParentsHasEachAncestorOnce) {
  Catalogue catalogue;
  catalogue.campaigns = {campaign("YEAR", {}), campaign("MONTH", {{0}}), campaign("SUNDAY", {{0}}),
                         campaign("ROUND1", {{1}, {2}})};
  EXPECT_EQ(catalogue.with_ancestors(CampaignNo{3}), (std::vector<CampaignNo>{{0}, {1}, {2}, {3}}));
}

TEST(Validity, CoversItsEndsAndAnOpenEndCoversAll) {
  const Validity march{day_from_number(100), day_from_number(130)};
  EXPECT_TRUE(march.covers(day_from_number(100)));
  EXPECT_TRUE(march.covers(day_from_number(130)));
  EXPECT_FALSE(march.covers(day_from_number(99)));
  EXPECT_FALSE(march.covers(day_from_number(131)));
  EXPECT_TRUE(Validity{}.covers(day_from_number(-1)));
}

}  // namespace
}  // namespace phusa
