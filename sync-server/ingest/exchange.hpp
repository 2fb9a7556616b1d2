#pragma once

#include "core/wire/codec.hpp"
#include "sync-server/ingest/admission.hpp"
#include "sync-server/ingest/bundles.hpp"
#include "sync-server/ingest/feed.hpp"
#include "sync-server/ingest/introduction.hpp"

namespace phusa::ingest {

/// What one request's batches came to.
struct Delivery {
  std::vector<wire::Verdict> verdicts;  ///< in the order of the request
  std::vector<wire::ReceiptSignature> receipts;
  TransactionTag tag;
  std::set<std::uint64_t> settled;           ///< positions whose records need no echo
  std::vector<wire::ReceiptParcel> parcels;  ///< one per bundle; of one that was not opened, empty
};

/// Takes in the batches of one request, own ones first, those in bundles last: restores what the wire leaves
/// out, checks signature and chain, tells duplicates, forks and gaps, admits. A batch that cannot be stored
/// gets a verdict that says so; the error is kept for what the ledger itself cannot do. Words of `erased`
/// batches are taken out before anything is stored.
Result<Delivery> deliver(const Organisation& organisation, const wire::SyncRequest& request,
                         std::span<const OpenedBundle> bundles, WallTime received_at,
                         ledger::Transaction& transaction, const World& world, Admission& admission,
                         const AppendOffice& append, const std::set<Hash>& erased);

/// Whether the bearer token is the device's. In constant time, so that nothing is learnt from how long it
/// takes.
bool is_token(BytesView token, const Hash& token_hash);

}  // namespace phusa::ingest
