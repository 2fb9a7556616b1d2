#include "bindings/cli/table.hpp"

#include <utf8proc.h>

#include <algorithm>

namespace phusa::cli {
namespace {

/// Marks and overrides of direction: what follows them would be shown in another order than it was written.
bool turns(utf8proc_int32_t point) {
  return point == 0x061c || point == 0x200e || point == 0x200f || (point >= 0x202a && point <= 0x202e) ||
         (point >= 0x2066 && point <= 0x2069);
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string out;
  const auto* data = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t point = 0;
    const auto step = utf8proc_iterate(data + at, static_cast<utf8proc_ssize_t>(text.size() - at), &point);
    if (step <= 0) {
      out += '?';
      ++at;
      continue;
    }
    const bool control =
        point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029 || turns(point);
    out += control ? std::string(" ") : std::string(text.substr(at, static_cast<std::size_t>(step)));
    at += static_cast<std::size_t>(step);
  }
  return out;
}

namespace {

/// A spreadsheet takes what starts so for a formula and would do what a stranger's note says. A figure or
/// a telephone number stays one: digits after one sign compute nothing, further signs do.
bool is_formula(const std::string& cell) {
  if (cell.empty() || std::string_view("=+-@\t\r").find(cell.front()) == std::string_view::npos) return false;
  const bool is_signed = cell.front() == '+' || cell.front() == '-';
  return !is_signed || cell.find_first_not_of("0123456789., ", 1) != std::string::npos;
}

std::string csv_cell(const std::string& text) {
  const std::string cell = (is_formula(text) ? "'" : "") + text;
  if (cell.find_first_of(",\"\r\n;") == std::string::npos) return cell;
  std::string out = "\"";
  for (const char c : cell) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  const auto* data = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t point = 0;
    const auto step = utf8proc_iterate(data + at, static_cast<utf8proc_ssize_t>(text.size() - at), &point);
    if (step <= 0) {  // not UTF-8: a terminal shows one sign for the byte
      ++width;
      ++at;
      continue;
    }
    width += static_cast<std::size_t>(std::max(0, utf8proc_charwidth(point)));
    at += static_cast<std::size_t>(step);
  }
  return width;
}

std::string Table::aligned() const {
  std::vector<std::vector<std::string>> lines(1);
  for (const auto& column : columns) lines.front().push_back(column.title);
  for (const auto& row : rows) {
    auto& line = lines.emplace_back();
    for (const auto& cell : row) line.push_back(one_line(cell));
  }
  std::vector<std::size_t> widths(columns.size(), 0);
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], display_width(line[i]));
  }
  std::string out;
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const std::string pad(widths[i] - display_width(line[i]), ' ');
      text += (i > 0 ? "  " : "") + (columns[i].is_number ? pad + line[i] : line[i] + pad);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
  return out;
}

void Table::drop_empty_columns() {
  for (std::size_t i = rows.empty() ? 0 : columns.size(); i-- > 0;) {
    if (!std::all_of(rows.begin(), rows.end(), [&](const auto& row) { return row[i].empty(); })) continue;
    const auto at = static_cast<std::ptrdiff_t>(i);
    columns.erase(columns.begin() + at);
    for (auto& row : rows) row.erase(row.begin() + at);
  }
}

std::string Table::csv() const {
  std::string out;
  for (std::size_t i = 0; i < columns.size(); ++i) out += (i > 0 ? "," : "") + columns[i].field;
  out += "\n";
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) out += (i > 0 ? "," : "") + csv_cell(row[i]);
    out += "\n";
  }
  return out;
}

}  // namespace phusa::cli
