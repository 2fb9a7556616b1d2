#include "sync-server/totals/cells.hpp"

#include "core/merge/merge.hpp"

#include <algorithm>
#include <utility>

namespace phusa::totals {
namespace {

using ledger::CellKey;
using ledger::EventValueRow;
using ledger::Figures;

Figures figures_of(const Amount& amount) {
  return {1, amount.qualifier == Qualifier::kMore, amount.qualifier == Qualifier::kNearly, amount.value};
}

Result<CellKey> place_of(const RecordState& state, const InternSet& intern) {
  const auto unit = value::number(merge::winning_value(state, FieldKind::kUnit));
  const auto kind = value::number(merge::winning_value(state, FieldKind::kKind));
  const auto day = value::day(merge::winning_value(state, FieldKind::kDay));
  if (!unit || !kind || !day)
    return fail(ErrorCode::kInternal, "a record without unit, kind or day was counted");
  CellKey key;
  key.unit = UnitNo{*unit};
  key.kind = KindNo{*kind};
  key.day = static_cast<std::int32_t>(day_number(*day));
  PHUSA_ASSIGN(key.campaigns, intern(merge::winning_value(state, FieldKind::kCampaigns)));
  PHUSA_ASSIGN(key.labels, intern(merge::winning_value(state, FieldKind::kLabels)));
  key.review = merge::review_state(state);
  return key;
}

}  // namespace

Result<std::uint32_t> rules_at_head(ledger::Snapshot& snapshot) {
  PHUSA_ASSIGN(const LedgerPoint head, snapshot.head());
  PHUSA_ASSIGN(const auto newest, snapshot.entry_without_bytes(head.position));
  return newest ? newest->rules_version : ledger::kRulesVersion;
}

Bytes member_bytes(const RecordId& id) {
  Bytes out(id.device.view());
  for (int shift = 56; shift >= 0; shift -= 8) put_u8(out, static_cast<std::uint8_t>(id.block >> shift));
  for (int shift = 24; shift >= 0; shift -= 8) put_u8(out, static_cast<std::uint8_t>(id.n >> shift));
  return out;
}

Result<Contribution> contribution_of(const RecordState& state, const Catalogue& catalogue,
                                     const InternSet& intern) {
  Contribution out;
  std::optional<CellKey> place;
  const bool is_header = value::flag(merge::winning_value(state, FieldKind::kEventHeader));
  if (is_header) return out;
  const BytesView event = merge::winning_value(state, FieldKind::kEvent);
  for (const Register& reg : state.registers) {
    if (!reg.field.is_value() || reg.nodes.empty()) continue;
    const auto amount = value::amount(reg.nodes.front().version.value);
    if (!amount) continue;
    if (!place) {
      PHUSA_ASSIGN(place, place_of(state, intern));
    }
    CellKey key = *place;
    key.indicator = reg.field.indicator();
    const bool once = key.indicator.value < catalogue.indicators.size() &&
                      catalogue.indicators[key.indicator.value].per_event == PerEvent::kOnce;
    if (once && !event.empty()) {
      out.event_values.push_back({Bytes(event), key.indicator, member_bytes(state.id),
                                  key.review == ReviewState::kConfirmed, key, figures_of(*amount)});
    } else {
      out.sums.push_back({key, figures_of(*amount)});
    }
  }
  return out;
}

Result<std::uint32_t> CellBook::intern(BytesView canonical) {
  if (canonical.empty()) return 0;
  if (const auto known = sets_.find(canonical); known != sets_.end()) return known->second;
  PHUSA_ASSIGN(const std::uint32_t no, transaction_.intern_set(canonical));
  sets_.emplace(Bytes(canonical), no);
  return no;
}

Result<void> CellBook::begin_position(std::uint64_t position, std::uint32_t rules) {
  if (!rules_) {
    PHUSA_ASSIGN(const auto before, transaction_.entry_without_bytes(position - 1));
    rules_ = before ? before->rules_version : rules;
  }
  const std::uint32_t until_now = std::exchange(*rules_, rules);
  if (until_now == rules) return {};
  PHUSA_ASSIGN(const auto places, transaction_.events_with_returned());
  for (const ledger::EventPlace& place : places) {
    PHUSA_ASSIGN(const auto was, transaction_.event_choice(place.event, place.indicator, until_now));
    PHUSA_ASSIGN(const auto is, transaction_.event_choice(place.event, place.indicator, rules));
    replace(was, is);
  }
  return {};
}

Result<void> CellBook::change(const RecordState* before, const RecordState* after) {
  const InternSet interned = [this](BytesView canonical) { return intern(canonical); };
  Contribution was;
  Contribution is;
  if (before != nullptr) {
    PHUSA_ASSIGN(was, contribution_of(*before, *catalogue_, interned));
  }
  if (after != nullptr) {
    PHUSA_ASSIGN(is, contribution_of(*after, *catalogue_, interned));
  }
  for (const FineChange& sum : was.sums) here_.push_back({sum.key, -sum.figures});
  here_.insert(here_.end(), is.sums.begin(), is.sums.end());
  if (was.event_values.empty() && is.event_values.empty()) return {};
  return change_event_values(was.event_values, is.event_values);
}

Result<void> CellBook::change_event_values(const std::vector<EventValueRow>& before,
                                           const std::vector<EventValueRow>& after) {
  const auto same_place = [](const EventValueRow& a, const EventValueRow& b) {
    return a.event == b.event && a.indicator == b.indicator;
  };
  for (const EventValueRow& old : before) {
    const auto now =
        std::find_if(after.begin(), after.end(), [&](const auto& row) { return same_place(row, old); });
    PHUSA_TRY(replace_choice(old, now == after.end() ? nullptr : &*now));
  }
  for (const EventValueRow& row : after) {
    const bool done =
        std::any_of(before.begin(), before.end(), [&](const auto& old) { return same_place(old, row); });
    if (!done) PHUSA_TRY(replace_choice(row, &row));
  }
  return {};
}

Result<void> CellBook::replace_choice(const EventValueRow& place, const EventValueRow* now) {
  const std::uint32_t rules = rules_.value_or(ledger::kRulesVersion);
  PHUSA_ASSIGN(const auto was, transaction_.event_choice(place.event, place.indicator, rules));
  if (now != nullptr) {
    PHUSA_TRY(transaction_.put_event_value(*now));
  } else {
    PHUSA_TRY(transaction_.erase_event_value(place.event, place.indicator, place.member));
  }
  PHUSA_ASSIGN(const auto is, transaction_.event_choice(place.event, place.indicator, rules));
  replace(was, is);
  return {};
}

void CellBook::replace(const std::optional<EventValueRow>& was, const std::optional<EventValueRow>& is) {
  if (was) here_.push_back({was->cell, -was->figures});
  if (is) here_.push_back({is->cell, is->figures});
}

Result<void> CellBook::end_position(std::uint64_t position) {
  combine(here_);
  if (here_.empty()) return {};
  std::vector<CoarseChange> coarse;
  coarse.reserve(here_.size());
  for (const FineChange& change : here_) coarse.push_back({coarse_of(change.key), change.figures});
  combine(coarse);
  PHUSA_TRY(transaction_.log_cells(ledger::Grain::kFine, position, pack(here_)));
  if (!coarse.empty()) PHUSA_TRY(transaction_.log_cells(ledger::Grain::kCoarse, position, pack(coarse)));
  fine_.insert(fine_.end(), here_.begin(), here_.end());
  coarse_.insert(coarse_.end(), coarse.begin(), coarse.end());
  here_.clear();
  return {};
}

Result<void> CellBook::flush() {
  combine(fine_);
  combine(coarse_);
  for (const FineChange& change : fine_) PHUSA_TRY(transaction_.add_to_cell(change.key, change.figures));
  for (const CoarseChange& change : coarse_)
    PHUSA_TRY(transaction_.add_to_coarse(change.key, change.figures));
  fine_.clear();
  coarse_.clear();
  return {};
}

}  // namespace phusa::totals
