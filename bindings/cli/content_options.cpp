#include "bindings/cli/content_options.hpp"

#include "bindings/cli/commands.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace phusa::cli {
namespace {

using Texts = std::vector<std::string>;

template <class T>
using Made = tl::expected<T, FigureError>;

Made<std::string> normal(const std::string& text) {
  auto out = to_nfc(text);
  if (!out) return tl::unexpected(FigureError{"not_utf8", {}});
  return *out;
}

void add_list(CLI::App& command, const char* name, std::optional<Texts>& target, const std::string& what) {
  command
      .add_option_function<Texts>(
          name, [&target](const Texts& given) { target = given; }, what)
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("CODE");
}

void add_text(CLI::App& command, const char* name, std::optional<std::string>& target,
              const std::string& what, const char* type) {
  command
      .add_option_function<std::string>(
          name, [&target](const std::string& given) { target = given; }, what)
      ->type_name(type);
}

Made<v1::Value> parse_value(const std::string& given, NumberStyle numbers, bool blanks_allowed) {
  const auto text = normal(given);
  if (!text) return tl::unexpected(text.error());
  const auto at = text->find('=');
  if (at == std::string::npos || at == 0) return tl::unexpected(FigureError{"value_without_equals", {*text}});
  auto figure = parse_figure(std::string_view(*text).substr(at + 1), numbers);
  if (!figure) return tl::unexpected(figure.error());
  if (figure->amount.empty() && !blanks_allowed) {
    return tl::unexpected(FigureError{"value_is_blank", {text->substr(0, at)}});
  }
  v1::Value value;
  value.set_indicator(text->substr(0, at));
  value.set_amount(figure->amount);
  value.set_qualifier(figure->qualifier);
  return value;
}

}  // namespace

void add_content_options(CLI::App& command, const Tongue& t, ContentOptions& o) {
  add_text(
      command, "--unit", o.unit,
      t.pick("the unit it counts for (default: your own)", "đơn vị được tính (mặc định: đơn vị của mình)"),
      "CODE");
  add_text(command, "--date", o.day,
           t.pick("the day, yyyy-mm-dd or d/m/yyyy (default: today)",
                  "ngày, yyyy-mm-dd hoặc d/m/yyyy (mặc định: hôm nay)"),
           "DAY");
  add_text(command, "--until", o.last_day,
           t.pick("the last day of several", "ngày cuối, nếu kéo dài nhiều ngày"), "DAY");
  add_list(command, "--campaign", o.campaigns,
           t.pick("campaign; repeat it or write a;b", "đợt, chiến dịch; lặp lại hoặc viết a;b"));
  add_list(command, "--label", o.labels,
           t.pick("label; repeat it or write a;b", "nhãn; lặp lại hoặc viết a;b"));
  add_list(command, "--partner", o.partners,
           t.pick("who took part beside the host: unit, cluster or a name",
                  "đơn vị phối hợp: đơn vị, cụm hoặc tên ngoài"));
  add_list(command, "--member", o.members, t.pick("code of a member who took part", "mã đoàn viên tham gia"));
  add_text(command, "--place", o.place, t.pick("where", "địa điểm"), "TEXT");
  add_text(command, "--note", o.note, t.pick("a note", "ghi chú"), "TEXT");
  add_text(command, "--event", o.event,
           t.pick("id of the event's header record", "mã bản ghi chung của sự kiện"), "ID");
  command.add_flag_function(
      "--event-header,!--no-event-header", [&o](std::int64_t n) { o.event_header = n > 0; },
      t.pick("this record is an event that others refer to", "đây là bản ghi chung của một sự kiện"));
  command.add_flag_function(
      "--highlight,!--no-highlight", [&o](std::int64_t n) { o.highlight = n > 0; },
      t.pick("worth telling in the report", "việc nổi bật, nên nêu trong báo cáo"));
  add_numbers_option(command, t, o.numbers);
  command
      .add_option("values", o.values,
                  t.pick("figures: trees=1000, more:61 for 'more than 61', nearly:1500",
                         "số liệu: trees=1000, hơn:61, gần:1500"))
      ->type_name("INDICATOR=VALUE");
}

Made<v1::Content> make_content(const ContentOptions& o, bool blanks_allowed) {
  using C = v1::Content;
  v1::Content content;
  struct TextField {
    const std::optional<std::string>& given;
    std::string* (C::*field)();
  };
  for (const auto& [given, field] :
       {TextField{o.unit, &C::mutable_unit}, TextField{o.kind, &C::mutable_kind},
        TextField{o.day, &C::mutable_day}, TextField{o.last_day, &C::mutable_last_day},
        TextField{o.event, &C::mutable_event}, TextField{o.place, &C::mutable_place},
        TextField{o.note, &C::mutable_note}}) {
    if (!given) continue;
    auto text = normal(*given);
    if (!text) return tl::unexpected(text.error());
    *(content.*field)() = std::move(*text);
  }
  struct ListField {
    const std::optional<Texts>& given;
    v1::TextList* (C::*field)();
  };
  for (const auto& [given, field] :
       {ListField{o.campaigns, &C::mutable_campaigns}, ListField{o.labels, &C::mutable_labels},
        ListField{o.partners, &C::mutable_partners}, ListField{o.members, &C::mutable_members}}) {
    if (!given) continue;
    auto* list = (content.*field)();
    for (const auto& item : split_items(*given)) {
      auto text = normal(item);
      if (!text) return tl::unexpected(text.error());
      list->add_items(std::move(*text));
    }
  }
  if (o.event_header) content.set_event_header(*o.event_header);
  if (o.highlight) content.set_highlight(*o.highlight);
  for (const auto& given : o.values) {
    auto value = parse_value(given, o.numbers, blanks_allowed);
    if (!value) return tl::unexpected(value.error());
    const bool twice =
        std::any_of(content.values().begin(), content.values().end(),
                    [&](const v1::Value& other) { return other.indicator() == value->indicator(); });
    if (twice) return tl::unexpected(FigureError{"given_twice", {value->indicator()}});
    *content.add_values() = std::move(*value);
  }
  return content;
}

}  // namespace phusa::cli
