#include "sync-server/http/totals_request.hpp"

#include <algorithm>
#include <charconv>

namespace phusa::http {
namespace {

template <class No>
Result<std::optional<No>> code(const std::string& text, const char* table, const std::optional<No>& found) {
  if (text.empty() || found) return text.empty() ? std::optional<No>() : found;
  return fail(ErrorCode::kNotFound, std::string("no ") + table + " has the code '" + text + "'");
}

Result<std::optional<Day>> day(const std::string& text, const char* parameter) {
  if (text.empty()) return std::optional<Day>();
  const auto parsed = parse_day(text);
  if (!parsed)
    return fail(ErrorCode::kInvalidArgument, std::string(parameter) + ": " + parsed.error().context);
  return std::optional<Day>(*parsed);
}

Result<std::optional<std::uint64_t>> as_of(const std::string& text, ledger::Snapshot& snapshot) {
  if (text.empty()) return std::optional<std::uint64_t>();
  const std::size_t point = std::min(text.find('.'), text.size());
  std::uint64_t position = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + point, position);
  if (point == 0 || error != std::errc() || end != text.data() + point) {
    return fail(ErrorCode::kInvalidArgument,
                "as_of: '" + text + "' is not a position such as an earlier reply's as_of");
  }
  if (point < text.size()) {
    PHUSA_ASSIGN(const auto entry, snapshot.entry(position));
    if (!entry || entry->point.tag.hex() != text.substr(point + 1)) {
      return fail(ErrorCode::kConflict,
                  "as_of: this server has no point " + text + "; it may have been restored since");
    }
  }
  return std::optional<std::uint64_t>(position);
}

Result<void> check_label_group(const totals::Query& query, const Catalogue& catalogue) {
  if (!query.by_label_group) return {};
  const auto is_in_group = [&](const Label& label) { return label.group == *query.by_label_group; };
  if (std::any_of(catalogue.labels.begin(), catalogue.labels.end(), is_in_group)) return {};
  return fail(ErrorCode::kInvalidArgument,
              "no label is of the group '" + *query.by_label_group + "'; see labels.csv");
}

Result<void> narrow(totals::Query& query, const Catalogue& catalogue,
                    const std::optional<std::string>& scope) {
  if (!scope) return {};
  const auto root = catalogue.unit(*scope);
  if (!root) return fail(ErrorCode::kForbidden, "the unit of this token is not known");
  if (!query.unit) query.unit = *root;
  if (catalogue.is_within(*query.unit, *root)) return {};
  return fail(ErrorCode::kForbidden, "this token sees unit '" + *scope + "' and those below it only");
}

}  // namespace

Result<totals::Query> resolve(const TotalsRequest& request, const Catalogue& c,
                              const std::optional<std::string>& scope, ledger::Snapshot& snapshot) {
  totals::Query query;
  PHUSA_TRY(totals::parse_by(request.by, query));
  PHUSA_TRY(check_label_group(query, c));
  PHUSA_ASSIGN(query.unit, code<UnitNo>(request.unit, "unit", c.unit(request.unit)));
  PHUSA_ASSIGN(query.indicator,
               code<IndicatorNo>(request.indicator, "indicator", c.indicator(request.indicator)));
  PHUSA_ASSIGN(query.campaign, code<CampaignNo>(request.campaign, "campaign", c.campaign(request.campaign)));
  PHUSA_ASSIGN(query.kind, code<KindNo>(request.kind, "kind", c.kind(request.kind)));
  PHUSA_ASSIGN(query.from, day(request.from, "from"));
  PHUSA_ASSIGN(query.to, day(request.to, "to"));
  if (query.from && query.to && *query.from > *query.to) {
    return fail(ErrorCode::kInvalidArgument,
                "from: " + format_day(*query.from) + " is later than to: " + format_day(*query.to));
  }
  if (!request.review.empty()) {
    PHUSA_ASSIGN(query.review, totals::parse_review(request.review));
  }
  PHUSA_ASSIGN(query.as_of, as_of(request.as_of, snapshot));
  PHUSA_TRY(narrow(query, c, scope));
  return query;
}

std::string format_point(const LedgerPoint& point) {
  return std::to_string(point.position) + "." + point.tag.hex();
}

}  // namespace phusa::http
