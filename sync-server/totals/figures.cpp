#include "sync-server/totals/query.hpp"

#include <algorithm>

namespace phusa::totals {

std::string format_sum(ledger::Int128 sum, std::uint8_t decimals) {
  const bool negative = sum < 0;
  std::string digits;
  // Digit by digit away from zero, so that the smallest value needs no wider type to be negated.
  do {
    const int digit = static_cast<int>(sum % 10);
    digits.push_back(static_cast<char>('0' + (digit < 0 ? -digit : digit)));
    sum /= 10;
  } while (sum != 0);
  while (digits.size() <= decimals) digits.push_back('0');
  std::reverse(digits.begin(), digits.end());
  if (decimals != 0) digits.insert(digits.size() - decimals, 1, '.');
  return negative ? "-" + digits : digits;
}

std::string_view qualifier_of(const ledger::Figures& figures) {
  if (figures.more != 0 && figures.nearly != 0) return "mixed";
  if (figures.more != 0) return "more";
  return figures.nearly != 0 ? "nearly" : "exact";
}

}  // namespace phusa::totals
