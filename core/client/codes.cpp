#include "core/client/codes.hpp"

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

}  // namespace phusa
