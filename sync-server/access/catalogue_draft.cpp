#include "sync-server/access/catalogue_draft.hpp"

#include "core/base/limits.hpp"
#include "sync-server/access/draft_builder.hpp"

#include <algorithm>

namespace phusa::access {
namespace {

/// A row without a name shows its code.
template <class T>
void read_names(const Sheet::Row& row, T& out) {
  out.name = row.at("name").empty() ? out.code : row.at("name");
  out.name_en = row.at("name_en");
}

template <class T>
void append_codes(const std::map<std::string, std::uint32_t, std::less<>>& numbers, std::vector<T>& rows) {
  const std::size_t old_size = rows.size();
  rows.resize(numbers.size());
  for (const auto& [code, no] : numbers) {
    if (no < old_size) continue;
    rows[no].code = code;
    rows[no].name = code;
  }
}

}  // namespace

std::string_view change_name(CatalogueChange::What what) {
  switch (what) {
    case CatalogueChange::What::kAdded:
      return "added";
    case CatalogueChange::What::kChanged:
      return "changed";
    case CatalogueChange::What::kClosed:
      return "closed";
    case CatalogueChange::What::kReopened:
      return "reopened";
    case CatalogueChange::What::kKept:
      return "kept";
  }
  return "";
}

bool CatalogueDraft::differs() const {
  return std::any_of(changes.begin(), changes.end(),
                     [](const CatalogueChange& c) { return c.makes_revision(); });
}

CatalogueDraft draft_catalogue(const std::filesystem::path& folder, const Catalogue* previous, Day today) {
  const OrganisationFolder read = read_organisation_folder(folder);
  CatalogueDraft draft = DraftBuilder(read, previous, today).build();
  draft.passed_over = read.passed_over;
  return draft;
}

DraftBuilder::DraftBuilder(const OrganisationFolder& folder, const Catalogue* previous, Day today)
    : folder_(folder), previous_(previous), today_(today) {
  if (previous) out_.catalogue = *previous;
  out_.catalogue.revision = previous ? previous->revision + 1 : 1;
  out_.problems = folder.problems;
}

CatalogueDraft DraftBuilder::build() && {
  Catalogue& c = out_.catalogue;
  const auto number = [&](std::string_view sheet, std::string_view table, std::string_view column,
                          bool unique, const auto& rows) {
    for (std::uint32_t no = 0; no < rows.size(); ++no)
      tables_[std::string(table)].numbers.emplace(rows[no].code, no);
    number_rows(sheet, table, column, unique, rows.size());
  };
  number("units", "unit", "code", true, c.units);
  number("clusters", "cluster", "cluster", false, c.clusters);
  number("campaigns", "campaign", "code", true, c.campaigns);
  number("indicators", "indicator", "code", true, c.indicators);
  number("labels", "label", "code", true, c.labels);
  number("kinds", "kind", "code", true, c.kinds);
  fill_units();
  fill_clusters();
  fill_campaigns();
  fill_indicators();
  fill_labels();
  fill_kinds();
  fill_office_tables();
  check_cycles();
  if (previous_) check_permanent();
  // A code that stands at fault would show up as a change that it is not.
  if (out_.problems.empty()) compare_tables();
  return std::move(out_);
}

void DraftBuilder::number_rows(std::string_view sheet_name, std::string_view table, std::string_view column,
                               bool unique, std::size_t old_size) {
  const Sheet& sheet = folder_.sheet(sheet_name);
  Table& known = tables_[std::string(table)];
  auto next = static_cast<std::uint32_t>(old_size);
  for (const Row& row : sheet.rows) {
    const std::string& code = row.at(column);
    if (code.empty()) continue;
    if (!is_code(code)) {
      problem(sheet, row,
              "'" + code + "' cannot be a code: at most " + std::to_string(limits::kCodeBytesMax) +
                  " bytes, no spaces and none of ; | , * = : \" '");
    }
    const auto [at, is_new] = known.numbers.emplace(code, next);
    if (is_new) ++next;
    const auto [line, is_first] = known.lines.emplace(at->second, row.line);
    if (!is_first && unique) {
      problem(sheet, row, "code '" + code + "' stands on line " + std::to_string(line->second) + " already");
    }
  }
}

void DraftBuilder::fill_units() {
  const Sheet& sheet = folder_.sheet("units");
  append_codes(tables_["unit"].numbers, out_.catalogue.units);
  for (const Row& row : sheet.rows) {
    const auto no = find("unit", row.at("code"));
    if (!no) continue;
    Unit unit;
    unit.code = row.at("code");
    read_names(row, unit);
    unit.kind = row.at("kind");
    unit.contact = row.at("contact");
    unit.validity = validity(sheet, row);
    if (!row.at("parent").empty())
      unit.parent = reference<UnitNo>(sheet, row, "parent", "unit", row.at("parent"));
    unit.successors = references<UnitNo>(sheet, row, "successors", "unit");
    out_.catalogue.units[*no] = std::move(unit);
  }
  for (std::uint32_t no = 0; no < out_.catalogue.units.size(); ++no) {
    Unit& unit = out_.catalogue.units[no];
    if (!is_named("unit", no)) unit.validity.until = closing_day(unit.validity.until);
  }
}

void DraftBuilder::fill_clusters() {
  const Sheet& sheet = folder_.sheet("clusters");
  append_codes(tables_["cluster"].numbers, out_.catalogue.clusters);
  std::vector<Cluster> rows = out_.catalogue.clusters;
  for (Cluster& row : rows) row.members.clear();
  for (const Row& row : sheet.rows) {
    const auto no = find("cluster", row.at("cluster"));
    if (!no) continue;
    Cluster& cluster = rows[*no];
    if (!row.at("name").empty()) cluster.name = row.at("name");
    if (!row.at("name_en").empty()) cluster.name_en = row.at("name_en");
    const Validity window = validity(sheet, row);
    if (row.at("unit").empty()) continue;
    const auto unit = reference<UnitNo>(sheet, row, "unit", "unit", row.at("unit"));
    if (!unit) continue;
    const bool overlaps =
        std::any_of(cluster.members.begin(), cluster.members.end(), [&](const Cluster::Member& m) {
          const bool before = m.validity.until && window.from && *m.validity.until < *window.from;
          const bool after = window.until && m.validity.from && *window.until < *m.validity.from;
          return m.unit == *unit && !before && !after;
        });
    if (overlaps) {
      problem(sheet, row,
              "unit '" + row.at("unit") + "' is in cluster '" + cluster.code + "' already at that time");
    }
    cluster.members.push_back({*unit, window});
  }
  close_clusters(rows, out_.catalogue.clusters);
  out_.catalogue.clusters = std::move(rows);
}

/// A membership is known by its unit and first day; one that left the folder ends, as a unit would.
void DraftBuilder::close_clusters(std::vector<Cluster>& rows, const std::vector<Cluster>& old) {
  for (std::size_t no = 0; no < old.size(); ++no) {
    for (Cluster::Member member : old[no].members) {
      const auto& now = rows[no].members;
      const bool stays = std::any_of(now.begin(), now.end(), [&](const Cluster::Member& m) {
        return m.unit == member.unit && m.validity.from == member.validity.from;
      });
      if (stays) continue;
      member.validity.until = closing_day(member.validity.until);
      rows[no].members.push_back(member);
    }
  }
}

void DraftBuilder::fill_campaigns() {
  const Sheet& sheet = folder_.sheet("campaigns");
  append_codes(tables_["campaign"].numbers, out_.catalogue.campaigns);
  for (const Row& row : sheet.rows) {
    const auto no = find("campaign", row.at("code"));
    if (!no) continue;
    Campaign campaign;
    campaign.code = row.at("code");
    read_names(row, campaign);
    campaign.series = row.at("series");
    campaign.validity = validity(sheet, row);
    campaign.parents = references<CampaignNo>(sheet, row, "parents", "campaign");
    out_.catalogue.campaigns[*no] = std::move(campaign);
  }
  for (std::uint32_t no = 0; no < out_.catalogue.campaigns.size(); ++no) {
    Campaign& campaign = out_.catalogue.campaigns[no];
    if (!is_named("campaign", no)) campaign.validity.until = closing_day(campaign.validity.until);
  }
}

void DraftBuilder::fill_indicators() {
  const Sheet& sheet = folder_.sheet("indicators");
  append_codes(tables_["indicator"].numbers, out_.catalogue.indicators);
  for (const Row& row : sheet.rows) {
    const auto no = find("indicator", row.at("code"));
    if (!no) continue;
    Indicator indicator;
    indicator.code = row.at("code");
    read_indicator(sheet, row, indicator);
    out_.catalogue.indicators[*no] = std::move(indicator);
  }
}

void DraftBuilder::read_indicator(const Sheet& sheet, const Row& row, Indicator& out) {
  constexpr std::int64_t kDecimalsMax = 6;
  read_names(row, out);
  out.unit = row.at("unit");
  out.section = row.at("section");
  if (!row.at("decimals").empty()) {
    const auto decimals = parse_figure(row.at("decimals"), 0);
    if (decimals && *decimals >= 0 && *decimals <= kDecimalsMax) {
      out.decimals = static_cast<std::uint8_t>(*decimals);
    } else {
      problem(sheet, row, "decimals: '" + row.at("decimals") + "' is not a whole number from 0 to 6");
    }
  }
  if (!row.at("maximum").empty()) {
    out.maximum = parse_figure(row.at("maximum"), out.decimals);
    if (!out.maximum || *out.maximum < 0) {
      problem(sheet, row,
              "maximum: '" + row.at("maximum") + "' is not a number with at most " +
                  std::to_string(out.decimals) + " decimals, such as 1000 (no separators)");
    }
  }
  out.nature = one_of(sheet, row, "nature", {"flow", "stock"}) == "stock" ? Nature::kStock : Nature::kFlow;
  out.per_event =
      one_of(sheet, row, "per_event", {"sum", "once"}) == "once" ? PerEvent::kOnce : PerEvent::kSum;
  out.parents = references<IndicatorNo>(sheet, row, "parents", "indicator");
  out.year_starts = row.at("year_starts");
  // 2000 was a leap year: 02-29 is a day a year may start on.
  if (!out.year_starts.empty() && !parse_day("2000-" + out.year_starts)) {
    problem(sheet, row, "year_starts: '" + out.year_starts + "' is not a day of the year; write mm-dd");
  }
}

void DraftBuilder::fill_labels() {
  append_codes(tables_["label"].numbers, out_.catalogue.labels);
  for (const Row& row : folder_.sheet("labels").rows) {
    const auto no = find("label", row.at("code"));
    if (!no) continue;
    Label label;
    label.code = row.at("code");
    read_names(row, label);
    label.group = row.at("group");
    out_.catalogue.labels[*no] = std::move(label);
  }
}

void DraftBuilder::fill_kinds() {
  const Sheet& sheet = folder_.sheet("kinds");
  append_codes(tables_["kind"].numbers, out_.catalogue.kinds);
  const auto uses = [&]<class No>(const Row& row, std::string_view column, std::string_view table,
                                  std::vector<Kind::Use<No>>& out) {
    for (const std::string& item : row.items(column)) {
      const bool required = item.starts_with('*') || item.ends_with('*');
      std::string_view code = item;
      if (code.starts_with('*')) code.remove_prefix(1);
      if (code.ends_with('*')) code.remove_suffix(1);
      const auto no = reference<No>(sheet, row, column, table, code);
      if (!no) continue;
      const bool doubled =
          std::any_of(out.begin(), out.end(), [&](const auto& use) { return use.no == *no; });
      if (doubled)
        problem(sheet, row, std::string(column) + ": '" + std::string(code) + "' stands here twice");
      out.push_back({*no, required});
    }
  };
  for (const Row& row : sheet.rows) {
    const auto no = find("kind", row.at("code"));
    if (!no) continue;
    Kind kind;
    kind.code = row.at("code");
    read_names(row, kind);
    kind.section = row.at("section");
    uses(row, "indicators", "indicator", kind.indicators);
    uses(row, "labels", "label", kind.labels);
    out_.catalogue.kinds[*no] = std::move(kind);
  }
}

}  // namespace phusa::access
