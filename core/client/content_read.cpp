#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/client/codes.hpp"
#include "core/client/content.hpp"
#include "core/merge/merge.hpp"
#include "core/model/figure.hpp"
#include "proto/phusa/v1/client.pb.h"

#include <algorithm>
#include <map>
#include <set>

namespace phusa {
namespace {

/// Reads one Content; collects fields and faults.
class Reader {
 public:
  Reader(const ContentContext& context, Draft& draft) : context_(context), draft_(draft) {}

  void read(const v1::Content& content);
  void check_kind(std::uint32_t kind, const std::function<bool(FieldKey)>& has);
  void check_header(const std::function<BytesView(FieldKey)>& before);
  std::vector<Fault> take() { return std::move(faults_); }

  void set(FieldKey field, Bytes bytes, const std::string& name);
  void read_day(FieldKind kind, const std::string& text, const char* name);
  template <class Row>
  void read_code(FieldKind kind, const std::vector<Row>& rows, const std::string& code, const char* name);

 private:
  template <class Row>
  std::optional<std::uint32_t> number(const std::vector<Row>& rows, const std::string& code,
                                      const std::string& field, std::string_view table);
  void read_sets(const v1::Content& content);
  void read_partners(const v1::TextList& list);
  void read_labels(const v1::TextList& list);
  void read_text(FieldKind kind, const std::string& text, const char* name);
  void read_value(const v1::Value& value);
  void read_event(const std::string& text);

  const ContentContext& context_;
  Draft& draft_;
  std::vector<Fault> faults_;
};

void Reader::set(FieldKey field, Bytes bytes, const std::string& name) {
  if (!value::is_canonical(field, bytes)) {
    faults_.push_back({name, name + " has too many items, or one that is too long", "too_large", {name}});
    return;
  }
  const auto same = [&](const FieldValue& given) { return given.field == field; };
  if (std::any_of(draft_.begin(), draft_.end(), same)) {
    faults_.push_back({name, name + " is given twice", "given_twice", {name}});
    return;
  }
  draft_.push_back({field, std::move(bytes)});
}

template <class Row>
std::optional<std::uint32_t> Reader::number(const std::vector<Row>& rows, const std::string& code,
                                            const std::string& field, std::string_view table) {
  const auto at = std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.code == code; });
  if (at != rows.end()) return static_cast<std::uint32_t>(at - rows.begin());
  faults_.push_back(unknown_code(field, table, code, near_match(codes_of(rows), code)));
  return std::nullopt;
}

template <class Row>
void Reader::read_code(FieldKind kind, const std::vector<Row>& rows, const std::string& code,
                       const char* name) {
  if (code.empty()) {
    faults_.push_back({name, std::string("a record needs a ") + name, "missing", {name}});
    return;
  }
  if (const auto no = number(rows, code, name, name)) set(kind, value::of_number(*no), name);
}

void Reader::read_day(FieldKind kind, const std::string& text, const char* name) {
  if (text.empty() && kind == FieldKind::kLastDay) return set(kind, {}, name);
  const auto day = parse_day(text);
  const Bytes bytes = day ? value::of_day(*day) : Bytes();
  if (!day || !value::is_canonical(kind, bytes)) {
    faults_.push_back(
        {name, "'" + text + "' is not a day; write 2023-03-26 or 26/3/2023", "not_a_day", {text}});
    return;
  }
  set(kind, bytes, name);
}

void Reader::read_text(FieldKind kind, const std::string& text, const char* name) {
  auto normal = to_nfc(text);
  if (!normal) {
    faults_.push_back({name, normal.error().context, "not_text", {name}});
    return;
  }
  if (normal->size() > limits::kTextBytesMax) {
    const std::string most = std::to_string(limits::kTextBytesMax);
    faults_.push_back(
        {name, std::string(name) + " is longer than " + most + " bytes", "too_long", {name, most}});
    return;
  }
  set(kind, std::move(*normal), name);
}

void Reader::read_labels(const v1::TextList& list) {
  std::vector<std::uint32_t> labels;
  std::map<std::string, std::string> by_group;
  for (const std::string& code : list.items()) {
    const auto no = number(context_.catalogue.labels, code, "labels", "label");
    if (!no) continue;
    const std::string& group = context_.catalogue.labels[*no].group;
    const auto [at, fresh] = by_group.emplace(group, code);
    if (!fresh && !group.empty() && at->second != code) {
      faults_.push_back(
          {"labels",
           "'" + at->second + "' and '" + code + "' are both of the group '" + group + "'; choose one",
           "label_clash",
           {at->second, code, group}});
    }
    labels.push_back(*no);
  }
  set(FieldKind::kLabels, value::of_numbers(std::move(labels)), "labels");
}

void Reader::read_partners(const v1::TextList& list) {
  std::vector<Partner> partners;
  for (const std::string& item : list.items()) {
    if (const auto unit = context_.catalogue.unit(item)) {
      partners.emplace_back(*unit);
    } else if (const auto cluster = context_.catalogue.cluster(item)) {
      partners.emplace_back(*cluster);
    } else if (const auto name = to_nfc(item);
               name && !name->empty() && name->size() <= limits::kCodeBytesMax) {
      partners.emplace_back(*name);
    } else {
      const std::string most = std::to_string(limits::kCodeBytesMax);
      faults_.push_back(
          {"partners", "a partner's name has 1 to " + most + " bytes", "too_long", {"partners", most}});
    }
  }
  set(FieldKind::kPartners, value::of_partners(std::move(partners)), "partners");
}

void Reader::read_sets(const v1::Content& content) {
  if (content.has_campaigns()) {
    std::vector<std::uint32_t> campaigns;
    for (const std::string& code : content.campaigns().items()) {
      if (const auto no = number(context_.catalogue.campaigns, code, "campaigns", "campaign"))
        campaigns.push_back(*no);
    }
    set(FieldKind::kCampaigns, value::of_numbers(std::move(campaigns)), "campaigns");
  }
  if (content.has_labels()) read_labels(content.labels());
  if (content.has_partners()) read_partners(content.partners());
  if (content.has_members()) {
    std::vector<std::string> members;
    for (const std::string& item : content.members().items()) {
      const auto code = to_nfc(item);
      if (code && !code->empty()) members.push_back(*code);
    }
    set(FieldKind::kMembers, value::of_strings(std::move(members)), "members");
  }
  if (content.photos_size() > 0) {
    std::vector<Hash> photos;
    for (const std::string& photo : content.photos()) {
      if (const auto hash = Hash::from(photo)) photos.push_back(*hash);
    }
    set(FieldKind::kPhotos, value::of_hashes(std::move(photos)), "photos");
  }
}

void Reader::read_event(const std::string& text) {
  if (text.empty()) return set(FieldKind::kEvent, {}, "event");
  if (text.front() == '@' && context_.item) {
    const auto n = parse_decimal(std::string_view(text).substr(1), 0);
    if (const auto id =
            n && *n > 0 && *n <= UINT32_MAX ? context_.item(static_cast<std::uint32_t>(*n)) : std::nullopt) {
      return set(FieldKind::kEvent, value::of_record(*id), "event");
    }
  }
  const auto ref = parse_ref(text);
  const auto id = ref ? context_.find(*ref) : Result<RecordId>(tl::unexpected<Error>(ref.error()));
  if (!id) {
    faults_.push_back({"event", id.error().context, "unknown_record", {text}});
    return;
  }
  set(FieldKind::kEvent, value::of_record(*id), "event");
}

void Reader::read_value(const v1::Value& given) {
  const std::string name = "values." + given.indicator();
  const auto no = number(context_.catalogue.indicators, given.indicator(), name, "indicator");
  if (!no) return;
  const FieldKey field = FieldKey::value_of(IndicatorNo{*no});
  if (given.amount().empty()) return set(field, {}, name);
  const Indicator& indicator = context_.catalogue.indicators[*no];
  const auto amount = parse_decimal(given.amount(), indicator.decimals);
  if (!amount) {
    const std::string decimals = std::to_string(indicator.decimals);
    faults_.push_back({name,
                       "'" + given.amount() + "' is not a number with at most " + decimals +
                           " decimals for " + given.indicator() + "; write it plainly, such as 1200" +
                           (indicator.decimals > 0 ? " or 12.5" : ""),
                       "not_a_number",
                       {given.amount(), given.indicator(), decimals}});
    return;
  }
  if (indicator.nature == Nature::kFlow && *amount < 0) {
    faults_.push_back({name,
                       given.amount() + " is below zero; say what was done, or retract the record",
                       "below_zero",
                       {given.amount(), given.indicator()}});
    return;
  }
  const std::int64_t most = std::min(indicator.maximum.value_or(limits::kAmountMax), limits::kAmountMax);
  if (*amount > most || *amount < -most) {
    const std::string shown = format_decimal(most, indicator.decimals);
    faults_.push_back(
        {name,
         given.amount() + " is more than one record of " + given.indicator() + " may hold (" + shown + ")",
         "value_out_of_range",
         {given.amount(), given.indicator(), shown}});
    return;
  }
  Qualifier qualifier = Qualifier::kExact;
  if (given.qualifier() == "more")
    qualifier = Qualifier::kMore;
  else if (given.qualifier() == "nearly")
    qualifier = Qualifier::kNearly;
  else if (!given.qualifier().empty() && given.qualifier() != "exact") {
    faults_.push_back({name,
                       "'" + given.qualifier() + "' is not one of exact, more, nearly",
                       "unknown_qualifier",
                       {given.qualifier()}});
    return;
  }
  set(field, value::of_amount({*amount, qualifier}), name);
}

void Reader::read(const v1::Content& content) {
  if (content.has_unit()) read_code(FieldKind::kUnit, context_.catalogue.units, content.unit(), "unit");
  if (content.has_kind()) read_code(FieldKind::kKind, context_.catalogue.kinds, content.kind(), "kind");
  if (content.has_day()) read_day(FieldKind::kDay, content.day(), "day");
  if (content.has_last_day()) read_day(FieldKind::kLastDay, content.last_day(), "last_day");
  read_sets(content);
  if (content.has_event()) read_event(content.event());
  if (content.has_event_header())
    set(FieldKind::kEventHeader, value::of_flag(content.event_header()), "event_header");
  if (content.has_highlight()) set(FieldKind::kHighlight, value::of_flag(content.highlight()), "highlight");
  if (content.has_place()) read_text(FieldKind::kPlace, content.place(), "place");
  if (content.has_note()) read_text(FieldKind::kNote, content.note(), "note");
  for (const v1::Value& given : content.values()) read_value(given);
}

/// What the kind asks for. `has` says whether a field will hold something.
void Reader::check_kind(std::uint32_t kind_no, const std::function<bool(FieldKey)>& has) {
  if (kind_no >= context_.catalogue.kinds.size()) return;
  const Kind& kind = context_.catalogue.kinds[kind_no];
  if (has(FieldKind::kEventHeader))
    return;  // a header tells of an event; its figures are in the records under it
  for (const auto& use : kind.indicators) {
    if (!use.required || has(FieldKey::value_of(use.no))) continue;
    const std::string code = code_of(context_.catalogue.indicators, use.no.value);
    faults_.push_back({"values." + code,
                       "a record of the kind " + kind.code + " needs a figure for " + code,
                       "missing_value",
                       {kind.code, code}});
  }
}

std::optional<Bytes> given_value(const Draft& draft, FieldKey field) {
  for (const FieldValue& given : draft) {
    if (given.field == field) return given.value;
  }
  return std::nullopt;
}

/// A header's figures would be shown and counted nowhere, so none come to be on one. `before`: what the
/// record holds without the draft; where that has both already, other fields can still be mended.
void Reader::check_header(const std::function<BytesView(FieldKey)>& before) {
  const auto after = [&](FieldKey field) {
    const auto given = given_value(draft_, field);
    return given ? *given : Bytes(before(field));
  };
  if (!value::flag(after(FieldKind::kEventHeader))) return;
  const bool becomes_header = !value::flag(before(FieldKind::kEventHeader));
  for (std::size_t no = 0; no < context_.catalogue.indicators.size(); ++no) {
    const FieldKey field = FieldKey::value_of(IndicatorNo{static_cast<std::uint32_t>(no)});
    const bool is_set = !given_value(draft_, field).value_or(Bytes()).empty();
    if (!is_set && !(becomes_header && !after(field).empty())) continue;
    const std::string& code = context_.catalogue.indicators[no].code;
    faults_.push_back(
        {"values." + code,
         "an event's header holds no figures: log " + code + " in a record of its own that names the event",
         "figure_on_header",
         {code}});
  }
}

}  // namespace

std::vector<Fault> read_new(const v1::Content& content, const ContentContext& context, Draft& draft) {
  Reader reader(context, draft);
  reader.read(content);
  if (!content.has_unit())
    reader.read_code(FieldKind::kUnit, context.catalogue.units, context.default_unit, "unit");
  if (!content.has_kind()) reader.read_code(FieldKind::kKind, context.catalogue.kinds, "", "kind");
  if (!content.has_day()) reader.set(FieldKind::kDay, value::of_day(context.today), "day");
  if (const auto kind = given_value(draft, FieldKind::kKind)) {
    reader.check_kind(value::number(*kind).value_or(UINT32_MAX), [&](FieldKey field) {
      const auto given = given_value(draft, field);
      return given && !given->empty();
    });
  }
  reader.check_header([](FieldKey) { return BytesView(); });
  return reader.take();
}

std::vector<Fault> read_edit(const v1::Content& content, const ContentContext& context,
                             const RecordState& shown, Draft& draft) {
  Reader reader(context, draft);
  reader.read(content);
  const bool touches_kind =
      given_value(draft, FieldKind::kKind).has_value() ||
      std::any_of(draft.begin(), draft.end(), [](const FieldValue& f) { return f.field.is_value(); });
  if (touches_kind) {
    const auto bytes = [&](FieldKey field) {
      const auto given = given_value(draft, field);
      return given ? *given : Bytes(merge::winning_value(shown, field));
    };
    reader.check_kind(value::number(bytes(FieldKind::kKind)).value_or(UINT32_MAX),
                      [&](FieldKey field) { return !bytes(field).empty(); });
  }
  reader.check_header([&](FieldKey field) { return merge::winning_value(shown, field); });
  return reader.take();
}

}  // namespace phusa
