#include "bindings/cli/import_plan.hpp"

#include "bindings/cli/columns.hpp"

#include <gtest/gtest.h>

namespace phusa::cli {
namespace {

using enum NumberStyle;

v1::CatalogueReply catalogue() {
  v1::CatalogueReply reply;
  const auto add = [](google::protobuf::RepeatedPtrField<v1::CatalogueReply::Item>& items, const char* code,
                      const char* name, const char* name_en = "") {
    auto& item = *items.Add();
    item.set_code(code);
    item.set_name(name);
    item.set_name_en(name_en);
  };
  add(*reply.mutable_indicators(), "trees", "Cây xanh trồng mới", "Trees planted");
  add(*reply.mutable_indicators(), "gifts", "Phần quà", "Gifts given");
  add(*reply.mutable_indicators(), "road_km", "Km đường hoa", "Flower roads");
  add(*reply.mutable_indicators(), "visits", "Lượt", "Visits");
  add(*reply.mutable_indicators(), "rounds", "Lượt", "Rounds");
  add(*reply.mutable_units(), "cai_khe", "Đoàn phường Cái Khế");
  add(*reply.mutable_kinds(), "tree_planting", "Trồng cây");
  add(*reply.mutable_campaigns(), "cnx", "Ngày Chủ nhật xanh");
  add(*reply.mutable_campaigns(), "ttn", "Tháng Thanh niên");
  add(*reply.mutable_clusters(), "cum4", "Cụm 4");
  add(*reply.mutable_labels(), "khoi", "Cấp Khối");
  return reply;
}

struct Planned {
  ImportPlan plan;
  std::vector<ImportError> errors;
};

Planned plan(const std::string& text, NumberStyle numbers = kUnsaid) {
  const auto file = parse_csv(text);
  if (!file) return {{}, {file.error()}};
  auto planned = plan_import(*file, text, catalogue(), numbers);
  if (!planned) return {{}, planned.error()};
  return {std::move(*planned), {}};
}

v1::LogRequest good(const std::string& text, NumberStyle numbers = kUnsaid) {
  const auto planned = plan(text, numbers);
  for (const auto& error : planned.errors)
    ADD_FAILURE() << error.line << " " << error.column << " " << error.key;
  return planned.plan.request;
}

ImportError bad(const std::string& text, NumberStyle numbers = kUnsaid) {
  const auto planned = plan(text, numbers);
  EXPECT_EQ(planned.errors.size(), 1u) << text;
  return planned.errors.empty() ? ImportError{} : planned.errors.front();
}

TEST(ImportPlan, AWholeLineBecomesAWholeRecord) {
  const auto request = good(
      "ref;date;until;unit;kind;campaign;place;note;event;partners;labels;trees;gifts\n"
      "r1;2023-02-05;6/2/2023;cai_khe;tree_planting;\"cnx;ttn\";xã Nhơn Ái;ghi chú;ABC-1;\"cum4;Hội Chữ thập "
      "đỏ\";khoi;1000;hơn 61\n");
  ASSERT_EQ(request.items_size(), 1);
  const auto& content = request.items(0);
  EXPECT_EQ(content.day(), "2023-02-05");
  EXPECT_EQ(content.last_day(), "2023-02-06");
  EXPECT_EQ(content.unit(), "cai_khe");
  EXPECT_EQ(content.kind(), "tree_planting");
  ASSERT_EQ(content.campaigns().items_size(), 2);
  EXPECT_EQ(content.campaigns().items(1), "ttn");
  EXPECT_EQ(content.place(), "xã Nhơn Ái");
  EXPECT_EQ(content.note(), "ghi chú");
  EXPECT_EQ(content.event(), "ABC-1");
  EXPECT_EQ(content.partners().items(1), "Hội Chữ thập đỏ");
  EXPECT_EQ(content.labels().items(0), "khoi");
  ASSERT_EQ(content.values_size(), 2);
  EXPECT_EQ(content.values(0).amount(), "1000");
  EXPECT_EQ(content.values(1).qualifier(), "more");
  EXPECT_EQ(request.lines(0), 2u);
}

TEST(ImportPlan, HeadersMayBeVietnameseWithOrWithoutMarksInAnyOrder) {
  for (const char* header :
       {"Cây xanh trồng mới,Ngày,Đơn vị,Loại hoạt động,Đợt,Địa điểm",
        "CAY XANH TRONG MOI,ngay,don vi,loai,dot,dia diem", "Trees planted,day,UNIT,Kind,campaigns,PLACE",
        "trees,từ ngày,mã đơn vị,loại hình,chiến dịch,nơi"}) {
    const auto request = good(std::string(header) + "\n5,5/2/2023,cai_khe,tree_planting,cnx,đây\n");
    ASSERT_EQ(request.items_size(), 1) << header;
    EXPECT_EQ(request.items(0).values(0).indicator(), "trees") << header;
    EXPECT_EQ(request.items(0).day(), "2023-02-05") << header;
    EXPECT_EQ(request.items(0).campaigns().items(0), "cnx") << header;
  }
}

TEST(ImportPlan, NamesStandForCodesInCells) {
  const auto request =
      good("unit,kind,campaign,partners,trees\nđoàn phường cái khế,Trồng cây,Tháng Thanh niên,Cụm 4,5\n");
  EXPECT_EQ(request.items(0).unit(), "cai_khe");
  EXPECT_EQ(request.items(0).kind(), "tree_planting");
  EXPECT_EQ(request.items(0).campaigns().items(0), "ttn");
  EXPECT_EQ(request.items(0).partners().items(0), "cum4");
}

TEST(ImportPlan, ABlankCellIsNotZero) {
  const auto request = good("kind,trees,gifts\ntree_planting,,0\n");
  ASSERT_EQ(request.items(0).values_size(), 1);
  EXPECT_EQ(request.items(0).values(0).indicator(), "gifts");
  EXPECT_EQ(request.items(0).values(0).amount(), "0");
  EXPECT_FALSE(request.items(0).has_note());
}

TEST(ImportPlan, UnknownColumnsAreNamed) {
  const auto error = bad("kind,treez\ntree_planting,5\n");
  EXPECT_EQ(error.key, "import.unknown_column");
  EXPECT_EQ(error.column, "treez");
  EXPECT_EQ(bad("kind,Lượt\ntree_planting,5\n").key,
            "import.unknown_column");  // two indicators have this name
  EXPECT_EQ(bad("kind,\ntree_planting,5\n").key, "import.column_without_name");
}

TEST(ImportPlan, AColumnStandsOnceWhateverItsName) {
  EXPECT_EQ(bad("date,ngày\n2023-01-01,2023-01-01\n").key, "import.column_twice");
  EXPECT_EQ(bad("trees,Cây xanh trồng mới\n1,2\n").key, "import.column_twice");
}

TEST(ImportPlan, AmbiguousFiguresAreRefusedUnlessTheStyleIsSaid) {
  const auto error = bad("kind;trees\ntree_planting;1.234\n");
  EXPECT_EQ(error.key, "ambiguous_number");
  EXPECT_EQ(error.line, 2u);
  EXPECT_EQ(error.column, "trees");
  EXPECT_EQ(good("kind;trees\ntree_planting;1.234\n", kVietnamese).items(0).values(0).amount(), "1234");
  EXPECT_EQ(good("kind;trees\ntree_planting;1.234\n", kPlain).items(0).values(0).amount(), "1.234");
}

TEST(ImportPlan, EveryErrorIsFoundNotJustTheFirst) {
  const auto planned = plan("date,trees\n31/2/2023,x\n2023-01-01,1\nyesterday,2\n");
  ASSERT_EQ(planned.errors.size(), 3u);
  EXPECT_EQ(planned.errors[0].key, "not_a_day");
  EXPECT_EQ(planned.errors[1].key, "bad_number");
  EXPECT_EQ(planned.errors[2].line, 4u);
  EXPECT_EQ(planned.plan.request.items_size(), 0);
}

TEST(ImportPlan, ACodeIsItselfBeforeItIsAnotherThatLooksLikeIt) {
  v1::CatalogueReply reply = catalogue();
  for (const char* code : {"SYT", "syt", "doan_1", "DOAN 1"}) {
    reply.add_units()->set_code(code);
    reply.add_indicators()->set_code(std::string("i_") + code);
  }
  // A name that folds to what two codes fold to does not stand for either.
  reply.add_units()->set_code("other");
  reply.mutable_units()->rbegin()->set_name("SyT");
  const CodeFinder units(reply.units());
  for (const char* code : {"SYT", "syt", "doan_1", "DOAN 1"}) {
    EXPECT_EQ(units.find(code), code);
    EXPECT_TRUE(units.knows(code));
  }
  for (const char* shared : {"Syt", "Doan 1", "doan 1"}) {
    EXPECT_EQ(units.find(shared), shared) << "nobody knows which of both";
    EXPECT_FALSE(units.knows(shared));
  }
  EXPECT_EQ(units.find("CAI KHE"), "cai_khe") << "only one looks like it";
  std::vector<ImportError> errors;
  const auto columns = read_header({"i_syt", "i_SYT", "I_Syt"}, reply, errors);
  EXPECT_EQ(columns[0].indicator, "i_syt");
  EXPECT_EQ(columns[1].indicator, "i_SYT");
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].column, "I_Syt");
  EXPECT_EQ(errors[0].key, "import.unknown_column");
}

TEST(ImportPlan, AnEventMayBeAnotherLine) {
  const auto request =
      good("ref,event,kind,trees\na,head,tree_planting,5\nhead,,tree_planting,\nb,head,tree_planting,7\n");
  EXPECT_EQ(request.items(0).event(), "@2");
  EXPECT_EQ(request.items(2).event(), "@2");
  EXPECT_TRUE(request.items(1).event_header());
  EXPECT_FALSE(request.items(0).event_header());
}

TEST(ImportPlan, EventsThatLeadNowhereAreErrors) {
  EXPECT_EQ(bad("ref,event\na,zzz\n").key, "import.unknown_ref");
  EXPECT_EQ(bad("ref,event\na,a\n").key, "import.own_event");
  const auto error = bad("ref,kind\na,tree_planting\na,tree_planting\n");
  EXPECT_EQ(error.key, "import.ref_twice");
  EXPECT_EQ(error.line, 3u);
  EXPECT_EQ(error.args[1], "2");
}

TEST(ImportPlan, TheSameFileHasTheSameKeyAndLines) {
  const std::string text = "kind,trees\ntree_planting,5\n\ntree_planting,6\n";
  const auto first = good(text);
  EXPECT_EQ(first.SerializeAsString(), good(text).SerializeAsString());
  EXPECT_EQ(first.import_key().size(), 32u);
  EXPECT_EQ(first.lines(1), 4u);
  EXPECT_NE(first.import_key(), good(text + "tree_planting,7\n").import_key());
}

TEST(ImportPlan, LinesWithoutADayAreCounted) {
  EXPECT_EQ(plan("date,trees\n,5\n2023-01-01,6\n").plan.without_day, 1u);
}

TEST(ImportPlan, WhatTheLibraryFindsWrongIsLocatedInTheFile) {
  const auto planned = plan("Ngày;Cây xanh trồng mới;đợt\n2023-01-01;5;cnx\n\n2023-01-01;6;nope\n");
  v1::ErrorReply error;
  error.set_item(2);
  error.set_field("campaigns");
  EXPECT_EQ(locate(planned.plan, error).line, 4u);
  EXPECT_EQ(locate(planned.plan, error).column, "đợt");
  error.set_field("values.trees");
  EXPECT_EQ(locate(planned.plan, error).column, "Cây xanh trồng mới");
  error.set_item(99);
  EXPECT_EQ(locate(planned.plan, error).line, 0u);
}

}  // namespace
}  // namespace phusa::cli
