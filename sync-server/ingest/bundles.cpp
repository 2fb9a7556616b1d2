#include "sync-server/ingest/bundles.hpp"

#include "core/base/limits.hpp"
#include "core/journal/receipt.hpp"
#include "core/wire/fates.hpp"

#include <algorithm>

namespace phusa::ingest {
namespace {

/// Eight of these, a page and the verdicts of a whole request stay below limits::kReplyBytesMax.
constexpr std::size_t kParcelPlainBytesMax = 64 * 1024;
static_assert(kParcelPlainBytesMax * limits::kBundlesPerRequestMax <= limits::kReplyBytesMax / 2);

OpenedBundle open_one(BytesView bundle, std::span<const journal::OpeningKey> keys) {
  OpenedBundle out;
  const auto opened = journal::open_bundle(bundle, keys);
  if (!opened) {
    // A later program may know what this one does not: whoever carries it shall keep it.
    const bool may_open_elsewhere =
        opened.error().code == ErrorCode::kNotFound || opened.error().code == ErrorCode::kUnsupportedVersion;
    if (may_open_elsewhere) out.status = wire::BundleStatus::kUnknownKey;
    return out;
  }
  auto content = wire::decode_bundle_content(*opened);
  if (!content) return out;
  // Batches without a name would be taken for the carrier's.
  const bool all_named = std::all_of(content->journals.begin(), content->journals.end(),
                                     [](const wire::JournalUp& journal) { return journal.device_key; });
  if (!all_named) return out;
  out.status = wire::BundleStatus::kTaken;
  out.content = std::move(*content);
  return out;
}

/// Anybody may build a parcel, and its carrier may know the receipts in it: the fates are signed as well.
Bytes sign_and_encode(const Organisation& organisation, wire::ReceiptParcel& parcel) {
  for (wire::ReceiptParcel::Journal& journal : parcel.journals) {
    const Bytes message =
        journal::fates_message(organisation.id, journal.device_key, wire::encode_fates(journal));
    journal.fates_signature = journal::sign(organisation.server_key, message);
  }
  return wire::encode_receipt_parcel(parcel);
}

Bytes encode_within_limit(const Organisation& organisation, wire::ReceiptParcel parcel) {
  Bytes encoded = sign_and_encode(organisation, parcel);
  if (encoded.size() <= kParcelPlainBytesMax) return encoded;
  for (wire::ReceiptParcel::Journal& journal : parcel.journals) {
    for (wire::Verdict& verdict : journal.verdicts) verdict.held.clear();
  }
  return sign_and_encode(organisation, parcel);
}

bool has_full(const wire::ReceiptParcel& parcel) {
  return std::any_of(parcel.journals.begin(), parcel.journals.end(), [](const auto& journal) {
    return std::any_of(journal.verdicts.begin(), journal.verdicts.end(), [](const wire::Verdict& verdict) {
      return verdict.status == wire::VerdictStatus::kFull;
    });
  });
}

LedgerPoint last_point(const wire::ReceiptParcel& parcel) {
  LedgerPoint last;
  for (const wire::ReceiptParcel::Journal& journal : parcel.journals) {
    for (const wire::Verdict& verdict : journal.verdicts) {
      if (verdict.is_durable() && last.position < verdict.point.position) last = verdict.point;
    }
  }
  return last;
}

}  // namespace

std::vector<OpenedBundle> open_bundles(std::span<const Bytes> bundles,
                                       std::span<const journal::OpeningKey> keys) {
  std::vector<OpenedBundle> out;
  out.reserve(bundles.size());
  for (const Bytes& bundle : bundles) out.push_back(open_one(bundle, keys));
  return out;
}

std::vector<wire::BundleReply> reply_to_bundles(const Organisation& organisation,
                                                std::span<const OpenedBundle> bundles,
                                                std::span<const wire::ReceiptParcel> parcels,
                                                Random* random) {
  std::vector<wire::BundleReply> out;
  for (std::size_t i = 0; i < bundles.size(); ++i) {
    wire::BundleReply reply;
    reply.status = bundles[i].status;
    reply.point = last_point(parcels[i]);
    const auto return_key = journal::BoxKey::from(bundles[i].content.return_key);
    if (reply.status == wire::BundleStatus::kTaken && return_key) {
      auto sealed = journal::seal_parcel(encode_within_limit(organisation, parcels[i]), *return_key, *random);
      if (sealed) reply.parcel = std::move(*sealed);
    }
    // Whoever wrote it may have lost it: its carrier keeps it until there is room again.
    if (reply.status == wire::BundleStatus::kTaken && has_full(parcels[i]))
      reply.status = wire::BundleStatus::kFull;
    out.push_back(std::move(reply));
  }
  return out;
}

}  // namespace phusa::ingest
