#include "bindings/cli/records_output.hpp"

#include "bindings/cli/json.hpp"
#include "bindings/cli/table.hpp"
#include "core/base/local_time.hpp"

#include <algorithm>

namespace phusa::cli {
namespace {

using Records = std::vector<v1::RecordView>;

/// "hơn 61" on a screen, "more:61" where it can be typed back.
std::string value_words(const Tongue& tongue, const v1::Value& value) {
  const bool is_plain = value.qualifier().empty() || value.qualifier() == "exact";
  return is_plain ? value.amount() : tongue.say("qualifier." + value.qualifier(), {value.amount()});
}

std::string typed_value(const v1::Value& value) {
  const bool is_plain = value.qualifier().empty() || value.qualifier() == "exact";
  return is_plain ? value.amount() : value.qualifier() + ":" + value.amount();
}

std::string values_words(const Tongue& tongue, const v1::Content& content) {
  std::string out;
  for (const auto& value : content.values()) {
    out += (out.empty() ? "" : "; ") + value.indicator() + " " + value_words(tongue, value);
  }
  return out;
}

std::string typed_values(const v1::Content& content) {
  std::string out;
  for (const auto& value : content.values()) {
    out += (out.empty() ? "" : ";") + value.indicator() + "=" + typed_value(value);
  }
  return out;
}

/// "values.trees" is the indicator's code on a screen, any other field its word.
std::string field_words(const Tongue& tongue, const std::string& field) {
  constexpr std::string_view kValues = "values.";
  if (field.starts_with(kValues)) return field.substr(kValues.size());
  const auto key = "column." + field;
  return tongue.knows(key) ? tongue.say(key) : field;
}

Json list_json(const v1::TextList& list) {
  Json out = Json::array();
  for (const auto& item : list.items()) out.push_back(item);
  return out;
}

Json record_json(const v1::RecordView& record) {
  const auto& content = record.content();
  Json out;
  out["id"] = record.id();
  out["state"] = record.state();
  out["hold"] = record.hold();
  out["reason"] = record.reason();
  out["retracted"] = record.retracted();
  out["unit"] = content.unit();
  out["kind"] = content.kind();
  out["date"] = content.day();
  out["until"] = content.last_day();
  out["campaigns"] = list_json(content.campaigns());
  out["labels"] = list_json(content.labels());
  out["partners"] = list_json(content.partners());
  out["members"] = list_json(content.members());
  out["event"] = content.event();
  out["event_header"] = content.event_header();
  out["highlight"] = content.highlight();
  out["place"] = content.place();
  out["note"] = content.note();
  out["values"] = Json::object();
  out["qualifiers"] = Json::object();
  for (const auto& value : content.values()) {
    out["values"][value.indicator()] = value.amount();
    if (!value.qualifier().empty() && value.qualifier() != "exact")
      out["qualifiers"][value.indicator()] = value.qualifier();
  }
  out["retraction_outdated"] = record.retraction_outdated();
  out["review_outdated"] = record.review_outdated();
  out["logged_at"] = record.logged_at();
  out["device"] = record.device();
  out["mine"] = record.mine();
  out["conflicts"] = Json::array();
  for (const auto& conflict : record.conflicts()) {
    out["conflicts"].push_back(
        {{"field", conflict.field()}, {"value", conflict.value()}, {"device", conflict.device()}});
  }
  return out;
}

std::string why_words(const Tongue& tongue, const v1::RecordView& record) {
  if (!record.hold().empty()) return tongue.say("hold." + record.hold());
  return record.reason();
}

Table people_table(const Tongue& t, const Records& records) {
  Table table;
  table.columns = {{t.say("column.id"), "id"},         {t.say("column.state"), "state"},
                   {t.say("column.date"), "date"},     {t.say("column.unit"), "unit"},
                   {t.say("column.kind"), "kind"},     {t.say("column.campaigns"), "campaigns"},
                   {t.say("column.values"), "values"}, {t.say("column.place"), "place"},
                   {t.say("column.why"), "why"}};
  for (const auto& record : records) {
    const auto& c = record.content();
    auto why = why_words(t, record);
    if (record.conflicts_size() > 0) why += (why.empty() ? "" : "; ") + t.say("has_conflicts");
    table.rows.push_back({record.id(), state_words(t, record), c.day(), c.unit(), c.kind(),
                          join_items(c.campaigns().items(), ";"), values_words(t, c), c.place(), why});
  }
  return table;
}

Table program_table(const Records& records) {
  Table table;
  for (const char* field :
       {"id", "state", "hold", "reason", "retracted", "unit", "kind", "date", "until", "campaigns", "labels",
        "partners", "members", "event", "highlight", "place", "note", "values"}) {
    table.columns.push_back({field, field});
  }
  for (const auto& record : records) {
    const auto& c = record.content();
    table.rows.push_back({record.id(), record.state(), record.hold(), record.reason(),
                          record.retracted() ? "true" : "false", c.unit(), c.kind(), c.day(), c.last_day(),
                          join_items(c.campaigns().items(), ";"), join_items(c.labels().items(), ";"),
                          join_items(c.partners().items(), ";"), join_items(c.members().items(), ";"),
                          c.event(), c.highlight() ? "true" : "false", c.place(), c.note(), typed_values(c)});
  }
  return table;
}

}  // namespace

std::string join_items(const google::protobuf::RepeatedPtrField<std::string>& items,
                       std::string_view separator) {
  std::string out;
  for (const auto& item : items) {
    if (!out.empty()) out += separator;
    out += item;
  }
  return out;
}

std::string state_words(const Tongue& tongue, const v1::RecordView& record) {
  if (!record.retracted()) return tongue.say("state." + record.state());
  // Beside "retracted", "counted" would read as if its figures were.
  const bool taken_out = record.state() == "counted" || record.state() == "confirmed";
  return tongue.say("state.retracted") + " (" +
         tongue.say(taken_out ? "state.not_counted" : "state." + record.state()) + ")";
}

std::string format_records(const Shell& shell, const Records& records) {
  switch (shell.format) {
    case Format::kJson: {
      Json out = Json::array();
      for (const auto& record : records) out.push_back(record_json(record));
      return print_json(out);
    }
    case Format::kCsv:
      return program_table(records).csv();
    case Format::kTable: {
      auto table = people_table(shell.tongue, records);
      table.drop_empty_columns();
      return table.aligned();
    }
  }
  return {};
}

std::string format_record(const Shell& shell, const v1::RecordView& record) {
  if (shell.format == Format::kJson) return print_json(record_json(record));
  if (shell.format == Format::kCsv) return program_table({record}).csv();
  const auto& t = shell.tongue;
  const auto& c = record.content();
  Table table;
  table.columns = {{t.say("column.field"), "field"}, {t.say("column.value"), "value"}};
  const auto add = [&](std::string_view key, std::string value) {
    if (!value.empty()) table.rows.push_back({t.say(key), std::move(value)});
  };
  add("column.id", record.id());
  add("column.state", state_words(t, record));
  add("column.why", why_words(t, record));
  if (record.review_outdated()) add("column.review", t.say("review_outdated"));
  if (record.retraction_outdated()) add("column.retraction", t.say("retraction_outdated"));
  add("column.unit", c.unit());
  add("column.kind", c.kind());
  add("column.date", c.day());
  add("column.until", c.last_day());
  add("column.campaigns", join_items(c.campaigns().items(), "; "));
  add("column.labels", join_items(c.labels().items(), "; "));
  add("column.partners", join_items(c.partners().items(), "; "));
  add("column.members", join_items(c.members().items(), "; "));
  add("column.event", c.event());
  if (c.event_header()) add("column.event", t.say("yes"));
  if (c.highlight()) add("column.highlight", t.say("yes"));
  add("column.place", c.place());
  add("column.note", c.note());
  for (const auto& value : c.values()) table.rows.push_back({value.indicator(), value_words(t, value)});
  for (const auto& conflict : record.conflicts()) {
    table.rows.push_back({t.say("column.conflict", {field_words(t, conflict.field())}),
                          conflict.value() + " (" + conflict.device().substr(0, 8) + ")"});
  }
  add("column.logged_at", local_time(record.logged_at()));
  add("column.device", record.mine() ? t.say("this_phone") : record.device());
  return table.aligned();
}

std::string format_history(const Shell& shell, const v1::HistoryReply& history) {
  const auto& t = shell.tongue;
  if (shell.format == Format::kJson) {
    Json versions = Json::array();
    for (const auto& v : history.versions()) {
      versions.push_back({{"field", v.field()},
                          {"value", v.value()},
                          {"at", v.at()},
                          {"by", v.by()},
                          {"rank", v.rank()},
                          {"status", v.status()}});
    }
    return print_json({{"id", history.id()}, {"versions", versions}});
  }
  Table table;
  table.columns = {{t.say("column.at"), "at"},       {t.say("column.field"), "field"},
                   {t.say("column.value"), "value"}, {t.say("column.by"), "by"},
                   {t.say("column.rank"), "rank"},   {t.say("column.status"), "status"}};
  const bool for_people = shell.format == Format::kTable;
  for (const auto& v : history.versions()) {
    const auto by = for_people ? (v.by() == "me" ? t.say("this_phone") : v.by().substr(0, 8)) : v.by();
    table.rows.push_back(
        {for_people ? local_time(v.at()) : v.at(), for_people ? field_words(t, v.field()) : v.field(),
         for_people && v.field() == "retracted" && !v.value().empty() ? t.say("yes") : v.value(), by,
         for_people ? t.say("rank." + v.rank()) : v.rank(),
         for_people ? t.say("version." + v.status()) : v.status()});
  }
  return for_people ? table.aligned() : table.csv();
}

}  // namespace phusa::cli
