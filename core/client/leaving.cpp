#include "core/client/leaving.hpp"

namespace phusa {

Result<Leaving::Unsent> Leaving::unsent() {
  PHUSA_ASSIGN(auto snapshot, phone_.store_->begin_read());
  return count();
}

Result<Leaving::Unsent> Leaving::count() {
  PHUSA_ASSIGN(const auto batches, phone_.store_->unacknowledged());
  PHUSA_ASSIGN(const std::uint64_t pending, phone_.store_->count_pending());
  Unsent out;
  out.changes = batches.unhanded_changes + pending;
  PHUSA_ASSIGN(out.carried_bundles, phone_.store_->count_never_passed_on());
  PHUSA_ASSIGN(out.receipts, phone_.store_->count_parcels_to_return());
  return out;
}

Result<Leaving::Unsent> Leaving::may_leave(bool even_if_unsent) {
  PHUSA_ASSIGN(const Unsent left, unsent());
  if (!even_if_unsent) PHUSA_TRY(require_nothing(left));
  return left;
}

Result<void> Leaving::require_nothing(const Unsent& left) {
  if (left.changes > 0) {
    return fail(ErrorCode::kConflict, std::to_string(left.changes) +
                                          " changes are on this phone only: sync, or hand them over, first");
  }
  if (left.carried_bundles > 0) {
    return fail(ErrorCode::kConflict, "this phone carries " + std::to_string(left.carried_bundles) +
                                          " bundles of others: sync, or pass them on, first");
  }
  if (left.receipts > 0) {
    return fail(ErrorCode::kConflict,
                std::to_string(left.receipts) + " receipts of others wait here: give them back first");
  }
  return {};
}

Result<Leaving::Unsent> Leaving::leave(bool even_if_unsent) {
  // Counted under the lock: what another program saves until then is not erased unseen.
  PHUSA_ASSIGN(auto transaction, phone_.begin_write());
  PHUSA_ASSIGN(const Unsent left, count());
  if (!even_if_unsent) PHUSA_TRY(require_nothing(left));
  PHUSA_TRY(phone_.store_->erase(std::move(transaction)));
  phone_.block_ = 0;
  phone_.logged_ = 0;
  phone_.take_up();
  return left;
}

}  // namespace phusa
