#include "core/client/codes.hpp"

#include <array>
#include <limits>
#include <numeric>

namespace phusa {
namespace {

constexpr std::size_t kNearMax = 2;
constexpr std::size_t kComparedMax = 64;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string near_match(const std::vector<std::string_view>& codes, std::string_view typed) {
  std::string_view best;
  std::size_t best_distance = kNearMax + 1;
  if (typed.size() > kComparedMax) return {};
  for (const std::string_view code : codes) {
    const std::size_t found = distance(code, typed);
    if (found < best_distance && found < std::max(code.size(), typed.size())) {
      best = code;
      best_distance = found;
    }
  }
  return std::string(best);
}

Fault unknown_code(const std::string& field, std::string_view table, std::string_view typed,
                   const std::string& near) {
  std::string what = "no " + std::string(table) + " has the code '" + std::string(typed) + "'";
  if (!near.empty()) what += "; did you mean '" + near + "'?";
  return {field, what, "unknown_code", {std::string(table), std::string(typed), near}};
}

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
  Sum value = 0;
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

std::string format_decimal(Sum value, unsigned decimals) {
  const bool negative = value < 0;
  std::string digits;
  for (Sum rest = negative ? -value : value; rest != 0; rest /= 10) {
    digits.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
  }
  while (digits.size() <= decimals) digits.push_back('0');
  std::string out(negative ? "-" : "");
  out.append(digits.rbegin(), digits.rend());
  if (decimals > 0) out.insert(out.size() - decimals, ".");
  return out;
}

}  // namespace phusa
