#include "core/model/figure.hpp"

#include <algorithm>
#include <limits>

namespace phusa {

std::optional<std::int64_t> parse_decimal(std::string_view text, unsigned decimals) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  std::string_view fraction = point < text.size() ? text.substr(point + 1) : std::string_view();
  if (whole.empty() || (point < text.size() && fraction.empty())) return std::nullopt;
  // "12.50" of one decimal is still exact.
  while (fraction.size() > decimals && fraction.ends_with('0')) fraction.remove_suffix(1);
  if (fraction.size() > decimals) return std::nullopt;
  Int128 value = 0;
  const auto add_digit = [&](char c) {
    if (c < '0' || c > '9' || value > std::numeric_limits<std::int64_t>::max()) return false;
    value = value * 10 + (c - '0');
    return true;
  };
  for (const char c : whole) {
    if (!add_digit(c)) return std::nullopt;
  }
  for (const char c : fraction) {
    if (!add_digit(c)) return std::nullopt;
  }
  for (std::size_t i = fraction.size(); i < decimals; ++i) {
    if (!add_digit('0')) return std::nullopt;
  }
  if (value > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  return static_cast<std::int64_t>(negative ? -value : value);
}

std::string format_decimal(Int128 value, unsigned decimals) {
  const bool negative = value < 0;
  std::string digits;
  // Digit by digit away from zero, so that the smallest value needs no wider type to be negated.
  do {
    const int digit = static_cast<int>(value % 10);
    digits.push_back(static_cast<char>('0' + (digit < 0 ? -digit : digit)));
    value /= 10;
  } while (value != 0);
  while (digits.size() <= decimals) digits.push_back('0');
  std::reverse(digits.begin(), digits.end());
  if (decimals != 0) digits.insert(digits.size() - decimals, 1, '.');
  return negative ? "-" + digits : digits;
}

std::string_view qualifier_name(Qualifier qualifier) {
  switch (qualifier) {
    case Qualifier::kExact:
      return "exact";
    case Qualifier::kMore:
      return "more";
    case Qualifier::kNearly:
      return "nearly";
  }
  return "unknown";
}

std::string_view review_name(ReviewState state) {
  switch (state) {
    case ReviewState::kAwaiting:
      return "awaiting";
    case ReviewState::kConfirmed:
      return "confirmed";
    case ReviewState::kReturned:
      return "returned";
  }
  return "unknown";
}

}  // namespace phusa
