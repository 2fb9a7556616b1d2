#include "tests/lint/source_tree.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>
#include <sstream>

/// core/README.md names tests for each law; a law whose tests were renamed away is held by nobody.
namespace phusa::lint {
namespace {

namespace fs = std::filesystem;

std::set<std::string> test_names() {
  static const std::regex kTest(
      R"((?:TEST|TEST_F|TEST_P|RC_GTEST_PROP|RC_GTEST_FIXTURE_PROP)\(\s*(\w+),\s*(\w+))");
  static const std::regex kCMakeTest(R"(add_test\(NAME ([\w.]+))");
  std::set<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(PHUSA_SOURCE_DIR) / "tests")) {
    const bool is_cmake = entry.path().filename() == "CMakeLists.txt";
    if (!is_cmake && entry.path().extension() != ".cpp") continue;
    const auto text = read_text(fs::relative(entry.path(), PHUSA_SOURCE_DIR).generic_string());
    const auto& pattern = is_cmake ? kCMakeTest : kTest;
    for (auto at = std::sregex_iterator(text.begin(), text.end(), pattern); at != std::sregex_iterator();
         ++at) {
      names.insert(is_cmake ? at->str(1) : at->str(1) + "." + at->str(2));
    }
  }
  return names;
}

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
