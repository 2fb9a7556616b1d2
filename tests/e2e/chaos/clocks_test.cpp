#include "tests/e2e/chaos/field.hpp"

/// Phones whose clocks are decades off, or beyond what calendars and nanoseconds count (law 8).
namespace phusa::test {
namespace {

std::string fake_time_library() {
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib")) {
    const auto library = entry.path() / "faketime" / "libfaketime.so.1";
    if (std::filesystem::exists(library)) return library.string();
  }
  return {};
}

class Clocks : public Field {
 protected:
  /// The phone's program at another time; the clock that only goes forward stays, as in a phone.
  Outcome at(const std::string& time, const FieldPhone& phone,
             const std::vector<std::string>& arguments) const {
    Environment all = environment();
    all["LD_PRELOAD"] = fake_time_library();
    all["FAKETIME"] = "@" + time;
    all["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
    return run(phone_command(phone, arguments), all);
  }
};

TEST_F(Clocks, DecadesOffLoseNothingAndWinNothing) {
  if (fake_time_library().empty()) GTEST_SKIP() << "libfaketime is not installed";
  const auto office = joined("office", root_unit(), "office");
  std::vector<FieldPhone> phones;
  for (const char* time : {"1970-01-02 00:00:00", "2035-06-01 12:00:00", "1899-06-01 00:00:00",
                           "2262-04-12 00:00:00", "9999-12-31 23:59:59"}) {
    phones.push_back({phone(std::string(time).substr(0, 4)), {}});
    FieldPhone& phone = phones.back();
    const Outcome join = at(time, phone, {"join", url(), code_for(unit(), "volunteer")});
    ASSERT_EQ(join.status, 0) << join.err;
    for (std::int64_t trees : {10, 20}) {
      const Outcome logged = at(time, phone, log_trees(trees));
      ASSERT_EQ(logged.status, 0) << logged.err;
      note_said(phone, logged.out, trees);
    }
    const Outcome sync = at(time, phone, {"sync"});
    ASSERT_EQ(sync.status, 0) << sync.err;
  }
  drain(office);
  // A copy in 2035 edits; then the office, whose clock is right, and the edit that saw the other's stands.
  const std::string record = phones[1].saved.begin()->first;
  ASSERT_EQ(at("2035-06-01 12:00:00", phones[1], {"edit", record, "trees=33"}).status, 0);
  ASSERT_EQ(at("2035-06-01 12:00:00", phones[1], {"sync"}).status, 0);
  drain(office);
  office.ok({"edit", record, "trees=44"});
  drain(office);
  phones[1].saved[record] = 44;
  expect_laws({&phones[0], &phones[1], &phones[2], &phones[3], &phones[4]}, office);
}

TEST_F(Clocks, WhatAPhoneIn1970LogsForTodayIsHeldUntilItsDayIsMended) {
  if (fake_time_library().empty()) GTEST_SKIP() << "libfaketime is not installed";
  const auto office = joined("office", root_unit(), "office");
  FieldPhone phone = field_phone("phone");
  const Outcome logged = at("1970-01-02 00:00:00", phone, {"log", "--kind", "tree_planting", "trees=12"});
  ASSERT_EQ(logged.status, 0) << logged.err;
  const std::string id = note_said(phone, logged.out, 12);
  drain(phone.device);
  EXPECT_EQ(phone.device.count("held"), 1u);
  EXPECT_EQ(server_total(), "0");
  drain(office);
  office.ok({"edit", id, "--date", "2023-02-05"});
  drain(office);
  EXPECT_EQ(server_total(), "12");
  expect_laws({&phone}, office);
}

}  // namespace
}  // namespace phusa::test
