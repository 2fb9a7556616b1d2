#pragma once

#include "core/model/catalogue.hpp"
#include "core/model/hold.hpp"
#include "core/model/record.hpp"

#include <functional>

namespace phusa::merge {

/// What a merged record is held against. All of it grows or moves by office entries only, so every judgement has a
/// position in the ledger and replay repeats it.
struct Standard {
  /// The newest revision, each code's validity widened to what any revision ever gave it.
  const Catalogue* catalogue = nullptr;
  /// The latest day that an office entry says has come.
  Day today{};
  /// Whether the device's certificate ever let it log for the unit.
  std::function<bool(const DeviceId& author, UnitNo unit)> may_log_for;
};

/// kNone when the merged record may count, else a reason from 20 on. A function of the state alone: when any part of
/// it is mended by an ordinary edit, or the standard moves, it is asked again.
HoldReason judge_record(const RecordState& state, const Standard& standard);

}  // namespace phusa::merge
