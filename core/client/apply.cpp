#include "core/client/applying.hpp"
#include "core/client/meta_keys.hpp"
#include "core/client/point.hpp"
#include "core/journal/receipt.hpp"
#include "core/merge/state_codec.hpp"
#include "core/wire/page.hpp"

#include <algorithm>

namespace phusa {

/// Over the durable ones of this device's batches, in the order sent. Nothing is believed before this.
Result<void> Phone::verify_receipts(const wire::SyncReply& reply,
                                    const std::vector<store::BatchRow>& rows) const {
  Receipt receipt;
  receipt.device_key = identity_.key.public_key;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const wire::Verdict& verdict = reply.verdicts[i];
    if (verdict.is_durable()) receipt.items.push_back({rows[i].hash, verdict.point});
  }
  if (receipt.items.empty()) return {};
  for (const wire::ReceiptSignature& signature : reply.receipts) {
    if (signature.device_key && *signature.device_key != identity_.key.public_key) continue;
    receipt.signature = signature.signature;
    return journal::verify_receipt(identity_.organisation, identity_.server, receipt);
  }
  return fail(ErrorCode::kUnauthorized, "the server gave no receipt for what it took");
}

Result<void> Phone::keep_catalogue(const wire::CatalogueSnapshot& snapshot, const PublicKey& server,
                                   const OrganisationId& organisation) {
  store::CatalogueRow row;
  row.revision = snapshot.revision;
  row.hash = hash_of(snapshot.encoded);
  row.signature = snapshot.signature;
  row.encoded = snapshot.encoded;
  if (!journal::is_signed_by(server, journal::catalogue_message(organisation, row.revision, row.hash),
                             row.signature)) {
    return fail(ErrorCode::kUnauthorized, "the catalogue is not signed by this organisation's server");
  }
  PHUSA_ASSIGN(const Catalogue catalogue, wire::decode_catalogue(row.encoded));
  if (catalogue.revision != row.revision)
    return fail(ErrorCode::kCorrupt, "the catalogue is not the revision it claims");
  // An older one comes from a restored server, or is in an old welcome; what is signed newer stands.
  PHUSA_ASSIGN(const auto newest, store_->newest_catalogue());
  if (newest && (row.revision < newest->revision || row.hash == newest->hash)) return {};
  // A restored server's office may have given the same numbers another meaning: what was logged under the old
  // revision is sealed under it.
  if (newest) PHUSA_TRY(seal_pending());
  return store_->put_catalogue(row);
}

Result<void> Phone::drop_gone(store::RowId row) {
  PHUSA_ASSIGN(const auto own, store_->own(row));
  PHUSA_ASSIGN(const auto pending, store_->pending(row));
  PHUSA_TRY(store_->drop_base(row));
  if (pending) return {};
  if (own) {
    PHUSA_ASSIGN(const Delivery delivery, delivery_of(own->batch));
    // What was logged here and the server holds is on no page, and yet there.
    PHUSA_ASSIGN(const RecordId id, store_->id_of(row));
    const bool is_held_of_ours = own->hold != HoldReason::kNone && id.device == identity_.device;
    if (delivery != Delivery::kAcknowledged || is_held_of_ours) return {};
    PHUSA_TRY(store_->drop_own(row));
  }
  return store_->drop_history(row);
}

Result<void> Phone::apply_page(BytesView page, Applying& applying) {
  if (page.empty()) return {};
  PHUSA_ASSIGN(const std::vector<wire::RecordDelta> deltas, wire::unpack_page(page));
  for (const wire::RecordDelta& delta : deltas) {
    ++applying.counts.records;
    if (delta.gone) {
      PHUSA_ASSIGN(const auto known, store_->find_row(delta.id));
      if (known) PHUSA_TRY(drop_gone(*known));
      continue;
    }
    PHUSA_ASSIGN(const store::RowId row, store_->row_of(delta.id));
    RecordState state = wire::state_of(delta);
    cut_leaves(state);
    PHUSA_ASSIGN(const auto old, store_->base(row));
    // What was there before decides how much work a record is: for a new one on a new phone, one insert.
    if (old || applying.has_own || applying.has_pending) {
      PHUSA_TRY(take_over(row, state, delta.held_change, applying.at));
    }
    PHUSA_TRY(store_->put_base(row, {delta.hold, delta.held_change, merge::encode_state(state), false}));
  }
  return {};
}

/// Keeps what the new base replaces on the screen, and takes out of the own layer what the base now has.
Result<void> Phone::take_over(store::RowId row, const RecordState& base, HoldReason held_change,
                              WallTime at) {
  PHUSA_ASSIGN(Layers layers, layers_of(row, base.id));
  const RecordState before = displayed(layers);
  layers.base = base;
  if (layers.own) {
    PHUSA_ASSIGN(auto own, store_->own(row));
    const bool left = prune_own(*layers.own, base);
    if (!left) {
      layers.own.reset();
      PHUSA_TRY(store_->drop_own(row));
    } else {
      own->state = merge::encode_state(*layers.own);
      // The server's word is about single changes. A batch that it holds whole goes on being held, also while
      // the base has passed over what it set, for that can be withdrawn, and while a single change waits too.
      if (!holds_batch(own->hold)) own->hold = held_change;
      PHUSA_TRY(store_->put_own(row, *own));
    }
  }
  const RecordState after = displayed(layers);
  for (const Register& reg : before.registers) {
    if (reg.nodes.empty()) continue;
    const Node* now = merge::winner(after, reg.field);
    if (now != nullptr && is_same_version(reg.field, now->version, reg.nodes.front().version)) continue;
    PHUSA_TRY(note_replaced(row, base.id, before.logged_at.value_or(at), reg, at));
  }
  return {};
}

Result<void> Phone::sweep() {
  PHUSA_ASSIGN(const auto rows, store_->marked_base());
  for (const store::RowId row : rows) PHUSA_TRY(drop_gone(row));
  PHUSA_TRY(forget_replaced_words());  // also those that its pages replaced
  return store_->drop(meta::kSweeping);
}

Result<Phone::Applied> Phone::apply_reply(const wire::SyncReply& reply, const Sent& sent) {
  if (reply.verdicts.size() != sent.batches.size()) {
    return fail(ErrorCode::kUnexpectedReply, "the server's answer does not fit the request");
  }
  PHUSA_ASSIGN(auto transaction, begin_write());
  if (sent.device && (*sent.device != identity_.device || !identity_.is_joined)) {
    return fail(ErrorCode::kConflict,
                "another program has left the organisation with this phone while the server answered");
  }
  Applying applying;
  applying.at = clock_.wall();
  std::vector<store::BatchRow> rows;
  for (const std::int64_t seq : sent.batches) {
    PHUSA_ASSIGN(auto row, store_->batch(seq));
    if (!row) return fail(ErrorCode::kInternal, "a batch that was sent is not in the store");
    rows.push_back(std::move(*row));
  }
  PHUSA_ASSIGN(const auto revoked_at, store_->get(meta::kRevokedAt));
  applying.is_revoked = revoked_at.has_value();
  PHUSA_TRY(verify_receipts(reply, rows));
  if (reply.catalogue) PHUSA_TRY(keep_catalogue(*reply.catalogue, identity_.server, identity_.organisation));
  if (reply.reset) {
    PHUSA_TRY(start_over());  // before this reply's own verdicts are noted
    // What this device has of the office's may be lost as well, and only who is read to is told so.
    const bool is_for_delivery_alone = !sent.asked_to_read && !reply.introduce && !reply.revoked_at;
    if (is_for_delivery_alone) PHUSA_TRY(store_->put(meta::kCursor, wire::kCursorOfNothing));
  } else {
    PHUSA_ASSIGN(const auto furthest, store_->get(meta::kFurthest));
    if (furthest) applying.furthest = read_point(*furthest);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    PHUSA_TRY(apply_verdict(reply.verdicts[i], reply.tag, std::move(rows[i]), applying));
  }
  PHUSA_TRY(take_bundle_replies(reply, sent, applying));
  PHUSA_ASSIGN(const std::uint64_t own, store_->count_own());
  PHUSA_ASSIGN(const std::uint64_t pending, store_->count_pending());
  applying.has_own = own > 0;
  applying.has_pending = pending > 0;
  PHUSA_TRY(apply_page(reply.page, applying));
  PHUSA_TRY(keep_office_entries(reply.office_entries));
  PHUSA_TRY(note_offered(reply, sent));
  applying.counts.revoked = reply.revoked_at.has_value();
  PHUSA_TRY(finish_reply(reply, sent, applying));
  PHUSA_ASSIGN(applying.counts.more_to_send, has_extras());
  applying.counts.more_to_send |= applying.tells_of_chain;
  if (reply.reset || reply.revoked_at || !reply.certificates.empty() || reply.catalogue) {
    PHUSA_ASSIGN(const auto again, store_->unacknowledged());
    applying.counts.more_to_send |= again.batches > 0;  // that the request knew nothing of
  }
  PHUSA_TRY(transaction.commit());
  if (!reply.certificates.empty() || reply.catalogue) take_up();
  return applying.counts;
}

Result<void> Phone::finish_reply(const wire::SyncReply& reply, const Sent& sent, Applying& applying) {
  // Who only delivers, or may not read, was not sent what is still to be seen.
  const bool was_read_to = sent.asked_to_read && !reply.introduce && !reply.revoked_at;
  if (!reply.more) {
    PHUSA_ASSIGN(const auto sweeping, store_->get(meta::kSweeping));
    if (sweeping && was_read_to) PHUSA_TRY(sweep());
    if (was_read_to) PHUSA_TRY(drop_not_shown());
    Bytes now;
    put_u64(now, static_cast<std::uint64_t>(applying.at.time_since_epoch().count()));
    PHUSA_TRY(store_->put(meta::kLastSync, now));
    PHUSA_TRY(store_->drop(meta::kLastError));
  }
  if (applying.counts.forked) PHUSA_TRY(note_forked());
  PHUSA_ASSIGN(const auto introducing, store_->get(meta::kIntroduce));
  if (reply.introduce && !introducing) {
    PHUSA_TRY(store_->put(meta::kIntroduce, "1"));
    // Among what the office signed may be the very entry that let this device in. Once: who stays in doubt is
    // asked to introduce itself by every reply.
    PHUSA_TRY(offer_entries());
  }
  PHUSA_TRY(note_revoked(reply, was_read_to));
  if (!reply.certificates.empty()) {
    PHUSA_ASSIGN(const Chain chain, check_chain(reply.certificates, identity_.root));
    if (is_newer_than(chain)) {
      // A server that was put back has forgotten what it gave this device last: it is told.
      PHUSA_TRY(store_->put(meta::kIntroduce, "1"));
      applying.tells_of_chain = true;
    } else {
      PHUSA_TRY(take_over_chain(chain));
    }
  }
  if (!reply.cursor.empty()) PHUSA_TRY(store_->put(meta::kCursor, reply.cursor));
  if (applying.furthest) PHUSA_TRY(store_->put(meta::kFurthest, write_point(*applying.furthest)));
  return reply.reset ? Result<void>() : take_up_points(sent.asked_about, applying);
}

/// What receipts brought by others tell of the ledger is asked about by itself: written over the point known
/// before, or over one of another history, it would hide a restore that this one shows.
Result<void> Phone::take_up_points(const std::vector<LedgerPoint>& held, const Applying& applying) {
  if (held.empty()) return {};
  PHUSA_ASSIGN(const auto kept, store_->get(meta::kPointsByHand));
  std::vector<LedgerPoint> left = read_points(kept.value_or(""));
  std::erase_if(left,
                [&](const LedgerPoint& point) { return std::count(held.begin(), held.end(), point) != 0; });
  PHUSA_TRY(left.empty() ? store_->drop(meta::kPointsByHand)
                         : store_->put(meta::kPointsByHand, write_points(left)));
  const LedgerPoint& last = *std::max_element(
      held.begin(), held.end(), [](const auto& a, const auto& b) { return a.position < b.position; });
  if (applying.furthest && applying.furthest->position >= last.position) return {};
  return store_->put(meta::kFurthest, write_point(last));
}

/// A server that reads to this device and does not say so was restored to before: then it holds no longer.
Result<void> Phone::note_revoked(const wire::SyncReply& reply, bool was_read_to) {
  if (!reply.revoked_at) return was_read_to ? store_->drop(meta::kRevokedAt) : Result<void>();
  Bytes at;
  put_u64(at, static_cast<std::uint64_t>(reply.revoked_at->time_since_epoch().count()));
  PHUSA_ASSIGN(const auto known, store_->get(meta::kRevokedAt));
  if (known == at) return {};
  PHUSA_TRY(store_->put(meta::kRevokedAt, at));
  // What counted may be held by now, and nothing is read to this device that would show it: each batch is
  // asked about.
  PHUSA_TRY(store_->offer_all_again());
  return take_back_sealed();
}

/// Another batch has our number: this store or another is a copy. What comes next goes into a chain of our
/// own.
Result<void> Phone::note_forked() {
  PHUSA_TRY(store_->put(meta::kJournal, random_.fixed<JournalId>().view()));
  return store_->put(meta::kForked, "1");
}

Result<Phone::SyncState> Phone::sync_state() {
  SyncState out;
  PHUSA_ASSIGN(auto snapshot, store_->begin_read());
  PHUSA_ASSIGN(const auto counts, store_->unacknowledged());
  out.unsent_batches = counts.batches;
  out.oldest_handed_at = counts.oldest_handed_at;
  PHUSA_ASSIGN(out.carried_bundles, store_->count_carried());
  PHUSA_ASSIGN(out.receipts_to_return, store_->count_parcels_to_return());
  PHUSA_ASSIGN(const auto vouched, store_->vouched());
  if (identity_.rank > Rank::kVolunteer && vouched.size() < identity_.uses)
    out.vouches_left = identity_.uses - static_cast<std::uint32_t>(vouched.size());
  PHUSA_ASSIGN(const auto last_sync, store_->get(meta::kLastSync));
  if (last_sync)
    out.last_sync = WallTime(std::chrono::seconds(static_cast<std::int64_t>(ByteReader(*last_sync).u64())));
  PHUSA_ASSIGN(const auto last_error, store_->get(meta::kLastError));
  out.last_error = last_error.value_or("");
  PHUSA_ASSIGN(const auto revoked_at, store_->get(meta::kRevokedAt));
  if (revoked_at)
    out.revoked_at = WallTime(std::chrono::seconds(static_cast<std::int64_t>(ByteReader(*revoked_at).u64())));
  PHUSA_ASSIGN(const auto forked, store_->get(meta::kForked));
  out.forked = forked.has_value();
  std::optional<LedgerPoint> point;
  for (const std::string_view key : {meta::kCursor, meta::kFurthest}) {
    PHUSA_ASSIGN(const auto kept, store_->get(key));
    const auto read = kept ? read_point(*kept) : std::nullopt;
    if (read && (!point || point->position < read->position)) point = read;
  }
  out.as_of = format_point(point.value_or(LedgerPoint{}));
  return out;
}

}  // namespace phusa
