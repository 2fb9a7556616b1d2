#include "sync-server/access/organisation_folder.hpp"

#include "core/base/limits.hpp"
#include "core/model/figure.hpp"

#include <algorithm>
#include <array>
#include <fstream>

namespace phusa::access {
namespace {

struct Form {
  std::string_view name;
  std::vector<std::string_view> columns;  // name_en is allowed everywhere
  std::vector<std::string_view> required;
};

const std::vector<Form>& forms() {
  static const std::vector<Form> all = {
      {"units", {"code", "name", "kind", "parent", "from", "until", "successors", "contact"}, {"code"}},
      {"clusters", {"cluster", "name", "unit", "from", "until"}, {"cluster", "unit"}},
      {"campaigns", {"code", "name", "parents", "series", "from", "until"}, {"code"}},
      {"indicators",
       {"code", "name", "unit", "decimals", "maximum", "nature", "parents", "per_event", "section",
        "year_starts"},
       {"code"}},
      {"labels", {"code", "name", "group"}, {"code"}},
      {"kinds", {"code", "name", "indicators", "labels", "section"}, {"code"}},
      {"unit_figures", {"unit", "figure", "period", "value", "source"}, {"unit", "figure"}},
      {"targets",
       {"code", "measure", "indicators", "over", "each", "share", "op", "threshold", "scope", "labels",
        "campaign", "from", "until", "weight", "text"},
       {"code"}},
      {"calendar", {"code", "name", "cycle", "campaign", "cutoff", "due", "before_or_at"}, {"code"}},
      {"calendar_exceptions", {"code", "date", "new_due"}, {"code", "date"}},
  };
  return all;
}

bool has(std::span<const std::string_view> list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

std::string joined(std::span<const std::string_view> list) {
  std::string out;
  for (const std::string_view item : list) out += (out.empty() ? "" : ",") + std::string(item);
  return out;
}

/// The header row: names the columns of `sheet`. False when no row below it can be understood.
bool read_header(const Form& form, const CsvRow& header, Sheet& sheet, std::vector<Problem>& problems) {
  const std::size_t before = problems.size();
  for (const std::string& column : header.cells) {
    if (std::find(sheet.columns.begin(), sheet.columns.end(), column) != sheet.columns.end()) {
      problems.push_back({sheet.file, header.line, "column '" + column + "' stands here twice"});
    } else if (!has(form.columns, column) && column != "name_en") {
      problems.push_back({sheet.file, header.line,
                          "unknown column '" + column + "'; known are " + joined(form.columns) + ",name_en"});
    }
    sheet.columns.push_back(column);
  }
  for (const std::string_view column : form.required) {
    if (std::find(sheet.columns.begin(), sheet.columns.end(), column) == sheet.columns.end()) {
      problems.push_back({sheet.file, header.line, "column '" + std::string(column) + "' is missing"});
    }
  }
  return problems.size() == before;
}

void read_rows(const Form& form, const CsvFile& csv, Sheet& sheet, std::vector<Problem>& problems) {
  for (std::size_t i = 1; i < csv.rows.size(); ++i) {
    const CsvRow& raw = csv.rows[i];
    Sheet::Row row{raw.line, {}};
    for (std::size_t c = 0; c < raw.cells.size(); ++c) {
      if (raw.cells[c].empty()) continue;
      if (c >= sheet.columns.size()) {
        problems.push_back(
            {sheet.file, raw.line,
             "'" + raw.cells[c] + "' stands past the last column; quote a cell that holds a comma"});
        break;
      }
      row.cells.emplace(sheet.columns[c], raw.cells[c]);
    }
    for (const std::string_view column : form.required) {
      if (row.at(column).empty()) {
        problems.push_back({sheet.file, raw.line, "'" + std::string(column) + "' is empty"});
      }
    }
    sheet.rows.push_back(std::move(row));
  }
}

Sheet read_sheet(const Form& form, const std::filesystem::path& folder, std::vector<Problem>& problems) {
  Sheet sheet;
  sheet.file = std::string(form.name) + ".csv";
  std::ifstream in(folder / sheet.file, std::ios::binary);
  std::error_code error;
  // A sheet that is there and cannot be read is not an empty one: what it names would be closed.
  if (!in && !std::filesystem::exists(folder / sheet.file, error) && !error) return sheet;
  Bytes bytes;
  std::array<char, 1 << 16> chunk;
  while (in.read(chunk.data(), chunk.size()) || in.gcount() > 0)
    bytes.append(chunk.data(), static_cast<std::size_t>(in.gcount()));
  if (!in.eof()) {
    problems.push_back({sheet.file, 0, "cannot be read"});
    sheet.is_broken = true;
    return sheet;
  }
  CsvFile csv = parse_csv(sheet.file, bytes);
  problems.insert(problems.end(), csv.problems.begin(), csv.problems.end());
  sheet.is_broken = !csv.problems.empty();
  if (csv.rows.empty()) return sheet;
  if (read_header(form, csv.rows.front(), sheet, problems)) {
    read_rows(form, csv, sheet, problems);
  } else {
    sheet.is_broken = true;
  }
  return sheet;
}

/// A file that is not ours may be anything, or a name typed wrong (`campaign.csv`): passed over, but not in
/// silence.
std::vector<std::string> strangers_in(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::string> strangers;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string stem = entry.path().stem().string();
    const bool known =
        std::any_of(forms().begin(), forms().end(), [&](const Form& f) { return f.name == stem; });
    if (entry.path().extension() == ".csv" && !known) strangers.push_back(entry.path().filename().string());
  }
  std::sort(strangers.begin(), strangers.end());
  return strangers;
}

}  // namespace

const std::string& Sheet::Row::at(std::string_view column) const {
  static const std::string empty;
  const auto found = cells.find(column);
  return found == cells.end() ? empty : found->second;
}

std::vector<std::string> Sheet::Row::items(std::string_view column) const {
  std::vector<std::string> out;
  std::string_view rest = at(column);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    std::string_view item = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    if (!item.empty()) out.emplace_back(item);
  }
  return out;
}

OrganisationFolder read_organisation_folder(const std::filesystem::path& folder) {
  OrganisationFolder out;
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    out.problems.push_back({folder.string(), 0, "is not a folder; name the one that holds units.csv"});
  } else {
    out.passed_over = strangers_in(folder);
  }
  for (const Form& form : forms()) {
    Sheet sheet = out.problems.empty() || std::filesystem::is_directory(folder, error)
                      ? read_sheet(form, folder, out.problems)
                      : Sheet{};
    out.sheets.emplace(form.name, std::move(sheet));
  }
  if (out.problems.empty() && out.sheet("units").rows.empty()) {
    out.problems.push_back({"units.csv", 0, "names no unit; an organisation has at least one"});
  }
  return out;
}

std::optional<std::int64_t> parse_figure(std::string_view text, unsigned decimals) {
  // "1.000" of a whole number may mean a thousand: zeros too many are a question, not an answer.
  const std::size_t point = text.find('.');
  if (point != std::string_view::npos && text.size() - point - 1 > decimals) return std::nullopt;
  const auto figure = parse_decimal(text, decimals);
  return figure && *figure <= limits::kAmountMax && *figure >= -limits::kAmountMax ? figure : std::nullopt;
}

bool is_code(std::string_view text) {
  if (text.empty() || text.size() > limits::kCodeBytesMax) return false;
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= ' ' || byte == 0x7f || std::string_view(";|,*=:\"'").find(c) != std::string_view::npos;
  });
}

}  // namespace phusa::access
