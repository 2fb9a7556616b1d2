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

/// The part of a state that travels down: at most limits::kFieldsPerChangeMax fields,
/// limits::kConflictsSentMax conflicts of a field, and limits::kPagePlainBytesMax plain bytes of it all
/// (winners come first), whatever was made of the record: one record never keeps a reader from the others.
RecordDelta delta_of(const RecordState& state);
/// The reverse: a state that has only winners and conflicts.
RecordState state_of(const RecordDelta& delta);

/// What a delta costs in plain rows: 24 bytes, per version 8 and its value's bytes, for a personal one 4 and
/// its text's. A page closes where the sum would pass limits::kPagePlainBytesMax.
std::size_t plain_bytes_of(const RecordDelta& delta);

/// Packs a page in columns. kLimitExceeded past limits::kPageRecordsMax records or, in
/// plain bytes, limits::kReplyBytesMax (which a single record stays below); kInvalidArgument for what
/// delta_of cannot have made.
Result<Bytes> pack_page(std::span<const RecordDelta> deltas);
/// kCorrupt; every length, index and count is checked before memory is taken, every value is canonical.
Result<std::vector<RecordDelta>> unpack_page(BytesView bytes);

}  // namespace phusa::wire
