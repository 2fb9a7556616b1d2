#pragma once

#include "sync-server/access/catalogue_draft.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace phusa::access {

/// What catalogue_draft.cpp builds one revision with: reads cells, collects problems, remembers which rows
/// the folder names. Lives for one draft.
class DraftBuilder {
 public:
  DraftBuilder(const OrganisationFolder& folder, const Catalogue* previous, Day today);

  CatalogueDraft build() &&;

 private:
  using Row = Sheet::Row;

  void problem(const Sheet& sheet, const Row& row, std::string text);
  void changed(CatalogueChange::What what, std::string table, std::string code, std::string detail = {});

  // draft_cells.cpp: cells to values
  std::optional<Day> day(const Sheet& sheet, const Row& row, std::string_view column);
  Validity validity(const Sheet& sheet, const Row& row);
  std::string one_of(const Sheet& sheet, const Row& row, std::string_view column,
                     std::initializer_list<std::string_view> allowed);
  std::optional<std::uint32_t> find(std::string_view table, std::string_view code) const;
  template <class No>
  std::optional<No> reference(const Sheet& sheet, const Row& row, std::string_view column,
                              std::string_view table, std::string_view code);
  template <class No>
  std::vector<No> references(const Sheet& sheet, const Row& row, std::string_view column,
                             std::string_view table);

  // catalogue_draft.cpp: first every code gets its number, so that rows may name one another in any order
  void number_rows(std::string_view sheet_name, std::string_view table, std::string_view column, bool unique,
                   std::size_t old_size);
  void fill_units();
  void fill_clusters();
  void fill_campaigns();
  void fill_indicators();
  void fill_labels();
  void fill_kinds();
  void read_indicator(const Sheet& sheet, const Row& row, Indicator& out);
  void close_clusters(std::vector<Cluster>& rows, const std::vector<Cluster>& old);

  // draft_checks.cpp: what must hold between rows and between revisions
  void check_cycles();
  void check_permanent();
  void compare_tables();
  void check_reopening(const Sheet& sheet, const std::string& table, const Entry& old_row,
                       const Validity& old, const Validity& now, bool same_thing);

  // draft_office_tables.cpp
  void fill_office_tables();
  void check_figures();
  void check_targets();
  void check_calendar();

  /// Line of the row in `sheet` that defines `code`; 0 when the folder does not name it.
  std::uint32_t line_of(std::string_view table, std::uint32_t no) const;
  bool is_named(std::string_view table, std::uint32_t no) const { return line_of(table, no) != 0; }
  /// The day before today, or `until` where that is earlier.
  std::optional<Day> closing_day(const std::optional<Day>& until) const;

  struct Table {
    std::map<std::string, std::uint32_t, std::less<>> numbers;
    std::map<std::uint32_t, std::uint32_t> lines;  ///< number -> line of its first row in the folder
  };

  const OrganisationFolder& folder_;
  const Catalogue* previous_;
  Day today_;
  std::map<std::string, Table, std::less<>> tables_;
  CatalogueDraft out_;
};

template <class No>
std::optional<No> DraftBuilder::reference(const Sheet& sheet, const Row& row, std::string_view column,
                                          std::string_view table, std::string_view code) {
  const auto found = find(table, code);
  if (found) return No{*found};
  // What a broken file fails to define would be reported once more wherever it is named.
  if (folder_.sheet(std::string(table) + "s").is_broken) return std::nullopt;
  problem(sheet, row,
          std::string(column) + ": no " + std::string(table) + " has the code '" + std::string(code) + "'");
  return std::nullopt;
}

template <class No>
std::vector<No> DraftBuilder::references(const Sheet& sheet, const Row& row, std::string_view column,
                                         std::string_view table) {
  std::vector<No> out;
  for (const std::string& code : row.items(column)) {
    if (const auto no = reference<No>(sheet, row, column, table, code)) out.push_back(*no);
  }
  return out;
}

}  // namespace phusa::access
