#include "core/base/limits.hpp"
#include "core/client/applying.hpp"
#include "core/client/meta_keys.hpp"
#include "core/journal/bundle.hpp"
#include "core/journal/office_journal.hpp"

#include <algorithm>

/// What a request carries beside this device's own batches: bundles of others, and for a restored server what
/// the office signed. Own batches go first; one extra always fits into a request that is empty otherwise.
namespace phusa {
namespace {

/// How much of a request is left.
class Room {
 public:
  Room(std::size_t bytes, bool is_empty) : bytes_(bytes), is_empty_(is_empty) {}
  bool take(std::size_t bytes) {
    if (bytes > bytes_ && !is_empty_) return false;
    bytes_ -= std::min(bytes, bytes_);
    is_empty_ = false;
    return true;
  }

 private:
  std::size_t bytes_;
  bool is_empty_;
};

}  // namespace

Result<void> Phone::load_extras(std::size_t bytes_left, Loaded& out) {
  Room room(bytes_left, out.batches.empty());
  const WallTime now = clock_.wall();
  for (std::int64_t after = 0; out.bundles.size() < limits::kBundlesPerRequestMax;) {
    PHUSA_ASSIGN(auto row, store_->next_carried(after, catalogue_row_.revision, now));
    if (!row || !room.take(row->bundle.size())) break;
    after = row->seq;
    out.bundles.push_back(row->seq);
    out.outbox.bundles.push_back(std::move(row->bundle));
  }
  PHUSA_ASSIGN(const auto entries_after, store_->get(meta::kOfferEntries));
  if (entries_after) {
    PHUSA_ASSIGN(auto entries,
                 store_->office_entries_after(meta::number_in(*entries_after), limits::kOfficeEntriesMax));
    for (auto& [seq, entry] : entries) {
      if (!room.take(entry.size())) break;
      out.office_entries_to = seq;
      out.outbox.office_entries.push_back(std::move(entry));
    }
  }
  PHUSA_ASSIGN(const auto catalogues_after, store_->get(meta::kOfferCatalogues));
  if (!catalogues_after) return {};
  const auto revision = static_cast<std::uint32_t>(meta::number_in(*catalogues_after));
  PHUSA_ASSIGN(auto catalogues, store_->catalogues_after(revision, limits::kCataloguesPerRequestMax));
  for (store::CatalogueRow& row : catalogues) {
    if (!room.take(row.encoded.size())) break;
    out.catalogues_to = row.revision;
    out.outbox.catalogues.push_back({row.revision, std::move(row.encoded), row.signature});
  }
  return {};
}

Result<bool> Phone::has_extras() {
  PHUSA_ASSIGN(const auto bundle, store_->next_carried(0, catalogue_row_.revision, clock_.wall()));
  PHUSA_ASSIGN(const auto entries, store_->get(meta::kOfferEntries));
  PHUSA_ASSIGN(const auto catalogues_after, store_->get(meta::kOfferCatalogues));
  if (!catalogues_after) return bundle || entries;
  PHUSA_ASSIGN(const auto catalogues,
               store_->catalogues_after(static_cast<std::uint32_t>(meta::number_in(*catalogues_after)), 1));
  return bundle || entries || !catalogues.empty();
}

Result<void> Phone::keep_parcel(std::int64_t seq, BytesView parcel) {
  PHUSA_ASSIGN(const auto carried, store_->any_carried(seq - 1));
  if (!carried || carried->seq != seq) return {};
  const auto head = journal::read_bundle_head(carried->bundle);
  if (!head) return {};
  PHUSA_TRY(store_->add_parcel({Bytes(head->id.view()), Bytes(parcel)}));
  return {};
}

/// A bundle is delivered once its receipts are in hand, or the server has taken it and gives none, and stays:
/// whoever wrote it may be gone when a restored server needs it. Those that this server cannot open now may
/// be opened by it later, or by another phone's way.
Result<void> Phone::take_bundle_replies(const wire::SyncReply& reply, const Sent& sent, Applying& applying) {
  if (!reply.bundles.empty() && reply.bundles.size() != sent.bundles.size())
    return fail(ErrorCode::kUnexpectedReply, "the server's answer does not fit the request");
  for (std::size_t i = 0; i < sent.bundles.size(); ++i) {
    const std::int64_t seq = sent.bundles[i];
    // A server that passes over bundles has said nothing of any key.
    const bool is_passed_over = reply.bundles.empty();
    const wire::BundleReply answer =
        is_passed_over ? wire::BundleReply{wire::BundleStatus::kUnknownKey, {}} : reply.bundles[i];
    if (applying.furthest.value_or(LedgerPoint{}).position < answer.point.position)
      applying.furthest = answer.point;
    const bool has_parcel = !answer.parcel.empty() && answer.parcel.size() <= limits::kParcelBytesMax;
    if (answer.status == wire::BundleStatus::kInvalid) {
      ++applying.counts.bundles_useless;
      PHUSA_TRY(store_->drop_carried(seq));
    } else if (answer.status == wire::BundleStatus::kTaken) {
      // Without receipts: whoever made it left no key to seal them to, and will never have any.
      if (has_parcel) PHUSA_TRY(keep_parcel(seq, answer.parcel));
      PHUSA_TRY(store_->note_taken(seq));
      ++applying.counts.bundles_delivered;
    } else {
      // Of one that was taken in part, what was taken may be told.
      if (answer.status == wire::BundleStatus::kFull && has_parcel)
        PHUSA_TRY(keep_parcel(seq, answer.parcel));
      const bool has_no_key = answer.status == wire::BundleStatus::kUnknownKey && !is_passed_over;
      PHUSA_TRY(store_->put_off_carried(seq, catalogue_row_.revision, applying.at, has_no_key));
    }
  }
  return {};
}

/// Each is signed alone. What cannot be read is of a later version, and no use to us.
Result<void> Phone::keep_office_entries(const std::vector<Bytes>& entries) {
  for (const Bytes& bytes : entries) {
    const auto entry = journal::decode_office_entry(bytes);
    if (!entry) continue;
    const auto hash = journal::verify_office_entry(identity_.organisation, identity_.server, *entry);
    if (hash) PHUSA_TRY(store_->add_office_entry(*hash, bytes));
  }
  return {};
}

/// Where the offers to a restored server stand after this reply.
Result<void> Phone::note_offered(const wire::SyncReply& reply, const Sent& sent) {
  if (!reply.reset) {
    PHUSA_ASSIGN(const auto entries, store_->get(meta::kOfferEntries));
    if (entries) {
      const std::int64_t to = std::max(sent.office_entries_to, meta::number_in(*entries));
      PHUSA_ASSIGN(const auto left, store_->office_entries_after(to, 1));
      PHUSA_TRY(left.empty() ? store_->drop(meta::kOfferEntries)
                             : store_->put(meta::kOfferEntries, meta::number_of(to)));
    }
  }
  // A server whose newest catalogue is ours has all before it. Each is offered once until the next reset:
  // what was not taken will not be taken the second time.
  if (reply.reset) {
    const bool may_lack_some = reply.catalogue || reply.introduce;
    return may_lack_some ? store_->put(meta::kOfferCatalogues, meta::number_of(0))
                         : store_->drop(meta::kOfferCatalogues);
  }
  PHUSA_ASSIGN(const auto offered, store_->get(meta::kOfferCatalogues));
  PHUSA_ASSIGN(const auto newest, store_->newest_catalogue());
  const bool is_behind = reply.catalogue && newest && reply.catalogue->revision < newest->revision;
  if (!offered)
    return is_behind ? store_->put(meta::kOfferCatalogues, meta::number_of(reply.catalogue->revision))
                     : Result<void>();
  const std::int64_t to = std::max<std::int64_t>(meta::number_in(*offered), sent.catalogues_to);
  PHUSA_ASSIGN(const auto left, store_->catalogues_after(static_cast<std::uint32_t>(to), 1));
  return left.empty() && !is_behind ? store_->drop(meta::kOfferCatalogues)
                                    : store_->put(meta::kOfferCatalogues, meta::number_of(to));
}

Result<void> Phone::offer_entries() {
  PHUSA_ASSIGN(const auto entries, store_->office_entries_after(0, 1));
  return entries.empty() ? Result<void>() : store_->put(meta::kOfferEntries, meta::number_of(0));
}

}  // namespace phusa
