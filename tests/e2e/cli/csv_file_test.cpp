#include "bindings/cli/csv_file.hpp"

#include "core/base/limits.hpp"

#include <gtest/gtest.h>

namespace phusa::cli {
namespace {

using Cells = std::vector<std::string>;

CsvFile good(std::string_view bytes) {
  auto file = parse_csv(bytes);
  EXPECT_TRUE(file.has_value()) << bytes << ": " << (file ? "" : file.error().key);
  return file.value_or(CsvFile{});
}

ImportError bad(std::string_view bytes) {
  auto file = parse_csv(bytes);
  EXPECT_FALSE(file.has_value()) << bytes;
  return file ? ImportError{} : file.error();
}

TEST(CsvFile, TheHeaderTellsTheDelimiter) {
  EXPECT_EQ(good("a;b\n1,5;2\n").rows[0].cells, (Cells{"1,5", "2"}));
  EXPECT_EQ(good("a,b\n1;x,2\n").rows[0].cells, (Cells{"1;x", "2"}));
  EXPECT_EQ(good("a\tb\n1\t2\n").rows[0].cells, (Cells{"1", "2"}));
  EXPECT_EQ(good("\"a,a,a\";b\n1;2\n").header, (Cells{"a,a,a", "b"}));
  EXPECT_EQ(good("only\n1\n").rows[0].cells, (Cells{"1"}));
  EXPECT_EQ(good("sep=;\na;b\n1;2\n").rows[0].cells, (Cells{"1", "2"}));
}

TEST(CsvFile, AByteOrderMarkIsNoPartOfTheFirstHeader) {
  EXPECT_EQ(good("\xef\xbb\xbfref,date\n1,2\n").header[0], "ref");
}

TEST(CsvFile, EveryKindOfLineEndIsOne) {
  for (const char* text : {"a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4", "a,b\n1,2\n3,4"}) {
    const auto file = good(text);
    ASSERT_EQ(file.rows.size(), 2u) << text;
    EXPECT_EQ(file.rows[1].cells, (Cells{"3", "4"}));
    EXPECT_EQ(file.rows[1].line, 3u);
  }
}

TEST(CsvFile, LinesAreCountedAsAnEditorCountsThem) {
  const auto file = good("a,b\n\n1,\"two\nlines\"\n,\n3,4\n");
  ASSERT_EQ(file.rows.size(), 2u);
  EXPECT_EQ(file.rows[0].line, 3u);
  EXPECT_EQ(file.rows[0].cells[1], "two\nlines");
  EXPECT_EQ(file.rows[1].line, 6u);  // the row of blank cells in line 5 is nothing
}

TEST(CsvFile, QuotesMayHoldDelimitersAndQuotes) {
  EXPECT_EQ(good("a,b\n\"x, \"\"y\"\"\",2\n").rows[0].cells, (Cells{"x, \"y\"", "2"}));
}

TEST(CsvFile, TextBecomesNfcWithoutBlanksAround) {
  EXPECT_EQ(good("a,b\n  Nho\u031bn A\u0301i  ,\" x \"\n").rows[0].cells, (Cells{"Nhơn Ái", "x"}));
}

TEST(CsvFile, AnEmptyFileIsAnError) {
  EXPECT_EQ(bad("").key, "import.empty");
  EXPECT_EQ(bad("\xef\xbb\xbf").key, "import.empty");
  EXPECT_EQ(bad("\n\r\n  \n").key, "import.empty");
  EXPECT_EQ(bad("sep=;\n").key, "import.empty");
}

TEST(CsvFile, AHeaderAloneIsAnError) {
  EXPECT_EQ(bad("a,b\n").key, "import.only_header");
  EXPECT_EQ(bad("a,b\n,\n;\n").key, "import.cell_count");
  EXPECT_EQ(bad("a,b\n,\n,\n").key, "import.only_header");
}

TEST(CsvFile, OtherEncodingsAreRefusedWithTheirLine) {
  EXPECT_EQ(bad("a,b\n1,2\n3,\xe1\n").key, "import.not_utf8");
  EXPECT_EQ(bad("a,b\n1,2\n3,\xe1\n").line, 3u);
  EXPECT_EQ(bad(std::string_view("\xff\xfe"
                                 "a\0,\0",
                                 6))
                .key,
            "import.not_utf8");
  EXPECT_EQ(bad("a,b\n1,\xc0\xaf\n").key, "import.not_utf8");      // overlong
  EXPECT_EQ(bad("a,b\n1,\xed\xa0\x80\n").key, "import.not_utf8");  // surrogate
}

TEST(CsvFile, ANulByteIsRefused) {
  const auto error = bad(std::string_view("a,b\n1,\0002\n", 9));
  EXPECT_EQ(error.key, "import.nul");
  EXPECT_EQ(error.line, 2u);
}

TEST(CsvFile, AnUnclosedQuoteIsFoundWhereItOpened) {
  const auto error = bad("a,b\n1,2\n3,\"never closed\n5,6\n7,8\n");
  EXPECT_EQ(error.key, "import.unclosed_quote");
  EXPECT_EQ(error.line, 3u);
  EXPECT_EQ(error.column, "b");
}

TEST(CsvFile, AQuoteInsideACellIsAnError) {
  const auto error = bad("a,b\n1,5\" pipe\n");
  EXPECT_EQ(error.key, "import.stray_quote");
  EXPECT_EQ(error.line, 2u);
  EXPECT_EQ(bad("a,b\n\"x\"y,2\n").key, "import.stray_quote");
}

TEST(CsvFile, EveryRowHasAsManyCellsAsTheHeader) {
  EXPECT_EQ(bad("a,b\n1\n").key, "import.cell_count");
  const auto error = bad("a,b\n1,2\n1,2,3\n");
  EXPECT_EQ(error.key, "import.cell_count");
  EXPECT_EQ(error.line, 3u);
  EXPECT_EQ(error.args, (Cells{"3", "2"}));
}

TEST(CsvFile, SizesAreLimited) {
  EXPECT_EQ(bad(std::string(limits::kImportBytesMax + 1, 'a')).key, "import.too_many_bytes");
  std::string lines = "a\n";
  for (std::size_t i = 0; i < limits::kImportLinesMax; ++i) lines += "1\n";
  EXPECT_EQ(good(lines).rows.size(), limits::kImportLinesMax);
  EXPECT_EQ(bad(lines + "1\n").key, "import.too_many_lines");
}

}  // namespace
}  // namespace phusa::cli
