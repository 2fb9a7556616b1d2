#include "bindings/cli/log_warnings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace phusa::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Logged {
  std::string unit = "branch";
  std::string day = "2023-06-18";
  std::string last_day = {};
  std::string own_unit = "department";
  std::string role = "volunteer";
  std::string campaign = {};
  JustSaid said = {};
};

std::vector<std::string> warnings(const Logged& logged, Language language = Language::kEnglish) {
  v1::CatalogueReply catalogue;
  for (const auto& [code, parent] :
       {std::pair("block", ""), {"department", "block"}, {"branch", "department"}, {"other", "block"}}) {
    auto* unit = catalogue.add_units();
    unit->set_code(code);
    unit->set_parent(parent);
  }
  v1::Content content;
  content.set_unit(logged.unit);
  content.set_day(logged.day);
  content.set_last_day(logged.last_day);
  if (!logged.campaign.empty()) content.mutable_campaigns()->add_items(logged.campaign);
  auto* campaign = catalogue.add_campaigns();
  campaign->set_code("july");
  campaign->set_from("2023-06-18");
  campaign->set_until("2023-07-31");
  catalogue.add_campaigns()->set_code("always");
  v1::StatusReply status;
  status.set_unit(logged.own_unit);
  status.set_role(logged.role);
  return log_warnings(Tongue(language), content, status, catalogue, *parse_day("2023-06-18"), logged.said);
}

TEST(LogWarnings, WhatTheCentreWillCountNeedsNone) {
  EXPECT_THAT(warnings({}), IsEmpty());
  EXPECT_THAT(warnings({.unit = "department"}), IsEmpty());
  EXPECT_THAT(warnings({.day = "2023-06-19"}), IsEmpty()) << "a clock may be a day behind";
  EXPECT_THAT(warnings({.day = "2000-01-01"}), IsEmpty());
}

TEST(LogWarnings, AForeignUnitIsNamed) {
  EXPECT_THAT(warnings({.unit = "other"}),
              ElementsAre(HasSubstr("other is not one of your units (department)")));
  EXPECT_THAT(warnings({.unit = "block"}), ElementsAre(HasSubstr("block")));
  EXPECT_THAT(warnings({.unit = "other", .role = "office"}), IsEmpty());
  EXPECT_THAT(warnings({.unit = "nowhere"}), ElementsAre(HasSubstr("nowhere")));
}

TEST(LogWarnings, ADayThatHasNotComeOrIsLongPastIsNamed) {
  EXPECT_THAT(warnings({.day = "2023-06-20"}), ElementsAre(HasSubstr("2023-06-20 has not come yet")));
  EXPECT_THAT(warnings({.last_day = "2032-06-20"}), ElementsAre(HasSubstr("2032-06-20")));
  EXPECT_THAT(warnings({.day = "1999-12-31"}), ElementsAre(HasSubstr("1999-12-31")));
  EXPECT_THAT(warnings({.day = "2023-06-20"}, Language::kVietnamese), ElementsAre(HasSubstr("20/6/2023")));
}

TEST(LogWarnings, ALastDayBeforeTheFirstIsNamed) {
  EXPECT_THAT(warnings({.last_day = "2023-06-18"}), IsEmpty());
  EXPECT_THAT(warnings({.last_day = "2023-06-17"}), ElementsAre(HasSubstr("2023-06-17, lies before")));
  EXPECT_THAT(warnings({.last_day = "2023-06-17"}, Language::kVietnamese),
              ElementsAre(HasSubstr("ngày cuối 17/6/2023 trước ngày đầu 18/6/2023")));
}

TEST(LogWarnings, ACampaignThatIsNotOpenOnTheFirstDayIsNamed) {
  EXPECT_THAT(warnings({.campaign = "july"}), IsEmpty());
  EXPECT_THAT(warnings({.day = "1999-01-01", .campaign = "always", .said = {.days = false}}), IsEmpty());
  EXPECT_THAT(warnings({.day = "2023-06-17", .last_day = "2023-06-18", .campaign = "july"}),
              ElementsAre(HasSubstr("july is not open on 2023-06-17")));
  EXPECT_THAT(warnings({.day = "2023-08-01", .campaign = "july", .said = {.days = false}}),
              ElementsAre(HasSubstr("2023-08-01")));
}

TEST(LogWarnings, AfterAnEditOnlyWhatItSaysIsLookedAt) {
  const Logged wrong{.unit = "other", .day = "2023-08-01", .campaign = "july"};
  const auto after = [&](const v1::Content& edit) {
    Logged logged = wrong;
    logged.said = said_by_edit(edit);
    return warnings(logged);
  };
  v1::Content edit;
  edit.set_note("a note");
  EXPECT_THAT(after(edit), IsEmpty());
  edit.set_unit("other");
  EXPECT_THAT(after(edit), ElementsAre(HasSubstr("other")));
  edit.set_day("2023-08-01");
  EXPECT_EQ(after(edit).size(), 3u);
  edit.Clear();
  edit.mutable_campaigns();
  EXPECT_THAT(after(edit), ElementsAre(HasSubstr("july")));
}

}  // namespace
}  // namespace phusa::cli
