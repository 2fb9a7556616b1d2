#include "sync-server/ingest/bundles.hpp"

#include "core/base/limits.hpp"

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

Bytes encode_within_limit(wire::ReceiptParcel parcel) {
  Bytes encoded = wire::encode_receipt_parcel(parcel);
  if (encoded.size() <= kParcelPlainBytesMax) return encoded;
  for (wire::ReceiptParcel::Journal& journal : parcel.journals) {
    for (wire::Verdict& verdict : journal.verdicts) verdict.held.clear();
  }
  return wire::encode_receipt_parcel(parcel);
}

}  // namespace

std::vector<OpenedBundle> open_bundles(std::span<const Bytes> bundles,
                                       std::span<const journal::OpeningKey> keys) {
  std::vector<OpenedBundle> out;
  out.reserve(bundles.size());
  for (const Bytes& bundle : bundles) out.push_back(open_one(bundle, keys));
  return out;
}

std::vector<wire::BundleReply> reply_to_bundles(std::span<const OpenedBundle> bundles,
                                                std::span<const wire::ReceiptParcel> parcels,
                                                Random* random) {
  std::vector<wire::BundleReply> out;
  for (std::size_t i = 0; i < bundles.size(); ++i) {
    wire::BundleReply reply;
    reply.status = bundles[i].status;
    const auto return_key = journal::BoxKey::from(bundles[i].content.return_key);
    if (reply.status == wire::BundleStatus::kTaken && return_key) {
      auto sealed = journal::seal_parcel(encode_within_limit(parcels[i]), *return_key, *random);
      if (sealed) reply.parcel = std::move(*sealed);
    }
    out.push_back(std::move(reply));
  }
  return out;
}

}  // namespace phusa::ingest
