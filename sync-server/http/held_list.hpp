#pragma once

#include "core/model/catalogue.hpp"
#include "sync-server/ledger/ledger.hpp"

#include <optional>
#include <string>
#include <vector>

namespace phusa::http {

/// Something that arrived and is not counted.
struct HeldItem {
  enum class What { kRecord, kChange, kBatch };
  What what = What::kRecord;
  std::string record;  ///< as people type it; of a record or a change
  Hash batch;          ///< of a change or a batch
  std::uint32_t index = 0;
  HoldReason reason = HoldReason::kNone;
  std::string unit;  ///< code; empty when it is not known
  DeviceId device;
  WallTime received_at{};
  std::uint32_t changes = 0;  ///< of a batch
};

/// `record`, `change`, `batch`
std::string_view held_what_name(HeldItem::What what);

/// Everything held, within the subtree of `scope` when given: records, then changes, then whole batches.
Result<std::vector<HeldItem>> list_held(ledger::Snapshot& snapshot, const Catalogue& catalogue,
                                        const std::optional<UnitNo>& scope);

}  // namespace phusa::http
