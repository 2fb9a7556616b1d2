#include "core/client/totals.hpp"

#include "core/client/codes.hpp"
#include "core/client/content.hpp"
#include "core/merge/merge.hpp"
#include "core/model/figure.hpp"
#include "proto/phusa/v1/client.pb.h"

#include <array>
#include <map>
#include <set>

namespace phusa {
namespace {

enum Column : std::size_t { kIndicator, kUnit, kCampaign, kKind, kLabel, kMonth, kReview, kColumns };
using Key = std::array<std::string, kColumns>;

struct Cell {
  Int128 sum = 0;
  std::int64_t records = 0;
  std::int64_t more = 0;
  std::int64_t nearly = 0;
  unsigned decimals = 0;
};

struct Grouping {
  bool unit = false;
  bool campaign = false;
  bool kind = false;
  bool month = false;
  bool review = false;
  std::optional<std::string> label_group;
};

constexpr std::string_view kLabelPrefix = "label:";

tl::expected<std::string, Fault> read_label_group(std::string_view group, const Catalogue& catalogue) {
  std::vector<std::string_view> groups;
  for (const Label& label : catalogue.labels) groups.push_back(label.group);
  if (!group.empty() && std::find(groups.begin(), groups.end(), group) != groups.end())
    return std::string(group);
  return tl::unexpected(unknown_code("by", "group", group, near_match(groups, group)));
}

tl::expected<Grouping, Fault> read_grouping(const v1::TotalsRequest& request, const Catalogue& catalogue) {
  Grouping out;
  for (const std::string& by : request.by()) {
    if (by == "unit")
      out.unit = true;
    else if (by == "campaign")
      out.campaign = true;
    else if (by == "kind")
      out.kind = true;
    else if (by == "month")
      out.month = true;
    else if (by == "review")
      out.review = true;
    else if (by.starts_with(kLabelPrefix) && !out.label_group) {
      auto group = read_label_group(std::string_view(by).substr(kLabelPrefix.size()), catalogue);
      if (!group) return tl::unexpected(group.error());
      out.label_group = std::move(*group);
    } else if (by != "indicator") {
      return tl::unexpected(Fault("by",
                                  "totals cannot be grouped by '" + by +
                                      "': unit, indicator, campaign, kind, one label:GROUP, month or review",
                                  "unknown_group", {by}));
    }
  }
  return out;
}

tl::expected<std::set<ReviewState>, Fault> read_review(const std::string& review) {
  using enum ReviewState;
  if (review.empty() || review == "counted") return std::set{kAwaiting, kConfirmed};
  if (review == "all") return std::set{kAwaiting, kConfirmed, kReturned};
  for (const ReviewState state : {kAwaiting, kConfirmed, kReturned}) {
    if (review == review_name(state)) return std::set{state};
  }
  return tl::unexpected(Fault("review",
                              "'" + review + "' is not one of counted, confirmed, awaiting, returned, all",
                              "unknown_review", {review}));
}

class Adding {
 public:
  Adding(const Catalogue& catalogue, Grouping grouping)
      : catalogue_(catalogue), grouping_(std::move(grouping)) {}

  void add(const RecordState& state, const RecordFilter& filter, const std::set<ReviewState>& reviews);
  /// Adds the figures of events, of which one record each counts.
  void finish();
  void write(v1::ClientTotalsReply& reply) const;

 private:
  /// One record's figure for an indicator that an event declares once: the centre's choice among them is the
  /// confirmed one, then one that was not returned, then the least record id, whatever is asked for.
  struct EventFigure {
    ReviewState review = ReviewState::kAwaiting;
    RecordId record;
    std::vector<Key> keys;  ///< rows it shows in; none when the question leaves it out
    Amount amount;

    bool goes_before(const EventFigure& other) const {
      return std::pair(place(), record) < std::pair(other.place(), other.record);
    }
    int place() const {
      if (review == ReviewState::kConfirmed) return 0;
      return review == ReviewState::kAwaiting ? 1 : 2;
    }
  };

  std::vector<Key> keys_of(const RecordState& state, const RecordFilter& filter, ReviewState review) const;
  /// Those a record shows under: its own and those above; of a campaign asked for, it and those below alone.
  std::vector<std::string> campaigns_of(const RecordState& state,
                                        const std::optional<CampaignNo>& asked) const;
  std::string label_of(const RecordState& state) const;
  void add_to(std::vector<Key> keys, IndicatorNo indicator, const Amount& amount);

  const Catalogue& catalogue_;
  Grouping grouping_;
  std::map<Key, Cell> cells_;
  std::map<std::pair<Bytes, IndicatorNo>, EventFigure> events_;
};

std::vector<std::string> Adding::campaigns_of(const RecordState& state,
                                              const std::optional<CampaignNo>& asked) const {
  if (!grouping_.campaign) return {""};
  std::set<CampaignNo> all;
  const auto own = value::numbers(merge::winning_value(state, FieldKind::kCampaigns));
  for (const std::uint32_t no : own.value_or(std::vector<std::uint32_t>{})) {
    for (const CampaignNo above : catalogue_.with_ancestors(CampaignNo{no})) all.insert(above);
  }
  std::vector<std::string> out;
  for (const CampaignNo no : all) {
    const auto above = catalogue_.with_ancestors(no);
    if (asked && std::find(above.begin(), above.end(), *asked) == above.end()) continue;
    out.push_back(code_of(catalogue_.campaigns, no.value));
  }
  if (out.empty()) out.emplace_back();
  return out;
}

std::string Adding::label_of(const RecordState& state) const {
  const auto labels = value::numbers(merge::winning_value(state, FieldKind::kLabels));
  for (const std::uint32_t no : labels.value_or(std::vector<std::uint32_t>{})) {
    if (no < catalogue_.labels.size() && catalogue_.labels[no].group == *grouping_.label_group)
      return catalogue_.labels[no].code;
  }
  return {};
}

std::vector<Key> Adding::keys_of(const RecordState& state, const RecordFilter& filter,
                                 ReviewState review) const {
  Key key;
  if (grouping_.unit) {
    const auto unit = value::number(merge::winning_value(state, FieldKind::kUnit));
    key[kUnit] = unit ? code_of(catalogue_.units, *unit) : "";
  }
  if (grouping_.kind) {
    const auto kind = value::number(merge::winning_value(state, FieldKind::kKind));
    key[kKind] = kind ? code_of(catalogue_.kinds, *kind) : "";
  }
  if (grouping_.month) {
    const auto day = value::day(merge::winning_value(state, FieldKind::kDay));
    key[kMonth] = day ? format_month(*day) : "";
  }
  if (grouping_.review) key[kReview] = review_name(review);
  if (grouping_.label_group) key[kLabel] = label_of(state);
  std::vector<Key> out;
  for (std::string& campaign : campaigns_of(state, filter.campaign)) {
    key[kCampaign] = std::move(campaign);
    out.push_back(key);
  }
  return out;
}

void Adding::add_to(std::vector<Key> keys, IndicatorNo indicator, const Amount& amount) {
  for (Key& key : keys) {
    key[kIndicator] = code_of(catalogue_.indicators, indicator.value);
    Cell& cell = cells_[key];
    cell.sum += amount.value;
    cell.records += 1;
    cell.more += amount.qualifier == Qualifier::kMore ? 1 : 0;
    cell.nearly += amount.qualifier == Qualifier::kNearly ? 1 : 0;
    if (indicator.value < catalogue_.indicators.size())
      cell.decimals = catalogue_.indicators[indicator.value].decimals;
  }
}

void Adding::add(const RecordState& state, const RecordFilter& filter, const std::set<ReviewState>& reviews) {
  if (value::flag(merge::winning_value(state, FieldKind::kEventHeader))) return;
  const ReviewState review = merge::review_state(state);
  const bool asked = reviews.contains(review) && filter.admits(state, catalogue_);
  const Bytes event(merge::winning_value(state, FieldKind::kEvent));
  if (!asked && event.empty()) return;
  const std::vector<Key> keys = asked ? keys_of(state, filter, review) : std::vector<Key>{};
  for (const Register& reg : state.registers) {
    if (!reg.field.is_value() || reg.nodes.empty()) continue;
    const IndicatorNo indicator = reg.field.indicator();
    const auto amount = value::amount(reg.nodes.front().version.value);
    if (!amount || (filter.indicator && *filter.indicator != indicator)) continue;
    const bool once = indicator.value < catalogue_.indicators.size() &&
                      catalogue_.indicators[indicator.value].per_event == PerEvent::kOnce;
    if (!once || event.empty()) {
      add_to(keys, indicator, *amount);
      continue;
    }
    EventFigure figure{review, state.id, keys, *amount};
    const auto [at, fresh] = events_.try_emplace({event, indicator}, figure);
    if (!fresh && figure.goes_before(at->second)) at->second = std::move(figure);
  }
}

void Adding::finish() {
  for (auto& [place, figure] : events_) add_to(std::move(figure.keys), place.second, figure.amount);
  events_.clear();
}

void Adding::write(v1::ClientTotalsReply& reply) const {
  for (const auto& [key, cell] : cells_) {
    v1::ClientTotalsReply::Row& row = *reply.add_rows();
    row.set_indicator(key[kIndicator]);
    row.set_unit(key[kUnit]);
    row.set_campaign(key[kCampaign]);
    row.set_kind(key[kKind]);
    row.set_label(key[kLabel]);
    row.set_month(key[kMonth]);
    row.set_review(key[kReview]);
    row.set_total(format_decimal(cell.sum, cell.decimals));
    const char* one = cell.more > 0 ? "more" : "nearly";
    row.set_qualifier(cell.more == 0 && cell.nearly == 0 ? "exact"
                      : cell.more > 0 && cell.nearly > 0 ? "mixed"
                                                         : one);
    row.set_records(cell.records);
    row.set_more(cell.more);
    row.set_nearly(cell.nearly);
  }
}

}  // namespace

tl::expected<void, Fault> compute_totals(Phone& phone, const v1::TotalsRequest& request,
                                         v1::ClientTotalsReply& reply) {
  const Catalogue* catalogue = phone.catalogue();
  auto filter = read_filter(request, *catalogue);
  if (!filter) return tl::unexpected(filter.error());
  auto grouping = read_grouping(request, *catalogue);
  if (!grouping) return tl::unexpected(grouping.error());
  const auto reviews = read_review(request.review());
  if (!reviews) return tl::unexpected(reviews.error());

  Adding adding(*catalogue, std::move(*grouping));
  std::uint64_t not_yet_counted = 0;
  const auto visited = phone.for_each([&](const Phone::Shown& shown) -> Result<void> {
    if (shown.layers.hold != HoldReason::kNone) return {};
    // While an own change is held the centre counts the record without it, and so do we.
    const bool own_is_held = shown.layers.own_hold != HoldReason::kNone;
    if (own_is_held && !shown.layers.base) return {};
    const RecordState state = own_is_held ? displayed_without_own(shown.layers) : shown.state;
    if (merge::is_retracted(state)) return {};
    adding.add(state, *filter, *reviews);
    const bool not_yet = shown.layers.pending || (!own_is_held && own_shows(shown.layers));
    if (not_yet && reviews->contains(merge::review_state(state)) && filter->admits(state, *catalogue))
      ++not_yet_counted;
    return {};
  });
  if (!visited) return tl::unexpected(Fault(visited.error()));
  adding.finish();
  adding.write(reply);
  reply.set_not_yet_counted(not_yet_counted);
  const auto state = phone.sync_state();
  if (!state) return tl::unexpected(Fault(state.error()));
  reply.set_as_of(state->as_of);
  return {};
}

}  // namespace phusa
