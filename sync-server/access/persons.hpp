#pragma once

#include "sync-server/access/erasure_list.hpp"
#include "sync-server/ingest/engine.hpp"
#include "sync-server/ingest/erasure.hpp"

namespace phusa::access {

/// Erases what is personal of whoever has the device, be it in doubt: name and phone number, and the words
/// that all of the person's devices wrote, held ones too, in one transaction; then the file is written anew.
/// What was counted stays counted, under the person's pseudonym. What was erased is written into the list of
/// erasures in `data` first (erasure_list.hpp). kNotFound: no such device; kBusy as in Ledger::compact.
Result<ingest::Erased> erase_person(ingest::Engine& engine, ledger::Ledger& ledger,
                                    const std::filesystem::path& data, const DeviceId& device);

/// Erases again what the list names and the ledger, an older one that came back, has; and keeps it out when a
/// phone brings it once more. Finishes too what erase_person left to do when it failed or died after its
/// transaction; where it cannot, for want of room, that stays owed and is said in the answer, not as an
/// error. Cheap where there is nothing.
Result<ingest::Erased> erase_again(ingest::Engine& engine, ledger::Ledger& ledger, const ErasureList& list);

}  // namespace phusa::access
