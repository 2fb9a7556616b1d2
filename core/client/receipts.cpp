#include "core/client/receipts.hpp"

#include "core/base/limits.hpp"
#include "core/client/applying.hpp"
#include "core/client/file_contents.hpp"
#include "core/client/meta_keys.hpp"
#include "core/client/point.hpp"
#include "core/journal/bundle.hpp"
#include "core/journal/receipt.hpp"
#include "core/sync/hand_over_file.hpp"
#include "core/wire/fates.hpp"

namespace phusa {

Result<Receipts::Exported> Receipts::give() {
  PHUSA_TRY(phone_.refresh());
  PHUSA_ASSIGN(auto rows, phone_.store_->parcels());
  Exported out;
  std::vector<ReceiptPart> parts;
  std::size_t bytes = hand_over_part_bytes(0);
  for (store::ParcelRow& row : rows) {
    bytes += hand_over_part_bytes(row.bundle_id.size() + row.parcel.size());
    if (bytes > limits::kHandOverFileBytesMax) break;
    add_content(out.contents, row.seq, hash_of(row.parcel));
    parts.push_back({std::move(row.bundle_id), std::move(row.parcel)});
  }
  out.file = write_receipts_file(parts);
  out.parcels = parts.size();
  out.left = rows.size() - parts.size();
  return out;
}

Result<void> Receipts::note_given(BytesView contents) {
  PHUSA_ASSIGN(auto transaction, phone_.begin_write());
  PHUSA_TRY(for_each_content(
      contents, [&](std::int64_t seq, const Hash& hash) { return phone_.store_->note_exported(seq, hash); }));
  return transaction.commit();
}

/// Only what the server signed is believed: what it said of batches that it did not take could be anybody's,
/// for everybody can seal to the return key. Those the phone asks about itself.
Result<void> Receipts::verify(const wire::ReceiptParcel::Journal& journal) const {
  Receipt receipt;
  receipt.device_key = journal.device_key;
  receipt.signature = journal.signature;
  for (std::size_t i = 0; i < journal.batches.size(); ++i) {
    if (journal.verdicts[i].is_durable())
      receipt.items.push_back({journal.batches[i], journal.verdicts[i].point});
  }
  if (receipt.items.empty()) return {};
  return journal::verify_receipt(phone_.identity_.organisation, phone_.identity_.server, receipt);
}

/// Whether the server said all that stands here of its batches. A carrier may know the receipt, from bringing
/// the same batches another way, and build a parcel of its own around it.
bool Receipts::says_the_server(const wire::ReceiptParcel::Journal& journal) const {
  const Bytes message =
      journal::fates_message(phone_.identity_.organisation, journal.device_key, wire::encode_fates(journal));
  return journal::is_signed_by(phone_.identity_.server, message, journal.fates_signature);
}

Result<void> Receipts::apply(const wire::ReceiptParcel::Journal& journal, const Before& before,
                             Phone::Applying& applying) {
  const bool is_said = says_the_server(journal);
  for (std::size_t i = 0; i < journal.batches.size(); ++i) {
    wire::Verdict verdict = journal.verdicts[i];
    if (!verdict.is_durable()) continue;
    if (!is_said) {
      // That it is durable, the receipt proves; what else it came to, the next sync of this phone's own says.
      const LedgerPoint point = verdict.point;
      verdict = wire::Verdict{};
      verdict.point = point;
    }
    PHUSA_ASSIGN(auto row, phone_.store_->batch_hashed(journal.batches[i]));
    if (!row) continue;
    // Also where this phone has heard of the batch itself: of the fork it may not have.
    applying.counts.forked |= verdict.fork && row->journal == before.journal;
    verdict.fork = false;
    verdict.settled = false;  // it says nothing of what this phone was shown
    if (row->state == store::BatchState::kSealed && row->seq > before.seq)
      PHUSA_TRY(phone_.apply_verdict(verdict, {}, std::move(*row), applying));
  }
  return {};
}

Result<Receipts::Imported> Receipts::take(BytesView file) {
  PHUSA_TRY(phone_.refresh());
  PHUSA_ASSIGN(const std::vector<ReceiptPart> parts, read_receipts_file(file));
  Imported out;
  Phone::Applying applying;
  applying.at = phone_.clock_.wall();
  const journal::OpeningKey key = journal::opening_key_of(phone_.identity_.key);
  PHUSA_ASSIGN(auto transaction, phone_.begin_write());
  Before before;
  PHUSA_ASSIGN(const auto from, phone_.store_->get(meta::kReceiptsFrom));
  if (from) before.seq = static_cast<std::int64_t>(ByteReader(*from).u64());
  PHUSA_ASSIGN(const auto current, phone_.store_->get(meta::kJournal));
  if (current) {
    PHUSA_ASSIGN(before.journal, JournalId::from(*current));
  }
  PHUSA_ASSIGN(const auto kept, phone_.store_->get(meta::kPointsByHand));
  std::vector<LedgerPoint> points = read_points(kept.value_or(""));
  Result<void> trouble;
  std::size_t believed = 0;
  for (const ReceiptPart& part : parts) {
    const auto opened = journal::open_parcel(part.parcel, key);
    if (!opened) {
      // For others it is sealed to a key that is not here, and looks the same when it was altered.
      PHUSA_ASSIGN(const bool is_own, phone_.store_->is_handed(part.bundle_id));
      if (is_own) {
        ++out.damaged;
        trouble = fail(opened.error());
        continue;
      }
      PHUSA_ASSIGN(const bool is_kept, phone_.store_->add_parcel({part.bundle_id, part.parcel, true}));
      ++(is_kept ? out.passed_on : out.left_out);
      continue;
    }
    PHUSA_TRY(phone_.require_joined());
    const auto parcel = wire::decode_receipt_parcel(*opened);
    if (!parcel) {
      ++out.damaged;
      trouble = fail(parcel.error());
      continue;
    }
    for (const auto& journal : parcel->journals) {
      if (journal.device_key != phone_.identity_.key.public_key) continue;
      const auto verified = verify(journal);
      if (!verified) {
        ++out.forged;
        trouble = verified;
        continue;
      }
      applying.furthest.reset();
      PHUSA_TRY(apply(journal, before, applying));
      // The greatest of one signature: one history holds them all.
      if (applying.furthest && std::count(points.begin(), points.end(), *applying.furthest) == 0)
        points.push_back(*applying.furthest);
      ++believed;
    }
  }
  if (!trouble && believed == 0 && out.passed_on + out.left_out == 0) return fail(trouble.error());
  if (applying.counts.forked) PHUSA_TRY(phone_.note_forked());
  if (points.size() > limits::kSeenPointsMax) {
    return fail(ErrorCode::kLimitExceeded,
                "receipts of too many deliveries wait to be checked: sync once, then take these in");
  }
  if (!points.empty()) PHUSA_TRY(phone_.store_->put(meta::kPointsByHand, write_points(points)));
  PHUSA_TRY(transaction.commit());
  out.received = applying.counts.acknowledged;
  out.held = applying.counts.held;
  return out;
}

}  // namespace phusa
