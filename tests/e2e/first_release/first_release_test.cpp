#include "tests/e2e/cli/stage.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <set>

/// A day that the programs of the first release recorded (`record`): its office's folder, its phones' stores
/// and its requests are read for ever.
namespace phusa::test {
namespace {

constexpr int kSent = 100 + 25 + 7;
constexpr int kMeant = 110 + 25 + 3 + 40 + 500;  ///< with what no network had taken by that evening
constexpr const char* kPhones[] = {"officer", "second", "first"};

class FirstRelease : public Stage {
 protected:
  void SetUp() override {
    const auto unpacked = run({"tar", "-xzf", PHUSA_FIRST_RELEASE_DAY, "-C", folder_.path().string()});
    ASSERT_EQ(unpacked.status, 0) << unpacked.err;
    start_server(free_port());
  }

  /// The phone, now with today's program. The office's address is another one than that evening.
  PhoneProcess updated(const std::string& name) const {
    const auto store = folder_.path() / "phones" / (name + ".db");
    sqlite3* db = nullptr;
    EXPECT_EQ(sqlite3_open(store.c_str(), &db), SQLITE_OK);
    const std::string move = "UPDATE meta SET value = CAST('" + url() + "' AS BLOB) WHERE key = 'url'";
    EXPECT_EQ(sqlite3_exec(db, move.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    EXPECT_EQ(sqlite3_changes(db), 1);
    sqlite3_close(db);
    return PhoneProcess(store);
  }
  /// As the old program sends it; the reply's body.
  std::string sent_by_old_program(const std::string& phone) const {
    const auto reply = run({"curl", "--silent", "--show-error", "--fail", "--header",
                            "Content-Type: application/vnd.phusa.v1", "--data-binary",
                            "@" + (folder_.path() / "requests" / phone).string(), url() + "/v1/sync"});
    EXPECT_EQ(reply.status, 0) << reply.err;
    return reply.out;
  }
  static std::set<std::string> ids_on(const PhoneProcess& phone) {
    std::set<std::string> out;
    for (const Json& record : phone.json({"list", "--retracted"}))
      out.insert(record["id"].get<std::string>());
    return out;
  }
  void expect_trees(int trees) const {
    const auto told = run(
        {PHUSA_SERVER_BIN, "totals", "--data", data().string(), "--indicator", "trees", "--format", "json"},
        plain_environment());
    ASSERT_EQ(told.status, 0) << told.err;
    EXPECT_EQ(Json::parse(told.out)["rows"][0]["total"], std::to_string(trees));
    const auto verified = run({PHUSA_SERVER_BIN, "verify", "--data", data().string()}, plain_environment());
    EXPECT_EQ(verified.status, 0) << verified.out << verified.err;
  }
  void expect_drained(const PhoneProcess& phone) const {
    const auto before = ids_on(phone);
    phone.ok({"sync"});
    EXPECT_EQ(phone.count("saved"), 0U) << phone.store();
    const auto after = ids_on(phone);
    EXPECT_TRUE(std::ranges::includes(after, before)) << phone.store() << " lost a record from sight";
  }
};

TEST_F(FirstRelease, ItsRequestsCountOnceAndAreAnsweredInItsOwnWords) {
  expect_trees(kSent);
  for (const char* name : kPhones) {
    for (int time = 0; time < 2; ++time) EXPECT_TRUE(sent_by_old_program(name).starts_with("PHS1")) << name;
  }
  expect_trees(kMeant);
}

TEST_F(FirstRelease, ItsPhonesGoOnWithTodaysProgram) {
  int trees = kMeant;
  std::vector<PhoneProcess> phones;
  for (const char* name : kPhones) expect_drained(phones.emplace_back(updated(name)));
  expect_trees(trees);
  for (const PhoneProcess& phone : phones) {
    phone.ok({"log", "--kind", "tree_planting", "--date", "6/2/2023", "trees=1"});
    expect_drained(phone);
    ++trees;
  }
  expect_trees(trees);
  phones[0].ok({"sync"});
  EXPECT_EQ(phones[0].total("trees"), std::to_string(trees)) << "the officer sees what the office has";
}

TEST_F(FirstRelease, WhatItSentWithoutHearingOfItIsNotCountedAgainAfterAnUpdate) {
  for (const char* name : kPhones) sent_by_old_program(name);
  for (const char* name : kPhones) expect_drained(updated(name));
  expect_trees(kMeant);
}

}  // namespace
}  // namespace phusa::test
