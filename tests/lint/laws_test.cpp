#include "tests/lint/source_tree.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <sstream>

/// core/README.md names tests for each law; a law whose tests were renamed away is held by nobody.
namespace phusa::lint {
namespace {

TEST(Laws, EachNamesTestsThatExist) {
  const auto tests = test_names();
  std::istringstream page(read_text("core/README.md"));
  static const std::regex kLaw(R"((\d+)\. \*\*.*)");
  static const std::regex kNamed(R"(\s+- `([\w.]+)`)");
  int laws = 0;
  int named = 1;  // by the law before
  std::smatch match;
  for (std::string line; std::getline(page, line);) {
    if (std::regex_match(line, match, kLaw)) {
      EXPECT_GT(named, 0) << "law " << laws << " names no test";
      named = 0;
      EXPECT_EQ(std::stoi(match.str(1)), ++laws);
    } else if (std::regex_match(line, match, kNamed)) {
      ++named;
      EXPECT_TRUE(tests.contains(match.str(1))) << "law " << laws << " names " << match.str(1);
    }
  }
  EXPECT_GT(named, 0) << "law " << laws << " names no test";
  EXPECT_EQ(laws, 12);
}

}  // namespace
}  // namespace phusa::lint
