#include "sync-server/access/draft_builder.hpp"

#include <algorithm>

namespace phusa::access {
namespace {

/// The rows of one cycle through `next`, or nothing. Each row is entered once.
template <class Next>
std::vector<std::vector<std::uint32_t>> cycles_of(std::size_t size, const Next& next) {
  enum class Mark : std::uint8_t { kNew, kOpen, kDone };
  std::vector<Mark> marks(size, Mark::kNew);
  std::vector<std::vector<std::uint32_t>> cycles;
  struct Step {
    std::uint32_t no;
    std::vector<std::uint32_t> rest;
  };
  for (std::uint32_t start = 0; start < size; ++start) {
    if (marks[start] != Mark::kNew) continue;
    std::vector<Step> path;
    path.push_back({start, next(start)});
    marks[start] = Mark::kOpen;
    while (!path.empty()) {
      Step& here = path.back();
      if (here.rest.empty()) {
        marks[here.no] = Mark::kDone;
        path.pop_back();
        continue;
      }
      const std::uint32_t to = here.rest.back();
      here.rest.pop_back();
      if (marks[to] == Mark::kNew) {
        marks[to] = Mark::kOpen;
        path.push_back({to, next(to)});
      } else if (marks[to] == Mark::kOpen) {
        std::vector<std::uint32_t> cycle;
        const auto from = std::find_if(path.begin(), path.end(), [&](const Step& s) { return s.no == to; });
        for (auto step = from; step != path.end(); ++step) cycle.push_back(step->no);
        cycles.push_back(std::move(cycle));
      }
    }
  }
  return cycles;
}

template <class No>
std::vector<std::uint32_t> values_of(const std::vector<No>& numbers) {
  std::vector<std::uint32_t> out;
  for (const No no : numbers) out.push_back(no.value);
  return out;
}

std::string text_of(const std::optional<Day>& day) {
  return day ? format_day(*day) : "open";
}

/// "name 'a' -> 'b'", appended to what changed before.
void note(std::string& out, std::string_view what, const std::string& was, const std::string& is) {
  if (was == is) return;
  out += (out.empty() ? "" : ", ") + std::string(what) + " '" + was + "' -> '" + is + "'";
}

void note_names(std::string& out, const Entry& was, const Entry& is) {
  note(out, "name", was.name, is.name);
  note(out, "name_en", was.name_en, is.name_en);
}

void note_validity(std::string& out, const Validity& was, const Validity& is) {
  note(out, "from", text_of(was.from), text_of(is.from));
  note(out, "until", text_of(was.until), text_of(is.until));
}

template <class No, class Row>
std::string codes_of(const std::vector<No>& numbers, const std::vector<Row>& rows) {
  std::string out;
  for (const No no : numbers) out += (out.empty() ? "" : ";") + rows[no.value].code;
  return out;
}

template <class No, class Row>
std::string codes_of(const std::vector<Kind::Use<No>>& uses, const std::vector<Row>& rows) {
  std::string out;
  for (const auto& use : uses)
    out += (out.empty() ? "" : ";") + std::string(use.required ? "*" : "") + rows[use.no.value].code;
  return out;
}

std::string members_of(const Cluster& cluster, const Catalogue& c) {
  std::string out;
  for (const auto& m : cluster.members) {
    out += (out.empty() ? "" : ";") + c.units[m.unit.value].code;
    if (m.validity.from || m.validity.until) {
      out += "(" + (m.validity.from ? format_day(*m.validity.from) : "") + ".." +
             (m.validity.until ? format_day(*m.validity.until) : "") + ")";
    }
  }
  return out;
}

std::string parent_of(const Unit& unit, const Catalogue& c) {
  return unit.parent ? c.units[unit.parent->value].code : "";
}

std::string difference(const Unit& was, const Unit& is, const Catalogue& c) {
  std::string out;
  note_names(out, was, is);
  note(out, "kind", was.kind, is.kind);
  note(out, "parent", parent_of(was, c), parent_of(is, c));
  note_validity(out, was.validity, is.validity);
  note(out, "successors", codes_of(was.successors, c.units), codes_of(is.successors, c.units));
  note(out, "contact", was.contact, is.contact);
  return out;
}

std::string difference(const Cluster& was, const Cluster& is, const Catalogue& c) {
  std::string out;
  note_names(out, was, is);
  note(out, "members", members_of(was, c), members_of(is, c));
  return out;
}

std::string difference(const Campaign& was, const Campaign& is, const Catalogue& c) {
  std::string out;
  note_names(out, was, is);
  note(out, "parents", codes_of(was.parents, c.campaigns), codes_of(is.parents, c.campaigns));
  note(out, "series", was.series, is.series);
  note_validity(out, was.validity, is.validity);
  return out;
}

std::string difference(const Indicator& was, const Indicator& is, const Catalogue& c) {
  std::string out;
  note_names(out, was, is);
  note(out, "maximum", was.maximum ? std::to_string(*was.maximum) : "none",
       is.maximum ? std::to_string(*is.maximum) : "none");
  note(out, "parents", codes_of(was.parents, c.indicators), codes_of(is.parents, c.indicators));
  note(out, "section", was.section, is.section);
  note(out, "year_starts", was.year_starts, is.year_starts);
  return out;
}

std::string difference(const Label& was, const Label& is, const Catalogue&) {
  std::string out;
  note_names(out, was, is);
  note(out, "group", was.group, is.group);
  return out;
}

std::string difference(const Kind& was, const Kind& is, const Catalogue& c) {
  std::string out;
  note_names(out, was, is);
  note(out, "indicators", codes_of(was.indicators, c.indicators), codes_of(is.indicators, c.indicators));
  note(out, "labels", codes_of(was.labels, c.labels), codes_of(is.labels, c.labels));
  note(out, "section", was.section, is.section);
  return out;
}

}  // namespace

void DraftBuilder::check_cycles() {
  const Catalogue& c = out_.catalogue;
  const auto report = [&](std::string_view sheet, std::string_view table, std::string_view what,
                          const auto& rows, const auto& next) {
    for (std::vector<std::uint32_t>& cycle : cycles_of(rows.size(), next)) {
      std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
      std::string text;
      for (const std::uint32_t no : cycle) text += "'" + rows[no].code + "' -> ";
      const std::string file = folder_.sheet(sheet).file;
      out_.problems.push_back(
          {file, line_of(table, cycle.front()),
           std::string(what) + " run in a circle: " + text + "'" + rows[cycle.front()].code + "'"});
    }
  };
  report("units", "unit", "parents", c.units, [&](std::uint32_t no) {
    return c.units[no].parent ? std::vector<std::uint32_t>{c.units[no].parent->value}
                              : std::vector<std::uint32_t>{};
  });
  report("units", "unit", "successors", c.units,
         [&](std::uint32_t no) { return values_of(c.units[no].successors); });
  report("campaigns", "campaign", "parents", c.campaigns,
         [&](std::uint32_t no) { return values_of(c.campaigns[no].parents); });
  report("indicators", "indicator", "parents", c.indicators,
         [&](std::uint32_t no) { return values_of(c.indicators[no].parents); });
}

void DraftBuilder::check_reopening(const Sheet& sheet, const std::string& table, const Entry& old_row,
                                   const Validity& old, const Validity& now, bool same_thing) {
  const bool was_closed = old.until && *old.until < today_;
  const bool is_open = !now.until || *now.until >= today_;
  if (!was_closed || !is_open || same_thing) return;
  Row row;
  row.line = line_of(table, *find(table, old_row.code));
  problem(sheet, row,
          "code '" + old_row.code + "' was closed on " + format_day(*old.until) + " and stood for '" +
              old_row.name + "'; a code is never used again, give the new " + table + " a code of its own");
}

void DraftBuilder::check_permanent() {
  const Catalogue& now = out_.catalogue;
  for (std::uint32_t no = 0; no < previous_->indicators.size(); ++no) {
    const Indicator& was = previous_->indicators[no];
    const Indicator& is = now.indicators[no];
    const bool same = was.unit == is.unit && was.decimals == is.decimals && was.nature == is.nature &&
                      was.per_event == is.per_event;
    if (same) continue;
    Row row;
    row.line = line_of("indicator", no);
    const char* what = was.unit != is.unit           ? "unit of measure"
                       : was.decimals != is.decimals ? "decimals"
                       : was.nature != is.nature     ? "nature"
                                                     : "per_event";
    problem(folder_.sheet("indicators"), row,
            "indicator '" + is.code + "' would change its " + what +
                ", and figures already logged would change their meaning; give the new indicator a code of "
                "its own");
  }
  for (std::uint32_t no = 0; no < previous_->labels.size(); ++no) {
    const Label& was = previous_->labels[no];
    const Label& is = now.labels[no];
    if (was.group == is.group) continue;
    Row row;
    row.line = line_of("label", no);
    problem(
        folder_.sheet("labels"), row,
        "label '" + is.code + "' would change its group from '" + was.group + "' to '" + is.group +
            "', and records that bear it would change their meaning; give the new label a code of its own");
  }
  for (std::uint32_t no = 0; no < previous_->units.size(); ++no) {
    const Unit& was = previous_->units[no];
    const Unit& is = now.units[no];
    check_reopening(folder_.sheet("units"), "unit", was, was.validity, is.validity,
                    was.name == is.name && was.kind == is.kind);
    const bool was_open = !was.validity.until || *was.validity.until >= today_;
    if (was_open && is_named("unit", no) && was.name != is.name && was.kind != is.kind) {
      Row row;
      row.line = line_of("unit", no);
      problem(folder_.sheet("units"), row,
              "unit '" + is.code +
                  "' would change name and kind at once, so it looks like another unit; give a new "
                  "unit a code of its own, or apply one change after the other");
    }
  }
  for (std::uint32_t no = 0; no < previous_->campaigns.size(); ++no) {
    const Campaign& was = previous_->campaigns[no];
    const Campaign& is = now.campaigns[no];
    check_reopening(folder_.sheet("campaigns"), "campaign", was, was.validity, is.validity,
                    was.name == is.name && was.series == is.series);
  }
}

void DraftBuilder::compare_tables() {
  using What = CatalogueChange::What;
  const Catalogue none;
  const Catalogue& was = previous_ ? *previous_ : none;
  const Catalogue& is = out_.catalogue;
  const auto compare = [&](const std::string& table, const auto& old_rows, const auto& rows) {
    for (std::uint32_t no = 0; no < rows.size(); ++no) {
      const auto& row = rows[no];
      if (no >= old_rows.size()) {
        changed(What::kAdded, table, row.code, row.name);
        continue;
      }
      What what = What::kChanged;
      if constexpr (requires { row.validity; }) {
        const bool was_open = !old_rows[no].validity.until || *old_rows[no].validity.until >= today_;
        const bool is_open = !row.validity.until || *row.validity.until >= today_;
        if (was_open && !is_open) what = What::kClosed;
        if (!was_open && is_open) what = What::kReopened;
      }
      if (!(row == old_rows[no])) {
        changed(what, table, row.code, difference(old_rows[no], row, is));
      } else if (!is_named(table, no) && (table == "indicator" || table == "label" || table == "kind")) {
        changed(What::kKept, table, row.code, "no longer in the folder; stays, because records may name it");
      }
    }
  };
  compare("unit", was.units, is.units);
  compare("cluster", was.clusters, is.clusters);
  compare("campaign", was.campaigns, is.campaigns);
  compare("indicator", was.indicators, is.indicators);
  compare("label", was.labels, is.labels);
  compare("kind", was.kinds, is.kinds);
  for (const OfficeTable& table : is.office_tables) {
    const auto old = std::find_if(was.office_tables.begin(), was.office_tables.end(),
                                  [&](const OfficeTable& t) { return t.name == table.name; });
    const std::size_t old_rows = old == was.office_tables.end() ? 0 : old->rows.size();
    if (old == was.office_tables.end() ? !table.rows.empty() : !(*old == table)) {
      changed(What::kChanged, table.name, "",
              std::to_string(old_rows) + " -> " + std::to_string(table.rows.size()) + " rows");
    }
  }
}

}  // namespace phusa::access
