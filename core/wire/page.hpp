#pragma once

#include "core/model/hold.hpp"
#include "core/model/record.hpp"

#include <optional>
#include <span>
#include <vector>

namespace phusa::wire {

/// A record as the server sends it down: it replaces the phone's base for that record.
struct RecordDelta {
  RecordId id;
  bool gone = false;  ///< left the reader's scope, or may no longer be seen; nothing else is set
  HoldReason hold = HoldReason::kNone;         ///< why the record is not counted
  HoldReason held_change = HoldReason::kNone;  ///< a change to it is held, and why
  std::optional<WallTime> logged_at;
  /// Per field its winner, followed by the versions in conflict with it, greatest first. No names: the reader
  /// only names these versions itself. Sorted by field. A personal version's leaf is cut to its first 4 bytes
  /// (all that a name needs), zero-filled to 16.
  std::vector<FieldEdit> versions;

  friend bool operator==(const RecordDelta&, const RecordDelta&) = default;
};

/// The part of a state that travels down.
RecordDelta delta_of(const RecordState& state);
/// The reverse: a state that has only winners and conflicts.
RecordState state_of(const RecordDelta& delta);

/// Packs a page in columns, texts compressed. At most limits::kPageRecordsMax.
Result<Bytes> pack_page(std::span<const RecordDelta> deltas);
Result<std::vector<RecordDelta>> unpack_page(BytesView bytes);

}  // namespace phusa::wire
