#include "tests/e2e/chaos/field.hpp"

#include <sqlite3.h>

/// A second machine follows the server's ledger at some distance and answers in its place once it is gone. No
/// program is told: phones find out by the point and tag that a server answers with.
namespace phusa::test {
namespace {

class Replicas : public Field {
 protected:
  std::filesystem::path replica() const { return folder_.path() / "replica"; }

  /// Brings the replica to where the server is now, while that goes on serving.
  void follow() {
    std::filesystem::create_directories(replica());
    if (!std::filesystem::exists(replica() / "keys"))
      std::filesystem::copy(data() / "keys", replica() / "keys", std::filesystem::copy_options::recursive);
    sqlite3* from = nullptr;
    sqlite3* to = nullptr;
    ASSERT_EQ(sqlite3_open_v2((data() / "ledger.sqlite").c_str(), &from, SQLITE_OPEN_READWRITE, nullptr),
              SQLITE_OK);
    ASSERT_EQ(sqlite3_open((replica() / "ledger.sqlite").c_str(), &to), SQLITE_OK);
    sqlite3_busy_timeout(from, kBusyMs);
    sqlite3_backup* copy = sqlite3_backup_init(to, "main", from, "main");
    ASSERT_NE(copy, nullptr) << sqlite3_errmsg(to);
    EXPECT_EQ(sqlite3_backup_step(copy, -1), SQLITE_DONE) << sqlite3_errmsg(to);
    EXPECT_EQ(sqlite3_backup_finish(copy), SQLITE_OK);
    sqlite3_close(to);
    sqlite3_close(from);
  }
  /// The machine that serves is gone in the middle of whatever it did; the other one has its address. Called
  /// again, the first comes back with what it had.
  void fail_over() {
    kill_server();
    const auto aside = folder_.path() / "aside";
    std::filesystem::rename(data(), aside);
    std::filesystem::rename(replica(), data());
    std::filesystem::rename(aside, replica());
    start_server(port_);
  }
  static void drain_all(const std::vector<FieldPhone*>& phones) {
    for (FieldPhone* phone : phones) drain(phone->device);
  }
  static void edit(FieldPhone& phone, const std::string& id, std::int64_t trees) {
    phone.device.ok({"edit", id, "trees=" + std::to_string(trees)});
    phone.saved[id] = trees;
  }

  static constexpr int kBusyMs = 10'000;
};

TEST_F(Replicas, OneThatLagsBehindTakesOverAndGivesWayAgainAndNothingIsLostOrCountedTwice) {
  const auto office = joined("office", root_unit(), "office");
  FieldPhone an = field_phone("an");
  FieldPhone binh = field_phone("binh");
  for (FieldPhone* phone : {&an, &binh}) import(*phone, 3);
  drain_all({&an, &binh});
  const std::string edited = an.saved.begin()->first;
  follow();
  ASSERT_FALSE(HasFatalFailure());

  // What the replica has not heard of when it takes over: records, an edit, a phone.
  import(an, 4);
  edit(an, edited, 41);
  FieldPhone chi = field_phone("chi");
  import(chi, 2);
  drain_all({&an, &chi});
  drain(office);
  const auto before = server_total();
  import(binh, 2);
  fail_over();
  ASSERT_FALSE(HasFatalFailure());
  EXPECT_NE(server_total(), before) << "the replica lags behind";

  // Only some come while it serves; one is new.
  FieldPhone dung = field_phone("dung");
  import(dung, 3);
  import(an, 1);
  drain_all({&binh, &an, &dung});
  drain(office);
  edit(an, edited, 42);
  drain(an.device);

  // The first machine is mended and put in its place again, with what it had when it went.
  fail_over();
  ASSERT_FALSE(HasFatalFailure());
  EXPECT_EQ(server_total(), before) << "it knows nothing of what came meanwhile";
  import(dung, 1);
  drain_all({&dung, &chi, &an, &binh});
  drain_all({&dung, &chi, &an, &binh});  // each learns what the others told it
  expect_laws({&an, &binh, &chi, &dung}, office);
  EXPECT_TRUE(office.json({"list", "--conflicts"}).empty());
}

TEST_F(Replicas, TheyTakeTurnsWhilePhonesComeAndGo) {
  const auto office = joined("office", root_unit(), "office");
  std::vector<FieldPhone> phones;
  for (int i = 0; i < 4; ++i) phones.push_back(field_phone("phone" + std::to_string(i)));
  follow();
  ASSERT_FALSE(HasFatalFailure());
  for (int turn = 0; turn < 4; ++turn) {
    for (int visit = 0; visit < 5; ++visit) {
      FieldPhone& phone = phones[below(phones.size())];
      import(phone, 1 + below(3));
      if (below(4) != 0) drain(phone.device);
      if (below(3) == 0) edit(phone, phone.saved.begin()->first, static_cast<std::int64_t>(1 + below(900)));
      if (below(6) == 0) follow();
      ASSERT_FALSE(HasFatalFailure());
    }
    fail_over();
    ASSERT_FALSE(HasFatalFailure());
  }
  std::vector<FieldPhone*> all;
  for (FieldPhone& phone : phones) all.push_back(&phone);
  drain_all(all);
  expect_laws(all, office);
}

}  // namespace
}  // namespace phusa::test
