#include "bindings/cli/import_plan.hpp"

#include "bindings/cli/columns.hpp"
#include "bindings/cli/commands.hpp"
#include "core/base/day.hpp"
#include "core/base/hash.hpp"

#include <map>
#include <set>

namespace phusa::cli {
namespace {

using Errors = std::vector<ImportError>;

class Planner {
 public:
  Planner(const CsvFile& file, const v1::CatalogueReply& catalogue, NumberStyle numbers)
      : file_(file),
        columns_(read_header(file.header, catalogue, errors_)),
        units_(catalogue.units()),
        kinds_(catalogue.kinds()),
        campaigns_(catalogue.campaigns()),
        labels_(catalogue.labels()),
        clusters_(catalogue.clusters()),
        numbers_(numbers) {}

  tl::expected<ImportPlan, Errors> plan(std::string_view file_bytes) {
    if (!errors_.empty())
      return tl::unexpected(std::move(errors_));  // cells mean nothing under a wrong header
    find_refs();
    ImportPlan out;
    out.header = file_.header;
    out.columns = columns_;
    for (const auto& row : file_.rows) {
      auto& content = *out.request.add_items();
      out.request.add_lines(static_cast<std::uint32_t>(row.line));
      for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (!row.cells[i].empty()) put(content, row, i);
      }
      if (!content.has_day()) ++out.without_day;
    }
    mark_event_headers(out.request);
    if (!errors_.empty()) return tl::unexpected(std::move(errors_));
    out.request.set_import_key(std::string(hash_of(file_bytes).view()));
    return out;
  }

 private:
  void find_refs() {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].kind != ColumnKind::kRef) continue;
      for (std::size_t item = 0; item < file_.rows.size(); ++item) {
        const auto& ref = file_.rows[item].cells[i];
        if (ref.empty()) continue;
        const auto [first, added] = refs_.emplace(ref, item + 1);
        if (!added)
          add(file_.rows[item], i, "import.ref_twice",
              {ref, std::to_string(file_.rows[first->second - 1].line)});
      }
    }
  }

  void put(v1::Content& content, const CsvRow& row, std::size_t i) {
    const auto& cell = row.cells[i];
    switch (columns_[i].kind) {
      case ColumnKind::kRef:
        break;
      case ColumnKind::kDate:
        put_day(*content.mutable_day(), row, i);
        break;
      case ColumnKind::kUntil:
        put_day(*content.mutable_last_day(), row, i);
        break;
      case ColumnKind::kUnit:
        content.set_unit(units_.find(cell));
        break;
      case ColumnKind::kKind:
        content.set_kind(kinds_.find(cell));
        break;
      case ColumnKind::kCampaign:
        put_codes(*content.mutable_campaigns(), cell, campaigns_);
        break;
      case ColumnKind::kLabels:
        put_codes(*content.mutable_labels(), cell, labels_);
        break;
      case ColumnKind::kPlace:
        content.set_place(cell);
        break;
      case ColumnKind::kNote:
        content.set_note(cell);
        break;
      case ColumnKind::kEvent:
        put_event(content, row, i);
        break;
      case ColumnKind::kPartners:
        put_partners(*content.mutable_partners(), cell);
        break;
      case ColumnKind::kIndicator:
        put_figure(content, row, i);
        break;
    }
  }

  void put_day(std::string& out, const CsvRow& row, std::size_t i) {
    const auto day = parse_day(row.cells[i]);
    if (!day) return add(row, i, "not_a_day", {row.cells[i]});
    out = format_day(*day);
  }

  static void put_codes(v1::TextList& out, const std::string& cell, const CodeFinder& finder) {
    for (const auto& item : split_items({cell})) out.add_items(finder.find(item));
  }

  void put_partners(v1::TextList& out, const std::string& cell) {
    for (const auto& item : split_items({cell})) {
      out.add_items(units_.knows(item) ? units_.find(item) : clusters_.find(item));
    }
  }

  void put_event(v1::Content& content, const CsvRow& row, std::size_t i) {
    const auto& cell = row.cells[i];
    const auto found = refs_.find(cell);
    if (found == refs_.end()) {
      if (cell.find('-') == std::string::npos) return add(row, i, "import.unknown_ref", {cell});
      content.set_event(cell);  // a record's id; the library knows whether there is one
      return;
    }
    if (file_.rows[found->second - 1].line == row.line) return add(row, i, "import.own_event", {cell});
    content.set_event("@" + std::to_string(found->second));
    events_.insert(found->second);
  }

  void put_figure(v1::Content& content, const CsvRow& row, std::size_t i) {
    auto figure = parse_figure(row.cells[i], numbers_);
    if (!figure) return add(row, i, figure.error().key, figure.error().args);
    auto& value = *content.add_values();
    value.set_indicator(columns_[i].indicator);
    value.set_amount(std::move(figure->amount));
    value.set_qualifier(std::move(figure->qualifier));
  }

  /// A line that others name as their event and that has no figures of its own is the event's header.
  void mark_event_headers(v1::LogRequest& request) const {
    for (const auto item : events_) {
      auto& content = *request.mutable_items(static_cast<int>(item) - 1);
      if (content.values_size() == 0) content.set_event_header(true);
    }
  }

  void add(const CsvRow& row, std::size_t i, std::string key, std::vector<std::string> args) {
    errors_.push_back({row.line, file_.header[i], std::move(key), std::move(args)});
  }

  const CsvFile& file_;
  Errors errors_;
  std::vector<ImportColumn> columns_;
  CodeFinder units_, kinds_, campaigns_, labels_, clusters_;
  NumberStyle numbers_;
  std::map<std::string, std::size_t> refs_;  // ref -> item, from 1
  std::set<std::size_t> events_;             // items that others name
};

/// How client.proto calls what a column holds.
std::string field_of(const ImportColumn& column) {
  switch (column.kind) {
    case ColumnKind::kDate:
      return "day";
    case ColumnKind::kUntil:
      return "last_day";
    case ColumnKind::kCampaign:
      return "campaigns";
    case ColumnKind::kIndicator:
      return "values." + column.indicator;
    case ColumnKind::kRef:
    case ColumnKind::kUnit:
    case ColumnKind::kKind:
    case ColumnKind::kPlace:
    case ColumnKind::kNote:
    case ColumnKind::kEvent:
    case ColumnKind::kPartners:
    case ColumnKind::kLabels:
      return column_name(column);
  }
  return {};
}

}  // namespace

tl::expected<ImportPlan, Errors> plan_import(const CsvFile& file, std::string_view file_bytes,
                                             const v1::CatalogueReply& catalogue, NumberStyle numbers) {
  return Planner(file, catalogue, numbers).plan(file_bytes);
}

ImportError locate(const ImportPlan& plan, const v1::ErrorReply& error) {
  ImportError out;
  const auto item = static_cast<int>(error.item());
  if (item >= 1 && item <= plan.request.lines_size()) out.line = plan.request.lines(item - 1);
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    const auto field = field_of(plan.columns[i]);
    if (error.field() == field || error.field() == column_name(plan.columns[i])) out.column = plan.header[i];
  }
  if (out.column.empty()) out.column = error.field();
  out.key = error.key();
  out.args.assign(error.args().begin(), error.args().end());
  return out;
}

}  // namespace phusa::cli
