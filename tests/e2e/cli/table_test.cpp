#include "bindings/cli/table.hpp"

#include <gtest/gtest.h>

namespace phusa::cli {
namespace {

TEST(Table, VietnameseLettersAreOneColumnWide) {
  EXPECT_EQ(display_width("xã Nhơn Ái"), 10u);
  EXPECT_EQ(display_width("Đồng"), 4u);
  EXPECT_EQ(display_width("e\u0302\u0301"), 1u);  // marks of their own take none
  EXPECT_EQ(display_width("中"), 2u);
  EXPECT_EQ(display_width("\xff"), 1u);
}

TEST(Table, ColumnsLineUpUnderMarkedLetters) {
  Table table;
  table.columns = {{"đơn vị", "unit"}, {"tổng", "total", true}};
  table.rows = {{"Cờ Đỏ", "500"}, {"Phong Điền", "1200"}};
  EXPECT_EQ(table.aligned(),
            "đơn vị      tổng\n"
            "Cờ Đỏ        500\n"
            "Phong Điền  1200\n");
}

TEST(Table, ATerminalNeverObeysSomebodysNote) {
  Table table;
  table.columns = {{"note", "note"}};
  table.rows = {{"a\x1b[31mred\nnext\u009bX"}};
  EXPECT_EQ(table.aligned(), "note\na [31mred next X\n");
}

TEST(Table, ColumnsWithoutAWordGiveWay) {
  Table table;
  table.columns = {{"a", "a"}, {"b", "b"}, {"c", "c"}};
  table.drop_empty_columns();
  EXPECT_EQ(table.aligned(), "a  b  c\n");
  table.rows = {{"1", "", ""}, {"2", "", "x"}};
  table.drop_empty_columns();
  EXPECT_EQ(table.aligned(), "a  c\n1\n2  x\n");
}

TEST(Table, CsvQuotesWhatNeedsIt) {
  Table table;
  table.columns = {{"", "a"}, {"", "b"}};
  table.rows = {{"x,y", "say \"hi\""}, {"two\nlines", "plain"}};
  EXPECT_EQ(table.csv(), "a,b\n\"x,y\",\"say \"\"hi\"\"\"\n\"two\nlines\",plain\n");
}

TEST(Table, CsvObeysNobodysNote) {
  Table table;
  table.columns = {{"", "a"}, {"", "b"}};
  table.rows = {{"=1+1", "@SUM(A1)"},
                {"-cmd|' /C calc'!A0", "+84 912 345 678"},
                {"-12.5", "-"},
                {"+84-912-345-678", "-2+3"}};
  EXPECT_EQ(table.csv(),
            "a,b\n'=1+1,'@SUM(A1)\n'-cmd|' /C calc'!A0,+84 912 345 678\n-12.5,-\n'+84-912-345-678,'-2+3\n");
}

}  // namespace
}  // namespace phusa::cli
