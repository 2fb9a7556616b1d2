#include "core/client/codes.hpp"
#include "core/client/content.hpp"
#include "core/merge/merge.hpp"
#include "core/model/figure.hpp"
#include "proto/phusa/v1/client.pb.h"

namespace phusa {
namespace {

std::string partner_text(const Partner& partner, const Catalogue& catalogue) {
  if (const auto* unit = std::get_if<UnitNo>(&partner)) return code_of(catalogue.units, unit->value);
  if (const auto* cluster = std::get_if<ClusterNo>(&partner))
    return code_of(catalogue.clusters, cluster->value);
  return std::get<std::string>(partner);
}

template <class Row>
std::vector<std::string> codes(const std::vector<Row>& rows, BytesView bytes) {
  std::vector<std::string> out;
  for (const std::uint32_t no : value::numbers(bytes).value_or(std::vector<std::uint32_t>{}))
    out.push_back(code_of(rows, no));
  return out;
}

std::vector<std::string> items_of(FieldKind kind, BytesView bytes, const Catalogue& catalogue) {
  std::vector<std::string> out;
  if (kind == FieldKind::kCampaigns) return codes(catalogue.campaigns, bytes);
  if (kind == FieldKind::kLabels) return codes(catalogue.labels, bytes);
  if (kind == FieldKind::kMembers) return value::strings(bytes).value_or(out);
  if (kind == FieldKind::kPhotos) {
    for (const Hash& hash : value::hashes(bytes).value_or(std::vector<Hash>{})) out.push_back(hash.hex());
  }
  if (kind == FieldKind::kPartners) {
    for (const Partner& partner : value::partners(bytes).value_or(std::vector<Partner>{})) {
      out.push_back(partner_text(partner, catalogue));
    }
  }
  return out;
}

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ";") + item;
  return out;
}

std::string amount_text(FieldKey field, BytesView bytes, const Catalogue& catalogue) {
  const auto amount = value::amount(bytes);
  if (!amount) return {};
  const std::uint32_t no = field.indicator().value;
  return format_decimal(amount->value,
                        no < catalogue.indicators.size() ? catalogue.indicators[no].decimals : 0);
}

std::string day_text(BytesView bytes) {
  const auto day = value::day(bytes);
  return day ? format_day(*day) : std::string();
}

void write_sets(const RecordState& state, const Catalogue& catalogue, v1::Content& out) {
  const auto fill = [&](FieldKind kind, v1::TextList* list) {
    for (std::string& item : items_of(kind, merge::winning_value(state, kind), catalogue))
      list->add_items(std::move(item));
  };
  const auto has = [&](FieldKind kind) { return !merge::winning_value(state, kind).empty(); };
  if (has(FieldKind::kCampaigns)) fill(FieldKind::kCampaigns, out.mutable_campaigns());
  if (has(FieldKind::kLabels)) fill(FieldKind::kLabels, out.mutable_labels());
  if (has(FieldKind::kPartners)) fill(FieldKind::kPartners, out.mutable_partners());
  if (has(FieldKind::kMembers)) fill(FieldKind::kMembers, out.mutable_members());
  for (const Hash& hash :
       value::hashes(merge::winning_value(state, FieldKind::kPhotos)).value_or(std::vector<Hash>{})) {
    out.add_photos(std::string(hash.view()));
  }
}

}  // namespace

void write_content(const RecordState& state, const Catalogue& catalogue, v1::Content& out) {
  const auto bytes = [&](FieldKind kind) { return merge::winning_value(state, kind); };
  if (const auto unit = value::number(bytes(FieldKind::kUnit))) out.set_unit(code_of(catalogue.units, *unit));
  if (const auto kind = value::number(bytes(FieldKind::kKind))) out.set_kind(code_of(catalogue.kinds, *kind));
  if (const auto day = value::day(bytes(FieldKind::kDay))) out.set_day(format_day(*day));
  if (const auto day = value::day(bytes(FieldKind::kLastDay))) out.set_last_day(format_day(*day));
  write_sets(state, catalogue, out);
  if (const auto event = value::record(bytes(FieldKind::kEvent))) out.set_event(format_ref(ref_of(*event)));
  if (value::flag(bytes(FieldKind::kEventHeader))) out.set_event_header(true);
  if (value::flag(bytes(FieldKind::kHighlight))) out.set_highlight(true);
  if (!bytes(FieldKind::kPlace).empty()) out.set_place(std::string(bytes(FieldKind::kPlace)));
  if (!bytes(FieldKind::kNote).empty()) out.set_note(std::string(bytes(FieldKind::kNote)));
  for (const Register& reg : state.registers) {
    if (!reg.field.is_value() || reg.nodes.empty()) continue;
    const auto amount = value::amount(reg.nodes.front().version.value);
    if (!amount) continue;
    v1::Value* value = out.add_values();
    value->set_indicator(code_of(catalogue.indicators, reg.field.indicator().value));
    value->set_amount(amount_text(reg.field, reg.nodes.front().version.value, catalogue));
    value->set_qualifier(std::string(qualifier_name(amount->qualifier)));
  }
}

std::string field_name(FieldKey field, const Catalogue& catalogue) {
  switch (field.kind()) {
    case FieldKind::kUnit:
      return "unit";
    case FieldKind::kKind:
      return "kind";
    case FieldKind::kDay:
      return "day";
    case FieldKind::kLastDay:
      return "last_day";
    case FieldKind::kCampaigns:
      return "campaigns";
    case FieldKind::kLabels:
      return "labels";
    case FieldKind::kPartners:
      return "partners";
    case FieldKind::kMembers:
      return "members";
    case FieldKind::kEvent:
      return "event";
    case FieldKind::kEventHeader:
      return "event_header";
    case FieldKind::kHighlight:
      return "highlight";
    case FieldKind::kPhotos:
      return "photos";
    case FieldKind::kPlace:
      return "place";
    case FieldKind::kNote:
      return "note";
    case FieldKind::kRetracted:
      return "retracted";
    case FieldKind::kReview:
      return "review";
    case FieldKind::kValue:
      return "values." + code_of(catalogue.indicators, field.indicator().value);
  }
  return "field " + std::to_string(field.code);
}

std::string field_text(FieldKey field, const Node& node, const Catalogue& catalogue) {
  const BytesView bytes = node.version.value;
  switch (field.kind()) {
    case FieldKind::kUnit: {
      const auto no = value::number(bytes);
      return no ? code_of(catalogue.units, *no) : "";
    }
    case FieldKind::kKind: {
      const auto no = value::number(bytes);
      return no ? code_of(catalogue.kinds, *no) : "";
    }
    case FieldKind::kDay:
    case FieldKind::kLastDay:
      return day_text(bytes);
    case FieldKind::kCampaigns:
    case FieldKind::kLabels:
    case FieldKind::kPartners:
    case FieldKind::kMembers:
    case FieldKind::kPhotos:
      return joined(items_of(field.kind(), bytes, catalogue));
    case FieldKind::kEvent: {
      const auto id = value::record(bytes);
      return id ? format_ref(ref_of(*id)) : "";
    }
    case FieldKind::kEventHeader:
    case FieldKind::kHighlight:
      return value::flag(bytes) ? "yes" : "";
    case FieldKind::kRetracted:
      return bytes.empty() ? "" : "yes";
    case FieldKind::kPlace:
    case FieldKind::kNote:
      return node.text;
    case FieldKind::kReview: {
      const auto review = value::review(bytes);
      return review ? std::string(review_name(review->state)) : "";
    }
    case FieldKind::kValue: {
      const auto amount = value::amount(bytes);
      if (!amount) return "";
      const std::string text = amount_text(field, bytes, catalogue);
      return amount->qualifier == Qualifier::kExact
                 ? text
                 : std::string(qualifier_name(amount->qualifier)) + " " + text;
    }
  }
  return {};
}

}  // namespace phusa
