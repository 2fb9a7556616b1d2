#pragma once

#include "core/base/day.hpp"
#include "core/model/ids.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace phusa {

/// The registers of a record. The numbers travel and are stored: never reuse one.
enum class FieldKind : std::uint8_t {
  kUnit = 1,
  kKind = 2,
  kDay = 3,
  kLastDay = 4,
  kCampaigns = 5,
  kLabels = 6,
  kPartners = 7,
  kMembers = 8,
  kEvent = 9,         ///< the header record this one belongs to
  kEventHeader = 10,  ///< set on a header record, which has no values
  kHighlight = 11,
  kPhotos = 12,
  kPlace = 13,        ///< personal
  kNote = 14,         ///< personal
  kRetracted = 15,
  kReview = 16,
  kValue = 32,        ///< one register per indicator
};

/// Names a register: its kind, and for a value the indicator. Ordered by `code`, which travels.
struct FieldKey {
  std::uint32_t code = 0;

  constexpr FieldKey() = default;
  constexpr FieldKey(FieldKind kind) : code(static_cast<std::uint32_t>(kind)) {}  // NOLINT(google-explicit-constructor)
  static constexpr FieldKey value_of(IndicatorNo indicator) { return from_code(32 + indicator.value); }
  static constexpr FieldKey from_code(std::uint32_t code) {
    FieldKey key;
    key.code = code;
    return key;
  }

  constexpr bool is_value() const { return code >= 32; }
  constexpr FieldKind kind() const { return is_value() ? FieldKind::kValue : static_cast<FieldKind>(code); }
  constexpr IndicatorNo indicator() const { return IndicatorNo{code - 32}; }
  /// Words of a person: kept apart so that they can be erased by law.
  constexpr bool is_personal() const {
    return code == static_cast<std::uint32_t>(FieldKind::kPlace) || code == static_cast<std::uint32_t>(FieldKind::kNote);
  }
  constexpr bool is_known() const { return (code >= 1 && code <= 16) || (is_value() && code < (1u << 24)); }
  friend constexpr auto operator<=>(const FieldKey&, const FieldKey&) = default;
};

/// As papers write figures: exact, hơn (more than), gần (nearly).
enum class Qualifier : std::uint8_t { kExact = 0, kMore = 1, kNearly = 2 };

/// A figure in the indicator's smallest unit.
struct Amount {
  std::int64_t value = 0;
  Qualifier qualifier = Qualifier::kExact;
  friend auto operator<=>(const Amount&, const Amount&) = default;
};

/// Who took part in a joint activity beside its host: a unit, a whole cluster, or an outsider by name.
using Partner = std::variant<UnitNo, ClusterNo, std::string>;

/// The first 8 bytes of a hash over the versions of all fields that a reviewer saw (merge::content_digest).
using ContentDigest = FixedBytes<8, struct ContentDigestTag>;

enum class ReviewState : std::uint8_t { kAwaiting = 0, kConfirmed = 1, kReturned = 2 };

struct Review {
  ReviewState state = ReviewState::kAwaiting;
  ContentDigest saw;
  std::string reason;
  friend bool operator==(const Review&, const Review&) = default;
};

struct Retraction {
  ContentDigest saw;
  friend bool operator==(const Retraction&, const Retraction&) = default;
};

/// Canonical bytes of a register's value. One value has one encoding: versions compare these bytes. Empty is blank.
/// Numbers: varint. Days: signed varint. Sets: ascending, the first whole, then differences. Text: as it is, NFC.
namespace value {

Bytes of_number(std::uint32_t number);
Bytes of_day(Day day);
Bytes of_numbers(std::vector<std::uint32_t> numbers);    // sorts, drops doubles
Bytes of_strings(std::vector<std::string> strings);      // sorts, drops doubles
Bytes of_partners(std::vector<Partner> partners);        // sorts, drops doubles
Bytes of_record(const RecordId& id);
Bytes of_flag(bool set);
Bytes of_hashes(std::vector<Hash> hashes);
Bytes of_amount(const Amount& amount);
Bytes of_review(const Review& review);
Bytes of_retraction(const Retraction& retraction);

/// The readers give nullopt for blank and for bytes that are not canonical.
std::optional<std::uint32_t> number(BytesView bytes);
std::optional<Day> day(BytesView bytes);
std::optional<std::vector<std::uint32_t>> numbers(BytesView bytes);
std::optional<std::vector<std::string>> strings(BytesView bytes);
std::optional<std::vector<Partner>> partners(BytesView bytes);
std::optional<RecordId> record(BytesView bytes);
bool flag(BytesView bytes);
std::optional<std::vector<Hash>> hashes(BytesView bytes);
std::optional<Amount> amount(BytesView bytes);
std::optional<Review> review(BytesView bytes);
std::optional<Retraction> retraction(BytesView bytes);

/// Whether `bytes` is blank or a canonical value of `field` within core/base/limits.hpp. For a personal field the
/// text itself is meant. Amounts over the cap and days before 1900 or after 9999 are not canonical.
bool is_canonical(FieldKey field, BytesView bytes);

}  // namespace value
}  // namespace phusa
