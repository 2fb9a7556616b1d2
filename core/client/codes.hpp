#pragma once

#include "core/client/fault.hpp"
#include "core/model/catalogue.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace phusa {

/// The entry whose code is `typed` but for case or one or two letters; empty when none is near.
std::string near_match(const std::vector<std::string_view>& codes, std::string_view typed);

/// "unknown_code" at `field`, with the table's word, what was typed, and what was perhaps meant.
Fault unknown_code(const std::string& field, std::string_view table, std::string_view typed,
                   const std::string& near);

template <class Row>
std::vector<std::string_view> codes_of(const std::vector<Row>& rows) {
  std::vector<std::string_view> out;
  out.reserve(rows.size());
  for (const Row& row : rows) out.push_back(row.code);
  return out;
}

/// A row's code; a number that this catalogue does not have yet shows as "#12".
template <class Row>
std::string code_of(const std::vector<Row>& rows, std::uint32_t number) {
  return number < rows.size() ? rows[number].code : "#" + std::to_string(number);
}

/// Decimal text ("1200", "-3", "12.5") in an indicator's unit -> its smallest unit, exactly.
/// nullopt: not such a number, or more decimals than `decimals`, or beyond 64 bits.
std::optional<std::int64_t> parse_decimal(std::string_view text, unsigned decimals);
/// Wide enough for any sum of capped amounts.
__extension__ using Sum = __int128;
/// The reverse of parse_decimal, of sums too.
std::string format_decimal(Sum value, unsigned decimals);

}  // namespace phusa
