#include "core/wire/codec.hpp"
#include "tests/server/access/organisation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace phusa::access {
namespace {

using phusa::test::day_of;
using phusa::test::Organisation;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST(CatalogueDraft, ReadsEveryTable) {
  const Organisation organisation;
  const CatalogueDraft draft = organisation.draft();
  ASSERT_THAT(organisation.problems(), IsEmpty());
  const Catalogue& c = draft.catalogue;
  EXPECT_EQ(c.revision, 1u);
  ASSERT_EQ(c.units.size(), 3u);
  EXPECT_EQ(c.units[2].parent, UnitNo{1});
  EXPECT_EQ(c.units[2].validity.from, day_of("2020-01-01"));
  ASSERT_EQ(c.clusters.size(), 1u);
  EXPECT_EQ(c.clusters[0].members.size(), 2u);
  EXPECT_EQ(c.campaigns[1].parents, (std::vector<CampaignNo>{CampaignNo{0}}));
  EXPECT_EQ(c.campaigns[1].validity.until, day_of("2023-03-05"));
  EXPECT_EQ(c.indicators[1].maximum, 10'005);
  EXPECT_EQ(c.indicators[1].per_event, PerEvent::kOnce);
  EXPECT_TRUE(c.kinds[0].indicators[0].required);
  EXPECT_FALSE(c.kinds[0].indicators[1].required);
  EXPECT_EQ(draft.changes.size(), 3u + 1 + 2 + 2 + 2 + 1);
  EXPECT_EQ(*wire::decode_catalogue(wire::encode_catalogue(c)), c);
}

TEST(CatalogueDraft, RowsMayNameRowsBelowThem) {
  Organisation organisation;
  organisation.write("units.csv", "code,parent\nb,a\na,\n");
  organisation.write("clusters.csv", "");
  ASSERT_THAT(organisation.problems(), IsEmpty());
  EXPECT_EQ(organisation.draft().catalogue.units[0].parent, UnitNo{1});
}

TEST(CatalogueDraft, MissingFilesAndColumnsAreEmpty) {
  Organisation organisation;
  for (const char* name : {"clusters.csv", "campaigns.csv", "indicators.csv", "labels.csv", "kinds.csv"}) {
    organisation.write(name, "");
  }
  organisation.write("units.csv",
                     "\xEF\xBB\xBF"
                     "code\nkhoi\n");
  ASSERT_THAT(organisation.problems(), IsEmpty());
  EXPECT_EQ(organisation.draft().catalogue.units[0].name, "khoi");
}

TEST(CatalogueDraft, AFolderWithoutUnitsIsRefused) {
  Organisation organisation;
  organisation.write("units.csv", "");
  EXPECT_FALSE(organisation.problems().empty());
  EXPECT_THAT(draft_catalogue("/nowhere/at/all", nullptr, day_of("2023-01-01")).problems, SizeIs(1));
}

TEST(CatalogueDraft, AFileOfAnotherNameIsPassedOverAloud) {
  Organisation organisation;
  organisation.write("campaign.csv", "code\nx\n");
  EXPECT_THAT(organisation.draft().passed_over, ElementsAre("campaign.csv"));
}

struct Fault {
  const char* name;
  const char* file;
  const char* text;
  const char* problem;  // how its line starts
  const char* said;     // and what it names
};

class CatalogueFault : public ::testing::TestWithParam<Fault> {};

TEST_P(CatalogueFault, IsNamedWithItsFileAndLine) {
  Organisation organisation;
  organisation.write(GetParam().file, GetParam().text);
  EXPECT_THAT(organisation.problems(),
              ElementsAre(AllOf(StartsWith(GetParam().problem), HasSubstr(GetParam().said))));
}

INSTANTIATE_TEST_SUITE_P(
    All, CatalogueFault,
    ::testing::Values(
        Fault{"UnknownColumn", "labels.csv", "code,colour\nkhoi_level,\nco_so,\n",
              "labels.csv:1:", "'colour'"},
        Fault{"ColumnTwice", "labels.csv", "code,name,name\nkhoi_level\n", "labels.csv:1:", "'name'"},
        Fault{"NoCodeColumn", "targets.csv", "text\nx\n", "targets.csv:1:", "'code'"},
        Fault{"EmptyCode", "targets.csv", "code,text\n,x\n", "targets.csv:2:", "'code' is empty"},
        Fault{"TooManyCells", "labels.csv", "code\nkhoi_level\nco_so,x\n", "labels.csv:3:", "'x'"},
        Fault{"BadCode", "labels.csv", "code\nkhoi_level\nco_so\n\"a b\"\n", "labels.csv:4:", "'a b'"},
        Fault{"DoubleCode", "labels.csv", "code\nkhoi_level\nco_so\nco_so\n", "labels.csv:4:", "line 3"},
        Fault{"UnknownParent", "units.csv", "code,parent\nkhoi,\nso_y_te,nobody\nbenh_vien,so_y_te\n",
              "units.csv:3:", "'nobody'"},
        Fault{"UnknownSuccessor", "units.csv", "code,successors\nkhoi,\nso_y_te,khoi;nobody\nbenh_vien,\n",
              "units.csv:3:", "'nobody'"},
        Fault{"UnitCycle", "units.csv", "code,parent\nkhoi,\nso_y_te,benh_vien\nbenh_vien,so_y_te\n",
              "units.csv:3:", "circle"},
        Fault{"OwnParent", "units.csv", "code,parent\nkhoi,khoi\nso_y_te,\nbenh_vien,\n",
              "units.csv:2:", "circle"},
        Fault{"CampaignCycle", "campaigns.csv", "code,parents\na,c\nb,a\nc,b\n",
              "campaigns.csv:2:", "'a' -> 'c' -> 'b' -> 'a'"},
        Fault{"IndicatorCycle", "indicators.csv", "code,parents\ntrees,road_km\nroad_km,trees\n",
              "indicators.csv:2:", "circle"},
        Fault{"BadDay", "campaigns.csv", "code,from\nxanh,2023-02-30\n", "campaigns.csv:2:", "2023-02-30"},
        Fault{"UntilBeforeFrom", "campaigns.csv", "code,from,until\nxanh,2023-02-02,2023-02-01\n",
              "campaigns.csv:2:", "before"},
        Fault{"BadDecimals", "indicators.csv", "code,decimals\ntrees,9\nroad_km,\n",
              "indicators.csv:2:", "'9'"},
        Fault{"BadMaximum", "indicators.csv", "code,maximum\ntrees,1.000\nroad_km,\n",
              "indicators.csv:2:", "'1.000'"},
        Fault{"HugeMaximum", "indicators.csv", "code,maximum\ntrees,99999999999999999999\nroad_km,\n",
              "indicators.csv:2:", "maximum"},
        Fault{"BadNature", "indicators.csv", "code,nature\ntrees,flows\nroad_km,\n",
              "indicators.csv:2:", "'flows'"},
        Fault{"BadPerEvent", "indicators.csv", "code,per_event\ntrees,twice\nroad_km,\n",
              "indicators.csv:2:", "'twice'"},
        Fault{"BadYearStart", "indicators.csv", "code,year_starts\ntrees,13-01\nroad_km,\n",
              "indicators.csv:2:", "'13-01'"},
        Fault{"UnknownIndicator", "kinds.csv", "code,indicators\nplanting,*bushes\n",
              "kinds.csv:2:", "'bushes'"},
        Fault{"UnknownLabel", "kinds.csv", "code,labels\nplanting,nowhere\n", "kinds.csv:2:", "'nowhere'"},
        Fault{"ClusterOfUnknownUnit", "clusters.csv", "cluster,unit\ncum_1,nobody\n",
              "clusters.csv:2:", "'nobody'"},
        Fault{"TwiceInACluster", "clusters.csv", "cluster,unit,from\ncum_1,khoi,\ncum_1,khoi,2022-01-01\n",
              "clusters.csv:3:", "already"},
        Fault{"FigureOfUnknownUnit", "unit_figures.csv", "unit,figure,value\nnobody,members,3\n",
              "unit_figures.csv:2:", "'nobody'"},
        Fault{"BadFigure", "unit_figures.csv", "unit,figure,value\nkhoi,members,many\n",
              "unit_figures.csv:2:", "'many'"},
        Fault{"TargetOfUnknownIndicator", "targets.csv", "code,indicators\nt,trees|bushes\n",
              "targets.csv:2:", "'bushes'"},
        Fault{"BadMeasure", "targets.csv", "code,measure\nt,summe\n", "targets.csv:2:", "'summe'"},
        Fault{"BadThreshold", "targets.csv", "code,threshold\nt,much\n", "targets.csv:2:", "'much'"},
        Fault{"ExceptionOfNothing", "calendar_exceptions.csv", "code,date\nweekly,2023-01-01\n",
              "calendar_exceptions.csv:2:", "'weekly'"},
        Fault{"OpenQuote", "labels.csv", "code\n\"khoi_level\n", "labels.csv:2:", "never closed"}),
    [](const auto& fault) { return fault.param.name; });

TEST(CatalogueDraft, ReportsAllProblemsAtOnce) {
  Organisation organisation;
  organisation.write("units.csv",
                     "code,parent,from\nkhoi,,2023-13-01\nso_y_te,nobody,\nbenh_vien,khoi,x\nkhoi,,\n");
  organisation.write("labels.csv", "code,colour\nx,\n");
  EXPECT_THAT(organisation.problems(), SizeIs(5));
}

}  // namespace
}  // namespace phusa::access
