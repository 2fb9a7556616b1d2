#include "sync-server/ingest/office_offers.hpp"

#include "core/journal/certificate.hpp"
#include "core/journal/office_journal.hpp"
#include "sync-server/ingest/payloads.hpp"

#include <algorithm>

namespace phusa::ingest {
namespace {

/// Whether the ledger lacks what the entry brought about. Only acts that take nothing back can be asked for
/// so: enacted in any order, and late, they come to the same.
Result<bool> is_missing(const OfficeEntry& entry, ledger::Snapshot& snapshot, const World& world) {
  switch (entry.act) {
    case OfficeAct::kRevoke: {
      const auto revocation = read_revoke_payload(entry.payload);
      if (!revocation) return false;
      std::set<Hash> last_good;
      for (const LastGood& good : revocation->last_good) last_good.insert(good.batch);
      return !world.is_revoked(revocation->device, last_good);
    }
    case OfficeAct::kAccept:
    case OfficeAct::kRefuse: {
      const bool accepted = entry.act == OfficeAct::kAccept;
      const auto wanted = read_decision_payload(entry.payload, accepted);
      if (!wanted) return false;
      PHUSA_ASSIGN(const auto here, snapshot.decision(wanted->batch, wanted->index));
      return !here || (accepted && !here->accepted);
    }
    case OfficeAct::kAcceptRevision: {
      const auto wanted = read_revision_payload(entry.payload);
      return wanted && !world.has_catalogue(wanted->revision, wanted->hash);
    }
    case OfficeAct::kAcceptDevice: {
      const auto certificate = journal::decode_certificate(entry.payload);
      if (!certificate || certificate->is_server) return false;
      const KnownDevice* known = world.device(device_id_of(certificate->subject));
      return known == nullptr || known->grant(certificate->serial) == nullptr;
    }
    case OfficeAct::kCatalogue:
    case OfficeAct::kGrant:
    case OfficeAct::kDayCome:
    case OfficeAct::kDoubt:
      break;  // these come back as revisions, with the devices' chains, or by themselves
  }
  return false;
}

constexpr std::string_view kRevisionSeenKey = "revision_seen";

/// The greatest number of a revision that was offered and did not fit.
Result<std::uint32_t> revision_seen(ledger::Snapshot& snapshot) {
  PHUSA_ASSIGN(const auto kept, snapshot.meta(kRevisionSeenKey));
  return kept ? ByteReader(*kept).u32() : 0;
}

Bytes payload_of(const ledger::CatalogueRow& row) {
  Bytes out;
  put_u32(out, row.revision);
  out.append(row.signature.view());
  return out + row.encoded;
}

std::optional<ledger::CatalogueRow> proven(const Organisation& organisation,
                                           const wire::CatalogueSnapshot& offered) {
  ledger::CatalogueRow row{offered.revision, offered.encoded, hash_of(offered.encoded), offered.signature};
  const Bytes message = journal::catalogue_message(organisation.id, row.revision, row.hash);
  if (!journal::is_signed_by(organisation.server_key.public_key, message, row.signature)) return {};
  return row;
}

}  // namespace

Result<OfficeOffers> sift_offers(const Organisation& organisation, const wire::SyncRequest& request,
                                 ledger::Snapshot& snapshot, const World& world) {
  OfficeOffers out;
  PHUSA_ASSIGN(const std::uint32_t seen, revision_seen(snapshot));
  for (const wire::CatalogueSnapshot& offered : request.catalogues) {
    if (world.catalogue_hash(offered.revision) != nullptr) continue;
    auto row = proven(organisation, offered);
    if (!row || (row->revision <= seen && !world.check_catalogue(*row))) continue;
    out.catalogues.push_back(std::move(*row));
  }
  std::stable_sort(out.catalogues.begin(), out.catalogues.end(),
                   [](const auto& a, const auto& b) { return a.revision < b.revision; });
  for (const Bytes& bytes : request.office_entries) {
    auto entry = journal::decode_office_entry(bytes);
    if (!entry) continue;
    PHUSA_ASSIGN(const bool missing, is_missing(*entry, snapshot, world));
    if (!missing ||
        !journal::verify_office_entry(organisation.id, organisation.server_key.public_key, *entry))
      continue;
    out.entries.push_back(std::move(*entry));
  }
  std::stable_sort(out.entries.begin(), out.entries.end(),
                   [](const auto& a, const auto& b) { return a.number < b.number; });
  return out;
}

Result<void> enact_catalogues(const OfficeOffers& offers, ledger::Transaction& transaction,
                              const World& world, const AppendOffice& append) {
  PHUSA_ASSIGN(std::uint32_t seen, revision_seen(transaction));
  for (const ledger::CatalogueRow& row : offers.catalogues) {
    if (world.check_catalogue(row)) {
      PHUSA_TRY(append(OfficeAct::kCatalogue, payload_of(row)));
      continue;
    }
    // What the office has published since stands; batches that name the other revision wait.
    if (row.revision <= seen) continue;
    seen = row.revision;
    Bytes kept;
    put_u32(kept, seen);
    PHUSA_TRY(transaction.put_meta(kRevisionSeenKey, kept));
  }
  return {};
}

Result<std::uint32_t> next_revision(ledger::Snapshot& snapshot) {
  PHUSA_ASSIGN(const std::uint32_t seen, revision_seen(snapshot));
  PHUSA_ASSIGN(const auto newest, snapshot.newest_catalogue());
  return std::max(seen, newest ? newest->revision : 0) + 1;
}

Result<void> enact_entries(const OfficeOffers& offers, ledger::Snapshot& snapshot, const World& world,
                           const AppendOffice& append) {
  for (const OfficeEntry& entry : offers.entries) {
    PHUSA_ASSIGN(const bool missing, is_missing(entry, snapshot, world));
    if (missing) PHUSA_TRY(append(entry.act, entry.payload));
  }
  return {};
}

}  // namespace phusa::ingest
