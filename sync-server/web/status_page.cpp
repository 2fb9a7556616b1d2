#include "sync-server/web/status_page.hpp"

#include "core/base/local_time.hpp"

#include <algorithm>
#include <cctype>

namespace phusa::web {
namespace {

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

struct Words {
  const char *language, *counts, *units, *devices, *held, *revision, *as_of, *totals, *indicator, *total,
      *records, *syncs, *unit, *last, *never, *nothing, *more, *nearly, *mixed;
};

constexpr Words kVietnamese{"vi",
                            "Tình hình",
                            "Đơn vị",
                            "Thiết bị",
                            "Chờ xử lý",
                            "Danh mục, bản số",
                            "Số liệu đến",
                            "Tổng hợp",
                            "Chỉ tiêu",
                            "Tổng số",
                            "Số ghi nhận",
                            "Đồng bộ gần nhất",
                            "Đơn vị",
                            "Lần cuối",
                            "chưa lần nào",
                            "Chưa có số liệu.",
                            "hơn ",
                            "gần ",
                            " (có hơn, có gần)"};
constexpr Words kEnglish{"en",
                         "At a glance",
                         "Units",
                         "Devices",
                         "Held",
                         "Catalogue revision",
                         "As of",
                         "Totals",
                         "Indicator",
                         "Total",
                         "Records",
                         "Last sync",
                         "Unit",
                         "Last",
                         "never",
                         "No figures yet.",
                         "more than ",
                         "nearly ",
                         " (some more, some nearly)"};

constexpr const char* kStyle =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem}th,td{padding:.3rem .6rem;text-align:left;"
    "border-bottom:1px solid "
    "#ddd}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}h1{font-size:1.5rem}"
    "h2{font-size:1.1rem;margin-top:2rem}dt{float:left;width:14rem;color:#555}dd{margin:0 0 .2rem 14rem}";

void row(std::string& out, const char* name, const std::string& value) {
  out += std::string("<dt>") + name + "</dt><dd>" + escaped(value) + "</dd>\n";
}

std::string shown(const StatusView::Total& total, const Words& words, bool english) {
  const std::string prefix = total.qualifier == "more"     ? words.more
                             : total.qualifier == "nearly" ? words.nearly
                                                           : "";
  const std::string suffix = total.qualifier == "mixed" ? words.mixed : "";
  return prefix + group_digits(total.total, english) + (total.measure.empty() ? "" : " " + total.measure) +
         suffix;
}

}  // namespace

bool prefers_english(const std::string& accept_language) {
  // Languages stand in order of preference in what browsers send; weights that say otherwise are not worth
  // reading.
  std::string text;
  for (const char c : accept_language) text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const std::size_t en = text.find("en");
  const std::size_t vi = text.find("vi");
  return en != std::string::npos && (vi == std::string::npos || en < vi);
}

std::string group_digits(const std::string& number, bool english) {
  const std::size_t point = std::min(number.find('.'), number.size());
  const std::size_t first = number.starts_with('-') ? 1 : 0;
  std::string out = number.substr(0, first);
  for (std::size_t i = first; i < point; ++i) {
    if (i != first && (point - i) % 3 == 0) out += english ? ',' : '.';
    out += number[i];
  }
  if (point < number.size()) out += (english ? "." : ",") + number.substr(point + 1);
  return out;
}

std::string status_page(const StatusView& view, bool english) {
  const Words& words = english ? kEnglish : kVietnamese;
  const std::string title = escaped(view.organisation);
  std::string out = std::string("<!doctype html>\n<html lang=\"") + words.language +
                    "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
                    "<title>" +
                    title + " · Phù Sa</title><style>" + kStyle + "</style></head><body>\n<h1>" + title +
                    "</h1>\n<h2>" + words.counts + "</h2>\n<dl>\n";
  row(out, words.units, std::to_string(view.units));
  row(out, words.devices, std::to_string(view.devices));
  row(out, words.held, std::to_string(view.held_records + view.held_changes + view.held_batches));
  row(out, words.revision, std::to_string(view.catalogue_revision));
  row(out, words.as_of, view.as_of);
  out += std::string("</dl>\n<h2>") + words.totals + "</h2>\n";
  if (view.totals.empty()) {
    out += std::string("<p>") + words.nothing + "</p>\n";
  } else {
    out += std::string("<table><tr><th>") + words.indicator + "</th><th class=\"n\">" + words.total +
           "</th><th class=\"n\">" + words.records + "</th></tr>\n";
    for (const auto& total : view.totals) {
      out += "<tr><td>" + escaped(total.name) + "</td><td class=\"n\">" +
             escaped(shown(total, words, english)) + "</td><td class=\"n\">" + std::to_string(total.records) +
             "</td></tr>\n";
    }
    out += "</table>\n";
  }
  if (!view.syncs.empty()) {
    out += std::string("<h2>") + words.syncs + "</h2>\n<table><tr><th>" + words.unit +
           "</th><th class=\"n\">" + words.devices + "</th><th>" + words.last + "</th></tr>\n";
    for (const auto& sync : view.syncs) {
      out += "<tr><td>" + escaped(sync.name) + "</td><td class=\"n\">" + std::to_string(sync.devices) +
             "</td><td>" + (sync.last_sync.empty() ? words.never : escaped(local_time(sync.last_sync))) + "</td></tr>\n";
    }
    out += "</table>\n";
  }
  return out + "</body></html>\n";
}

}  // namespace phusa::web
