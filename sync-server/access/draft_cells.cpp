#include "sync-server/access/draft_builder.hpp"

#include <algorithm>

namespace phusa::access {

void DraftBuilder::problem(const Sheet& sheet, const Row& row, std::string text) {
  out_.problems.push_back({sheet.file, row.line, std::move(text)});
}

void DraftBuilder::changed(CatalogueChange::What what, std::string table, std::string code,
                           std::string detail) {
  out_.changes.push_back({what, std::move(table), std::move(code), std::move(detail)});
}

std::optional<Day> DraftBuilder::day(const Sheet& sheet, const Row& row, std::string_view column) {
  const std::string& text = row.at(column);
  if (text.empty()) return std::nullopt;
  const auto parsed = parse_day(text);
  if (parsed) return *parsed;
  problem(sheet, row, std::string(column) + ": " + parsed.error().context);
  return std::nullopt;
}

Validity DraftBuilder::validity(const Sheet& sheet, const Row& row) {
  const Validity out{day(sheet, row, "from"), day(sheet, row, "until")};
  if (out.from && out.until && *out.until < *out.from) {
    problem(sheet, row, "until " + format_day(*out.until) + " lies before from " + format_day(*out.from));
  }
  return out;
}

std::string DraftBuilder::one_of(const Sheet& sheet, const Row& row, std::string_view column,
                                 std::initializer_list<std::string_view> allowed) {
  const std::string& text = row.at(column);
  if (text.empty() || std::find(allowed.begin(), allowed.end(), text) != allowed.end()) return text;
  std::string list;
  for (const std::string_view item : allowed) list += (list.empty() ? "" : ", ") + std::string(item);
  problem(sheet, row, std::string(column) + ": '" + text + "' is none of " + list);
  return {};
}

std::optional<std::uint32_t> DraftBuilder::find(std::string_view table, std::string_view code) const {
  const auto numbers = tables_.find(table);
  if (numbers == tables_.end()) return std::nullopt;
  const auto found = numbers->second.numbers.find(code);
  if (found == numbers->second.numbers.end()) return std::nullopt;
  return found->second;
}

std::uint32_t DraftBuilder::line_of(std::string_view table, std::uint32_t no) const {
  const auto lines = tables_.find(table);
  if (lines == tables_.end()) return 0;
  const auto found = lines->second.lines.find(no);
  return found == lines->second.lines.end() ? 0 : found->second;
}

std::optional<Day> DraftBuilder::closing_day(const std::optional<Day>& until) const {
  const Day yesterday = today_ - std::chrono::days(1);
  return until && *until < yesterday ? *until : yesterday;
}

}  // namespace phusa::access
