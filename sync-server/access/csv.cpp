#include "sync-server/access/csv.hpp"

#include "core/base/limits.hpp"
#include "core/base/text.hpp"

#include <csv.h>

#include <algorithm>

namespace phusa::access {
namespace {

/// Collects what libcsv calls back with. libcsv does not count lines, so it is fed byte by byte and we do.
struct Reader {
  const std::string& name;
  CsvFile& out;
  CsvRow row;
  std::uint32_t line = 1;
  bool row_begun = false;

  void problem(std::uint32_t at, std::string text) { out.problems.push_back({name, at, std::move(text)}); }

  void cell(BytesView text) {
    auto normal = to_nfc(text);
    if (!normal) problem(line, normal.error().context);
    row.cells.push_back(normal ? *std::move(normal) : std::string());
  }

  void end_row() {
    const bool blank =
        std::all_of(row.cells.begin(), row.cells.end(), [](const auto& cell) { return cell.empty(); });
    if (!blank) out.rows.push_back(std::move(row));
    row = {};
    row_begun = false;
  }
};

void on_cell(void* text, std::size_t size, void* reader) {
  static_cast<Reader*>(reader)->cell({static_cast<const char*>(text), size});
}

void on_row(int, void* reader) {
  static_cast<Reader*>(reader)->end_row();
}

void feed(csv_parser& parser, BytesView bytes, Reader& reader) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (!reader.row_begun && c != '\r' && c != '\n' && c != ' ' && c != '\t') {
      reader.row_begun = true;
      reader.row.line = reader.line;
    }
    if (csv_parse(&parser, &c, 1, on_cell, on_row, &reader) != 1) {
      reader.problem(
          reader.line,
          "a quotation mark stands where none may: quote the whole cell and double the marks in it");
      return;
    }
    const bool line_ends = c == '\n' || (c == '\r' && (i + 1 == bytes.size() || bytes[i + 1] != '\n'));
    if (line_ends) ++reader.line;
    if (reader.out.rows.size() > limits::kCatalogueRowsMax) {
      reader.problem(reader.line, "more than " + std::to_string(limits::kCatalogueRowsMax) + " rows");
      return;
    }
  }
  if (csv_fini(&parser, on_cell, on_row, &reader) != 0) {
    reader.problem(reader.row.line, "a quotation mark is opened here and never closed");
  }
}

}  // namespace

std::string format_problem(const Problem& problem) {
  return problem.file + (problem.line == 0 ? "" : ":" + std::to_string(problem.line)) + ": " + problem.text;
}

CsvFile parse_csv(const std::string& name, BytesView bytes) {
  CsvFile out;
  if (bytes.size() > limits::kImportBytesMax) {
    out.problems.push_back({name, 0, "larger than " + std::to_string(limits::kImportBytesMax) + " bytes"});
    return out;
  }
  if (bytes.substr(0, 3) == "\xEF\xBB\xBF") bytes.remove_prefix(3);
  csv_parser parser;
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
    out.problems.push_back({name, 0, "cannot be read: out of memory"});
    return out;
  }
  Reader reader{name, out, {}, 1, false};
  feed(parser, bytes, reader);
  csv_free(&parser);
  return out;
}

}  // namespace phusa::access
