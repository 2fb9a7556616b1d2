#include "sync-server/web/status_page.hpp"

#include <gtest/gtest.h>

namespace phusa::web {
namespace {

TEST(StatusPage, SpeaksVietnameseUnlessEnglishIsPreferred) {
  EXPECT_FALSE(prefers_english(""));
  EXPECT_FALSE(prefers_english("vi-VN,vi;q=0.9,en;q=0.8"));
  EXPECT_FALSE(prefers_english("fr"));
  EXPECT_TRUE(prefers_english("en-US,en;q=0.5"));
  EXPECT_TRUE(prefers_english("EN"));
}

TEST(StatusPage, EscapesWhatPeopleWrote) {
  StatusView view;
  view.organisation = "<script>alert('x')</script>";
  view.totals.push_back({"a & b", "1930", "nearly", "cây", 5});
  const std::string page = status_page(view, false);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_NE(page.find("a &amp; b"), std::string::npos);
  EXPECT_NE(page.find("gần 1.930 cây"), std::string::npos);
}

TEST(StatusPage, AFigureThatIsNotExactSaysSo) {
  StatusView view;
  view.totals.push_back({"Cây", "1561", "mixed", "cây", 2});
  EXPECT_NE(status_page(view, false).find(">1.561 cây (có hơn, có gần)<"), std::string::npos);
  EXPECT_NE(status_page(view, true).find(">1,561 cây (some more, some nearly)<"), std::string::npos);
  view.totals[0].qualifier = "more";
  EXPECT_NE(status_page(view, false).find(">hơn 1.561 cây<"), std::string::npos);
  view.totals[0].qualifier = "exact";
  EXPECT_NE(status_page(view, false).find(">1.561 cây<"), std::string::npos);
}

TEST(StatusPage, TimesAreThoseOfClocksInVietNam) {
  StatusView view;
  view.syncs.push_back({"so_y_te", "Sở Y tế", 3, "2026-03-15T18:30:05Z"});
  view.syncs.push_back({"benh_vien", "Bệnh viện", 1, ""});
  const std::string page = status_page(view, false);
  EXPECT_NE(page.find(">2026-03-16 01:30<"), std::string::npos);
  EXPECT_NE(page.find(">chưa lần nào<"), std::string::npos);
}

TEST(StatusPage, GroupsDigitsAsItsReadersDo) {
  EXPECT_EQ(group_digits("1930", false), "1.930");
  EXPECT_EQ(group_digits("-1234567.5", false), "-1.234.567,5");
  EXPECT_EQ(group_digits("1234567.5", true), "1,234,567.5");
  EXPECT_EQ(group_digits("999", true), "999");
}

}  // namespace
}  // namespace phusa::web
