#include "core/journal/certificate.hpp"
#include "sync-server/ingest/admission.hpp"
#include "sync-server/ingest/introduction.hpp"
#include "sync-server/ingest/work.hpp"

namespace phusa::ingest {

Result<LedgerPoint> Admission::apply(ledger::EntryRow row, const OfficeEntry& entry) {
  if (entry.number != world_.office_number() + 1 || entry.previous != world_.office_hash()) {
    return fail(ErrorCode::kConflict,
                "office entry " + std::to_string(entry.number) + " does not follow the one before");
  }
  PHUSA_TRY(transaction_.append(row));
  PHUSA_TRY(begin(row));
  switch (entry.act) {
    case OfficeAct::kCatalogue:
      PHUSA_TRY(apply_catalogue(entry));
      break;
    case OfficeAct::kGrant:
    case OfficeAct::kAcceptDevice:
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
    case OfficeAct::kDoubt:
      PHUSA_TRY(apply_doubt(entry));
      break;
    case OfficeAct::kAcceptRevision:
      PHUSA_TRY(apply_accepted_revision(entry));
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
  // A unit that came below an officer may make a succession good that the officer vouched for.
  PHUSA_TRY(adopt_records(world_.join_persons()));
  PHUSA_TRY(rejudge_changes({HoldReason::kNotYours, HoldReason::kOutsideScope}));
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
  device.rank = certificate->rank;
  device.unit = certificate->unit;
  device.enrolled_at = received_at;
  device.revoked = world_.is_revoked(device.id, {});
  const KnownDevice* known = world_.device(device.id);
  if (known != nullptr && known->grant(certificate->serial) != nullptr) {
    return fail(ErrorCode::kConflict, "the device has a certificate of this number");
  }
  if (const auto* newest = known == nullptr ? nullptr : known->newest();
      newest != nullptr && newest->issued_at > certificate->issued_at) {
    device.rank = newest->rank;
    device.unit = newest->unit;
  }
  PHUSA_ASSIGN(device.person, person_for(device.id, *certificate));
  PHUSA_TRY(transaction_.put_device(device));
  PHUSA_TRY(transaction_.add_grant({device.id, certificate->serial, position_, entry.payload}));
  PHUSA_TRY(transaction_.erase_doubt(device.id, certificate->serial));
  const auto adopted = world_.add_grant(device, *certificate);
  // Revoked before it was known: none of its waiting batches may stand for another.
  if (known == nullptr && device.revoked) PHUSA_TRY(withdraw_batches(device.id));
  PHUSA_TRY(rejudge_batches_of(device.key));
  PHUSA_TRY(adopt_records(adopted));
  PHUSA_TRY(rejudge_changes({HoldReason::kNotYours, HoldReason::kOutsideScope}));
  return rejudge_records({HoldReason::kForeignUnit, HoldReason::kIncomplete, HoldReason::kUnknownCode});
}

Result<PersonId> Admission::person_for(const DeviceId& device, const Certificate& certificate) {
  PHUSA_ASSIGN(const auto row, transaction_.device(device));
  if (row) return row->person;
  return world_.is_by_server(certificate) ? certificate.person : person_of_vouched(certificate.subject);
}

Result<void> Admission::adopt_records(const std::vector<DeviceId>& devices) {
  // Others may have written about its records before the device itself, or its successor, was known.
  for (const DeviceId& device : devices) {
    PHUSA_ASSIGN(const auto blocks, transaction_.blocks_of(device));
    for (const ledger::BlockRow& block : blocks) {
      PHUSA_ASSIGN(const auto keys, transaction_.records_of_block(block.no));
      for (const ledger::RecordKey key : keys) PHUSA_TRY(rejudge_record(key));
    }
  }
  return {};
}

Result<void> Admission::apply_doubt(const OfficeEntry& entry) {
  PHUSA_ASSIGN(Doubt doubt, read_doubt_payload(entry.payload));
  const DeviceId id = device_id_of(doubt.certificate.subject);
  const KnownDevice* known = world_.device(id);
  if (known != nullptr && known->grant(doubt.certificate.serial) != nullptr)
    return fail(ErrorCode::kConflict, "the certificate in doubt has been granted");
  PHUSA_TRY(transaction_.put_doubt({id, doubt.certificate.serial, position_, doubt.reason,
                                    journal::encode_certificate(doubt.certificate)}));
  world_.add_doubt(doubt);
  return rejudge_batches_of(doubt.certificate.subject);
}

Result<void> Admission::apply_revocation(const OfficeEntry& entry) {
  PHUSA_ASSIGN(const Revocation revocation, read_revoke_payload(entry.payload));
  std::set<Hash> last_good;
  for (const LastGood& good : revocation.last_good) {
    last_good.insert(good.batch);
    PHUSA_TRY(transaction_.put_revocation({revocation.device, good.journal, good.batch}));
  }
  if (world_.device(revocation.device) == nullptr) {
    // A restored server may hear of the revocation before the device: a row says so even when nothing counts.
    if (last_good.empty()) PHUSA_TRY(transaction_.put_revocation({revocation.device, {}, {}}));
    world_.revoke(revocation.device, last_good);
    return {};
  }
  PHUSA_TRY(transaction_.set_device_revoked(revocation.device));
  world_.revoke(revocation.device, last_good);
  PHUSA_TRY(withdraw_batches(revocation.device));
  // Named again, with batches that are good after all.
  return rejudge_batches_of(world_.device(revocation.device)->key);
}

Result<void> Admission::apply_accepted_revision(const OfficeEntry& entry) {
  PHUSA_ASSIGN(const ledger::AcceptedRevisionRow row, read_revision_payload(entry.payload));
  PHUSA_TRY(transaction_.put_accepted_revision(row));
  world_.accept_revision(row.revision, row.hash);
  return rejudge_batches();
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
  PHUSA_ASSIGN(const auto before, transaction_.decision(decision.batch, decision.index));
  // What was accepted is merged and cannot be refused, so whichever of both is heard of first, it stands.
  if (before && (before->accepted || !accepted)) return {};
  PHUSA_TRY(transaction_.put_decision(decision));
  has_decisions_ = true;
  // A restored server may hear of the decision before the batch: then it is judged by it when it comes.
  PHUSA_ASSIGN(const auto batch, transaction_.entry_by_hash(decision.batch));
  if (!batch || batch->hold != HoldReason::kNone) return {};
  PHUSA_ASSIGN(const auto held, transaction_.held_changes_at(batch->point.position));
  for (const ledger::HeldChangeRow& row : held) {
    if (row.index == decision.index) return rejudge_record(row.key);
  }
  return accepted ? Result<void>() : take_back(*batch, decision.index);
}

Result<void> Admission::take_back(const ledger::EntryRow& batch, std::uint32_t index) {
  PHUSA_ASSIGN(const Source* source, source_at(batch.point.position));
  if (index >= source->changes.size()) return {};
  const RecordId id = source->changes[index].record;
  PHUSA_ASSIGN(const ledger::BlockRow* block, block_for(id));
  return rebuild({ledger::RecordKey::of(block->no, id.n)});
}

}  // namespace phusa::ingest
