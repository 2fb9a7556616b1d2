#pragma once

#include "core/base/bytes.hpp"
#include "sync-server/ledger/cell_rows.hpp"

#include <vector>

namespace phusa::totals {

template <class Key>
struct CellChange {
  Key key;
  ledger::Figures figures;
};
using FineChange = CellChange<ledger::CellKey>;
using CoarseChange = CellChange<ledger::CoarseKey>;

/// Sorts by key, adds up equal keys, drops what comes to nothing.
void combine(std::vector<FineChange>& changes);
void combine(std::vector<CoarseChange>& changes);

/// The changes of one position as one blob, so that a total can be taken back to any position. Keys
/// ascending, each number a varint, the sum as its high part and its low 32 bits.
Bytes pack(const std::vector<FineChange>& changes);
Bytes pack(const std::vector<CoarseChange>& changes);
/// kCorrupt for what `pack` cannot have written.
Result<std::vector<FineChange>> unpack_fine(BytesView packed);
Result<std::vector<CoarseChange>> unpack_coarse(BytesView packed);

/// Year * 12 + month - 1.
std::int32_t month_of(std::int32_t day_number);
ledger::CoarseKey coarse_of(const ledger::CellKey& key);

}  // namespace phusa::totals
