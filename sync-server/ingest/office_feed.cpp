#include "sync-server/ingest/office_feed.hpp"

#include "core/base/limits.hpp"
#include "core/journal/certificate.hpp"
#include "core/journal/office_journal.hpp"
#include "sync-server/ingest/batch_opening.hpp"
#include "sync-server/ingest/payloads.hpp"

namespace phusa::ingest {
namespace {

/// A reader behind by many decisions opens many batches: so many at a time.
constexpr std::size_t kLookedAtMax = 1'000;
/// The first entry goes down whatever its size; revocations of much forked phones are long.
constexpr std::size_t kEntriesBytesMax = 64 * 1024;

class OfficeReader {
 public:
  OfficeReader(ledger::Snapshot& snapshot, const World& world, const Scope& scope)
      : snapshot_(snapshot), world_(world), scope_(scope) {}

  Result<bool> sees(const ledger::EntryRow& row) {
    PHUSA_ASSIGN(const OfficeEntry entry, journal::decode_office_entry(row.envelope));
    switch (entry.act) {
      case OfficeAct::kRevoke: {
        PHUSA_ASSIGN(const Revocation revocation, read_revoke_payload(entry.payload));
        return sees_device(revocation.device);
      }
      case OfficeAct::kAccept:
      case OfficeAct::kRefuse: {
        PHUSA_ASSIGN(const ledger::DecisionRow decision, read_decision_payload(entry.payload, false));
        return sees_change(decision.batch, decision.index);
      }
      case OfficeAct::kAcceptRevision:
        return true;  // catalogues are everybody's
      case OfficeAct::kAcceptDevice: {
        PHUSA_ASSIGN(const Certificate certificate, journal::decode_certificate(entry.payload));
        return sees_device(device_id_of(certificate.subject));
      }
      case OfficeAct::kCatalogue:
      case OfficeAct::kGrant:
      case OfficeAct::kDayCome:
      case OfficeAct::kDoubt:
        break;
    }
    return false;
  }

 private:
  bool sees_device(const DeviceId& device) const {
    if (scope_.rank == Rank::kOffice) return true;
    const ledger::PersonNo person = world_.person_of(device);
    if (person != 0 && person == scope_.person) return true;
    const auto home = world_.home_of(device);
    return scope_.rank == Rank::kOfficer && home && scope_.sees(*home);
  }

  Result<bool> sees_change(const Hash& batch, std::uint32_t index) {
    if (scope_.rank == Rank::kOffice) return true;
    PHUSA_ASSIGN(const std::vector<Change>* changes, changes_of(batch));
    if (changes == nullptr || index >= changes->size()) return false;
    const RecordId& id = (*changes)[index].record;
    PHUSA_ASSIGN(const auto block, snapshot_.block(id.device, id.block));
    if (!block) return false;
    PHUSA_ASSIGN(const auto record, snapshot_.record(ledger::RecordKey::of(block->no, id.n)));
    return record && scope_.sees(*record);
  }

  /// nullptr: no such batch here, or one that cannot be read.
  Result<const std::vector<Change>*> changes_of(const Hash& batch) {
    if (batch_ == batch) return &changes_;
    PHUSA_ASSIGN(const auto row, snapshot_.entry_by_hash(batch));
    if (!row || row->kind != ledger::EntryKind::kBatch) return nullptr;
    PHUSA_ASSIGN(const OpenBatch open, open_entry(*row));
    auto changes = unpack_changes(open);
    if (!changes) return nullptr;
    batch_ = batch;
    changes_ = std::move(*changes);
    return &changes_;
  }

  ledger::Snapshot& snapshot_;
  const World& world_;
  const Scope& scope_;
  std::optional<Hash> batch_;  // whose changes these are: decisions on one batch come one after another
  std::vector<Change> changes_;
};

Bytes acts_that_travel() {
  Bytes out;
  for (const OfficeAct act : {OfficeAct::kRevoke, OfficeAct::kAccept, OfficeAct::kRefuse,
                              OfficeAct::kAcceptRevision, OfficeAct::kAcceptDevice})
    put_u8(out, static_cast<std::uint8_t>(act));
  return out;
}

}  // namespace

Result<OfficePage> office_entries_after(ledger::Snapshot& snapshot, const World& world, const Scope& scope,
                                        std::uint64_t after) {
  OfficePage page;
  page.read = after;
  OfficeReader reader(snapshot, world, scope);
  std::size_t bytes = 0;
  Result<void> trouble;
  PHUSA_TRY(snapshot.for_each_office_entry(after, acts_that_travel(), [&](const ledger::EntryRow& row) {
    const auto sees = reader.sees(row);
    if (!sees) {
      trouble = fail(sees.error());
      return false;
    }
    const bool is_full = page.passed >= kLookedAtMax || page.entries.size() >= limits::kOfficeEntriesMax ||
                         (*sees && !page.entries.empty() && bytes + row.envelope.size() > kEntriesBytesMax);
    if (is_full) {
      page.more = true;
      return false;
    }
    page.read = row.number;
    ++page.passed;
    if (!*sees) return true;
    bytes += row.envelope.size();
    page.entries.push_back(row.envelope);
    return true;
  }));
  PHUSA_TRY(trouble);
  return page;
}

}  // namespace phusa::ingest
