#include "sync-server/access/csv.hpp"

#include <gtest/gtest.h>

namespace phusa::access {
namespace {

using Cells = std::vector<std::string>;

TEST(Csv, CountsLinesAcrossQuotedCellsAndBlankLines) {
  const CsvFile file = parse_csv("f.csv", "a,b\n\n\"x\ny\",\"z\"\r\n  \n1,2\n");
  ASSERT_TRUE(file.problems.empty());
  ASSERT_EQ(file.rows.size(), 3u);
  EXPECT_EQ(file.rows[1].line, 3u);
  EXPECT_EQ(file.rows[1].cells, (Cells{"x\ny", "z"}));
  EXPECT_EQ(file.rows[2].line, 6u);
}

TEST(Csv, PassesOverAByteOrderMarkAndRowsOfCommas) {
  const CsvFile file = parse_csv("f.csv",
                                 "\xEF\xBB\xBF"
                                 "a,b\r\n,\r\n\"say \"\"hi\"\"\", x \r\n");
  ASSERT_TRUE(file.problems.empty());
  ASSERT_EQ(file.rows.size(), 2u);
  EXPECT_EQ(file.rows[0].cells, (Cells{"a", "b"}));
  EXPECT_EQ(file.rows[1].cells, (Cells{"say \"hi\"", "x"}));
}

TEST(Csv, ComposesText) {
  const CsvFile file = parse_csv("f.csv", "Tie\xCC\x82\xCC\x81ng\n");
  ASSERT_EQ(file.rows.size(), 1u);
  EXPECT_EQ(file.rows[0].cells[0], "Tiếng");
}

TEST(Csv, NamesTheLineOfBadBytesAndBadQuotes) {
  const CsvFile bytes = parse_csv("f.csv", "a\nb\xFF\nc\n");
  ASSERT_EQ(bytes.problems.size(), 1u);
  EXPECT_EQ(bytes.problems[0].line, 2u);
  const CsvFile inside = parse_csv("f.csv", "a\nb\"c\nd\n");
  ASSERT_EQ(inside.problems.size(), 1u);
  EXPECT_EQ(inside.problems[0].line, 2u);
  const CsvFile open = parse_csv("f.csv", "a\n\"b\nc\n");
  ASSERT_EQ(open.problems.size(), 1u);
  EXPECT_EQ(open.problems[0].line, 2u);
}

}  // namespace
}  // namespace phusa::access
