#pragma once

#include "core/model/catalogue.hpp"
#include "core/model/hold.hpp"
#include "core/model/record.hpp"

#include <functional>

namespace phusa::merge {

/// What a batch's certificate and the grants say of its author: never what its payload says (law 10).
struct Author {
  DeviceId device;
  Rank rank = Rank::kVolunteer;
  /// Whether the record's device belongs to the author's person.
  bool owns_record = false;
  /// Whether the author ever held an officer's or the office's grant over a unit of the record's device: who may see a
  /// record logged for a foreign unit must be able to mend it.
  bool oversees_owner = false;
  /// Whether the author ever held, and was not stripped of, an officer's or the office's grant over the unit.
  std::function<bool(UnitNo)> oversees;
};

/// Judges a change against the versions admitted so far: kNone, or a reason below 20 to hold it.
///
/// Monotone: what a larger state admits, it keeps admitting, so the least fixed point of "admit what can be admitted"
/// does not depend on the order of arrival (law 4), and no edit of the record's units shuts a late batch out.
/// An edit must name only admitted versions; its counts above its author's rank must equal those of the greatest
/// version named, its own count be greater by at most limits::kOwnCountStepMax, those below be zero.
/// kTooManyVersions alone is not monotone: of one device's versions past limits::kNodesPerFieldMax of a field, or
/// past limits::kVersionBytesMax of the record, the first to come stay. An honest device's versions come in their
/// order; only its own are ever held so.
HoldReason judge(const RecordState& state, const Change& change, const Author& author);

/// What the versions of `device` take of the record: never less than in its encoding, and the same before and after
/// their words are erased, for a replay of the ledger meets them erased.
std::size_t version_bytes(const RecordState& state, const DeviceId& device);

}  // namespace phusa::merge
