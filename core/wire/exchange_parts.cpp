#include "core/wire/exchange_parts.hpp"

#include "core/base/limits.hpp"
#include "core/wire/batch_message.hpp"
#include "core/wire/message.hpp"

namespace phusa::wire {
namespace {

constexpr std::uint32_t kBatchesField = 2;
constexpr std::uint32_t kHeldField = 5;
constexpr std::size_t kJournalFieldsMax = 2 * limits::kBatchesPerRequestMax;

Result<HoldReason> read_reason(std::uint32_t number) {
  if (number != 0 && !is_hold_reason(number)) {
    return fail(ErrorCode::kUnsupportedVersion,
                "the server gives a reason this program does not know: update it");
  }
  return static_cast<HoldReason>(number);
}

}  // namespace

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

bool has_journal_shape(BytesView bytes, std::size_t& batches) {
  std::size_t parts = 0;
  return visit_fields(bytes, [&](std::uint32_t part, BytesView batch) {
    if (++parts > kJournalFieldsMax) return false;
    if (part != kBatchesField) return true;
    return ++batches <= limits::kBatchesPerRequestMax && batch.size() <= limits::kBatchWireBytesMax &&
           has_batch_shape(batch);
  });
}

void fill_verdict(const Verdict& from, const TransactionTag& tag, v1::Verdict& to) {
  to.set_status(static_cast<v1::Verdict::Status>(from.status));
  to.set_position(from.point.position);
  if (from.is_durable() && from.point.tag != tag) to.set_tag(text_of(from.point.tag));
  to.set_reason(static_cast<std::uint32_t>(from.reason));
  for (const HeldChange& held : from.held) {
    v1::HeldChange& row = *to.add_held();
    row.set_index(held.index);
    row.set_reason(static_cast<std::uint32_t>(held.reason));
  }
  to.set_fork(from.fork);
  to.set_gap(from.gap);
  to.set_settled(from.settled);
}

Result<Verdict> take_verdict(const v1::Verdict& from, const TransactionTag& tag) {
  if (!v1::Verdict::Status_IsValid(from.status()))
    return fail(ErrorCode::kUnsupportedVersion, "an unknown verdict");
  Verdict out;
  out.status = static_cast<VerdictStatus>(from.status());
  if (out.is_durable()) {
    out.point.position = from.position();
    out.point.tag = tag;
    if (!from.tag().empty()) {
      PHUSA_ASSIGN(out.point.tag, TransactionTag::from(from.tag()));
    }
  }
  PHUSA_ASSIGN(out.reason, read_reason(from.reason()));
  out.held.reserve(static_cast<std::size_t>(from.held_size()));
  for (const v1::HeldChange& held : from.held()) {
    HeldChange change{held.index(), HoldReason::kNone};
    PHUSA_ASSIGN(change.reason, read_reason(held.reason()));
    if (change.index >= limits::kChangesPerBatchMax ||
        (!out.held.empty() && out.held.back().index >= change.index)) {
      return fail(ErrorCode::kCorrupt, "held changes are out of order");
    }
    out.held.push_back(change);
  }
  out.fork = from.fork();
  out.gap = from.gap();
  out.settled = from.settled();
  return out;
}

bool has_verdict_shape(BytesView bytes) {
  std::size_t held = 0;
  return visit_fields(bytes, [&](std::uint32_t part, BytesView) {
    return part != kHeldField || ++held <= limits::kChangesPerBatchMax;
  });
}

}  // namespace phusa::wire
