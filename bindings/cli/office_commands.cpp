#include "bindings/cli/commands.hpp"
#include "bindings/cli/json.hpp"
#include "bindings/cli/records_output.hpp"
#include "bindings/cli/table.hpp"
#include "core/base/day.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>

namespace phusa::cli {
namespace {

using Row = v1::ClientTotalsReply::Row;
using Item = v1::CatalogueReply::Item;

/// Where a row keeps what it is grouped by, and under which name it goes out.
struct Key {
  std::string field;
  const std::string& (Row::*get)() const;
};

/// indicator first, then one key per `by` in the order given; label:GROUP is "label".
std::vector<Key> keys_of(const std::vector<std::string>& by) {
  std::vector<Key> keys{{"indicator", &Row::indicator}};
  for (const auto& name : by) {
    if (name == "unit") keys.push_back({"unit", &Row::unit});
    if (name == "campaign") keys.push_back({"campaign", &Row::campaign});
    if (name == "kind") keys.push_back({"kind", &Row::kind});
    if (name.substr(0, 6) == "label:") keys.push_back({"label", &Row::label});
    if (name == "month") keys.push_back({"month", &Row::month});
    if (name == "review") keys.push_back({"review", &Row::review});
  }
  return keys;
}

bool is_grouping(const std::string& name) {
  static constexpr std::string_view kNames[] = {"unit", "indicator", "campaign", "kind", "month", "review"};
  const bool label = name.size() > 6 && name.substr(0, 6) == "label:";
  return label || std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

std::string totals_json(const v1::ClientTotalsReply& reply, const std::vector<Key>& keys) {
  Json rows = Json::array();
  for (const auto& row : reply.rows()) {
    Json out;
    for (const auto& key : keys) out[key.field] = (row.*key.get)();
    out["total"] = row.total();
    out["qualifier"] = row.qualifier();
    out["records"] = std::to_string(row.records());
    out["more"] = std::to_string(row.more());
    out["nearly"] = std::to_string(row.nearly());
    rows.push_back(std::move(out));
  }
  Json out;
  out["as_of"] = reply.as_of();
  out["rows"] = std::move(rows);
  out["not_yet_counted"] = std::to_string(reply.not_yet_counted());
  return print_json(out);
}

Table totals_table(const Shell& shell, const v1::ClientTotalsReply& reply, const std::vector<Key>& keys,
                   const std::map<std::string, const Item*>& indicators) {
  const auto& t = shell.tongue;
  const bool for_people = shell.format == Format::kTable;
  Table table;
  for (const auto& key : keys) table.columns.push_back({t.say("column." + key.field), key.field});
  table.columns.push_back({t.say("column.total"), "total", true});
  table.columns.push_back(for_people ? Table::Column{t.say("column.measure"), "measure"}
                                     : Table::Column{"", "qualifier"});
  table.columns.push_back({t.say("column.records"), "records", true});
  if (for_people) table.columns.push_back({t.say("column.name"), "name"});
  for (const auto& row : reply.rows()) {
    std::vector<std::string> cells;
    for (const auto& key : keys) {
      const auto& cell = (row.*key.get)();
      cells.push_back(for_people && key.field == "review" ? t.say("review." + cell) : cell);
    }
    if (for_people) {
      const auto found = indicators.find(row.indicator());
      const Item* item = found == indicators.end() ? nullptr : found->second;
      const bool vietnamese = t.language() == Language::kVietnamese;
      const auto grouped = group_digits(row.total(), vietnamese);
      const bool exact = row.qualifier().empty() || row.qualifier() == "exact";
      cells.push_back(exact ? grouped : t.say("qualifier." + row.qualifier(), {grouped}));
      cells.push_back(item == nullptr ? "" : item->measure());
      cells.push_back(std::to_string(row.records()));
      cells.push_back(item == nullptr                         ? ""
                      : vietnamese || item->name_en().empty() ? item->name()
                                                              : item->name_en());
    } else {
      cells.insert(cells.end(), {row.total(), row.qualifier(), std::to_string(row.records())});
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

int run_totals(const Shell& shell, const v1::TotalsRequest& request) {
  const std::vector<std::string> by(request.by().begin(), request.by().end());
  const auto wrong = std::find_if_not(by.begin(), by.end(), is_grouping);
  if (wrong != by.end()) return shell.bad_use("unknown_group", {*wrong});
  const auto from = parse_day(request.from());
  const auto to = parse_day(request.to());
  if (from && to && *from > *to) return shell.bad_use("from_after_to", {request.from(), request.to()});
  auto door = open_store(shell, Access::kRead);
  if (!door) return shell.fail(door.error());
  auto reply = door->call<v1::ClientTotalsReply>(v1::METHOD_TOTALS, request);
  if (!reply) return shell.fail(reply.error());
  const auto keys = keys_of(by);
  if (shell.format == Format::kJson) {
    std::fputs(totals_json(*reply, keys).c_str(), stdout);
    return kExitDone;
  }
  auto catalogue = door->call<v1::CatalogueReply>(v1::METHOD_CATALOGUE, v1::Empty());
  if (!catalogue) return shell.fail(catalogue.error());
  std::map<std::string, const Item*> indicators;
  for (const auto& item : catalogue->indicators()) indicators[item.code()] = &item;
  const auto table = totals_table(shell, *reply, keys, indicators);
  std::fputs((shell.format == Format::kCsv ? table.csv() : table.aligned()).c_str(), stdout);
  if (reply->not_yet_counted() > 0)
    shell.remark(shell.tongue.say("not_yet_counted", {std::to_string(reply->not_yet_counted())}));
  if (std::find(by.begin(), by.end(), "campaign") != by.end()) shell.remark(shell.tongue.say("by_campaign"));
  return kExitDone;
}

struct CatalogueTable {
  const char* name;
  const google::protobuf::RepeatedPtrField<Item>& (v1::CatalogueReply::*items)() const;
};

constexpr CatalogueTable kCatalogueTables[] = {
    {"units", &v1::CatalogueReply::units},         {"clusters", &v1::CatalogueReply::clusters},
    {"campaigns", &v1::CatalogueReply::campaigns}, {"indicators", &v1::CatalogueReply::indicators},
    {"labels", &v1::CatalogueReply::labels},       {"kinds", &v1::CatalogueReply::kinds},
};

Json item_json(const Item& item) {
  Json out;
  out["code"] = item.code();
  out["name"] = item.name();
  const auto add = [&out](const char* field, const std::string& value) {
    if (!value.empty()) out[field] = value;
  };
  add("name_en", item.name_en());
  add("parent", item.parent());
  add("group", item.group());
  add("measure", item.measure());
  if (!item.measure().empty()) out["decimals"] = item.decimals();
  add("maximum", item.maximum());
  add("from", item.from());
  add("until", item.until());
  if (item.indicators_size() > 0)
    out["indicators"] = std::vector<std::string>(item.indicators().begin(), item.indicators().end());
  if (item.labels_size() > 0)
    out["labels"] = std::vector<std::string>(item.labels().begin(), item.labels().end());
  return out;
}

Table catalogue_table(const Shell& shell, const std::vector<CatalogueTable>& tables,
                      const v1::CatalogueReply& catalogue) {
  const auto& t = shell.tongue;
  const bool vietnamese = t.language() == Language::kVietnamese || shell.format == Format::kCsv;
  Table out;
  for (const char* field :
       {"table", "code", "name", "parent", "group", "measure", "from", "until", "indicators", "labels"}) {
    out.columns.push_back({t.say("column." + std::string(field)), field});
  }
  for (const auto& table : tables) {
    for (const auto& item : (catalogue.*table.items)()) {
      out.rows.push_back({table.name, item.code(),
                          vietnamese || item.name_en().empty() ? item.name() : item.name_en(), item.parent(),
                          item.group(), item.measure(), item.from(), item.until(),
                          join_items(item.indicators(), ";"), join_items(item.labels(), ";")});
    }
  }
  if (shell.format == Format::kCsv) return out;
  for (std::size_t i = out.columns.size();
       i-- > 0;) {  // a column with nothing in it only pushes others off the screen
    const bool empty =
        std::all_of(out.rows.begin(), out.rows.end(), [i](const auto& row) { return row[i].empty(); });
    if (!(empty && i > 2) && !(i == 0 && tables.size() == 1)) continue;
    const auto at = static_cast<std::ptrdiff_t>(i);
    out.columns.erase(out.columns.begin() + at);
    for (auto& row : out.rows) row.erase(row.begin() + at);
  }
  return out;
}

int run_catalogue(const Shell& shell, const std::vector<std::string>& names) {
  std::vector<CatalogueTable> tables;
  for (const auto& table : kCatalogueTables) {
    if (names.empty() || std::find(names.begin(), names.end(), table.name) != names.end())
      tables.push_back(table);
  }
  auto door = open_store(shell, Access::kRead);
  if (!door) return shell.fail(door.error());
  auto reply = door->call<v1::CatalogueReply>(v1::METHOD_CATALOGUE, v1::Empty());
  if (!reply) return shell.fail(reply.error());
  if (shell.format == Format::kJson) {
    Json out;
    out["revision"] = reply->revision();
    for (const auto& table : tables) {
      out[table.name] = Json::array();
      for (const auto& item : ((*reply).*table.items)()) out[table.name].push_back(item_json(item));
    }
    std::fputs(print_json(out).c_str(), stdout);
    return kExitDone;
  }
  const auto table = catalogue_table(shell, tables, *reply);
  std::fputs((shell.format == Format::kCsv ? table.csv() : table.aligned()).c_str(), stdout);
  return kExitDone;
}

void add_totals(CLI::App& app, const Tongue& t, Work& chosen) {
  auto* command =
      add_command(app, t, "totals",
                  t.pick("totals of what this phone may see", "tổng hợp số liệu trong phạm vi của máy này"),
                  "phusa totals\n"
                  "phusa totals --by unit --indicator trees\n"
                  "phusa totals --by campaign,month --from 2023-01-01 --to 2023-12-31\n"
                  "phusa totals --by label:level --format json");
  auto request = std::make_shared<v1::TotalsRequest>();
  command
      ->add_option_function<std::vector<std::string>>(
          "--by",
          [request](const std::vector<std::string>& given) {
            for (const auto& item : split_items(given, ",;")) request->add_by(item);
          },
          "unit, indicator, campaign, kind, label:GROUP, month, review")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("KEY,...");
  const auto text = [&](const char* name, const std::string& what, const char* type,
                        std::string* (v1::TotalsRequest::*field)()) {
    return command
        ->add_option_function<std::string>(
            name, [request, field](const std::string& given) { *((*request).*field)() = given; }, what)
        ->type_name(type);
  };
  text("--unit",
       t.pick("this unit, those below it and those merged into it",
              "đơn vị này, cấp dưới và các đơn vị đã sáp nhập vào"),
       "CODE", &v1::TotalsRequest::mutable_unit);
  text("--indicator", t.pick("this indicator", "chỉ tiêu này"), "CODE",
       &v1::TotalsRequest::mutable_indicator);
  text("--campaign", t.pick("this campaign and those below it", "đợt này và các đợt thuộc nó"), "CODE",
       &v1::TotalsRequest::mutable_campaign);
  text("--kind", t.pick("this kind", "loại này"), "CODE", &v1::TotalsRequest::mutable_kind);
  text("--from", t.pick("from this day on", "từ ngày"), "DAY", &v1::TotalsRequest::mutable_from);
  text("--to", t.pick("up to this day", "đến ngày"), "DAY", &v1::TotalsRequest::mutable_to);
  text("--review",
       t.pick("counted (default: awaiting and confirmed), confirmed, awaiting, returned, all",
              "counted (mặc định: chờ và đã xác nhận), confirmed, awaiting, returned, all"),
       "STATE", &v1::TotalsRequest::mutable_review)
      ->check(one_of({"counted", "confirmed", "awaiting", "returned", "all"}));
  command->callback(
      [=, &chosen] { chosen = [request](const Shell& shell) { return run_totals(shell, *request); }; });
}

}  // namespace

void add_office_commands(CLI::App& app, const Tongue& t, Work& chosen) {
  add_totals(app, t, chosen);
  auto* command = add_command(app, t, "catalogue",
                              t.pick("the codes in use: units, kinds, indicators, ...",
                                     "các mã đang dùng: đơn vị, loại, chỉ tiêu, ..."),
                              "phusa catalogue\nphusa catalogue kinds\nphusa catalogue units --format csv");
  auto names = std::make_shared<std::vector<std::string>>();
  command->add_option("tables", *names, "units clusters campaigns indicators labels kinds")
      ->type_name("TABLE")
      ->check(one_of({"units", "clusters", "campaigns", "indicators", "labels", "kinds"}));
  command->callback(
      [=, &chosen] { chosen = [names](const Shell& shell) { return run_catalogue(shell, *names); }; });
}

}  // namespace phusa::cli
