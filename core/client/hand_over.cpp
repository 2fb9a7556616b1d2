#include "core/client/hand_over.hpp"

#include "core/base/limits.hpp"
#include "core/client/meta_keys.hpp"
#include "core/journal/bundle.hpp"
#include "core/sync/hand_over_file.hpp"

#include <array>

namespace phusa {
namespace {

/// Around a bundle's journals: clear header, padding, protobuf's own bytes.
constexpr std::size_t kBundleEnvelopeBytes = 8 * 1024;
constexpr std::size_t kBundleContentBytesMax = limits::kBundleBytesMax - kBundleEnvelopeBytes;
constexpr std::size_t kFieldBytesMax = 16;

/// Given::contents: one of these for every batch in the file. The hash, since a store that was emptied
/// meanwhile gives its numbers again.
constexpr std::size_t kContentsEntryBytes = 8 + Hash::kSize;

void add_entry(Bytes& contents, const store::BatchRow& row) {
  put_u64(contents, static_cast<std::uint64_t>(row.seq));
  contents += row.hash.view();
}

}  // namespace

/// Fills one bundle's content; `take` says false when the batch belongs into the next one.
struct HandOver::Parcelling {
  wire::BundleContent content;
  std::size_t bytes = 0;
  std::size_t batches = 0;
  JournalId journal;
  std::uint32_t certificate = 0;

  bool take(const PublicKey& device, const SealedBatch& batch, const std::vector<Bytes>& chain) {
    const bool same =
        batches > 0 && journal == batch.header.journal && certificate == batch.header.certificate;
    Bytes encoded = wire::encode_batch(batch, wire::HashForm::kWhole);
    std::size_t needs = encoded.size() + kFieldBytesMax;
    if (!same) {
      needs += PublicKey::kSize + 2 * kFieldBytesMax;
      for (const Bytes& link : chain) needs += link.size() + kFieldBytesMax;
    }
    if (batches > 0 && (bytes + needs > kBundleContentBytesMax || batches == limits::kBatchesPerRequestMax))
      return false;
    if (!same) {
      content.journals.emplace_back();
      content.journals.back().device_key = device;
      content.journals.back().certificates = chain;
      journal = batch.header.journal;
      certificate = batch.header.certificate;
    }
    content.journals.back().encoded_batches.push_back(std::move(encoded));
    bytes += needs;
    ++batches;
    return true;
  }
};

Result<std::vector<journal::BoxKey>> HandOver::recipients() {
  Bytes key = phone_.catalogue_->box_key;
  if (key.empty()) {
    PHUSA_ASSIGN(const auto joined_with, phone_.store_->get(meta::kBoxKey));
    key = joined_with.value_or("");
  }
  const auto server = journal::BoxKey::from(key);
  if (!server || server->is_zero()) {
    return fail(
        ErrorCode::kConflict,
        "the office has given this phone no key to seal to yet: sync once, or take a newer welcome file");
  }
  std::vector<journal::BoxKey> out{*server};
  if (phone_.identity_.officer) {
    PHUSA_ASSIGN(const journal::BoxKey officer, journal::box_key_of(*phone_.identity_.officer));
    out.push_back(officer);
  }
  return out;
}

Result<Bytes> HandOver::seal(const wire::BundleContent& content,
                             std::span<const journal::BoxKey> recipients) {
  PHUSA_ASSIGN(Bytes bundle,
               journal::seal_bundle(wire::encode_bundle_content(content), recipients, phone_.random_));
  PHUSA_ASSIGN(const journal::BundleHead head, journal::read_bundle_head(bundle));
  PHUSA_TRY(phone_.store_->add_handed(head.id.view(), phone_.clock_.wall()));
  return bundle;
}

Result<void> HandOver::give_own(Given& out, std::vector<Bytes>& bundles) {
  PHUSA_ASSIGN(const auto to, recipients());
  PHUSA_TRY(phone_.seal_pending());
  const PublicKey device = phone_.identity_.key.public_key;
  const Bytes return_key(journal::opening_key_of(phone_.identity_.key).public_key.view());
  std::size_t file_bytes = 0;
  Parcelling part;
  const auto close = [&]() -> Result<void> {
    part.content.return_key = return_key;
    PHUSA_ASSIGN(Bytes bundle, seal(part.content, to));
    file_bytes += hand_over_part_bytes(bundle.size());
    bundles.push_back(std::move(bundle));
    part = Parcelling();
    return {};
  };
  const auto take = [&](const store::BatchRow& row, const SealedBatch& whole) -> Result<bool> {
    PHUSA_ASSIGN(const auto chain, phone_.chain_of(whole.header.certificate));
    if (!part.take(device, whole, chain)) {
      PHUSA_TRY(close());
      if (file_bytes + hand_over_part_bytes(limits::kBundleBytesMax) > limits::kHandOverFileBytesMax)
        return false;
      part.take(device, whole, chain);
    }
    out.changes += row.changes;
    add_entry(out.contents, row);
    return true;
  };
  PHUSA_TRY(phone_.for_each_unacknowledged(take));
  return part.batches > 0 ? close() : Result<void>();
}

Result<HandOver::Given> HandOver::give(bool carried_only) {
  PHUSA_TRY(phone_.refresh());
  if (!carried_only) PHUSA_TRY(phone_.require_joined());
  Given out;
  std::vector<Bytes> bundles;
  PHUSA_ASSIGN(auto transaction, phone_.store_->begin_write());
  if (!carried_only) PHUSA_TRY(give_own(out, bundles));
  std::size_t file_bytes = hand_over_part_bytes(0);
  for (const Bytes& bundle : bundles) file_bytes += hand_over_part_bytes(bundle.size());
  for (std::int64_t after = 0;;) {
    PHUSA_ASSIGN(auto row, phone_.store_->any_carried(after));
    if (!row) break;
    file_bytes += hand_over_part_bytes(row->bundle.size());
    if (file_bytes > limits::kHandOverFileBytesMax) break;
    after = row->seq;
    bundles.push_back(std::move(row->bundle));
    ++out.carried_bundles;
  }
  PHUSA_TRY(transaction.commit());
  out.file = write_hand_over_file(bundles);
  return out;
}

Result<void> HandOver::note_given(BytesView contents) {
  if (contents.size() % kContentsEntryBytes != 0)
    return fail(ErrorCode::kInvalidArgument, "these are not the contents of a hand-over");
  const WallTime now = phone_.clock_.wall();
  PHUSA_ASSIGN(auto transaction, phone_.store_->begin_write());
  for (ByteReader reader(contents); reader.remaining() > 0;) {
    const auto seq = static_cast<std::int64_t>(reader.u64());
    PHUSA_ASSIGN(const Hash hash, Hash::from(reader.take(Hash::kSize)));
    PHUSA_TRY(phone_.store_->note_given(seq, hash, now));
  }
  return transaction.commit();
}

Result<HandOver::Taken> HandOver::carry(BytesView file) {
  PHUSA_TRY(phone_.refresh());
  PHUSA_ASSIGN(const std::vector<Bytes> bundles, read_hand_over_file(file));
  const std::array keys{journal::opening_key_of(phone_.identity_.key)};
  Taken out;
  PHUSA_ASSIGN(auto transaction, phone_.store_->begin_write());
  for (const Bytes& bundle : bundles) {
    const auto head = journal::read_bundle_head(bundle);
    // One of a later version is carried as it is: the server may know it.
    if (!head && head.error().code != ErrorCode::kUnsupportedVersion) return fail(head.error());
    const auto opened = journal::open_bundle(bundle, keys);
    if (!opened && opened.error().code == ErrorCode::kCorrupt) {
      ++out.damaged;
      continue;
    }
    bool is_own = false;
    if (head) {
      PHUSA_ASSIGN(is_own, phone_.store_->is_handed(head->id.view()));
    }
    bool is_new = false;
    if (!is_own) {
      PHUSA_ASSIGN(is_new, phone_.store_->add_carried(bundle));
    }
    ++(is_new ? out.bundles : out.known);
    if (!opened) continue;
    const auto content = wire::decode_bundle_content(*opened);
    if (!content) continue;
    for (const wire::JournalUp& journal : content->journals) {
      for (const wire::BatchOnWire& batch : journal.batches) out.changes_seen += batch.batch.header.changes;
    }
  }
  if (out.damaged > 0 && out.bundles + out.known == 0)
    return fail(ErrorCode::kCorrupt, "no bundle of the file can be opened: it was altered on its way");
  PHUSA_ASSIGN(const std::uint64_t carried, phone_.store_->count_carried());
  if (carried > limits::kCarriedBundlesMax) {
    return fail(ErrorCode::kLimitExceeded, "this phone would carry " + std::to_string(carried) +
                                               " bundles, and may carry " +
                                               std::to_string(limits::kCarriedBundlesMax) +
                                               ": sync first, or give them to another phone");
  }
  PHUSA_TRY(transaction.commit());
  return out;
}

}  // namespace phusa
