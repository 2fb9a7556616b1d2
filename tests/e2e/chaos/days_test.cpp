#include "tests/e2e/chaos/field.hpp"

/// Backups that the office makes and restores by its own commands, and phones that are not there on some
/// days.
namespace phusa::test {
namespace {

using testing::HasSubstr;

class Days : public Field {
 protected:
  void SetUp() override {
    Field::SetUp();
    ASSERT_EQ(run({PHUSA_SERVER_BIN, "backup-key", key()}).status, 0);
  }
  std::string key() const { return (folder_.path() / "office-key").string(); }
  std::string backup(int day) const { return (folder_.path() / ("backup-" + std::to_string(day))).string(); }

  std::string command(std::vector<std::string> args) const {
    args.insert(args.begin(), PHUSA_SERVER_BIN);
    args.insert(args.end(), {"--data", data().string()});
    const Outcome outcome = run(args, plain_environment());
    EXPECT_EQ(outcome.status, 0) << testing::PrintToString(args) << outcome.err;
    return outcome.out;
  }
  void back_up(int day) { command({"backup", "--out", backup(day), "--to", key() + ".pub"}); }
  /// The machine is gone; what is left is a backup, and the keys that were kept apart.
  void restore(int day) {
    const auto keys = folder_.path() / "kept keys";
    std::filesystem::remove_all(keys);
    std::filesystem::copy(data() / "keys", keys);
    kill_server();
    std::filesystem::remove_all(data());
    const Outcome back = run({PHUSA_SERVER_BIN, "restore", backup(day), "--data", data().string(), "--key",
                              key(), "--keys", keys.string()},
                             plain_environment());
    ASSERT_EQ(back.status, 0) << back.err;
    start_server(port_);
  }
  static void drain_all(const std::vector<FieldPhone*>& phones) {
    for (FieldPhone* phone : phones) drain(phone->device);
  }
  /// A folder of the organisation with one more unit.
  std::filesystem::path organisation_with(const std::string& code) const {
    const auto folder = folder_.path() / ("organisation " + code);
    std::filesystem::copy(PHUSA_ORGANISATION, folder, std::filesystem::copy_options::recursive);
    std::ofstream(folder / "units.csv", std::ios::app)
        << code << ",Đơn vị " << code << ",,doan_co_so,doan_khoi\n";
    return folder;
  }
};

TEST_F(Days, AWeekWithTwoRestoresLosesNothingThatAPhoneOrACarrierHas) {
  const auto office = joined("office", root_unit(), "office");
  FieldPhone an = field_phone("an");
  FieldPhone binh = field_phone("binh");
  FieldPhone chi = field_phone("chi");  // comes on the first day and the last
  for (FieldPhone* phone : {&an, &binh, &chi}) import(*phone, 3);
  drain_all({&an, &binh, &chi});
  drain(office);
  back_up(1);

  import(an, 4);
  import(chi, 2);                         // stays at home
  FieldPhone dung = field_phone("dung");  // joined after the first backup
  import(dung, 3);
  drain_all({&an, &dung});
  drain(office);
  back_up(2);

  import(binh, 5);
  import(dung, 1);
  const auto edited = an.saved.begin()->first;
  an.device.ok({"edit", edited, "trees=77"});
  an.saved[edited] = 77;
  drain_all({&an, &binh, &dung});
  FieldPhone em = field_phone("em");  // after both
  import(em, 2);
  drain(em.device);
  const auto sum = server_total();

  // The disk breaks, and the newer of both backups is tried first and found.
  restore(2);
  ASSERT_FALSE(HasFatalFailure());
  EXPECT_NE(server_total(), sum);
  import(an, 1);
  drain_all({&an, &em});
  // On the next day somebody restores the older one over it, by mistake.
  restore(1);
  ASSERT_FALSE(HasFatalFailure());
  import(binh, 1);
  drain_all({&binh, &an, &em});
  // The others come as they find the time, one by a carrier's hand.
  const auto file = (folder_.path() / "chi.phusa").string();
  chi.device.ok({"handover", file});
  an.device.ok({"carry", file});
  drain_all({&an, &dung, &chi, &binh, &em, &an});
  drain(office);
  expect_laws({&an, &binh, &chi, &dung, &em}, office);
}

TEST_F(Days, ARevocationOutlivesARestoreToBeforeIt) {
  const auto officer = joined("officer", unit(), "officer");
  FieldPhone stolen = field_phone("stolen");
  import(stolen, 2);
  drain(stolen.device);
  drain(officer);
  back_up(1);
  const auto id = stolen.device.json({"status"})["device"].get<std::string>();
  command({"devices", "revoke", id});
  const auto total = server_total();
  drain(officer);  // hears of it
  ASSERT_FALSE(log(stolen, 900).empty());
  restore(1);
  ASSERT_FALSE(HasFatalFailure());
  drain(officer);  // and tells it
  const Outcome told = stolen.device({"sync", "--lang", "vi"});
  EXPECT_EQ(told.status, 1);
  EXPECT_THAT(told.err, HasSubstr("thu hồi"));
  EXPECT_EQ(server_total(), total) << "what it sent is held";
  EXPECT_THAT(command({"held", "devices", "--format", "csv"}), HasSubstr(id + "," + unit() + ",yes,1,"));
  expect_verified();
}

TEST_F(Days, ARevisionMadeAnewUnderALostNumberHoldsNothingForEver) {
  FieldPhone phone = field_phone("phone");
  import(phone, 2);
  drain(phone.device);
  back_up(1);
  command({"org", "apply", organisation_with("don_vi_cu").string(), "--yes"});
  drain(phone.device);
  import(phone, 3);
  drain(phone.device);
  const auto total = server_total();
  restore(1);
  ASSERT_FALSE(HasFatalFailure());
  command({"org", "apply", organisation_with("don_vi_moi").string(), "--yes"});
  drain(phone.device);
  EXPECT_NE(server_total(), total);
  const Json lost = Json::parse(command({"held", "revisions", "--format", "json"}));
  ASSERT_EQ(lost.size(), 1u);
  EXPECT_EQ(lost[0]["revision"], "2");
  EXPECT_EQ(lost[0]["contradicted"], "yes");
  EXPECT_EQ(lost[0]["changes"], "3");
  const Outcome wrong =
      run({PHUSA_SERVER_BIN, "held", "accept-revision", "2", "--hash", "ffff", "--data", data().string()},
          plain_environment());
  EXPECT_EQ(wrong.status, lost[0]["hash"].get<std::string>().starts_with("ffff") ? 0 : 1);
  EXPECT_THAT(command({"held", "accept-revision", "2", "--lang", "vi"}), HasSubstr("3 thay đổi"));
  EXPECT_EQ(server_total(), total);
  EXPECT_THAT(command({"held", "revisions"}), HasSubstr("nothing is held"));
  drain(phone.device);
  EXPECT_EQ(shown(phone.device), phone.saved);
  EXPECT_EQ(total, std::to_string(sum_of(phone.saved)));
  EXPECT_EQ(phone.device.count("held"), 0u);
  expect_verified();
}

TEST_F(Days, ARevokedPhoneSaysSoInItsReadersLanguageSinceWhenAndWhatWaits) {
  FieldPhone phone = field_phone("phone");
  import(phone, 2);
  drain(phone.device);
  const auto id = phone.device.json({"status"})["device"].get<std::string>();
  EXPECT_EQ(phone.device.json({"status"})["revoked_since"], "");
  command({"devices", "revoke", id});
  import(phone, 3);
  const Outcome synced = phone.device({"sync", "--lang", "vi"});
  EXPECT_EQ(synced.status, 1);
  EXPECT_THAT(synced.err, HasSubstr("Máy này đã bị văn phòng thu hồi từ 20"));
  EXPECT_THAT(synced.err, HasSubstr("3 bản ghi của máy đang chờ"));
  EXPECT_THAT(synced.err, HasSubstr("gặp cán bộ đoàn"));
  EXPECT_THAT(synced.err, HasSubstr(id));
  const Outcome status = phone.device({"status", "--lang", "vi"});
  EXPECT_THAT(status.out, HasSubstr("máy đã bị văn phòng thu hồi từ 20"));
  EXPECT_THAT(status.out, HasSubstr("3 bản ghi"));
  const Outcome again = phone.device({"sync", "--format", "json"});
  EXPECT_EQ(again.status, 1) << "also where nothing is left to send";
  EXPECT_EQ(Json::parse(again.out)["error"], "revoked");
  EXPECT_FALSE(phone.device.json({"status"})["revoked_since"].get<std::string>().empty());
  // Everything is safe at the office, which may count it after all.
  const Json fates = Json::parse(command({"devices", "revoke", id, "--preview", "--format", "json"}));
  command({"devices", "revoke", id, "--good", fates.back()["batch"].get<std::string>()});
  EXPECT_EQ(server_total(), std::to_string(sum_of(phone.saved)));
}

}  // namespace
}  // namespace phusa::test
