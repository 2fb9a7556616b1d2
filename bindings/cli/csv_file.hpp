#pragma once

#include <tl/expected.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace phusa::cli {

/// What is wrong where in an imported file: a key of messages.cpp with what to fill in.
struct ImportError {
  std::size_t line = 0;  ///< from 1, as an editor counts; 0: the file as a whole
  std::string column;    ///< its header as the file has it; empty: the line as a whole
  std::string key;
  std::vector<std::string> args;
};

struct CsvRow {
  std::size_t line = 0;  ///< where it begins: a quoted cell may hold line breaks
  std::vector<std::string> cells;
};

/// A file's rows as text: NFC, without blanks around a cell, as many cells as the header has. Rows whose
/// cells are all blank (spreadsheets leave them behind) are not here.
struct CsvFile {
  char delimiter = ',';
  std::vector<std::string> header;
  std::vector<CsvRow> rows;
};

/// UTF-8 with or without a byte order mark; `;`, `,` or tab, whichever the header uses most. Everything else
/// that a file may be - empty, cut off, in another encoding, too long - is an error with its line.
tl::expected<CsvFile, ImportError> parse_csv(std::string_view bytes);

}  // namespace phusa::cli
