#include "sync-server/app/listing.hpp"

#include "sync-server/app/json_line.hpp"
#include "sync-server/app/words.hpp"

#include <algorithm>

namespace phusa::app {
namespace {

/// Names come from whoever enrols: an escape sequence among them must not be obeyed by the office's terminal.
std::string one_line(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool is_c1 = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (is_c1) ++i;
    out += is_c1 || byte < 0x20 || byte == 0x7F ? ' ' : text[i];
  }
  return out;
}

/// Code points: names are NFC, so that Vietnamese letters are one each.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

void add_line(std::string& out, const Listing& listing, const std::vector<std::string>& cells,
              const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const std::string fill(widths[c] - width_of(cells[c]), ' ');
    line += (c == 0 ? "" : "  ") + (listing.columns[c].is_number ? fill + cells[c] : cells[c] + fill);
  }
  while (line.ends_with(' ')) line.pop_back();
  out += line + "\n";
}

/// A spreadsheet takes what starts so for a formula and would do what a stranger's name says. A figure or
/// a telephone number stays one: digits after one sign compute nothing, further signs do.
bool is_formula(const std::string& cell) {
  if (cell.empty() || std::string_view("=+-@\t\r").find(cell.front()) == std::string_view::npos) return false;
  const bool is_signed = cell.front() == '+' || cell.front() == '-';
  return !is_signed || cell.find_first_not_of("0123456789., ", 1) != std::string::npos;
}

std::string quoted(const std::string& text) {
  const std::string cell = (is_formula(text) ? "'" : "") + text;
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string out = "\"";
  for (const char c : cell) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

}  // namespace

std::string as_table(const Listing& given, Language language) {
  Listing listing = given;
  for (auto& row : listing.rows) {
    for (std::size_t c = 0; c < row.size(); ++c)
      row[c] = one_line(cell_words(language, listing.columns[c].name, row[c]));
  }
  std::vector<std::string> header;
  std::vector<std::size_t> widths;
  for (const auto& column : listing.columns) {
    header.push_back(column_title(language, column.name));
    widths.push_back(width_of(header.back()));
  }
  for (const auto& row : listing.rows) {
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width_of(row[c]));
  }
  std::string out;
  add_line(out, listing, header, widths);
  for (const auto& row : listing.rows) add_line(out, listing, row, widths);
  return out;
}

std::string as_csv(const Listing& listing) {
  std::string out;
  for (std::size_t c = 0; c < listing.columns.size(); ++c)
    out += (c == 0 ? "" : ",") + quoted(listing.columns[c].name);
  out += "\n";
  for (const auto& row : listing.rows) {
    for (std::size_t c = 0; c < row.size(); ++c) out += (c == 0 ? "" : ",") + quoted(row[c]);
    out += "\n";
  }
  return out;
}

std::string as_json(const Listing& listing) {
  auto out = nlohmann::ordered_json::array();
  for (const auto& row : listing.rows) {
    nlohmann::ordered_json object;
    for (std::size_t c = 0; c < row.size(); ++c) object[listing.columns[c].name] = row[c];
    out.push_back(std::move(object));
  }
  return json_line(out);
}

std::string rendered(const Listing& listing, Format format, Language language) {
  switch (format) {
    case Format::kTable:
      return as_table(listing, language);
    case Format::kJson:
      return as_json(listing);
    case Format::kCsv:
      return as_csv(listing);
  }
  return {};
}

}  // namespace phusa::app
