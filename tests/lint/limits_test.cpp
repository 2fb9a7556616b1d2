#include "tests/lint/source_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

/// The protocol page quotes the limits; the code is what rules.
namespace phusa::lint {
namespace {

/// A whole number as C++ or the page writes it: digits, `'` or blanks between them, products.
std::optional<long long> evaluate(std::string expression) {
  std::erase_if(expression, [](char c) { return c == '\'' || c == ' ' || c == '`'; });
  long long product = 1;
  std::istringstream factors(expression);
  std::string factor;
  while (std::getline(factors, factor, '*')) {
    if (factor.empty() || !std::ranges::all_of(factor, [](unsigned char c) { return std::isdigit(c) != 0; }))
      return {};
    product *= std::stoll(factor);
  }
  return product;
}

std::map<std::string, long long> limits_in_code() {
  std::map<std::string, long long> limits;
  std::istringstream lines(read_text("core/base/limits.hpp"));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("inline constexpr ")) continue;
    const auto name = line.find(" k");
    const auto end = line.find_first_of(" {=", name + 1);
    const auto open = line.find_first_of("={", name);
    const auto value = evaluate(line.substr(open + 1, line.find_first_of(";}", open) - open - 1));
    if (!value) {
      ADD_FAILURE() << "cannot read: " << line;
      continue;
    }
    limits[line.substr(name + 1, end - name - 1)] = *value;
  }
  return limits;
}

/// Rows of the page look like: | `kAmountMax` | 1 000 000 | what it bounds |
std::map<std::string, long long> limits_on_page() {
  std::map<std::string, long long> limits;
  std::istringstream lines(read_text("proto/README.md"));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `k")) continue;
    const auto name_end = line.find('`', 3);
    const auto cell = line.find('|', name_end);
    const auto value = evaluate(line.substr(cell + 1, line.find('|', cell + 1) - cell - 1));
    EXPECT_TRUE(value.has_value()) << line;
    limits[line.substr(3, name_end - 3)] = value.value_or(-1);
  }
  return limits;
}

TEST(Limits, TheProtocolPageQuotesEachAsTheCodeHasIt) {
  const auto code = limits_in_code();
  ASSERT_GT(code.size(), 30U);
  const auto page = limits_on_page();
  for (const auto& [name, value] : code) {
    const auto quoted = page.find(name);
    if (quoted == page.end()) {
      ADD_FAILURE() << "proto/README.md does not quote " << name << " = " << value;
    } else {
      EXPECT_EQ(quoted->second, value) << "proto/README.md misquotes " << name;
    }
  }
  for (const auto& [name, value] : page) EXPECT_TRUE(code.contains(name)) << name << " is no limit any more";
}

}  // namespace
}  // namespace phusa::lint
