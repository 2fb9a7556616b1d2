#include "core/base/limits.hpp"
#include "core/wire/body.hpp"
#include "core/wire/exchange_parts.hpp"
#include "core/wire/message.hpp"

namespace phusa::wire {
namespace {

// Field numbers of sync.proto that are walked before protobuf parses.
constexpr std::uint32_t kContentJournalsField = 2;
constexpr std::uint32_t kParcelJournalsField = 1;
constexpr std::uint32_t kParcelVerdictsField = 3;
constexpr std::size_t kFieldsMax = 4 * limits::kBatchesPerRequestMax;

bool has_content_shape(BytesView message) {
  std::size_t fields = 0;
  std::size_t batches = 0;
  return visit_fields(message, [&](std::uint32_t number, BytesView journal) {
    if (++fields > kFieldsMax) return false;
    return number != kContentJournalsField || has_journal_shape(journal, batches);
  });
}

bool has_parcel_shape(BytesView message) {
  std::size_t fields = 0;
  return visit_fields(message, [&](std::uint32_t number, BytesView journal) {
    if (++fields > kFieldsMax) return false;
    if (number != kParcelJournalsField) return true;
    return visit_fields(journal, [&](std::uint32_t part, BytesView verdict) {
      if (++fields > kFieldsMax) return false;
      return part != kParcelVerdictsField || has_verdict_shape(verdict);
    });
  });
}

Result<ReceiptParcel::Journal> take_parcel_journal(const v1::ReceiptParcel::Journal& from) {
  ReceiptParcel::Journal out;
  PHUSA_ASSIGN(out.device_key, PublicKey::from(from.device_key()));
  for (const std::string& hash : from.batches()) {
    PHUSA_ASSIGN(const Hash batch, Hash::from(hash));
    out.batches.push_back(batch);
  }
  for (const v1::Verdict& row : from.verdicts()) {
    PHUSA_ASSIGN(Verdict verdict, take_verdict(row, {}));
    out.verdicts.push_back(std::move(verdict));
  }
  if (out.batches.size() != out.verdicts.size())
    return fail(ErrorCode::kCorrupt, "the receipts do not fit their batches");
  PHUSA_ASSIGN(const auto signature, optional_fixed<Signature>(from.signature()));
  out.signature = signature.value_or(Signature{});
  PHUSA_ASSIGN(const auto fates_signature, optional_fixed<Signature>(from.fates_signature()));
  out.fates_signature = fates_signature.value_or(Signature{});
  return out;
}

}  // namespace

Bytes encode_bundle_content(const BundleContent& content) {
  v1::BundleContent message;
  message.set_return_key(content.return_key);
  Bytes body = with_magic(serialize(message));
  for (const JournalUp& journal : content.journals) put_journal(journal, kContentJournalsField, body);
  return body;
}

Result<BundleContent> decode_bundle_content(BytesView bytes) {
  if (bytes.size() > limits::kBundleBytesMax)
    return fail(ErrorCode::kLimitExceeded, "the bundle is larger than bundles may be");
  PHUSA_ASSIGN(const BytesView message_bytes, without_magic(bytes));
  v1::BundleContent message;
  if (!has_content_shape(message_bytes) || !parse(message, message_bytes))
    return fail(ErrorCode::kCorrupt, "not the content of a bundle");
  BundleContent out;
  out.return_key = std::move(*message.mutable_return_key());
  for (v1::JournalUp& journal : *message.mutable_journals()) {
    PHUSA_ASSIGN(JournalUp taken, take_journal(journal));
    out.journals.push_back(std::move(taken));
  }
  return out;
}

Bytes encode_receipt_parcel(const ReceiptParcel& parcel) {
  v1::ReceiptParcel message;
  for (const ReceiptParcel::Journal& journal : parcel.journals) {
    v1::ReceiptParcel::Journal& row = *message.add_journals();
    row.set_device_key(text_of(journal.device_key));
    for (const Hash& batch : journal.batches) row.add_batches(text_of(batch));
    for (const Verdict& verdict : journal.verdicts) fill_verdict(verdict, {}, *row.add_verdicts());
    if (!journal.signature.is_zero()) row.set_signature(text_of(journal.signature));
    if (!journal.fates_signature.is_zero()) row.set_fates_signature(text_of(journal.fates_signature));
  }
  return with_magic(serialize(message));
}

Result<ReceiptParcel> decode_receipt_parcel(BytesView bytes) {
  if (bytes.size() > limits::kParcelBytesMax)
    return fail(ErrorCode::kLimitExceeded, "the receipts are larger than receipts may be");
  PHUSA_ASSIGN(const BytesView message_bytes, without_magic(bytes));
  v1::ReceiptParcel message;
  if (!has_parcel_shape(message_bytes) || !parse(message, message_bytes))
    return fail(ErrorCode::kCorrupt, "not receipts");
  ReceiptParcel out;
  for (const v1::ReceiptParcel::Journal& journal : message.journals()) {
    PHUSA_ASSIGN(ReceiptParcel::Journal taken, take_parcel_journal(journal));
    out.journals.push_back(std::move(taken));
  }
  return out;
}

}  // namespace phusa::wire
