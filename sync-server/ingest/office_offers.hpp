#pragma once

#include "core/journal/receipt.hpp"
#include "core/wire/codec.hpp"
#include "sync-server/ingest/introduction.hpp"
#include "sync-server/ingest/organisation.hpp"
#include "sync-server/ingest/world.hpp"

#include <vector>

/// What phones give back of the office's own acts to a server that was restored to before them. The server's
/// signature proves each; what has its effect here is passed over, so that nothing is enacted twice.
namespace phusa::ingest {

struct OfficeOffers {
  std::vector<ledger::CatalogueRow> catalogues;  ///< ascending revisions
  std::vector<OfficeEntry> entries;              ///< ascending numbers

  bool empty() const { return catalogues.empty() && entries.empty(); }
};

/// What of a request's offers may be worth a transaction: signed by this server, and by a glance at
/// `snapshot` not enacted here. Phones that start a feed again offer all they keep, and mostly none is left.
Result<OfficeOffers> sift_offers(const Organisation& organisation, const wire::SyncRequest& request,
                                 ledger::Snapshot& snapshot, const World& world);

/// Enacts the revisions that fit: before the batches that name them. Of one that does not, the number is
/// kept.
Result<void> enact_catalogues(const OfficeOffers& offers, ledger::Transaction& transaction,
                              const World& world, const AppendOffice& append);
/// The number for the office's next revision: beyond the newest here, and beyond all that phones still hold
/// of a history that was lost, for a phone goes by the greatest it has.
Result<std::uint32_t> next_revision(ledger::Snapshot& snapshot);
/// Enacts the entries whose effect is missing: after the batches that they name, if these came along.
Result<void> enact_entries(const OfficeOffers& offers, ledger::Snapshot& snapshot, const World& world,
                           const AppendOffice& append);

}  // namespace phusa::ingest
