#include "core/base/limits.hpp"
#include "core/wire/batch_message.hpp"
#include "core/wire/body.hpp"
#include "core/wire/compression.hpp"
#include "core/wire/message.hpp"
#include "proto/phusa/v1/sync.pb.h"

#include <algorithm>

namespace phusa::wire {
namespace {

// Field numbers of sync.proto that are walked before protobuf parses.
constexpr std::uint32_t kOwnField = 3;
constexpr std::uint32_t kCarriedField = 4;
constexpr std::uint32_t kBatchesField = 2;

constexpr std::size_t kJournalFieldsMax = 2 * limits::kBatchesPerRequestMax;
constexpr std::size_t kRequestFieldsMax = 2 * limits::kBatchesPerRequestMax;

void put_journal(const JournalUp& from, std::uint32_t field, Bytes& out) {
  v1::JournalUp head;
  if (from.device_key) head.set_device_key(text_of(*from.device_key));
  for (const Bytes& certificate : from.certificates) head.add_certificates(certificate);
  for (const BatchOnWire& on_wire : from.batches) {
    const bool is_short = on_wire.previous_is_short || on_wire.catalogue_is_short;
    fill_batch(on_wire.batch, is_short ? HashForm::kShort : HashForm::kWhole, *head.add_batches());
  }
  Bytes journal = serialize(head);
  for (const Bytes& batch : from.encoded_batches) put_field(journal, kBatchesField, batch);
  put_field(out, field, journal);
}

Result<JournalUp> take_journal(v1::JournalUp& from) {
  JournalUp out;
  PHUSA_ASSIGN(out.device_key, optional_fixed<PublicKey>(from.device_key()));
  out.batches.reserve(static_cast<std::size_t>(from.batches_size()));
  for (v1::Batch& batch : *from.mutable_batches()) {
    PHUSA_ASSIGN(BatchOnWire on_wire, take_batch(batch));
    out.batches.push_back(std::move(on_wire));
  }
  for (std::string& certificate : *from.mutable_certificates())
    out.certificates.push_back(std::move(certificate));
  return out;
}

bool has_request_shape(BytesView message) {
  std::size_t fields = 0;
  std::size_t batches = 0;
  return visit_fields(message, [&](std::uint32_t number, BytesView journal) {
    if (++fields > kRequestFieldsMax) return false;
    if (number != kOwnField && number != kCarriedField) return true;
    std::size_t parts = 0;
    return visit_fields(journal, [&](std::uint32_t part, BytesView bytes) {
      if (++parts > kJournalFieldsMax) return false;
      return part != kBatchesField || (++batches <= limits::kBatchesPerRequestMax && has_batch_shape(bytes));
    });
  });
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
  message.set_catalogue_revision(request.catalogue_revision);
  message.set_catalogue_start(request.catalogue_start);
  message.set_page_bytes_max(request.page_bytes_max);
  message.set_push_only(request.push_only);
  Bytes body = with_magic(serialize(message));
  for (const JournalUp& journal : request.own) put_journal(journal, kOwnField, body);
  for (const JournalUp& journal : request.carried) put_journal(journal, kCarriedField, body);
  return body;
}

Result<SyncRequest> decode_sync_request(BytesView body) {
  if (body.size() > limits::kRequestBytesMax) {
    return fail(ErrorCode::kLimitExceeded, "the request is larger than requests may be");
  }
  PHUSA_ASSIGN(const BytesView message_bytes, without_magic(body));
  v1::SyncRequest message;
  if (!has_request_shape(message_bytes) || !parse(message, message_bytes)) {
    return fail(ErrorCode::kCorrupt, "not a sync request");
  }
  SyncRequest out;
  PHUSA_ASSIGN(out.device_key, PublicKey::from(message.device_key()));
  out.token = std::move(*message.mutable_token());
  out.cursor = std::move(*message.mutable_cursor());
  PHUSA_ASSIGN(out.furthest, read_point(message.furthest_position(), message.furthest_tag()));
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
  return out;
}

}  // namespace phusa::wire
