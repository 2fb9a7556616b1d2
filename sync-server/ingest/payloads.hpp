#pragma once

#include "core/base/limits.hpp"
#include "sync-server/ingest/engine.hpp"
#include "sync-server/ingest/world.hpp"

/// What lies inside the office's entries: the readers of what engine.hpp's payload functions write.
/// kInvalidArgument for anything else.
namespace phusa::ingest {

struct Revocation {
  DeviceId device;
  std::vector<LastGood> last_good;
};

/// Hash taken over the bytes; signature and revision not yet checked.
Result<ledger::CatalogueRow> read_catalogue_payload(BytesView payload);
Result<Revocation> read_revoke_payload(BytesView payload);
/// The reason is one of vouching.
Result<Doubt> read_doubt_payload(BytesView payload);
Result<ledger::AcceptedRevisionRow> read_revision_payload(BytesView payload);
Result<Day> read_day_payload(BytesView payload);
Result<ledger::DecisionRow> read_decision_payload(BytesView payload, bool accepted);

}  // namespace phusa::ingest
