#pragma once

#include "sync-server/ingest/engine.hpp"
#include "sync-server/ingest/erasure.hpp"

namespace phusa::access {

/// Erases what is personal of whoever has the device: name and phone number, and the words that all of the
/// person's devices wrote, in one transaction; then the file is written anew. What was counted stays counted,
/// under the person's pseudonym. kNotFound: no such device; kBusy as in Ledger::compact.
Result<ingest::Erased> erase_person(ingest::Engine& engine, ledger::Ledger& ledger, const DeviceId& device);

}  // namespace phusa::access
