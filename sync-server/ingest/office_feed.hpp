#pragma once

#include "sync-server/ingest/feed.hpp"

namespace phusa::ingest {

/// Acts of the office on their way to those who keep them for the day the server is restored.
struct OfficePage {
  std::vector<Bytes> entries;  ///< as journal::encode_office_entry wrote them
  std::uint64_t read = 0;      ///< number of the last entry looked at
  std::size_t passed = 0;      ///< entries looked at
  bool more = false;
};

/// Entries after number `after` that `scope` may see: revocations of devices, decisions on changes. An
/// officer or the office gets those of devices and records in its units, a volunteer those of the person's
/// own. At most limits::kOfficeEntriesMax.
Result<OfficePage> office_entries_after(ledger::Snapshot& snapshot, const World& world, const Scope& scope,
                                        std::uint64_t after);

}  // namespace phusa::ingest
