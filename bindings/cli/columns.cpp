#include "bindings/cli/columns.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <set>

namespace phusa::cli {
namespace {

struct Name {
  std::string_view folded;  // without marks
  ColumnKind kind;
};

constexpr std::array kNames{
    Name{"ref", ColumnKind::kRef},
    Name{"ma", ColumnKind::kRef},
    Name{"ma dong", ColumnKind::kRef},
    Name{"stt", ColumnKind::kRef},
    Name{"date", ColumnKind::kDate},
    Name{"day", ColumnKind::kDate},
    Name{"ngay", ColumnKind::kDate},
    Name{"tu ngay", ColumnKind::kDate},
    Name{"ngay bat dau", ColumnKind::kDate},
    Name{"ngay thuc hien", ColumnKind::kDate},
    Name{"until", ColumnKind::kUntil},
    Name{"den", ColumnKind::kUntil},
    Name{"den ngay", ColumnKind::kUntil},
    Name{"ngay ket thuc", ColumnKind::kUntil},
    Name{"unit", ColumnKind::kUnit},
    Name{"don vi", ColumnKind::kUnit},
    Name{"ma don vi", ColumnKind::kUnit},
    Name{"kind", ColumnKind::kKind},
    Name{"loai", ColumnKind::kKind},
    Name{"loai hoat dong", ColumnKind::kKind},
    Name{"loai hinh", ColumnKind::kKind},
    Name{"hoat dong", ColumnKind::kKind},
    Name{"campaign", ColumnKind::kCampaign},
    Name{"campaigns", ColumnKind::kCampaign},
    Name{"dot", ColumnKind::kCampaign},
    Name{"chien dich", ColumnKind::kCampaign},
    Name{"place", ColumnKind::kPlace},
    Name{"dia diem", ColumnKind::kPlace},
    Name{"noi", ColumnKind::kPlace},
    Name{"noi thuc hien", ColumnKind::kPlace},
    Name{"note", ColumnKind::kNote},
    Name{"ghi chu", ColumnKind::kNote},
    Name{"noi dung", ColumnKind::kNote},
    Name{"event", ColumnKind::kEvent},
    Name{"su kien", ColumnKind::kEvent},
    Name{"partners", ColumnKind::kPartners},
    Name{"partner", ColumnKind::kPartners},
    Name{"phoi hop", ColumnKind::kPartners},
    Name{"don vi phoi hop", ColumnKind::kPartners},
    Name{"labels", ColumnKind::kLabels},
    Name{"label", ColumnKind::kLabels},
    Name{"nhan", ColumnKind::kLabels},
};

std::optional<ColumnKind> fixed_column(std::string_view header) {
  const auto folded = fold(header, true);
  const auto* found =
      std::find_if(kNames.begin(), kNames.end(), [&](const Name& name) { return name.folded == folded; });
  if (found == kNames.end()) return std::nullopt;
  return found->kind;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

}  // namespace

std::string fold(std::string_view text, bool without_marks) {
  utf8proc_uint8_t* mapped = nullptr;
  const auto how = without_marks
                       ? UTF8PROC_STABLE | UTF8PROC_CASEFOLD | UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK
                       : UTF8PROC_STABLE | UTF8PROC_CASEFOLD | UTF8PROC_COMPOSE;
  const auto size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &mapped, static_cast<utf8proc_option_t>(how));
  if (size < 0) return std::string(text);
  std::string folded(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size));
  std::free(mapped);
  if (without_marks) replace_all(folded, "đ", "d");  // a letter of its own, not a d with a mark
  std::string out;
  for (const char c : folded) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '_';
    if (!blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string column_name(const ImportColumn& column) {
  switch (column.kind) {
    case ColumnKind::kRef:
      return "ref";
    case ColumnKind::kDate:
      return "date";
    case ColumnKind::kUntil:
      return "until";
    case ColumnKind::kUnit:
      return "unit";
    case ColumnKind::kKind:
      return "kind";
    case ColumnKind::kCampaign:
      return "campaign";
    case ColumnKind::kPlace:
      return "place";
    case ColumnKind::kNote:
      return "note";
    case ColumnKind::kEvent:
      return "event";
    case ColumnKind::kPartners:
      return "partners";
    case ColumnKind::kLabels:
      return "labels";
    case ColumnKind::kIndicator:
      return column.indicator;
  }
  return {};
}

std::vector<ImportColumn> read_header(const std::vector<std::string>& header,
                                      const v1::CatalogueReply& catalogue, std::vector<ImportError>& errors) {
  const CodeFinder indicators(catalogue.indicators());
  std::vector<ImportColumn> columns;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < header.size(); ++i) {
    const auto& title = header[i];
    ImportColumn column;
    if (title.empty()) {
      errors.push_back({1, {}, "import.column_without_name", {std::to_string(i + 1)}});
    } else if (const auto fixed = fixed_column(title)) {
      column.kind = *fixed;
    } else if (indicators.knows(title)) {
      column.indicator = indicators.find(title);
    } else {
      errors.push_back({1, title, "import.unknown_column", {}});
    }
    const auto name = column_name(column);
    if (!name.empty() && !seen.insert(name).second)
      errors.push_back({1, title, "import.column_twice", {name}});
    columns.push_back(std::move(column));
  }
  return columns;
}

CodeFinder::CodeFinder(const google::protobuf::RepeatedPtrField<v1::CatalogueReply::Item>& items) {
  for (const auto& item : items) {
    exact_.insert(item.code());
    const auto [code, fresh] = codes_.emplace(fold(item.code(), false), item.code());
    if (!fresh) code->second.clear();
    std::set<std::string> names;
    for (const auto& name : {item.name(), item.name_en()}) {
      if (name.empty()) continue;
      names.insert(fold(name, false));
      names.insert(fold(name, true));
    }
    for (const auto& name : names) {
      const auto [at, added] = names_.emplace(name, item.code());
      if (!added && at->second != item.code()) at->second.clear();
    }
  }
}

bool CodeFinder::knows(const std::string& written) const {
  return exact_.contains(find(written));
}

std::string CodeFinder::find(const std::string& written) const {
  if (exact_.contains(written)) return written;
  if (const auto code = codes_.find(fold(written, false)); code != codes_.end())
    return code->second.empty() ? written : code->second;
  for (const bool without_marks : {false, true}) {
    const auto name = names_.find(fold(written, without_marks));
    if (name != names_.end() && !name->second.empty()) return name->second;
  }
  return written;
}

}  // namespace phusa::cli
