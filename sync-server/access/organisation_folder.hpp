#pragma once

#include "core/base/day.hpp"
#include "sync-server/access/csv.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string_view>

namespace phusa::access {

/// One CSV file of the organisation's folder: its columns are known ones, each once, the required ones there.
class Sheet {
 public:
  struct Row {
    std::uint32_t line = 0;
    std::map<std::string, std::string, std::less<>> cells;  ///< by column; a missing column is not there

    /// Empty when the cell, or its whole column, is missing.
    const std::string& at(std::string_view column) const;
    /// The items of a cell, `;` between them; empty ones are passed over.
    std::vector<std::string> items(std::string_view column) const;
  };

  std::string file;                  ///< "units.csv"
  std::vector<std::string> columns;  ///< in the file's order; empty: the file is not there
  std::vector<Row> rows;
  bool is_broken = false;  ///< its form is at fault: rows may be missing
};

/// The folder as a whole (DESIGN section 8 names files and columns). Every fault of form is in `problems`.
struct OrganisationFolder {
  std::map<std::string, Sheet, std::less<>>
      sheets;  ///< by name without ".csv"; all known ones, empty if missing
  std::vector<Problem> problems;
  std::vector<std::string> passed_over;  ///< CSV files in the folder that no organisation has

  const Sheet& sheet(std::string_view name) const { return sheets.find(name)->second; }
};

OrganisationFolder read_organisation_folder(const std::filesystem::path& folder);

/// `12.5` with one decimal -> 125. nullopt when it is not a decimal number, has more decimals than allowed,
/// or lies beyond limits::kAmountMax.
std::optional<std::int64_t> parse_figure(std::string_view text, unsigned decimals);

/// A code: 1 to limits::kCodeBytesMax bytes without spaces, control characters and the marks that separate
/// codes elsewhere (; | , * = : " ').
bool is_code(std::string_view text);

}  // namespace phusa::access
