#pragma once

#include "sync-server/ledger/ledger.hpp"

#include <functional>
#include <string>

namespace phusa::ingest {

/// Compares what follows from the office's entries, as a ledger keeps it, with what a replay of them gives:
/// devices, certificates and their order, revocations, doubts, catalogues, accepted revisions, decisions and
/// the day that has come. `differ` hears a sentence for each that is stored otherwise, follows from no entry,
/// or is missing. Tokens and when a device was last seen follow from nothing.
Result<void> compare_office(ledger::Snapshot& stored, ledger::Snapshot& replayed,
                            const std::function<void(std::string)>& differ);

}  // namespace phusa::ingest
