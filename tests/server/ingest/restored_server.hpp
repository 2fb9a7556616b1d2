#pragma once

#include "sync-server/ingest/revocation.hpp"
#include "sync-server/totals/query.hpp"
#include "tests/server/ingest/keeping_phone.hpp"

#include <gtest/gtest.h>

namespace phusa::test {

/// A server whose files are put back: nobody tells anybody.
class RestoreTest : public ::testing::Test {
 protected:
  RestoreTest() {
    for (KeepingPhone* phone : {&volunteer, &officer, &office}) server->enrol(phone->phone);
    log(volunteer, 3);
    sync_all();
  }

  static LogContent trees(std::int64_t count) {
    LogContent content;
    content.values[0] = {count, Qualifier::kExact};
    return content;
  }
  void log(KeepingPhone& phone, int records) {
    for (int i = 0; i < records; ++i) {
      phone.phone.log(trees(10));
      logged += 10;
      phone.phone.seal();
    }
  }
  void sync(KeepingPhone& phone) {
    const auto done = phone.sync(server->engine());
    ASSERT_TRUE(done.has_value()) << done.error().context;
  }
  void sync_all() {
    for (KeepingPhone* phone : {&volunteer, &officer, &office}) sync(*phone);
  }
  void back_up() { server->copy_to(backup = folder.file("backup" + std::to_string(++backups) + ".sqlite")); }
  /// A copy of the copy, so that it can be put back again.
  void put_back() {
    const std::string path = folder.file("restored" + std::to_string(++restores) + ".sqlite");
    std::filesystem::copy_file(backup, path);
    server.emplace(path);
  }
  std::int64_t total() {
    const auto snapshot = server->ledger().begin_read();
    const auto table = totals::query(**snapshot, *server->engine().catalogue(), {});
    EXPECT_TRUE(table.has_value());
    std::int64_t sum = 0;
    for (const totals::Row& row : table->rows) sum += static_cast<std::int64_t>(row.figures.sum);
    return sum;
  }
  void expect_clean() {
    EXPECT_EQ(total(), logged);
    EXPECT_EQ(server->verify().differences, std::vector<std::string>{});
    const auto before = server->conclusions();
    server->restart();
    EXPECT_EQ(server->conclusions(), before);
  }
  std::uint64_t head() { return (*server->ledger().begin_read())->head()->position; }
  std::vector<HoldReason> held_batches() {
    std::vector<HoldReason> out;
    const auto snapshot = server->ledger().begin_read();
    const auto held = (*snapshot)->held_batches();
    for (const ledger::EntryRow& row : *held) out.push_back(row.hold);
    return out;
  }
  void revoke(const KeepingPhone& phone) {
    std::vector<ingest::LastGood> last_good;
    {
      const auto snapshot = server->ledger().begin_read();
      last_good = *ingest::last_batches(**snapshot, phone.phone.key());
    }
    ASSERT_TRUE(server->engine()
                    .append_office(OfficeAct::kRevoke, ingest::revoke_payload(phone.phone.id(), last_good))
                    .has_value());
  }
  static Catalogue revision(std::uint32_t number, const char* unit) {
    Catalogue next = test_catalogue();
    next.revision = number;
    for (std::uint32_t i = 2; i <= number; ++i) {
      Unit added;
      added.code = unit + std::to_string(i);
      added.parent = UnitNo{1};
      next.units.push_back(added);
    }
    return next;
  }

  FolderInMemory folder;
  std::string backup;
  int backups = 0;
  int restores = 0;
  std::int64_t logged = 0;
  std::optional<TestServer> server{std::in_place};
  KeepingPhone volunteer{1, Rank::kVolunteer, "a"};
  KeepingPhone officer{2, Rank::kOfficer, "a"};
  KeepingPhone office{3, Rank::kOffice, "root"};
};

}  // namespace phusa::test
