#pragma once

#include "sync-server/ingest/batch_opening.hpp"
#include "sync-server/ledger/ledger.hpp"

#include <optional>
#include <set>
#include <span>

namespace phusa::ingest {

struct Erased {
  std::uint64_t batches = 0;  ///< whose words gave way to their leaves
  std::uint64_t records = 0;  ///< in which a word of theirs stood
  std::set<Hash> hashes;      ///< of all batches without words now, those of before included
  /// Why the ledger's file could not be written anew without them. It is tried again at each opening.
  std::optional<Error> compaction_owed;
};

/// Takes the words (notes, places) that these devices wrote out of the ledger: out of their batches, where
/// the leaves stay without their salt, and out of every record, where the versions stay. Hashes, signatures,
/// versions and totals are what they were, so a replay of the erased ledger gives the erased records.
/// Idempotent; words that arrive later need it again. kCorrupt: a batch or record cannot be read.
Result<Erased> erase_words(ledger::Transaction& transaction, std::span<const PublicKey> devices);

/// The same for these batches alone, as far as they are here: of an older ledger that came back.
Result<Erased> erase_words_of(ledger::Transaction& transaction, const std::set<Hash>& batches);
/// Whether any of these batches is here with its words, or with the salt of their leaves, which programs of
/// before left there.
Result<bool> has_words(ledger::Snapshot& snapshot, const std::set<Hash>& batches);
/// Takes the words out of a batch before it is stored; its hash and signature stay what they are.
Result<void> drop_words(OpenBatch& open);

/// Another one, by chance, after each time that words were erased; 0 before the first. Part of every cursor:
/// whoever read before reads anew, and sees no words.
Result<std::uint32_t> erasure_mark(ledger::Snapshot& snapshot);

}  // namespace phusa::ingest
