#pragma once

#include "sync-server/ledger/ledger.hpp"

#include <span>

namespace phusa::ingest {

struct Erased {
  std::uint64_t batches = 0;  ///< whose words gave way to their leaves
  std::uint64_t records = 0;  ///< in which a word of theirs stood
};

/// Takes the words (notes, places) that these devices wrote out of the ledger: out of their batches, where
/// the leaves stay, and out of every record, where the versions stay. Hashes, signatures, versions and totals
/// are what they were, so a replay of the erased ledger gives the erased records. Idempotent; words that
/// arrive later need it again. kCorrupt: a batch or record cannot be read.
Result<Erased> erase_words(ledger::Transaction& transaction, std::span<const PublicKey> devices);

/// How often words were erased. Part of every cursor: whoever read before reads anew, and sees no words.
Result<std::uint32_t> erasures(ledger::Snapshot& snapshot);

}  // namespace phusa::ingest
