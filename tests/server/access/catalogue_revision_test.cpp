#include "tests/server/access/organisation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace phusa::access {
namespace {

using phusa::test::day_of;
using phusa::test::Organisation;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using What = CatalogueChange::What;

/// What each change line says, e.g. "closed unit benh_vien".
std::vector<std::string> told(const CatalogueDraft& draft) {
  std::vector<std::string> out;
  for (const auto& change : draft.changes) {
    out.push_back(std::string(change_name(change.what)) + " " + change.table + " " + change.code);
  }
  return out;
}

class CatalogueRevision : public ::testing::Test {
 protected:
  CatalogueRevision() : first_(organisation_.draft().catalogue) {}

  Organisation organisation_;
  Catalogue first_;
};

TEST_F(CatalogueRevision, TheSameFolderAgainChangesNothing) {
  const CatalogueDraft draft = organisation_.draft(&first_);
  EXPECT_FALSE(draft.differs());
  EXPECT_THAT(told(draft), IsEmpty());
}

TEST_F(CatalogueRevision, NewRowsAreAppendedWhereverTheyStandInTheFile) {
  organisation_.write("labels.csv",
                      "code,name,group\nfirst,Mới,level\nco_so,Cấp cơ sở,level\nkhoi_level,Cấp Khối,level\n");
  const CatalogueDraft draft = organisation_.draft(&first_);
  EXPECT_THAT(told(draft), ElementsAre("added label first"));
  EXPECT_EQ(draft.catalogue.label("first"), LabelNo{2});
  EXPECT_EQ(draft.catalogue.label("co_so"), LabelNo{1});
  EXPECT_EQ(draft.catalogue.revision, 2u);
}

TEST_F(CatalogueRevision, ACodeThatLeavesIsClosedYesterdayOrEarlier) {
  organisation_.write("units.csv",
                      "code,name,kind,parent\nkhoi,Đoàn Khối,block,\nso_y_te,Sở Y tế,doan_co_so,khoi\n");
  organisation_.write("campaigns.csv", "");
  const CatalogueDraft draft = organisation_.draft(&first_);
  EXPECT_THAT(told(draft), ElementsAre("closed unit benh_vien", "closed campaign xanh"));
  EXPECT_EQ(draft.catalogue.units[2].validity.until, day_of("2023-05-31"));
  EXPECT_EQ(draft.catalogue.units[2].validity.from, day_of("2020-01-01"));
  EXPECT_EQ(draft.catalogue.campaigns[1].validity.until, day_of("2023-03-05"));  // it had ended before
  EXPECT_FALSE(organisation_.draft(&draft.catalogue, "2023-07-01").differs());
}

TEST_F(CatalogueRevision, AMembershipThatLeavesEnds) {
  organisation_.write("clusters.csv", "cluster,unit,from,until\ncum_1,so_y_te,,\n");
  const CatalogueDraft draft = organisation_.draft(&first_);
  ASSERT_EQ(draft.catalogue.clusters[0].members.size(), 2u);
  EXPECT_EQ(draft.catalogue.clusters[0].members[1].validity.until, day_of("2023-05-31"));
}

TEST_F(CatalogueRevision, ACodeWithoutDatesStaysAndSaysSo) {
  organisation_.write("labels.csv", "code,name,group\nco_so,Cấp cơ sở,level\n");
  organisation_.write(
      "kinds.csv",
      "code,name,indicators,labels,section\nplanting,Trồng cây,*trees;road_km,khoi_level;co_so,s\n");
  const CatalogueDraft draft = organisation_.draft(&first_);
  EXPECT_THAT(told(draft), ElementsAre("kept label khoi_level"));
  EXPECT_FALSE(draft.differs());
}

TEST_F(CatalogueRevision, ARenamingSaysFromWhatToWhat) {
  organisation_.write("labels.csv", "code,name,group\nkhoi_level,Cấp Khối,level\nco_so,Cơ sở,level\n");
  const CatalogueDraft draft = organisation_.draft(&first_);
  ASSERT_EQ(draft.changes.size(), 1u);
  EXPECT_EQ(draft.changes[0].detail, "name 'Cấp cơ sở' -> 'Cơ sở'");
}

TEST_F(CatalogueRevision, AnIndicatorKeepsItsUnitDecimalsNatureAndCounting) {
  for (const char* row : {"trees,Cây xanh,bụi,0,,flow,,sum", "trees,Cây xanh,cây,1,,flow,,sum",
                          "trees,Cây xanh,cây,0,,stock,,sum", "trees,Cây xanh,cây,0,,flow,,once"}) {
    organisation_.write("indicators.csv",
                        std::string("code,name,unit,decimals,maximum,nature,parents,per_event\n") + row +
                            "\nroad_km,Đường hoa,km,1,,flow,,once\n");
    EXPECT_THAT(organisation_.problems(&first_),
                ElementsAre(HasSubstr("indicators.csv:2: indicator 'trees' would change")));
  }
}

TEST_F(CatalogueRevision, ALabelKeepsItsGroup) {
  organisation_.write("labels.csv", "code,name,group\nkhoi_level,Cấp Khối,level\nco_so,Cấp cơ sở,served\n");
  EXPECT_THAT(organisation_.problems(&first_),
              ElementsAre(HasSubstr("labels.csv:3: label 'co_so' would change its group")));
}

TEST_F(CatalogueRevision, AClosedCodeComesBackOnlyAsWhatItWas) {
  const std::string others =
      "code,name,kind,parent\nkhoi,Đoàn Khối,block,\nso_y_te,Sở Y tế,doan_co_so,khoi\n";
  organisation_.write("units.csv", others);
  organisation_.write("clusters.csv", "cluster,unit,from,until\ncum_1,so_y_te,,\n");
  const Catalogue closed = organisation_.draft(&first_).catalogue;
  organisation_.write("units.csv", others + "benh_vien,Trường học,chi_doan,so_y_te\n");
  EXPECT_THAT(organisation_.problems(&closed),
              ElementsAre(HasSubstr("units.csv:4: code 'benh_vien' was closed")));
  organisation_.write("units.csv", others + "benh_vien,Bệnh viện,chi_doan,so_y_te\n");
  EXPECT_THAT(told(organisation_.draft(&closed)), ElementsAre("reopened unit benh_vien"));
}

TEST_F(CatalogueRevision, AnOpenUnitDoesNotBecomeAnother) {
  organisation_.write("units.csv",
                      "code,name,kind,parent\nkhoi,Đoàn Khối,block,\nso_y_te,Trường học,chi_doan,khoi\n");
  EXPECT_THAT(organisation_.problems(&first_), ElementsAre(HasSubstr("units.csv:3: unit 'so_y_te'")));
}

TEST_F(CatalogueRevision, ACycleThroughAnOldRowIsSeen) {
  organisation_.write(
      "units.csv",
      "code,name,kind,parent\nkhoi,Đoàn Khối,block,benh_vien\nso_y_te,Sở Y tế,doan_co_so,khoi\n");
  EXPECT_THAT(organisation_.problems(&first_), ElementsAre(HasSubstr("circle")));
}

}  // namespace
}  // namespace phusa::access
