#include "sync-server/access/draft_builder.hpp"

#include <algorithm>
#include <set>

/// Tables that only the office reads: checked for what they name, then kept as they stand.
namespace phusa::access {
namespace {

constexpr std::uint32_t kFigureDecimalsMax = 6;

/// `95%`, `0.06`, `500`
bool is_threshold(std::string_view text) {
  if (text.ends_with('%')) text.remove_suffix(1);
  return parse_figure(text, kFigureDecimalsMax).has_value();
}

OfficeTable table_of(std::string_view name, const Sheet& sheet) {
  OfficeTable out{std::string(name), sheet.columns, {}};
  for (const Sheet::Row& row : sheet.rows) {
    std::vector<std::string> cells;
    for (const std::string& column : sheet.columns) cells.push_back(row.at(column));
    out.rows.push_back(std::move(cells));
  }
  return out;
}

}  // namespace

void DraftBuilder::fill_office_tables() {
  check_figures();
  check_targets();
  check_calendar();
  out_.catalogue.office_tables.clear();
  for (const std::string_view name : {"unit_figures", "targets", "calendar", "calendar_exceptions"}) {
    out_.catalogue.office_tables.push_back(table_of(name, folder_.sheet(name)));
  }
}

void DraftBuilder::check_figures() {
  const Sheet& sheet = folder_.sheet("unit_figures");
  for (const Row& row : sheet.rows) {
    if (!row.at("unit").empty()) reference<UnitNo>(sheet, row, "unit", "unit", row.at("unit"));
    one_of(sheet, row, "source", {"registered", "allotted", "population", "stock", "external"});
    const std::string& value = row.at("value");
    if (!value.empty() && !parse_figure(value, kFigureDecimalsMax)) {
      problem(sheet, row, "value: '" + value + "' is not a number; write 1234 or 12.5");
    }
  }
}

void DraftBuilder::check_targets() {
  const Sheet& sheet = folder_.sheet("targets");
  std::set<std::string> codes;
  for (const Row& row : sheet.rows) {
    if (!codes.insert(row.at("code")).second)
      problem(sheet, row, "code '" + row.at("code") + "' stands here twice");
    one_of(sheet, row, "measure",
           {"sum", "ratio", "of_registered", "of_population", "of_external", "members_with_n"});
    one_of(sheet, row, "op", {">=", ">", "<=", "<", "="});
    for (std::string item : row.items("indicators")) {
      // `a|b`: either will do.
      for (std::size_t bar = item.find('|'); !item.empty(); bar = item.find('|')) {
        reference<IndicatorNo>(sheet, row, "indicators", "indicator", item.substr(0, bar));
        item = bar == std::string::npos ? std::string() : item.substr(bar + 1);
      }
    }
    references<LabelNo>(sheet, row, "labels", "label");
    references<CampaignNo>(sheet, row, "campaign", "campaign");
    validity(sheet, row);
    for (const std::string_view column : {"threshold", "share", "weight"}) {
      if (row.at(column).empty() || is_threshold(row.at(column))) continue;
      problem(sheet, row, std::string(column) + ": '" + row.at(column) + "' is not a number or a percentage");
    }
  }
}

void DraftBuilder::check_calendar() {
  const Sheet& calendar = folder_.sheet("calendar");
  std::set<std::string> codes;
  for (const Row& row : calendar.rows) {
    if (!codes.insert(row.at("code")).second)
      problem(calendar, row, "code '" + row.at("code") + "' stands here twice");
    references<CampaignNo>(calendar, row, "campaign", "campaign");
    one_of(calendar, row, "before_or_at", {"before", "at"});
  }
  const Sheet& exceptions = folder_.sheet("calendar_exceptions");
  for (const Row& row : exceptions.rows) {
    const std::string& code = row.at("code");
    if (!code.empty() && !codes.contains(code))
      problem(exceptions, row, "code: calendar.csv has no '" + code + "'");
    day(exceptions, row, "date");
  }
}

}  // namespace phusa::access
