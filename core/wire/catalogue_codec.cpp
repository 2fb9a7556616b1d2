#include "core/base/limits.hpp"
#include "core/wire/codec.hpp"
#include "core/wire/message.hpp"
#include "proto/phusa/v1/catalogue.pb.h"

#include <algorithm>

namespace phusa::wire {
namespace {

void fill(const Validity& from, v1::Window& to) {
  to.set_has_from(from.from.has_value());
  to.set_has_until(from.until.has_value());
  if (from.from) to.set_from(static_cast<std::int32_t>(day_number(*from.from)));
  if (from.until) to.set_until(static_cast<std::int32_t>(day_number(*from.until)));
}

Validity validity_of(const v1::Window& from) {
  Validity out;
  if (from.has_from()) out.from = day_from_number(from.from());
  if (from.has_until()) out.until = day_from_number(from.until());
  return out;
}

template <class Row>
void fill_entry(const Entry& from, Row& to) {
  to.set_code(from.code);
  to.set_name(from.name);
  to.set_name_en(from.name_en);
}

template <class Row>
void take_entry(const Row& from, Entry& to) {
  to.code = from.code();
  to.name = from.name();
  to.name_en = from.name_en();
}

// Numbers of a later program's enumerations stay too large instead of wrapping round to known ones.
std::uint8_t small(std::uint32_t number) {
  return static_cast<std::uint8_t>(std::min<std::uint32_t>(number, 255));
}

void fill(const Unit& from, v1::UnitRow& to) {
  fill_entry(from, to);
  to.set_kind(from.kind);
  if (from.parent) to.set_parent_plus_one(from.parent->value + 1);
  if (from.validity != Validity{}) fill(from.validity, *to.mutable_validity());
  for (const UnitNo no : from.successors) to.add_successors(no.value);
  to.set_contact(from.contact);
}

Unit take(const v1::UnitRow& from) {
  Unit out;
  take_entry(from, out);
  out.kind = from.kind();
  if (from.parent_plus_one() != 0) out.parent = UnitNo{from.parent_plus_one() - 1};
  out.validity = validity_of(from.validity());
  for (const std::uint32_t no : from.successors()) out.successors.push_back(UnitNo{no});
  out.contact = from.contact();
  return out;
}

void fill(const Cluster& from, v1::ClusterRow& to) {
  fill_entry(from, to);
  for (const Cluster::Member& member : from.members) {
    v1::ClusterRow::Member& row = *to.add_members();
    row.set_unit(member.unit.value);
    if (member.validity != Validity{}) fill(member.validity, *row.mutable_validity());
  }
}

Cluster take(const v1::ClusterRow& from) {
  Cluster out;
  take_entry(from, out);
  for (const auto& member : from.members()) {
    out.members.push_back({UnitNo{member.unit()}, validity_of(member.validity())});
  }
  return out;
}

void fill(const Campaign& from, v1::CampaignRow& to) {
  fill_entry(from, to);
  for (const CampaignNo no : from.parents) to.add_parents(no.value);
  to.set_series(from.series);
  if (from.validity != Validity{}) fill(from.validity, *to.mutable_validity());
}

Campaign take(const v1::CampaignRow& from) {
  Campaign out;
  take_entry(from, out);
  for (const std::uint32_t no : from.parents()) out.parents.push_back(CampaignNo{no});
  out.series = from.series();
  out.validity = validity_of(from.validity());
  return out;
}

void fill(const Indicator& from, v1::IndicatorRow& to) {
  fill_entry(from, to);
  to.set_unit(from.unit);
  to.set_decimals(from.decimals);
  to.set_has_maximum(from.maximum.has_value());
  to.set_maximum(from.maximum.value_or(0));
  to.set_nature(static_cast<std::uint32_t>(from.nature));
  for (const IndicatorNo no : from.parents) to.add_parents(no.value);
  to.set_per_event(static_cast<std::uint32_t>(from.per_event));
  to.set_section(from.section);
  to.set_year_starts(from.year_starts);
}

Indicator take(const v1::IndicatorRow& from) {
  Indicator out;
  take_entry(from, out);
  out.unit = from.unit();
  out.decimals = small(from.decimals());
  if (from.has_maximum()) out.maximum = from.maximum();
  out.nature = static_cast<Nature>(small(from.nature()));
  for (const std::uint32_t no : from.parents()) out.parents.push_back(IndicatorNo{no});
  out.per_event = static_cast<PerEvent>(small(from.per_event()));
  out.section = from.section();
  out.year_starts = from.year_starts();
  return out;
}

void fill(const Label& from, v1::LabelRow& to) {
  fill_entry(from, to);
  to.set_group(from.group);
}

Label take(const v1::LabelRow& from) {
  Label out;
  take_entry(from, out);
  out.group = from.group();
  return out;
}

void fill(const Kind& from, v1::KindRow& to) {
  fill_entry(from, to);
  const auto fill_use = [](const auto& use, v1::KindRow::Use& row) {
    row.set_no(use.no.value);
    row.set_required(use.required);
  };
  for (const auto& use : from.indicators) fill_use(use, *to.add_indicators());
  for (const auto& use : from.labels) fill_use(use, *to.add_labels());
  to.set_section(from.section);
}

Kind take(const v1::KindRow& from) {
  Kind out;
  take_entry(from, out);
  for (const auto& use : from.indicators()) out.indicators.push_back({IndicatorNo{use.no()}, use.required()});
  for (const auto& use : from.labels()) out.labels.push_back({LabelNo{use.no()}, use.required()});
  out.section = from.section();
  return out;
}

void fill(const OfficeTable& from, v1::OfficeTableRow& to) {
  to.set_name(from.name);
  for (const std::string& column : from.columns) to.add_columns(column);
  for (const auto& row : from.rows) {
    auto& cells = *to.add_rows();
    for (const std::string& cell : row) cells.add_cells(cell);
  }
}

OfficeTable take(const v1::OfficeTableRow& from) {
  OfficeTable out;
  out.name = from.name();
  out.columns.assign(from.columns().begin(), from.columns().end());
  for (const auto& row : from.rows()) out.rows.emplace_back(row.cells().begin(), row.cells().end());
  return out;
}

template <class Rows, class Items>
void fill_table(const Items& from, Rows& to) {
  for (const auto& item : from) fill(item, *to.Add());
}

template <class Items, class Rows>
void take_table(const Rows& from, Items& to) {
  to.reserve(static_cast<std::size_t>(from.size()));
  for (const auto& row : from) to.push_back(take(row));
}

// Every repeated string or sub-message at any depth that could be one counts as a row: what memory it may
// take is bounded before protobuf takes any.
bool has_catalogue_shape(BytesView bytes) {
  std::size_t rows = 0;
  const auto count = [&rows] { return ++rows <= limits::kCatalogueRowsMax; };
  return visit_fields(bytes, [&](std::uint32_t table, BytesView row) {
    const bool has_parts = table == 3 || table == 7 || table == 8;
    if (!has_parts) return count();
    return count() && visit_fields(row, [&](std::uint32_t field, BytesView part) {
             if (table == 8 && field == 3 &&
                 !visit_fields(part, [&](std::uint32_t, BytesView) { return count(); })) {
               return false;
             }
             return count();
           });
  });
}

template <class No, class Row>
bool all_within(const std::vector<No>& numbers, const std::vector<Row>& table) {
  for (const No no : numbers) {
    if (no.value >= table.size()) return false;
  }
  return true;
}

template <class No, class Row>
bool all_uses_within(const std::vector<Kind::Use<No>>& uses, const std::vector<Row>& table) {
  for (const auto& use : uses) {
    if (use.no.value >= table.size()) return false;
  }
  return true;
}

// Whether `parents_of(row)`, numbers within the table, lead round in a circle: readers follow them without
// looking.
template <class ParentsOf>
bool has_cycle(std::size_t rows, const ParentsOf& parents_of) {
  std::vector<std::uint32_t> open(rows, 0);  // children not yet taken away
  for (std::size_t row = 0; row < rows; ++row) {
    for (const std::uint32_t parent : parents_of(row)) ++open[parent];
  }
  std::vector<std::uint32_t> leaves;
  for (std::uint32_t row = 0; row < rows; ++row) {
    if (open[row] == 0) leaves.push_back(row);
  }
  std::size_t taken = 0;
  for (; taken < leaves.size(); ++taken) {
    for (const std::uint32_t parent : parents_of(leaves[taken])) {
      if (--open[parent] == 0) leaves.push_back(parent);
    }
  }
  return taken != rows;
}

std::vector<std::uint32_t> parent_of(const Unit& unit) {
  return unit.parent ? std::vector<std::uint32_t>{unit.parent->value} : std::vector<std::uint32_t>{};
}

template <class Row>
std::vector<std::uint32_t> parents_of(const Row& row) {
  std::vector<std::uint32_t> out;
  for (const auto no : row.parents) out.push_back(no.value);
  return out;
}

bool refers_within(const Catalogue& c) {
  for (const Unit& unit : c.units) {
    if (unit.parent && unit.parent->value >= c.units.size()) return false;
    if (!all_within(unit.successors, c.units)) return false;
  }
  for (const Cluster& cluster : c.clusters) {
    for (const auto& member : cluster.members) {
      if (member.unit.value >= c.units.size()) return false;
    }
  }
  for (const Campaign& campaign : c.campaigns) {
    if (!all_within(campaign.parents, c.campaigns)) return false;
  }
  for (const Indicator& indicator : c.indicators) {
    if (!all_within(indicator.parents, c.indicators)) return false;
    if (indicator.decimals > 9 || indicator.nature > Nature::kStock || indicator.per_event > PerEvent::kOnce)
      return false;
  }
  for (const Kind& kind : c.kinds) {
    if (!all_uses_within(kind.indicators, c.indicators) || !all_uses_within(kind.labels, c.labels))
      return false;
  }
  return true;
}

bool is_sound(const Catalogue& c) {
  return refers_within(c) &&
         !has_cycle(c.units.size(), [&](std::size_t row) { return parent_of(c.units[row]); }) &&
         !has_cycle(c.campaigns.size(), [&](std::size_t row) { return parents_of(c.campaigns[row]); }) &&
         !has_cycle(c.indicators.size(), [&](std::size_t row) { return parents_of(c.indicators[row]); });
}

}  // namespace

Bytes encode_catalogue(const Catalogue& catalogue) {
  v1::CatalogueMessage message;
  message.set_revision(catalogue.revision);
  message.set_box_key(catalogue.box_key);
  fill_table(catalogue.units, *message.mutable_units());
  fill_table(catalogue.clusters, *message.mutable_clusters());
  fill_table(catalogue.campaigns, *message.mutable_campaigns());
  fill_table(catalogue.indicators, *message.mutable_indicators());
  fill_table(catalogue.labels, *message.mutable_labels());
  fill_table(catalogue.kinds, *message.mutable_kinds());
  fill_table(catalogue.office_tables, *message.mutable_office_tables());
  return serialize(message);
}

Result<Catalogue> decode_catalogue(BytesView bytes) {
  if (bytes.size() > limits::kCatalogueBytesMax) {
    return fail(ErrorCode::kLimitExceeded, "a catalogue is larger than catalogues may be");
  }
  v1::CatalogueMessage message;
  if (!has_catalogue_shape(bytes) || !parse(message, bytes))
    return fail(ErrorCode::kCorrupt, "not a catalogue");
  Catalogue out;
  out.revision = message.revision();
  out.box_key = std::move(*message.mutable_box_key());
  take_table(message.units(), out.units);
  take_table(message.clusters(), out.clusters);
  take_table(message.campaigns(), out.campaigns);
  take_table(message.indicators(), out.indicators);
  take_table(message.labels(), out.labels);
  take_table(message.kinds(), out.kinds);
  take_table(message.office_tables(), out.office_tables);
  if (!is_sound(out))
    return fail(ErrorCode::kCorrupt, "a catalogue refers to rows it does not have, or in a circle");
  return out;
}

}  // namespace phusa::wire
