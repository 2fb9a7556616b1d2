#include "core/client/hand_over.hpp"

#include "core/base/limits.hpp"
#include "core/client/file_contents.hpp"
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

}  // namespace

/// Fills one bundle's content; `take` says false when the batch belongs into the next one.
struct HandOver::Parcelling {
  wire::BundleContent content;
  std::size_t bytes = 0;
  std::size_t batches = 0;
  JournalId journal;
  std::uint32_t certificate = 0;
  std::uint32_t number = 0;

  bool take(const PublicKey& device, const SealedBatch& batch, const std::vector<Bytes>& chain) {
    const bool same = batches > 0 && journal == batch.header.journal &&
                      certificate == batch.header.certificate && number < batch.header.number;
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
    number = batch.header.number;
    bytes += needs;
    ++batches;
    return true;
  }
};

/// One file: what a carrier may take at once, for it takes a whole file or none.
struct HandOver::Filling {
  Given given;
  std::vector<Bytes> bundles;
  std::size_t bytes = hand_over_part_bytes(0);
  Parcelling part;  ///< of own batches, not sealed yet; room for it is kept
  std::vector<journal::BoxKey> recipients;

  bool has_room(std::size_t bundle_bytes) const {
    const bool open = part.batches > 0;
    const std::size_t kept = open ? hand_over_part_bytes(limits::kBundleBytesMax) : 0;
    return bundles.size() + (open ? 1 : 0) < limits::kCarriedBundlesMax &&
           bytes + kept + hand_over_part_bytes(bundle_bytes) <= limits::kHandOverFileBytesMax;
  }
  void add(Bytes bundle) {
    bytes += hand_over_part_bytes(bundle.size());
    bundles.push_back(std::move(bundle));
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

Result<void> HandOver::close_part(Filling& file) {
  if (file.part.batches == 0) return {};
  file.part.content.return_key = Bytes(journal::opening_key_of(phone_.identity_.key).public_key.view());
  PHUSA_ASSIGN(Bytes bundle, seal(file.part.content, file.recipients));
  file.part = Parcelling();
  file.add(std::move(bundle));
  return {};
}

/// Own batches that were, or were not, handed over before, as far as there is room.
Result<void> HandOver::give_own(Filling& file, bool again) {
  const PublicKey device = phone_.identity_.key.public_key;
  return phone_.for_each_unacknowledged([&](store::BatchRow& row, const SealedBatch& whole) -> Result<bool> {
    if (row.handed_at.has_value() != again) return true;
    PHUSA_ASSIGN(const auto chain, phone_.chain_of(whole.header.certificate));
    if (file.part.batches == 0 && !file.has_room(limits::kBundleBytesMax)) return false;
    if (!file.part.take(device, whole, chain)) {
      PHUSA_TRY(close_part(file));
      if (!file.has_room(limits::kBundleBytesMax)) return false;
      file.part.take(device, whole, chain);
    }
    file.given.changes += row.changes;
    add_content(file.given.contents, row.seq, row.hash);
    return true;
  });
}

Result<void> HandOver::pass_on(Filling& file, bool again) {
  for (std::int64_t after = 0;;) {
    PHUSA_ASSIGN(auto row, phone_.store_->next_to_pass_on(after, again));
    if (!row || !file.has_room(row->bundle.size())) return {};
    after = row->seq;
    add_content(file.given.contents, row->seq, hash_of(row->bundle));
    file.add(std::move(row->bundle));
    ++file.given.carried_bundles;
  }
}

Result<HandOver::Given> HandOver::give(bool carried_only) {
  PHUSA_TRY(phone_.refresh());
  if (!carried_only) PHUSA_TRY(phone_.require_joined());
  Filling file;
  PHUSA_ASSIGN(auto transaction, phone_.begin_write());
  if (!carried_only) {
    PHUSA_ASSIGN(file.recipients, recipients());
    PHUSA_TRY(phone_.seal_pending());
  }
  // What nobody has a copy of goes first, so that the next file has what this one lacks.
  if (!carried_only) PHUSA_TRY(give_own(file, false));
  PHUSA_TRY(pass_on(file, false));
  PHUSA_TRY(count_left(file.given, carried_only));
  if (!carried_only) PHUSA_TRY(give_own(file, true));
  PHUSA_TRY(pass_on(file, true));
  PHUSA_TRY(close_part(file));
  PHUSA_TRY(transaction.commit());
  file.given.file = write_hand_over_file(file.bundles);
  return std::move(file.given);
}

/// `given`: so far only what was never given before.
Result<void> HandOver::count_left(Given& given, bool carried_only) {
  if (!carried_only) {
    PHUSA_ASSIGN(const auto counts, phone_.store_->unacknowledged());
    given.left_changes = counts.unhanded_changes - given.changes;
  }
  PHUSA_ASSIGN(const std::uint64_t bundles, phone_.store_->count_never_passed_on());
  given.left_bundles = bundles - given.carried_bundles;
  return {};
}

Result<void> HandOver::note_given(BytesView contents) {
  const WallTime now = phone_.clock_.wall();
  PHUSA_ASSIGN(auto transaction, phone_.begin_write());
  PHUSA_TRY(for_each_content(contents, [&](std::int64_t seq, const Hash& hash) {
    return phone_.store_->note_given(seq, hash, now);
  }));
  return transaction.commit();
}

Result<HandOver::Taken> HandOver::carry(BytesView file) {
  PHUSA_TRY(phone_.refresh());
  PHUSA_ASSIGN(const std::vector<Bytes> bundles, read_hand_over_file(file));
  const std::array keys{journal::opening_key_of(phone_.identity_.key)};
  Taken out;
  PHUSA_ASSIGN(auto transaction, phone_.begin_write());
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
  PHUSA_TRY(make_room(out));
  PHUSA_TRY(transaction.commit());
  return out;
}

/// Anybody can seal to a key that no server has. Such bundles stay while there is room, for the key may come
/// back, and never keep others out. Nor do those that somebody else was given.
Result<void> HandOver::make_room(Taken& taken) {
  PHUSA_ASSIGN(std::uint64_t carried, phone_.store_->count_carried());
  if (carried <= limits::kCarriedBundlesMax) return {};
  PHUSA_ASSIGN(taken.gave_way, phone_.store_->drop_without_key(carried - limits::kCarriedBundlesMax));
  carried -= taken.gave_way;
  if (carried <= limits::kCarriedBundlesMax) return {};
  PHUSA_ASSIGN(taken.passed_on_gave_way, phone_.store_->drop_passed_on(carried - limits::kCarriedBundlesMax));
  carried -= taken.passed_on_gave_way;
  if (carried <= limits::kCarriedBundlesMax) return {};
  return fail(ErrorCode::kLimitExceeded,
              "this phone would carry " + std::to_string(carried) + " bundles, and may carry " +
                  std::to_string(limits::kCarriedBundlesMax) + ": sync first, or pass some on");
}

}  // namespace phusa
