#include "core/client/applying.hpp"
#include "core/client/meta_keys.hpp"
#include "core/merge/state_codec.hpp"

#include <algorithm>

/// What the server says of this phone's own batches.
namespace phusa {
namespace {

/// Also when the first answer was lost, and this one says that the batch is known.
bool is_held_whole(const wire::Verdict& verdict) {
  return verdict.status == wire::VerdictStatus::kHeld ||
         (verdict.status == wire::VerdictStatus::kDuplicate && verdict.reason != HoldReason::kNone);
}

}  // namespace

Result<void> Phone::hold_changes(const store::BatchRow& row, const wire::Verdict& verdict) {
  const bool whole = is_held_whole(verdict) || verdict.status == wire::VerdictStatus::kInvalid;
  if (!whole && verdict.held.empty()) return {};
  const auto changes = changes_of(row);
  if (!changes) {
    // The server cannot read it and neither can we: mark what lies over the base from this batch.
    PHUSA_ASSIGN(const auto rows, store_->own_of_batch(row.seq));
    for (auto [id, own] : rows) {
      own.hold = HoldReason::kUnreadable;
      PHUSA_TRY(store_->put_own(id, own));
    }
    return {};
  }
  const auto hold = [&](std::size_t index, HoldReason reason) -> Result<void> {
    if (index >= changes->size()) return {};
    PHUSA_ASSIGN(const auto id, store_->find_row((*changes)[index].record));
    if (!id) return {};
    PHUSA_ASSIGN(auto own, store_->own(*id));
    if (!own) return {};
    // Where a batch is held whole and a later one's change beside it, the change may be merged any day, and
    // what waits whole must not look received then.
    if (whole || !holds_batch(own->hold)) own->hold = reason;
    PHUSA_TRY(store_->put_own(*id, *own));
    return reason == HoldReason::kRevoked ? drop_base_of_own(*id) : Result<void>();
  };
  if (whole) {
    const HoldReason reason = verdict.reason == HoldReason::kNone ? HoldReason::kUnreadable : verdict.reason;
    for (std::size_t i = 0; i < changes->size(); ++i) PHUSA_TRY(hold(i, reason));
  }
  for (const wire::HeldChange& held : verdict.held) PHUSA_TRY(hold(held.index, held.reason));
  return {};
}

/// Nothing is read to a device that was revoked: what it alone set, and counts no more, is to look so.
Result<void> Phone::drop_base_of_own(store::RowId row) {
  PHUSA_ASSIGN(const auto base, store_->base(row));
  if (!base) return {};
  PHUSA_ASSIGN(const RecordId id, store_->id_of(row));
  PHUSA_ASSIGN(const RecordState state, merge::decode_state(id, base->state));
  const bool is_ours = std::all_of(state.registers.begin(), state.registers.end(), [&](const Register& reg) {
    return std::all_of(reg.nodes.begin(), reg.nodes.end(),
                       [&](const Node& node) { return node.version.device == identity_.device; });
  });
  return is_ours ? store_->drop_base(row) : Result<void>();
}

/// The office has named a later batch of this device as good.
Result<void> Phone::release(const store::BatchRow& row) {
  PHUSA_ASSIGN(const auto rows, store_->own_of_batch(row.seq));
  for (auto [id, own] : rows) {
    if (own.hold != HoldReason::kRevoked) continue;
    own.hold = HoldReason::kNone;
    PHUSA_TRY(store_->put_own(id, own));
  }
  return {};
}

/// Every record of the batch stands at the server exactly as the batch set it, and no page will say so.
Result<void> Phone::settle(const store::BatchRow& row) {
  PHUSA_ASSIGN(std::vector<Change> changes, changes_of(row));
  struct Settled {
    store::RowId id;
    store::BaseRow base;
  };
  std::vector<Settled> bases;
  bases.reserve(changes.size());
  for (Change& change : changes) {
    PHUSA_ASSIGN(const store::RowId id, store_->row_of(change.record));
    PHUSA_ASSIGN(auto old, store_->base(id));
    RecordState state{change.record, {}, {}};
    // A base still marked is from before the server was restored: what it has now is what the batches say.
    if (old && !old->is_marked) {
      PHUSA_ASSIGN(state, merge::decode_state(change.record, old->state));
    }
    if (!state.logged_at || change.logged_at < *state.logged_at) state.logged_at = change.logged_at;
    for (FieldEdit& edit : change.edits) {
      edit.node.names.clear();
      Register& reg = state.at(edit.field);
      // Another program of this phone may have read what came later.
      if (!reg.nodes.empty() && reg.nodes.front().version > edit.node.version) continue;
      reg.nodes.clear();
      reg.nodes.push_back(std::move(edit.node));
    }
    cut_leaves(state);
    PHUSA_ASSIGN(auto own, store_->own(id));
    if (own) {
      PHUSA_ASSIGN(RecordState over, merge::decode_state(change.record, own->state));
      if (prune_own(over, state)) {
        own->state = merge::encode_state(over);
        PHUSA_TRY(store_->put_own(id, *own));
      } else {
        PHUSA_TRY(store_->drop_own(id));
      }
    }
    bases.push_back({id, {HoldReason::kNone, HoldReason::kNone, merge::encode_state(state), false}});
  }
  // After all own rows are gone, so that the bases fill their pages.
  for (const Settled& settled : bases) PHUSA_TRY(store_->put_base(settled.id, settled.base));
  return {};
}

Result<void> Phone::apply_verdict(const wire::Verdict& verdict, const TransactionTag& tag,
                                  store::BatchRow row, Applying& applying) {
  if (verdict.fork) {
    // Told again of an earlier journal, it is no new fork.
    PHUSA_ASSIGN(const auto current, store_->get(meta::kJournal));
    applying.counts.forked |= row.journal.view() == current.value_or(Bytes(JournalId::kSize, '\0'));
  }
  switch (verdict.status) {
    case wire::VerdictStatus::kAdmitted:
    case wire::VerdictStatus::kDuplicate:
    case wire::VerdictStatus::kHeld:
      break;
    case wire::VerdictStatus::kNeedFull:
    case wire::VerdictStatus::kNeedCertificate:
      // Either way it does not know this journal as it should: one more question less.
      row.send_whole = true;
      row.send_chain = true;
      return store_->update_batch(row);
    case wire::VerdictStatus::kFull:
      applying.counts.full.push_back(row.seq);
      return {};
    case wire::VerdictStatus::kInvalid:
      row.state = store::BatchState::kInvalid;
      applying.counts.held += row.changes;
      PHUSA_TRY(hold_changes(row, verdict));
      return store_->update_batch(row);
  }
  row.state = store::BatchState::kAcknowledged;
  row.handed_at.reset();  // should a restored server lose it, who took it along may no longer have it either
  row.point = verdict.point;
  if (row.point.tag.is_zero()) row.point.tag = tag;
  row.send_whole = false;
  row.send_chain = false;
  applying.counts.acknowledged += row.changes;
  applying.counts.held += is_held_whole(verdict) ? row.changes : verdict.held.size();
  if (!applying.furthest || applying.furthest->position < row.point.position) applying.furthest = row.point;
  PHUSA_TRY(store_->update_batch(row));
  if (applying.is_revoked && !is_held_whole(verdict)) PHUSA_TRY(release(row));
  PHUSA_TRY(hold_changes(row, verdict));
  if (verdict.settled) return settle(row);
  return {};
}

}  // namespace phusa
