#include "core/base/base32.hpp"

namespace phusa {

std::optional<unsigned> base32_value(char digit) {
  if (digit >= 'a' && digit <= 'z') digit = static_cast<char>(digit - 'a' + 'A');
  if (digit == 'O') digit = '0';
  if (digit == 'I' || digit == 'L') digit = '1';
  const auto at = kBase32Digits.find(digit);
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<unsigned>(at);
}

}  // namespace phusa
