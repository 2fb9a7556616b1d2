#pragma once

#include <cstdint>
#include <string_view>

namespace phusa {

/// Why something that arrived safely is not counted (law 7). The numbers travel and are stored: never reuse one.
///
/// 1-19 hold a change (or a whole batch): it is kept, but not merged. They judge what nobody can mend by editing.
/// 20-39 hold a record: it is merged and shown, but left out of totals until an ordinary edit, the catalogue, the
/// grants or the day make its merged state plausible.
enum class HoldReason : std::uint8_t {
  kNone = 0,
  kUnknownCertificate = 1,  ///< batch: the certificate it names is not known here
  kRevoked = 2,             ///< batch: sealed after the device's last good batch
  kUnknownCatalogue = 3,    ///< batch: catalogue revision not known here
  kUnknownSection = 4,      ///< batch: a section of a later version
  kMissingVersion = 5,      ///< names a version that is not admitted (yet)
  kForgedCounts = 6,        ///< edit counts do not follow from the versions named
  kNotYours = 7,            ///< a volunteer's edit of another person's record
  kOutsideScope = 8,        ///< an officer's edit of a record that never lay in the officer's units
  kRankTooLow = 9,          ///< reviewing is for officers and the office
  kTooManyVersions = 10,    ///< its device has filled the field or the record: limits::kVersionBytesMax
  kRefusedByOffice = 11,
  kUnreadable = 12,         ///< batch: signed by its device, but its facts cannot be read
  kVouchLate = 13,          ///< batch: its device was vouched for too long ago, or by a clock far ahead
  kVouchQuota = 14,         ///< batch: its officer has vouched for more devices than allowed
  kVouchRevoked = 15,       ///< batch: its officer had no right to vouch for it: revoked, or another unit's

  kIncomplete = 20,         ///< no unit, kind or day: an edit that came before what it edits
  kUnknownCode = 21,        ///< a catalogue number that no revision here has
  kCodeNotValid = 22,       ///< unit, campaign or kind not valid on the record's day in any revision
  kValueOutOfRange = 23,    ///< above the indicator's maximum
  kDayImplausible = 24,     ///< before 2000, or the last day before the first
  kDayInFuture = 25,        ///< counted when the day has come
  kForeignUnit = 26,        ///< logged for a unit that its author has no grant for
  kLabelClash = 27,         ///< two labels of one group
};

constexpr bool holds_change(HoldReason reason) {
  return reason != HoldReason::kNone && static_cast<int>(reason) < 20;
}
/// Whether a batch waits whole, unread, for this reason: those marked "batch" above.
bool holds_batch(HoldReason reason);
constexpr bool holds_record(HoldReason reason) { return static_cast<int>(reason) >= 20; }

/// Stable snake_case name, as it stands in JSON.
std::string_view hold_name(HoldReason reason);
/// Whether `number` is a reason this program knows.
bool is_hold_reason(std::uint32_t number);

}  // namespace phusa
