#include "core/model/hold.hpp"

namespace phusa {

std::string_view hold_name(HoldReason reason) {
  switch (reason) {
    case HoldReason::kNone: return "none";
    case HoldReason::kUnknownCertificate: return "unknown_certificate";
    case HoldReason::kRevoked: return "revoked";
    case HoldReason::kUnknownCatalogue: return "unknown_catalogue";
    case HoldReason::kUnknownSection: return "unknown_section";
    case HoldReason::kMissingVersion: return "missing_version";
    case HoldReason::kForgedCounts: return "forged_counts";
    case HoldReason::kNotYours: return "not_yours";
    case HoldReason::kOutsideScope: return "outside_scope";
    case HoldReason::kRankTooLow: return "rank_too_low";
    case HoldReason::kTooManyVersions: return "too_many_versions";
    case HoldReason::kRefusedByOffice: return "refused_by_office";
    case HoldReason::kUnreadable: return "unreadable";
    case HoldReason::kVouchLate: return "vouch_late";
    case HoldReason::kVouchQuota: return "vouch_quota";
    case HoldReason::kVouchRevoked: return "vouch_revoked";
    case HoldReason::kIncomplete: return "incomplete";
    case HoldReason::kUnknownCode: return "unknown_code";
    case HoldReason::kCodeNotValid: return "code_not_valid";
    case HoldReason::kValueOutOfRange: return "value_out_of_range";
    case HoldReason::kDayImplausible: return "day_implausible";
    case HoldReason::kDayInFuture: return "day_in_future";
    case HoldReason::kForeignUnit: return "foreign_unit";
    case HoldReason::kLabelClash: return "label_clash";
  }
  return "unknown";
}

bool holds_batch(HoldReason reason) {
  switch (reason) {
    case HoldReason::kUnknownCertificate:
    case HoldReason::kRevoked:
    case HoldReason::kUnknownCatalogue:
    case HoldReason::kUnknownSection:
    case HoldReason::kUnreadable:
    case HoldReason::kVouchLate:
    case HoldReason::kVouchQuota:
    case HoldReason::kVouchRevoked: return true;
    case HoldReason::kNone:
    case HoldReason::kMissingVersion:
    case HoldReason::kForgedCounts:
    case HoldReason::kNotYours:
    case HoldReason::kOutsideScope:
    case HoldReason::kRankTooLow:
    case HoldReason::kTooManyVersions:
    case HoldReason::kRefusedByOffice:
    case HoldReason::kIncomplete:
    case HoldReason::kUnknownCode:
    case HoldReason::kCodeNotValid:
    case HoldReason::kValueOutOfRange:
    case HoldReason::kDayImplausible:
    case HoldReason::kDayInFuture:
    case HoldReason::kForeignUnit:
    case HoldReason::kLabelClash: return false;
  }
  return false;
}

bool is_hold_reason(std::uint32_t number) {
  return number <= UINT8_MAX && hold_name(static_cast<HoldReason>(number)) != "unknown";
}

}  // namespace phusa
