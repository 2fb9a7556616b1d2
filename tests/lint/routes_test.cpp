#include "tests/lint/source_tree.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <set>

namespace phusa::lint {
namespace {

std::set<std::string> found_in(const std::string& text, const std::regex& path) {
  std::set<std::string> out;
  for (auto at = std::sregex_iterator(text.begin(), text.end(), path); at != std::sregex_iterator(); ++at)
    out.insert(at->str(1));
  return out;
}

TEST(Routes, NginxLogsThePathsThatTheServerAnswersAndNoOthers) {
  static const std::regex kAnswered(R"#("(/(?:v1/\w+|healthz)?)")#");
  static const std::regex kLogged(R"#(\n  (/\S*) \1;)#");
  const auto answered = found_in(read_text("sync-server/http/routes.cpp"), kAnswered);
  EXPECT_GT(answered.size(), 6u);
  EXPECT_EQ(found_in(read_text("sync-server/nginx/phusa.conf"), kLogged), answered);
}

}  // namespace
}  // namespace phusa::lint
