#pragma once

#include "core/base/bytes.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace phusa::access {

/// What is wrong with a file somebody wrote, so that they find it. `line` counts from 1; 0 is the file as a
/// whole.
struct Problem {
  std::string file;
  std::uint32_t line = 0;
  std::string text;

  friend bool operator==(const Problem&, const Problem&) = default;
};

/// `units.csv:12: unknown parent 'x'`
std::string format_problem(const Problem& problem);

struct CsvRow {
  std::uint32_t line = 0;  ///< where the row starts: a quoted cell may span lines
  std::vector<std::string> cells;
};

/// A file's rows, the header first. Cells are NFC, without spaces around them unless quoted.
struct CsvFile {
  std::vector<CsvRow> rows;
  std::vector<Problem> problems;
};

/// Reads comma-separated values by the strict rules (a quote inside an unquoted cell is a problem). A byte
/// order mark is passed over, and so are lines without any text. After a problem of form the rest of the file
/// is not read, for nobody knows what it means.
CsvFile parse_csv(const std::string& name, BytesView bytes);

}  // namespace phusa::access
