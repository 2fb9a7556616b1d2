#include "core/base/limits.hpp"
#include "core/wire/body.hpp"
#include "core/wire/exchange_parts.hpp"
#include "core/wire/message.hpp"
#include "proto/phusa/v1/sync.pb.h"

#include <algorithm>

namespace phusa::wire {
namespace {

// Field numbers of sync.proto that are walked before protobuf parses.
constexpr std::uint32_t kOwnField = 3;
constexpr std::uint32_t kCarriedField = 4;
constexpr std::uint32_t kBundlesField = 12;
constexpr std::uint32_t kOfficeEntriesField = 13;
constexpr std::uint32_t kCataloguesField = 14;

constexpr std::size_t kRequestFieldsMax = 2 * limits::kBatchesPerRequestMax;

bool has_request_shape(BytesView message) {
  std::size_t fields = 0;
  std::size_t batches = 0;
  std::size_t bundles = 0;
  std::size_t entries = 0;
  std::size_t catalogues = 0;
  return visit_fields(message, [&](std::uint32_t number, BytesView bytes) {
    if (++fields > kRequestFieldsMax) return false;
    switch (number) {
      case kOwnField:
      case kCarriedField:
        return has_journal_shape(bytes, batches);
      case kBundlesField:
        return ++bundles <= limits::kBundlesPerRequestMax && bytes.size() <= limits::kBundleBytesMax;
      case kOfficeEntriesField:
        return ++entries <= limits::kOfficeEntriesMax;
      case kCataloguesField:
        return ++catalogues <= limits::kCataloguesPerRequestMax;
      default:
        return true;
    }
  });
}

Result<std::vector<LedgerPoint>> take_seen(const v1::SyncRequest& message) {
  std::vector<LedgerPoint> out;
  if (static_cast<std::size_t>(message.seen_size()) > limits::kSeenPointsMax)
    return fail(ErrorCode::kLimitExceeded, "the request asks about too many points");
  for (const std::string& encoded : message.seen()) {
    ByteReader in(encoded);
    LedgerPoint point;
    point.position = in.varint_up_to(INT64_MAX);
    const auto tag = TransactionTag::from(in.take(TransactionTag::kSize));
    if (!in.done() || !tag) return fail(ErrorCode::kCorrupt, "not a point of a ledger");
    point.tag = *tag;
    out.push_back(point);
  }
  return out;
}

Result<std::optional<LedgerPoint>> read_point(std::uint64_t position, BytesView tag) {
  if (position == 0 && tag.empty()) return std::optional<LedgerPoint>();
  LedgerPoint point{position, {}};
  PHUSA_ASSIGN(point.tag, TransactionTag::from(tag));
  return std::optional<LedgerPoint>(point);
}

}  // namespace

Bytes encode_sync_request(const SyncRequest& request) {
  v1::SyncRequest message;
  message.set_device_key(text_of(request.device_key));
  message.set_token(request.token);
  message.set_cursor(request.cursor);
  if (request.furthest) {
    message.set_furthest_position(request.furthest->position);
    message.set_furthest_tag(text_of(request.furthest->tag));
  }
  for (const LedgerPoint& point : request.seen) {
    Bytes encoded;
    put_varint(encoded, point.position);
    encoded.append(point.tag.view());
    message.add_seen(std::move(encoded));
  }
  message.set_catalogue_revision(request.catalogue_revision);
  message.set_catalogue_start(request.catalogue_start);
  message.set_page_bytes_max(request.page_bytes_max);
  message.set_push_only(request.push_only);
  for (const Bytes& bundle : request.bundles) message.add_bundles(bundle);
  for (const Bytes& entry : request.office_entries) message.add_office_entries(entry);
  for (const CatalogueSnapshot& catalogue : request.catalogues)
    fill_snapshot(catalogue, *message.add_catalogues());
  Bytes bytes = serialize(message);
  for (const JournalUp& journal : request.own) put_journal(journal, kOwnField, bytes);
  for (const JournalUp& journal : request.carried) put_journal(journal, kCarriedField, bytes);
  return framed(request.frame, bytes);
}

Result<SyncRequest> decode_sync_request(BytesView body) {
  if (body.size() > limits::kRequestBytesMax) {
    return fail(ErrorCode::kLimitExceeded, "the request is larger than requests may be");
  }
  PHUSA_ASSIGN(const Framed read, read_frame(body));
  v1::SyncRequest message;
  if (!has_request_shape(read.message) || !parse(message, read.message)) {
    return fail(ErrorCode::kCorrupt, "not a sync request");
  }
  SyncRequest out;
  out.frame = read.frame;
  PHUSA_ASSIGN(out.device_key, PublicKey::from(message.device_key()));
  out.token = std::move(*message.mutable_token());
  out.cursor = std::move(*message.mutable_cursor());
  PHUSA_ASSIGN(out.furthest, read_point(message.furthest_position(), message.furthest_tag()));
  PHUSA_ASSIGN(out.seen, take_seen(message));
  out.catalogue_revision = message.catalogue_revision();
  out.catalogue_start = message.catalogue_start();
  out.page_bytes_max = message.page_bytes_max();
  out.push_only = message.push_only();
  for (v1::JournalUp& journal : *message.mutable_own()) {
    PHUSA_ASSIGN(JournalUp taken, take_journal(journal));
    out.own.push_back(std::move(taken));
  }
  for (v1::JournalUp& journal : *message.mutable_carried()) {
    PHUSA_ASSIGN(JournalUp taken, take_journal(journal));
    out.carried.push_back(std::move(taken));
  }
  for (std::string& bundle : *message.mutable_bundles()) out.bundles.push_back(std::move(bundle));
  for (std::string& entry : *message.mutable_office_entries()) out.office_entries.push_back(std::move(entry));
  for (const v1::CatalogueUpdate& catalogue : message.catalogues()) {
    PHUSA_ASSIGN(CatalogueSnapshot snapshot, take_snapshot(catalogue));
    out.catalogues.push_back(std::move(snapshot));
  }
  return out;
}

}  // namespace phusa::wire
