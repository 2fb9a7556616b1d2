#include "core/client/meta_keys.hpp"
#include "core/client/phone.hpp"
#include "core/merge/state_codec.hpp"

#include <algorithm>

namespace phusa {

/// The scope changed, or the server was restored: everything comes down again, and everything is offered
/// again.
Result<void> Phone::start_over() {
  PHUSA_TRY(store_->mark_base());
  PHUSA_TRY(store_->put(meta::kSweeping, "1"));
  PHUSA_TRY(store_->drop(meta::kCursor));
  PHUSA_TRY(store_->drop(meta::kFurthest));
  PHUSA_TRY(store_->drop(meta::kPointsByHand));
  PHUSA_TRY(store_->offer_all_again());
  PHUSA_TRY(take_back_sealed());
  PHUSA_TRY(forget_replaced_words());
  PHUSA_TRY(store_->retry_carried());
  PHUSA_ASSIGN(const std::int64_t last, store_->last_seq());
  PHUSA_TRY(store_->put(meta::kReceiptsFrom, meta::number_of(last)));
  return offer_entries();
}

/// What is offered again is in no base for certain, as before it was acknowledged: it stays in sight, and
/// under what its author edits next, whatever the pages lack.
Result<void> Phone::take_back_sealed() {
  for (std::int64_t after = 0;;) {
    PHUSA_ASSIGN(const auto batch, store_->next_unacknowledged(after));
    if (!batch) return {};
    after = batch->seq;
    auto changes = changes_of(*batch);
    if (!changes) continue;  // damaged: what is loaded to be sent is looked at closely
    for (Change& change : *changes) PHUSA_TRY(lay_over_base(batch->seq, change));
  }
}

Result<void> Phone::lay_over_base(std::int64_t batch, Change& change) {
  PHUSA_ASSIGN(const store::RowId id, store_->row_of(change.record));
  PHUSA_ASSIGN(auto own, store_->own(id));
  PHUSA_ASSIGN(const auto base, store_->base(id));
  if (!own && !base) return {};  // it was not to be seen here any more
  RecordState state{change.record, change.logged_at, {}};
  if (own) {
    PHUSA_ASSIGN(state, merge::decode_state(change.record, own->state));
  } else {
    own = store::OwnRow{batch, HoldReason::kNone, {}};
  }
  if (!state.logged_at || change.logged_at < *state.logged_at) state.logged_at = change.logged_at;
  for (FieldEdit& edit : change.edits) {
    Register& reg = state.at(edit.field);
    if (!reg.nodes.empty() && reg.nodes.front().version >= edit.node.version) continue;
    reg.nodes.clear();
    reg.nodes.push_back(std::move(edit.node));
  }
  own->batch = std::max(own->batch, batch);
  own->state = merge::encode_state(state);
  return store_->put_own(id, *own);
}

/// After everything has been read: another's record of which only own edits are left, that are there and
/// count, is no longer this person's to see. What was logged here and no page has is held.
Result<void> Phone::drop_not_shown() {
  PHUSA_ASSIGN(const auto rows, store_->own_without_base());
  for (const auto& [row, own] : rows) {
    PHUSA_ASSIGN(const Delivery delivery, delivery_of(own.batch));
    PHUSA_ASSIGN(const auto pending, store_->pending(row));
    PHUSA_ASSIGN(const RecordId id, store_->id_of(row));
    const bool is_there = delivery == Delivery::kAcknowledged && own.hold == HoldReason::kNone;
    if (!is_there || pending || id.device == identity_.device) continue;
    PHUSA_TRY(store_->drop_own(row));
    PHUSA_TRY(store_->drop_history(row));
  }
  return {};
}

/// Words of others may have been erased, and what they once replaced here is in no page. The words of this
/// device stay, as in its batches.
Result<void> Phone::forget_replaced_words() {
  return store_->change_history([&](store::RowId row, BytesView replaced) -> Result<std::optional<Bytes>> {
    PHUSA_ASSIGN(const RecordId id, store_->id_of(row));
    PHUSA_ASSIGN(RecordState state, merge::decode_state(id, replaced));
    bool is_changed = false;
    for (Register& reg : state.registers) {
      for (Node& node : reg.nodes) {
        if (node.text.empty() || node.version.device == identity_.device) continue;
        node.text.clear();
        is_changed = true;
      }
    }
    return is_changed ? std::optional(merge::encode_state(state)) : std::nullopt;
  });
}

}  // namespace phusa
