#include "core/client/codes.hpp"
#include "core/client/methods.hpp"
#include "core/model/figure.hpp"

namespace phusa::method {
namespace {

using Item = v1::CatalogueReply::Item;

void write_entry(const Entry& entry, Item& out) {
  out.set_code(entry.code);
  out.set_name(entry.name);
  out.set_name_en(entry.name_en);
}

void write_validity(const Validity& validity, Item& out) {
  if (validity.from) out.set_from(format_day(*validity.from));
  if (validity.until) out.set_until(format_day(*validity.until));
}

void write_kind(const Kind& kind, const Catalogue& catalogue, Item& out) {
  write_entry(kind, out);
  for (const auto& use : kind.indicators) {
    out.add_indicators((use.required ? "*" : "") + code_of(catalogue.indicators, use.no.value));
  }
  for (const auto& use : kind.labels)
    out.add_labels((use.required ? "*" : "") + code_of(catalogue.labels, use.no.value));
}

}  // namespace

Outcome<v1::CatalogueReply> catalogue(Phone& phone) {
  if (phone.catalogue() == nullptr) return tl::unexpected(not_joined());
  const Catalogue& catalogue = *phone.catalogue();
  v1::CatalogueReply reply;
  reply.set_revision(catalogue.revision);
  for (const Unit& unit : catalogue.units) {
    Item& item = *reply.add_units();
    write_entry(unit, item);
    write_validity(unit.validity, item);
    item.set_group(unit.kind);
    if (unit.parent) item.set_parent(code_of(catalogue.units, unit.parent->value));
  }
  for (const Cluster& cluster : catalogue.clusters) write_entry(cluster, *reply.add_clusters());
  for (const Campaign& campaign : catalogue.campaigns) {
    Item& item = *reply.add_campaigns();
    write_entry(campaign, item);
    write_validity(campaign.validity, item);
  }
  for (const Indicator& indicator : catalogue.indicators) {
    Item& item = *reply.add_indicators();
    write_entry(indicator, item);
    item.set_measure(indicator.unit);
    item.set_decimals(indicator.decimals);
    if (indicator.maximum) item.set_maximum(format_decimal(*indicator.maximum, indicator.decimals));
  }
  for (const Label& label : catalogue.labels) {
    Item& item = *reply.add_labels();
    write_entry(label, item);
    item.set_group(label.group);
  }
  for (const Kind& kind : catalogue.kinds) write_kind(kind, catalogue, *reply.add_kinds());
  return reply;
}

}  // namespace phusa::method
