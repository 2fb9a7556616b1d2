#include "tests/e2e/http/stage.hpp"

#include <fstream>
#include <sstream>

namespace phusa::test {
namespace {

constexpr std::chrono::seconds kTimeoutsPatience{60};  // the longest one shipped is 30 s

/// What a peer may be told however badly it spoke: never that the server broke, never nothing at all.
bool ends_well(const std::string& heard, Then then) {
  if (then == Then::kLeaves || then == Then::kResets) return true;
  if (heard == "nothing" || heard == "ends") return false;
  std::istringstream words(heard);
  for (std::string word; std::getline(words, word, ',');) {
    const int status = std::atoi(word.c_str());
    const bool fine = status < 500 || status == 501 || status == 505;  // 0: "closed" or "bare"
    if (!fine) return false;
  }
  return true;
}

class Conformance : public HttpStage {};

TEST_F(Conformance, EveryCaseEndsWellThroughNginx) {
  const Front front(office_);
  std::vector<std::pair<const HttpCase*, Line>> silent;
  for (const HttpCase& c : http_cases()) {
    SCOPED_TRACE(std::string(c.group) + ": " + c.name);
    const Bytes body = log_and_ask();
    Line line = say(c, front.address(), body);
    EXPECT_TRUE(ends_well(c.through_nginx, c.then));
    if (c.then == Then::kStalls) {
      silent.emplace_back(&c, std::move(line));
    } else {
      line.listen_for(c.through_nginx);
    }
    expect_sync(front.address(), body);
    ASSERT_TRUE(office_.process().is_running()) << office_.process().output();
    if (c.then == Then::kStalls) continue;
    line.listen();
    if (c.or_else != nullptr && line.heard() == c.or_else) continue;
    EXPECT_EQ(line.heard(), c.through_nginx) << line.bytes().substr(0, 300);
  }
  for (auto& [c, line] : silent) {
    line.listen_for(c->through_nginx, kTimeoutsPatience);
    EXPECT_EQ(line.heard(), c->through_nginx) << c->name;
  }
}

/// What the page says of the listener, so that nobody takes it for more than it is.
TEST_F(Conformance, TheListenerAloneDoesWhatThePageSays) {
  for (const HttpCase& c : http_cases()) {
    SCOPED_TRACE(std::string(c.group) + ": " + c.name);
    const Bytes body = log_and_ask();
    const bool ends = std::string(c.direct) == "ends";
    Line line = say(c, office_.address(), body);
    if (ends) {
      line.listen_for("closed");
      EXPECT_NE(office_.process().wait(), 0);
      office_.start();
    } else if (std::string(c.direct) != "nothing") {
      line.listen_for(c.direct);
    }
    // A whole exchange on another connection: whatever was to come on this one has had its turn.
    expect_sync(office_.address(), body);
    line.listen();
    if (!ends) {
      // What follows a request it answered too early may be taken for another, and end the connection later.
      const std::string heard = line.heard();
      EXPECT_TRUE(heard == c.direct || heard == std::string(c.direct) + ", closed")
          << heard << " instead of " << c.direct << "\n"
          << line.bytes().substr(0, 300);
    }
    ASSERT_TRUE(office_.process().is_running()) << office_.process().output();
  }
}

std::string table() {
  std::string out = "| case | through nginx | the listener alone |\n|---|---|---|\n";
  std::string group;
  for (const HttpCase& c : http_cases()) {
    if (group != c.group) out += "| **" + (group = c.group) + "** | | |\n";
    out += "| " + std::string(c.name) + " | " + c.through_nginx;
    if (c.or_else != nullptr) out += " or " + std::string(c.or_else);
    out += " | " + std::string(c.direct) + " |\n";
  }
  return out;
}

TEST(ConformancePage, ShowsEveryCase) {
  std::ifstream in(PHUSA_SOURCE_DIR "/docs/http.md", std::ios::binary);
  std::ostringstream page;
  page << in.rdbuf();
  const bool shown = page.str().find(table()) != std::string::npos;
  EXPECT_TRUE(shown) << "docs/http.md does not show this table:\n" << table();
}

}  // namespace
}  // namespace phusa::test
