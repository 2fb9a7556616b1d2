#include "tests/lint/source_tree.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <sstream>

/// docs/security.md says which test plays which attacker; a row without one is a promise.
namespace phusa::lint {
namespace {

TEST(SecurityTable, EachRowNamesTestsThatExist) {
  const auto tests = test_names();
  static const std::regex kNamed(R"(`(\w+\.\w+)`)");
  std::istringstream page(read_text("docs/security.md"));
  int rows = 0;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| ") || line.starts_with("| threat |")) continue;
    const std::string cell = line.substr(line.rfind("| ", line.size() - 3));
    int named = 0;
    for (auto at = std::sregex_iterator(cell.begin(), cell.end(), kNamed); at != std::sregex_iterator();
         ++at) {
      ++named;
      EXPECT_TRUE(tests.contains(at->str(1))) << at->str(1) << " is no test";
    }
    EXPECT_GT(named, 0) << line;
    ++rows;
  }
  EXPECT_GT(rows, 20);
}

}  // namespace
}  // namespace phusa::lint
