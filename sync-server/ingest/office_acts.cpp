#include "core/journal/certificate.hpp"
#include "sync-server/ingest/admission.hpp"
#include "sync-server/ingest/work.hpp"

namespace phusa::ingest {

Result<LedgerPoint> Admission::apply(ledger::EntryRow row, const OfficeEntry& entry) {
  if (entry.number != world_.office_number() + 1 || entry.previous != world_.office_hash()) {
    return fail(ErrorCode::kConflict,
                "office entry " + std::to_string(entry.number) + " does not follow the one before");
  }
  PHUSA_TRY(transaction_.append(row));
  position_ = row.point.position;
  switch (entry.act) {
    case OfficeAct::kCatalogue:
      PHUSA_TRY(apply_catalogue(entry));
      break;
    case OfficeAct::kGrant:
      PHUSA_TRY(apply_grant(entry, row.received_at));
      break;
    case OfficeAct::kRevoke:
      PHUSA_TRY(apply_revocation(entry));
      break;
    case OfficeAct::kDayCome:
      PHUSA_TRY(apply_day(entry));
      break;
    case OfficeAct::kAccept:
      PHUSA_TRY(apply_decision(entry, true));
      break;
    case OfficeAct::kRefuse:
      PHUSA_TRY(apply_decision(entry, false));
      break;
  }
  world_.set_office(entry.number, row.hash);
  PHUSA_TRY(book_.end_position(position_));
  return row.point;
}

Result<void> Admission::apply_catalogue(const OfficeEntry& entry) {
  PHUSA_ASSIGN(const ledger::CatalogueRow row, read_catalogue_payload(entry.payload));
  PHUSA_TRY(world_.add_catalogue(row));
  PHUSA_TRY(transaction_.add_catalogue(row));
  book_.use(world_.standard());
  PHUSA_TRY(rejudge_batches());
  PHUSA_TRY(rejudge_changes({HoldReason::kOutsideScope}));
  return rejudge_records({HoldReason::kUnknownCode, HoldReason::kCodeNotValid, HoldReason::kValueOutOfRange,
                          HoldReason::kForeignUnit, HoldReason::kLabelClash});
}

Result<void> Admission::apply_grant(const OfficeEntry& entry, WallTime received_at) {
  auto certificate = journal::decode_certificate(entry.payload);
  if (!certificate || certificate->is_server)
    return fail(ErrorCode::kInvalidArgument, "a grant needs a device's certificate");
  ledger::DeviceRow device;
  device.key = certificate->subject;
  device.id = device_id_of(certificate->subject);
  device.person = certificate->person;
  device.rank = certificate->rank;
  device.unit = certificate->unit;
  device.enrolled_at = received_at;
  const KnownDevice* known = world_.device(device.id);
  if (known != nullptr && known->grant(certificate->serial) != nullptr) {
    return fail(ErrorCode::kConflict, "the device has a certificate of this number");
  }
  const bool is_new = known == nullptr;
  PHUSA_TRY(transaction_.put_device(device));
  PHUSA_TRY(transaction_.add_grant({device.id, certificate->serial, position_, entry.payload}));
  world_.add_grant(device, *certificate);
  PHUSA_TRY(rejudge_batches());
  if (is_new) PHUSA_TRY(adopt_records(device.id));
  PHUSA_TRY(rejudge_changes({HoldReason::kNotYours, HoldReason::kOutsideScope}));
  return rejudge_records({HoldReason::kForeignUnit, HoldReason::kIncomplete, HoldReason::kUnknownCode});
}

Result<void> Admission::adopt_records(const DeviceId& device) {
  // Others may have written about its records before the device itself was known.
  PHUSA_ASSIGN(const auto blocks, transaction_.blocks_of(device));
  for (const ledger::BlockRow& block : blocks) {
    PHUSA_ASSIGN(const auto keys, transaction_.records_of_block(block.no));
    for (const ledger::RecordKey key : keys) PHUSA_TRY(rejudge_record(key));
  }
  return {};
}

Result<void> Admission::apply_revocation(const OfficeEntry& entry) {
  PHUSA_ASSIGN(const Revocation revocation, read_revoke_payload(entry.payload));
  if (world_.device(revocation.device) == nullptr) return fail(ErrorCode::kNotFound, "no such device");
  std::set<Hash> last_good;
  for (const LastGood& good : revocation.last_good) {
    last_good.insert(good.batch);
    PHUSA_TRY(transaction_.put_revocation({revocation.device, good.journal, good.batch}));
  }
  PHUSA_TRY(transaction_.set_device_revoked(revocation.device));
  world_.revoke(revocation.device, last_good);
  return withdraw_batches(revocation.device);
}

Result<void> Admission::apply_day(const OfficeEntry& entry) {
  PHUSA_ASSIGN(const Day day, read_day_payload(entry.payload));
  if (day <= world_.today())
    return fail(ErrorCode::kConflict, "the day " + format_day(day) + " has come before");
  world_.set_today(day);
  PHUSA_TRY(transaction_.put_meta(kDayComeKey, entry.payload));
  return rejudge_records({HoldReason::kDayInFuture});
}

Result<void> Admission::apply_decision(const OfficeEntry& entry, bool accepted) {
  PHUSA_ASSIGN(const ledger::DecisionRow decision, read_decision_payload(entry.payload, accepted));
  PHUSA_ASSIGN(const auto batch, transaction_.entry_by_hash(decision.batch));
  if (!batch) return fail(ErrorCode::kNotFound, "no such batch");
  PHUSA_ASSIGN(const auto held, transaction_.held_changes_at(batch->point.position));
  for (const ledger::HeldChangeRow& row : held) {
    if (row.index != decision.index) continue;
    PHUSA_TRY(transaction_.put_decision(decision));
    has_decisions_ = true;
    return rejudge_record(row.key);
  }
  return fail(ErrorCode::kNotFound, "this change is not held");
}

}  // namespace phusa::ingest
