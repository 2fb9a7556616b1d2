#pragma once

#include "core/model/catalogue.hpp"
#include "core/model/record.hpp"
#include "sync-server/ledger/ledger.hpp"
#include "sync-server/totals/cell_log.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace phusa::totals {

/// What one record adds to the cells: a value of an indicator that sums, or one that stands for its event if
/// chosen.
struct Contribution {
  std::vector<FineChange> sums;
  std::vector<ledger::EventValueRow> event_values;
};

/// Gives each set of campaigns or labels its number.
using InternSet = std::function<Result<std::uint32_t>(BytesView canonical)>;

/// The contribution of a merged record that counts (plausible, not retracted): one cell per value that is not
/// blank.
Result<Contribution> contribution_of(const RecordState& state, const Catalogue& catalogue,
                                     const InternSet& intern);

/// The rules by which the newest entry was judged.
Result<std::uint32_t> rules_at_head(ledger::Snapshot& snapshot);

/// RecordId as bytes that sort as it does.
Bytes member_bytes(const RecordId& id);

/// Gathers what one transaction does to the cells, so that each cell is written once and each position leaves
/// one log entry per grain. Not thread-safe; lives as long as its transaction.
class CellBook {
 public:
  CellBook(ledger::Transaction& transaction, const Catalogue& catalogue)
      : transaction_(transaction), catalogue_(&catalogue) {}

  /// Judge by this revision from now on.
  void use(const Catalogue& catalogue) { catalogue_ = &catalogue; }
  /// What follows happens at `position`, judged by these rules. Where others were in force before and chose
  /// another record of an event, this is where its figure changes.
  Result<void> begin_position(std::uint64_t position, std::uint32_t rules);
  /// The record counted as `before` says and now counts as `after` says; nullptr: not at all.
  Result<void> change(const RecordState* before, const RecordState* after);
  /// Everything since the last call happened at `position`: it has its log entry.
  Result<void> end_position(std::uint64_t position);
  /// Writes the cells: before commit, once.
  Result<void> flush();

 private:
  Result<std::uint32_t> intern(BytesView canonical);
  Result<void> change_event_values(const std::vector<ledger::EventValueRow>& before,
                                   const std::vector<ledger::EventValueRow>& after);
  Result<void> replace_choice(const ledger::EventValueRow& place, const ledger::EventValueRow* now);
  void replace(const std::optional<ledger::EventValueRow>& was,
               const std::optional<ledger::EventValueRow>& is);

  ledger::Transaction& transaction_;
  const Catalogue* catalogue_;
  std::optional<std::uint32_t> rules_;  ///< of the entry at work; nothing before the first
  std::map<Bytes, std::uint32_t, std::less<>> sets_;
  std::vector<FineChange> here_;  ///< since the last position ended
  std::vector<FineChange> fine_;  ///< of the whole transaction
  std::vector<CoarseChange> coarse_;
};

}  // namespace phusa::totals
