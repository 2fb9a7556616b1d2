#include "bindings/cli/csv_file.hpp"

#include "core/base/limits.hpp"
#include "core/base/text.hpp"

#include <csv.h>

#include <algorithm>
#include <array>
#include <optional>

namespace phusa::cli {
namespace {

tl::unexpected<ImportError> wrong(std::size_t line, std::string key, std::vector<std::string> args = {},
                                  std::string column = {}) {
  return tl::unexpected(ImportError{line, std::move(column), std::move(key), std::move(args)});
}

/// The next line with its end; \r\n, \n and a lone \r end one.
std::string_view take_line(std::string_view& rest) {
  auto end = rest.find_first_of("\r\n");
  if (end == std::string_view::npos)
    end = rest.size();
  else if (rest[end] == '\r' && end + 1 < rest.size() && rest[end + 1] == '\n')
    end += 2;
  else
    end += 1;
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end);
  return line;
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::optional<ImportError> check_bytes(std::string_view bytes) {
  if (bytes.size() > limits::kImportBytesMax) {
    return ImportError{
        0, {}, "import.too_many_bytes", {std::to_string(limits::kImportBytesMax / (1024 * 1024))}};
  }
  if (bytes.substr(0, 2) == "\xff\xfe" || bytes.substr(0, 2) == "\xfe\xff")
    return ImportError{1, {}, "import.not_utf8", {}};
  std::size_t number = 0;
  for (auto rest = bytes; !rest.empty();) {
    const auto line = take_line(rest);
    ++number;
    if (line.find('\0') != std::string_view::npos) return ImportError{number, {}, "import.nul", {}};
    if (!to_nfc(line)) return ImportError{number, {}, "import.not_utf8", {}};
  }
  return std::nullopt;
}

/// Excel's own hint, "sep=;" in the first line, is taken and skipped.
std::optional<char> take_hint(std::string_view& bytes) {
  auto rest = bytes;
  const auto line = trim(take_line(rest));
  if (line.size() != 5 || line.substr(0, 4) != "sep=") return std::nullopt;
  bytes = rest;
  return line[4];
}

char detect_delimiter(std::string_view bytes) {
  std::array<std::pair<char, std::size_t>, 3> counts{{{';', 0}, {'\t', 0}, {',', 0}}};
  bool quoted = false;
  for (const char c : bytes) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n' || c == '\r') break;
    for (auto& [delimiter, count] : counts) count += c == delimiter ? 1 : 0;
  }
  const auto most = std::max_element(counts.begin(), counts.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  return most->second == 0 ? ',' : most->first;
}

/// Rows as libcsv reports them, each with the line it began on.
struct Collector {
  std::vector<CsvRow> rows;
  CsvRow open;
  std::size_t line = 0;
  bool row_done = true;

  static void on_cell(void* data, std::size_t size, void* self) {
    auto& collector = *static_cast<Collector*>(self);
    const auto cell = trim({static_cast<const char*>(data), size});
    collector.open.cells.push_back(to_nfc(cell).value_or(""));  // the whole file was looked at before
  }
  static void on_row(int, void* self) {
    auto& collector = *static_cast<Collector*>(self);
    collector.rows.push_back(std::exchange(collector.open, {}));
    collector.row_done = true;
  }
};

class Parser {
 public:
  explicit Parser(char delimiter) : good_(csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI) == 0) {
    if (good_) csv_set_delim(&parser_, static_cast<unsigned char>(delimiter));
  }
  ~Parser() {
    if (good_) csv_free(&parser_);
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  bool feed(std::string_view text, Collector& out) {
    return good_ && csv_parse(&parser_, text.data(), text.size(), Collector::on_cell, Collector::on_row,
                              &out) == text.size();
  }
  bool finish(Collector& out) {
    return good_ && csv_fini(&parser_, Collector::on_cell, Collector::on_row, &out) == 0;
  }

 private:
  csv_parser parser_{};
  bool good_;
};

/// The header of the cell a row broke off in, where the header is known.
std::string column_of(const Collector& collector) {
  if (collector.rows.empty() || collector.open.cells.size() >= collector.rows.front().cells.size()) return {};
  return collector.rows.front().cells[collector.open.cells.size()];
}

tl::expected<std::vector<CsvRow>, ImportError> split_rows(std::string_view bytes, char delimiter,
                                                          std::size_t lines_before) {
  Parser parser(delimiter);
  Collector collector;
  collector.line = lines_before;
  for (auto rest = bytes; !rest.empty();) {
    const auto line = take_line(rest);
    ++collector.line;
    if (collector.row_done && trim(line).empty()) continue;
    if (collector.row_done) collector.open.line = collector.line;
    collector.row_done = false;
    if (!parser.feed(line, collector))
      return wrong(collector.line, "import.stray_quote", {}, column_of(collector));
    if (collector.rows.size() > limits::kImportLinesMax + 1) {
      return wrong(0, "import.too_many_lines", {std::to_string(limits::kImportLinesMax)});
    }
  }
  if (!parser.finish(collector))
    return wrong(collector.open.line, "import.unclosed_quote", {}, column_of(collector));
  return std::move(collector.rows);
}

bool is_blank(const CsvRow& row) {
  return std::all_of(row.cells.begin(), row.cells.end(),
                     [](const std::string& cell) { return cell.empty(); });
}

}  // namespace

tl::expected<CsvFile, ImportError> parse_csv(std::string_view bytes) {
  if (bytes.substr(0, 3) == "\xef\xbb\xbf") bytes.remove_prefix(3);
  if (auto error = check_bytes(bytes)) return tl::unexpected(std::move(*error));
  const auto hint = take_hint(bytes);
  if (trim(bytes).empty()) return wrong(0, "import.empty");

  CsvFile file;
  const auto header_at = bytes.find_first_not_of(" \r\n");
  file.delimiter = hint.value_or(detect_delimiter(bytes.substr(header_at)));
  auto rows = split_rows(bytes, file.delimiter, hint ? 1 : 0);
  if (!rows) return tl::unexpected(rows.error());
  rows->erase(std::remove_if(rows->begin(), rows->end(), is_blank), rows->end());
  if (rows->empty()) return wrong(0, "import.empty");
  file.header = std::move(rows->front().cells);
  file.rows.assign(std::make_move_iterator(rows->begin() + 1), std::make_move_iterator(rows->end()));
  if (file.rows.empty()) return wrong(0, "import.only_header");
  for (const auto& row : file.rows) {
    if (row.cells.size() == file.header.size()) continue;
    return wrong(row.line, "import.cell_count",
                 {std::to_string(row.cells.size()), std::to_string(file.header.size())});
  }
  return file;
}

}  // namespace phusa::cli
