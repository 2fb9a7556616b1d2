#include "core/base/limits.hpp"
#include "core/wire/body.hpp"
#include "core/wire/exchange_parts.hpp"
#include "core/wire/message.hpp"

#include <algorithm>

namespace phusa::wire {
namespace {

constexpr std::uint32_t kVerdictsField = 1;
constexpr std::size_t kReplyFieldsMax = 8'192;  // verdicts, receipts and office entries

bool has_reply_shape(BytesView message) {
  std::size_t fields = 0;
  std::size_t verdicts = 0;
  return visit_fields(message, [&](std::uint32_t number, BytesView bytes) {
    if (++fields > kReplyFieldsMax) return false;
    if (number != kVerdictsField) return true;
    return ++verdicts <= limits::kBatchesPerRequestMax && has_verdict_shape(bytes);
  });
}

}  // namespace

Bytes encode_sync_reply(const SyncReply& reply, Frame frame) {
  v1::SyncReply message;
  for (const Verdict& verdict : reply.verdicts) fill_verdict(verdict, reply.tag, *message.add_verdicts());
  for (const ReceiptSignature& receipt : reply.receipts) {
    v1::ReceiptOf& row = *message.add_receipts();
    if (receipt.device_key) row.set_device_key(text_of(*receipt.device_key));
    row.set_signature(text_of(receipt.signature));
  }
  message.set_page(reply.page);
  message.set_cursor(reply.cursor);
  message.set_more(reply.more);
  if (reply.catalogue) fill_snapshot(*reply.catalogue, *message.mutable_catalogue());
  message.set_retry_after_s(reply.retry_after_s);
  message.set_reset(reply.reset);
  for (const Bytes& entry : reply.office_entries) message.add_office_entries(entry);
  if (!reply.tag.is_zero()) message.set_tag(text_of(reply.tag));
  for (const BundleReply& bundle : reply.bundles) {
    v1::BundleReply& row = *message.add_bundles();
    row.set_status(static_cast<v1::BundleReply::Status>(bundle.status));
    row.set_parcel(bundle.parcel);
    row.set_position(bundle.point.position);
    if (bundle.point.position != 0 && bundle.point.tag != reply.tag)
      row.set_tag(Bytes(bundle.point.tag.view()));
  }
  message.set_introduce(reply.introduce);
  for (const Bytes& certificate : reply.certificates) message.add_certificates(certificate);
  if (reply.revoked_at)
    message.set_revoked_at(static_cast<std::uint64_t>(reply.revoked_at->time_since_epoch().count()));
  return framed(frame, serialize(message));
}

Result<SyncReply> decode_sync_reply(BytesView body, Frame frame) {
  if (body.size() > limits::kReplyBytesMax) {
    return fail(ErrorCode::kLimitExceeded, "the reply is larger than replies may be");
  }
  PHUSA_ASSIGN(const BytesView message_bytes, read_frame(body, frame));
  v1::SyncReply message;
  if (!has_reply_shape(message_bytes) || !parse(message, message_bytes)) {
    return fail(ErrorCode::kCorrupt, "not a sync reply");
  }
  SyncReply out;
  PHUSA_ASSIGN(const auto tag, optional_fixed<TransactionTag>(message.tag()));
  out.tag = tag.value_or(TransactionTag{});
  for (const v1::Verdict& row : message.verdicts()) {
    PHUSA_ASSIGN(Verdict verdict, take_verdict(row, out.tag));
    out.verdicts.push_back(std::move(verdict));
  }
  for (const v1::ReceiptOf& row : message.receipts()) {
    ReceiptSignature receipt;
    PHUSA_ASSIGN(receipt.device_key, optional_fixed<PublicKey>(row.device_key()));
    PHUSA_ASSIGN(receipt.signature, Signature::from(row.signature()));
    out.receipts.push_back(receipt);
  }
  out.page = std::move(*message.mutable_page());
  out.cursor = std::move(*message.mutable_cursor());
  out.more = message.more();
  if (message.has_catalogue()) {
    PHUSA_ASSIGN(CatalogueSnapshot snapshot, take_snapshot(message.catalogue()));
    out.catalogue = std::move(snapshot);
  }
  out.retry_after_s = message.retry_after_s();
  out.reset = message.reset();
  for (std::string& entry : *message.mutable_office_entries()) out.office_entries.push_back(std::move(entry));
  for (v1::BundleReply& row : *message.mutable_bundles()) {
    if (!v1::BundleReply::Status_IsValid(row.status()))
      return fail(ErrorCode::kUnsupportedVersion, "an unknown status of a bundle");
    PHUSA_ASSIGN(const auto own_tag, optional_fixed<TransactionTag>(row.tag()));
    BundleReply bundle{static_cast<BundleStatus>(row.status()), std::move(*row.mutable_parcel()), {}};
    if (row.position() != 0) bundle.point = {row.position(), own_tag.value_or(out.tag)};
    out.bundles.push_back(std::move(bundle));
  }
  out.introduce = message.introduce();
  for (std::string& certificate : *message.mutable_certificates())
    out.certificates.push_back(std::move(certificate));
  if (message.revoked_at() != 0)
    out.revoked_at = WallTime(std::chrono::seconds(static_cast<std::int64_t>(message.revoked_at())));
  return out;
}

Bytes encode_refusal(const Refusal& refusal) {
  v1::Refusal message;
  message.set_code(static_cast<std::uint32_t>(refusal.error.code));
  message.set_message(refusal.error.context);
  message.set_retry_after_s(refusal.retry_after_s);
  return with_magic(serialize(message));
}

Result<Refusal> decode_refusal(BytesView body) {
  PHUSA_ASSIGN(const BytesView message_bytes, without_magic(body));
  v1::Refusal message;
  if (!parse(message, message_bytes)) return fail(ErrorCode::kCorrupt, "not a refusal");
  Refusal out;
  const bool is_known = message.code() >= 1 && message.code() <= static_cast<std::uint32_t>(kErrorCodeLast);
  out.error.code = is_known ? static_cast<ErrorCode>(message.code()) : ErrorCode::kInternal;
  out.error.context = std::move(*message.mutable_message());
  out.retry_after_s = message.retry_after_s();
  return out;
}

}  // namespace phusa::wire
