#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace phusa::cli {

/// Columns a terminal shows `text` in: a letter with its marks takes one, a wide character two.
std::size_t display_width(std::string_view text);

/// Anybody's name or note may hold an escape sequence, or line breaks that would look like our own words: on
/// a terminal they are blanks. What is not UTF-8 is a question mark.
std::string one_line(std::string_view text);

/// Rows of text under a header, printed aligned for people or as CSV for programs.
struct Table {
  struct Column {
    std::string title;  ///< for people, in their language
    std::string field;  ///< for programs, always the same
    bool is_number = false;
  };
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;

  /// Two spaces between columns, nothing at a line's end; control characters (a note's line break) as spaces.
  std::string aligned() const;
  /// Leaves out the columns that no row says anything in; with no rows all stay.
  void drop_empty_columns();
  /// RFC 4180 with \n: cells with a comma, quote or line break in quotes.
  std::string csv() const;
};

}  // namespace phusa::cli
