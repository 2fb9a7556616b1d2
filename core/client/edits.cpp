#include "core/base/limits.hpp"
#include "core/client/phone.hpp"
#include "core/merge/edit.hpp"
#include "core/merge/state_codec.hpp"

#include <algorithm>

namespace phusa {
namespace {

Result<void> check(Draft& draft) {
  std::sort(draft.begin(), draft.end(),
            [](const FieldValue& a, const FieldValue& b) { return a.field < b.field; });
  for (std::size_t i = 0; i < draft.size(); ++i) {
    if (i > 0 && draft[i].field == draft[i - 1].field) {
      return fail(ErrorCode::kInvalidArgument, "a field is given twice");
    }
    if (!value::is_canonical(draft[i].field, draft[i].value)) {
      return fail(ErrorCode::kInvalidArgument, "a value is not one its field can have");
    }
  }
  if (draft.size() > limits::kFieldsPerChangeMax)
    return fail(ErrorCode::kLimitExceeded, "a record has too many fields");
  return {};
}

/// The own version of a field that an edit must name: the last sealed, or the one that lost in the base.
std::optional<VersionName> own_last_sealed(const Layers& layers, FieldKey field, const DeviceId& device) {
  const Register* own = layers.own ? layers.own->find(field) : nullptr;
  if (own != nullptr && !own->nodes.empty()) return name_of(field, own->nodes.front().version);
  const Register* base = layers.base ? layers.base->find(field) : nullptr;
  if (base == nullptr) return std::nullopt;
  for (const Node& node : base->nodes) {
    if (node.version.device == device) return name_of(field, node.version);
  }
  return std::nullopt;
}

/// Whether what is on the screen is more than the own edit that is not sealed yet. It also is when the server
/// has that very version: a copy of this store sealed the same edit, and what replaces it must name it.
bool is_known_to_others(const Layers& layers, FieldKey field, const merge::EditBase& edit) {
  if (edit.displayed == nullptr || edit.pending == nullptr) return true;
  if (edit.displayed->version != edit.pending->version) return true;
  const auto has = [&](const std::optional<RecordState>& state) {
    const Register* reg = state ? state->find(field) : nullptr;
    return reg != nullptr && std::any_of(reg->nodes.begin(), reg->nodes.end(), [&](const Node& node) {
             return node.version == edit.pending->version;
           });
  };
  return has(layers.base) || has(layers.own);
}

void add_names(Node& node, FieldKey field, const std::vector<const Node*>& others) {
  for (const Node* other : others) {
    if (node.names.size() >= limits::kNamesPerEditMax) break;
    node.names.push_back(name_of(field, other->version));
  }
  std::sort(node.names.begin(), node.names.end());
  node.names.erase(std::unique(node.names.begin(), node.names.end()), node.names.end());
}

}  // namespace

Result<void> Phone::log_one(const RecordId& id, Draft draft, WallTime at, bool& is_new) {
  PHUSA_TRY(check(draft));
  RecordState state;
  state.id = id;
  state.logged_at = at;
  state.registers.reserve(draft.size());
  for (FieldValue& field : draft) {
    if (field.value.empty()) continue;
    Node node;
    node.version.counts.of(identity_.rank) = 1;
    node.version.device = identity_.device;
    (field.field.is_personal() ? node.text : node.version.value) = std::move(field.value);
    Register reg{field.field, {}};
    reg.nodes.push_back(std::move(node));
    state.registers.push_back(std::move(reg));
  }
  PHUSA_ASSIGN(const store::RowId row, store_->row_of(id));
  PHUSA_ASSIGN(is_new, store_->add_pending(row, merge::encode_state(state)));
  return {};
}

RecordId Phone::id_of_draft(std::uint32_t n) {
  if (block_ == 0) block_ = random_.u64();
  return {identity_.device, block_, logged_ + n};
}

Result<std::vector<RecordId>> Phone::log(std::span<const Draft> drafts) {
  PHUSA_ASSIGN(auto transaction, begin_write());
  PHUSA_TRY(require_joined());
  const WallTime at = clock_.wall();
  if (block_ == 0) block_ = random_.u64();
  std::vector<RecordId> ids;
  ids.reserve(drafts.size());
  for (const Draft& draft : drafts) {
    // A number is never used twice, even where the transaction failed: nobody can say whether it was kept.
    const RecordId id{identity_.device, block_, ++logged_};
    bool is_new = false;
    PHUSA_TRY(log_one(id, draft, at, is_new));
    if (!is_new) return fail(ErrorCode::kInternal, "a new record's id is taken");
    ids.push_back(id);
  }
  PHUSA_TRY(transaction.commit());
  return ids;
}

Result<void> Phone::edit(const RecordId& id, const Draft& draft) {
  PHUSA_ASSIGN(auto transaction, begin_write());
  PHUSA_TRY(require_joined());
  Draft sorted = draft;
  PHUSA_TRY(check(sorted));
  PHUSA_TRY(layers(id));
  PHUSA_ASSIGN(const store::RowId row, store_->row_of(id));
  PHUSA_TRY(edit_row(row, id, sorted, clock_.wall()));
  return transaction.commit();
}

Result<void> Phone::edit_row(store::RowId row, const RecordId& id, const Draft& draft, WallTime at,
                             SayAgain again) {
  PHUSA_ASSIGN(Layers layers, layers_of(row, id));
  bool sealed_first = false;
  for (std::size_t i = 0; i < draft.size(); ++i) {
    const RecordState shown = displayed(layers);
    RecordState pending = layers.pending.value_or(RecordState{id, at, {}});
    auto changed = edit_field(layers, shown, draft[i], pending, again);
    if (!changed && changed.error().code == ErrorCode::kLimitExceeded && layers.pending && !sealed_first) {
      PHUSA_TRY(seal_pending());
      PHUSA_ASSIGN(layers, layers_of(row, id));
      sealed_first = true;
      --i;
      continue;
    }
    if (!changed) return fail(std::move(changed).error());
    if (!*changed) continue;
    const Register* seen = shown.find(draft[i].field);
    const Register* drafted = layers.pending ? layers.pending->find(draft[i].field) : nullptr;
    // Of edits that coalesce only what the first of them replaced is kept, or fifty taps would be fifty rows.
    const bool coalesces = drafted != nullptr && !drafted->nodes.empty() &&
                           (!drafted->nodes.front().names.empty() ||
                            drafted->nodes.front().version.counts.of(identity_.rank) > 1);
    if (seen != nullptr && !coalesces) {
      PHUSA_TRY(note_replaced(row, id, shown.logged_at.value_or(at), *seen, at));
    }
    layers.pending = std::move(pending);
    PHUSA_TRY(store_->put_pending(row, merge::encode_state(*layers.pending)));
  }
  return {};
}

Result<bool> Phone::edit_field(const Layers& layers, const RecordState& shown, const FieldValue& field,
                               RecordState& pending, SayAgain again) {
  const Register* seen = shown.find(field.field);
  const Register* drafted = layers.pending ? layers.pending->find(field.field) : nullptr;
  std::vector<const Node*> in_conflict;
  if (seen != nullptr) in_conflict = merge::conflicts(*seen);
  const bool decides = identity_.rank > Rank::kVolunteer && !in_conflict.empty();
  const bool says_more = decides || again == SayAgain::kAlso;
  if (!says_more && merge::winning_value(shown, field.field) == field.value) return false;

  merge::EditBase base;
  base.displayed = seen != nullptr && !seen->nodes.empty() ? &seen->nodes.front() : nullptr;
  base.pending = drafted != nullptr && !drafted->nodes.empty() ? &drafted->nodes.front() : nullptr;
  base.displayed_is_known = is_known_to_others(layers, field.field, base);
  base.last_sealed = own_last_sealed(layers, field.field, identity_.device);
  const bool personal = field.field.is_personal();
  PHUSA_ASSIGN(Node node,
               merge::make_edit(field.field, identity_.rank, identity_.device, base,
                                personal ? Bytes() : field.value, personal ? field.value : Bytes()));
  if (decides) add_names(node, field.field, in_conflict);
  Register& reg = pending.at(field.field);
  reg.nodes.clear();
  reg.nodes.push_back(std::move(node));
  if (pending.registers.size() > limits::kFieldsPerChangeMax)
    return fail(ErrorCode::kLimitExceeded, "one change has too many fields");
  return true;
}

Result<void> Phone::note_replaced(store::RowId row, const RecordId& id, WallTime logged_at,
                                  const Register& seen, WallTime at) {
  if (seen.nodes.empty()) return {};
  RecordState replaced{id, logged_at, {}};
  Node node = seen.nodes.front();
  node.names.clear();
  Register& kept = replaced.at(seen.field);
  kept.nodes.push_back(std::move(node));
  cut_leaves(replaced);
  return store_->add_history(row, {at, merge::encode_state(replaced)});
}

Result<void> Phone::edit_each(
    std::span<const RecordId> ids,
    const std::function<Result<std::optional<FieldValue>>(const RecordState&)>& make) {
  PHUSA_ASSIGN(auto transaction, begin_write());
  PHUSA_TRY(require_joined());
  const WallTime at = clock_.wall();
  for (const RecordId& id : ids) {
    PHUSA_ASSIGN(const Layers known, layers(id));
    PHUSA_ASSIGN(const auto field, make(displayed(known)));
    if (!field) continue;
    PHUSA_ASSIGN(const store::RowId row, store_->row_of(id));
    PHUSA_TRY(edit_row(row, id, {*field}, at));
  }
  return transaction.commit();
}

Result<void> Phone::retract(std::span<const RecordId> ids) {
  return edit_each(ids, [](const RecordState& shown) -> Result<std::optional<FieldValue>> {
    if (merge::is_retracted(shown) && !merge::is_retraction_outdated(shown))
      return std::optional<FieldValue>();
    return std::optional<FieldValue>(
        {FieldKind::kRetracted, value::of_retraction({merge::content_digest(shown)})});
  });
}

Result<void> Phone::restore(std::span<const RecordId> ids) {
  return edit_each(ids, [](const RecordState& shown) -> Result<std::optional<FieldValue>> {
    if (!merge::is_retracted(shown)) return std::optional<FieldValue>();
    return std::optional<FieldValue>({FieldKind::kRetracted, {}});
  });
}

Result<void> Phone::review(std::span<const RecordId> ids, ReviewState state, const std::string& reason) {
  return edit_each(ids, [&](const RecordState& shown) -> Result<std::optional<FieldValue>> {
    if (identity_.rank == Rank::kVolunteer)
      return fail(ErrorCode::kForbidden, "confirming and returning is for unit officers and the office");
    const Review review{state, merge::content_digest(shown), reason};
    const Bytes bytes = value::of_review(review);
    if (!value::is_canonical(FieldKind::kReview, bytes)) {
      return fail(ErrorCode::kInvalidArgument, "the reason is too long, or not text");
    }
    return std::optional<FieldValue>({FieldKind::kReview, bytes});
  });
}

Result<void> Phone::agree_to_unit(std::span<const RecordId> ids) {
  PHUSA_ASSIGN(auto transaction, begin_write());
  PHUSA_TRY(require_joined());
  const auto own = catalogue_->unit(identity_.unit);
  for (const RecordId& id : ids) {
    PHUSA_ASSIGN(const Layers known, layers(id));
    const RecordState shown = displayed(known);
    const Node* said = merge::winner(shown, FieldKind::kUnit);
    if (known.hold != HoldReason::kForeignUnit || said == nullptr) continue;
    if (said->version.device == identity_.device) continue;
    const auto unit = value::number(said->version.value);
    const bool may = identity_.rank == Rank::kOffice || (own && unit && *unit < catalogue_->units.size() &&
                                                         catalogue_->is_within(UnitNo{*unit}, *own));
    if (!may) continue;
    PHUSA_ASSIGN(const store::RowId row, store_->row_of(id));
    PHUSA_TRY(
        edit_row(row, id, {{FieldKind::kUnit, Bytes(said->version.value)}}, clock_.wall(), SayAgain::kAlso));
  }
  return transaction.commit();
}

}  // namespace phusa
