#include "core/client/codes.hpp"
#include "core/client/totals.hpp"
#include "core/merge/merge.hpp"
#include "proto/phusa/v1/client.pb.h"

namespace phusa {
namespace {

template <class No, class Row>
tl::expected<std::optional<No>, Fault> read_number(const std::string& code, const std::vector<Row>& rows,
                                                   const char* table) {
  if (code.empty()) return std::optional<No>();
  const auto at = std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.code == code; });
  if (at == rows.end())
    return tl::unexpected(unknown_code(table, table, code, near_match(codes_of(rows), code)));
  return std::optional<No>(No{static_cast<std::uint32_t>(at - rows.begin())});
}

tl::expected<std::optional<Day>, Fault> read_day(const std::string& text, const char* name) {
  if (text.empty()) return std::optional<Day>();
  const auto day = parse_day(text);
  if (!day)
    return tl::unexpected(
        Fault(name, "'" + text + "' is not a day; write 2023-03-26 or 26/3/2023", "not_a_day", {text}));
  return std::optional<Day>(*day);
}

}  // namespace

bool RecordFilter::admits(const RecordState& state, const Catalogue& catalogue) const {
  if (unit) {
    const auto no = value::number(merge::winning_value(state, FieldKind::kUnit));
    if (!no || !catalogue.rolls_up_into(UnitNo{*no}, *unit)) return false;
  }
  if (kind && value::number(merge::winning_value(state, FieldKind::kKind)) != kind) return false;
  if (indicator && merge::winning_value(state, FieldKey::value_of(*indicator)).empty()) return false;
  if (from || to) {
    const auto day = value::day(merge::winning_value(state, FieldKind::kDay));
    if (!day || (from && *day < *from) || (to && *day > *to)) return false;
  }
  if (campaign) {
    const auto campaigns = value::numbers(merge::winning_value(state, FieldKind::kCampaigns));
    if (!campaigns) return false;
    return std::any_of(campaigns->begin(), campaigns->end(), [&](std::uint32_t no) {
      const auto above = catalogue.with_ancestors(CampaignNo{no});
      return std::find(above.begin(), above.end(), *campaign) != above.end();
    });
  }
  return true;
}

template <class Request>
tl::expected<RecordFilter, Fault> read_filter(const Request& request, const Catalogue& catalogue) {
  RecordFilter out;
  auto unit = read_number<UnitNo>(request.unit(), catalogue.units, "unit");
  if (!unit) return tl::unexpected(unit.error());
  auto indicator = read_number<IndicatorNo>(request.indicator(), catalogue.indicators, "indicator");
  if (!indicator) return tl::unexpected(indicator.error());
  auto campaign = read_number<CampaignNo>(request.campaign(), catalogue.campaigns, "campaign");
  if (!campaign) return tl::unexpected(campaign.error());
  auto kind = read_number<KindNo>(request.kind(), catalogue.kinds, "kind");
  if (!kind) return tl::unexpected(kind.error());
  auto from = read_day(request.from(), "from");
  if (!from) return tl::unexpected(from.error());
  auto to = read_day(request.to(), "to");
  if (!to) return tl::unexpected(to.error());
  out.unit = *unit;
  out.indicator = *indicator;
  out.campaign = *campaign;
  if (*kind) out.kind = (*kind)->value;
  out.from = *from;
  out.to = *to;
  return out;
}

template tl::expected<RecordFilter, Fault> read_filter(const v1::ListRequest&, const Catalogue&);
template tl::expected<RecordFilter, Fault> read_filter(const v1::TotalsRequest&, const Catalogue&);

}  // namespace phusa
