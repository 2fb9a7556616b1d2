#pragma once

#include "core/model/value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// How figures and reviews are written and read: the same on a phone, in the office's tables and in JSON.
namespace phusa {

/// Sums of capped amounts outgrow 64 bits only in theory; they are exact anyway.
__extension__ typedef __int128 Int128;

/// Decimal text ("1200", "-3", "12.5") in an indicator's unit -> its smallest unit, exactly.
/// nullopt: not such a number, or more decimals than `decimals`, or beyond 64 bits.
std::optional<std::int64_t> parse_decimal(std::string_view text, unsigned decimals);
/// The reverse of parse_decimal, of sums too: "1930", "12.5", "-0.05".
std::string format_decimal(Int128 value, unsigned decimals);

/// Stable names, as they stand in replies and JSON.
std::string_view qualifier_name(Qualifier qualifier);
std::string_view review_name(ReviewState state);

}  // namespace phusa
