#include "tests/e2e/chaos/field.hpp"

/// Stores and servers that are copied, and put back from copies that nobody announced.
namespace phusa::test {
namespace {

class Copies : public Field {
 protected:
  /// The store's file, as a backup or somebody's hand copies it while no program runs.
  FieldPhone copy_of(const FieldPhone& phone, const std::string& name) const {
    const auto to = folder_.path() / (name + ".db");
    for (const char* part : {"", "-wal"}) {
      const std::filesystem::path from = phone.device.store().string() + part;
      if (std::filesystem::exists(from)) std::filesystem::copy_file(from, to.string() + part);
    }
    return {PhoneProcess(to), phone.saved};
  }
  static bool is_forked(const FieldPhone& phone) {
    return phone.device.json({"status"})["forked"].get<bool>();
  }
  /// A phone is copied, both copies log, both edit the same record; the server goes back to last night.
  void tell(bool copy_first);
};

void Copies::tell(bool copy_first) {
  const auto office = joined("office", root_unit(), "office");
  FieldPhone phone = field_phone("phone");
  FieldPhone other = field_phone("other");
  const std::string shared = log(phone, 100);
  import(other, 3);
  drain(phone.device);
  drain(other.device);
  drain(office);
  back_up_server();

  FieldPhone copy = copy_of(phone, "copy");
  import(phone, 4);
  import(copy, 5);
  import(other, 2);
  ASSERT_FALSE(log(phone, 7).empty());
  ASSERT_FALSE(log(copy, 8).empty());
  phone.device.ok({"edit", shared, "trees=111"});
  copy.device.ok({"edit", shared, "trees=222"});
  for (FieldPhone* each :
       copy_first ? std::vector<FieldPhone*>{&copy, &phone} : std::vector<FieldPhone*>{&phone, &copy})
    drain(each->device);
  drain(other.device);
  drain(office);
  const Json in_dispute = office.json({"list", "--conflicts"});
  ASSERT_EQ(in_dispute.size(), 1u) << "the office sees what the two copies disagree on";
  EXPECT_EQ(in_dispute[0]["id"], shared);
  expect_verified();
  // Of two edits of one field one wins, the same everywhere; all else counts as it was said, once.
  const std::vector<FieldPhone*> all = {&phone, &copy, &other};
  const std::int64_t winner = shown(office).at(shared);
  EXPECT_TRUE(winner == 111 || winner == 222) << winner;
  for (FieldPhone* each : {&phone, &copy}) each->saved[shared] = winner;
  EXPECT_EQ(server_total(), std::to_string(sum_of(all_saved(all))));
  EXPECT_TRUE(is_forked(copy_first ? phone : copy)) << "who came second was told";
  EXPECT_FALSE(is_forked(copy_first ? copy : phone)) << "who came first goes on in its journal";
  EXPECT_FALSE(is_forked(other));

  put_last_night_back();
  ASSERT_FALSE(HasFatalFailure());
  EXPECT_NE(server_total(), std::to_string(sum_of(all_saved(all))));
  ASSERT_FALSE(log(other, 55).empty());
  for (FieldPhone* each : {&other, &copy, &phone}) drain(each->device);
  // Each has told the server what it keeps; now each learns what the others told.
  for (FieldPhone* each : {&phone, &copy, &other}) drain(each->device);
  drain(office);
  EXPECT_EQ(server_total(), std::to_string(sum_of(all_saved(all))));
  EXPECT_EQ(office.json({"list", "--conflicts"}).size(), 1u);
  EXPECT_TRUE(is_forked(phone)) << "at the server that came back the copy was first";
  EXPECT_EQ(is_forked(copy), !copy_first) << "what it was told it keeps";
  EXPECT_FALSE(is_forked(other));

  expect_laws(all, office);
}

TEST_F(Copies, OfAPhoneAndAServerFromLastNightLoseNothingLogged) {
  tell(false);
}
TEST_F(Copies, SyncedInTheOtherOrderLoseNothingEither) {
  tell(true);
}

TEST_F(Copies, AForkIsToldToThePhoneThatComesSecond) {
  FieldPhone phone = field_phone("phone");
  import(phone, 2);
  drain(phone.device);
  FieldPhone copy = copy_of(phone, "copy");
  import(phone, 1);
  import(copy, 1);
  drain(phone.device);
  const Json second = copy.device.json({"sync"});
  EXPECT_TRUE(second["forked"].get<bool>()) << second;
  expect_verified();
}

TEST_F(Copies, APhonePutBackFromItsOwnBackupGoesOnAndDoublesNothing) {
  const auto office = joined("office", root_unit(), "office");
  FieldPhone phone = field_phone("phone");
  import(phone, 3);
  drain(phone.device);
  const FieldPhone backup = copy_of(phone, "backup");
  import(phone, 3);  // arrived at the server, unknown to the backup
  drain(phone.device);
  const Trees arrived = phone.saved;
  import(phone, 2);  // lost with the phone: on no device and no carrier
  for (const auto& name : {"", "-wal", "-shm"}) std::filesystem::remove(phone.device.store().string() + name);
  std::filesystem::copy_file(backup.device.store(), phone.device.store());
  phone.saved = arrived;
  import(phone, 4);
  drain(phone.device);
  EXPECT_EQ(shown(phone.device).size(), 10u) << "what had arrived came back from the server";
  expect_laws({&phone}, office);
}

TEST_F(Copies, AnOldLedgerBesideTheLogOfANewerOneIsNotServed) {
  const auto office = joined("office", root_unit(), "office");
  FieldPhone phone = field_phone("phone");
  const auto ledger = data() / "ledger.sqlite";
  const auto night = folder_.path() / "night.sqlite";
  import(phone, 5);
  drain(phone.device);
  stop_server();
  std::filesystem::copy_file(ledger, night);
  // Two days whose work is in the file, and one of which the server dies: that is in the log.
  for (const std::size_t rows : {50u, 50u, 5u}) {
    start_server(port_);
    import(phone, rows);
    drain(phone.device);
    rows > 5 ? stop_server() : kill_server();
  }
  const std::filesystem::path log = ledger.string() + "-wal";
  const auto log_bytes = std::filesystem::file_size(log);
  ASSERT_GT(log_bytes, 0u) << "it died with nothing in its log";

  std::filesystem::copy_file(night, ledger, std::filesystem::copy_options::overwrite_existing);
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"totals"}, {"serve", "--listen", "127.0.0.1:" + std::to_string(port_)}}) {
    std::vector<std::string> argv = {PHUSA_SERVER_BIN};
    argv.insert(argv.end(), command.begin(), command.end());
    argv.insert(argv.end(), {"--data", data().string()});
    const Outcome refused = run(argv, plain_environment());
    ASSERT_EQ(refused.status, 1) << refused.out;
    EXPECT_THAT(refused.err, testing::HasSubstr("copied back alone"));
  }
  EXPECT_EQ(std::filesystem::file_size(log), log_bytes) << "what may still be needed was changed";

  // As it says: without the log it is last night's ledger, and the phone brings the days since.
  std::filesystem::rename(log, folder_.path() / "log of the newer one");
  start_server(port_);
  ASSERT_FALSE(HasFatalFailure());
  drain(phone.device);
  expect_laws({&phone}, office);
}

}  // namespace
}  // namespace phusa::test
