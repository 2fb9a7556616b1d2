#include "tests/e2e/chaos/field.hpp"
#include "tests/support/cutting_proxy.hpp"

/// Processes that end or stand still at any moment.
namespace phusa::test {
namespace {

class Kills : public Field {
 protected:
  /// A phone that imports and syncs, and again, until a sync fails or its files are at an end.
  struct Busy {
    FieldPhone* phone;
    std::vector<ImportFile> files;
    Process process;
  };
  Busy start_busy(FieldPhone& phone) {
    constexpr int kFiles = 12;
    std::vector<std::string> argv = {
        "sh",
        "-c",
        "phusa=$1 store=$2; shift 2\n"
        "for file; do\n"
        "  \"$phusa\" --store \"$store\" import \"$file\" --alike others --format json "
        ">\"$file.json\" || exit 2\n"
        "  \"$phusa\" --store \"$store\" sync || exit 1\n"
        "done",
        "busy",
        PHUSA_BIN,
        phone.device.store().string()};
    std::vector<ImportFile> files;
    for (int i = 0; i < kFiles; ++i) {
      files.push_back(write_import(5));
      argv.push_back(files.back().path.string());
    }
    return {&phone, std::move(files), start(argv)};
  }
  static void end_busy(Busy& busy) {
    EXPECT_LE(busy.process.wait(), 1) << busy.process.output();
    for (const ImportFile& file : busy.files) {
      std::ifstream imported(file.path.string() + ".json");
      if (imported) note_imported(*busy.phone, file, Json::parse(imported, nullptr, false));
    }
  }
};

TEST_F(Kills, TwentyOfALoadedServerLoseNothingThatWasAcknowledged) {
  constexpr int kStruck = 20;
  constexpr int kKillsMax = 60;
  const auto office = joined("office", root_unit(), "office");
  CuttingProxy proxy(static_cast<std::uint16_t>(port_), [](std::size_t) { return Weather{}; });
  std::vector<FieldPhone> phones;
  for (const char* name : {"first", "second", "third", "fourth"}) {
    phones.push_back({phone(name), {}});
    phones.back().device.ok({"join", proxy.url(), code_for(unit(), "volunteer")});
  }
  int struck = 0;
  int kills = 0;
  while (struck < kStruck && kills < kKillsMax) {
    ++kills;
    const std::size_t unanswered = proxy.unanswered();
    const std::size_t loaded = proxy.bytes_up() + below(5000);
    std::vector<Busy> all;
    for (FieldPhone& phone : phones) all.push_back(start_busy(phone));
    const auto is_busy = [&] {
      return std::any_of(all.begin(), all.end(), [](Busy& busy) { return busy.process.is_running(); });
    };
    while ((proxy.bytes_up() < loaded || proxy.waiting() == 0) && is_busy())
      strike_after(std::chrono::microseconds(100));
    strike_after(std::chrono::microseconds(below(3000)));  // somewhere in the server's work
    kill_server();
    for (Busy& busy : all) end_busy(busy);
    ASSERT_FALSE(HasFatalFailure());
    struck += proxy.unanswered() > unanswered ? 1 : 0;
    Trees acknowledged;
    for (const FieldPhone& phone : phones) acknowledged.merge(shown(phone.device, true));
    start_server(port_);
    ASSERT_FALSE(HasFatalFailure());
    drain(office);
    const auto there = shown(office);
    for (const auto& [id, trees] : acknowledged) {
      const auto at = there.find(id);
      ASSERT_TRUE(at != there.end()) << id << " was acknowledged before kill " << kills;
      EXPECT_EQ(at->second, trees) << id;
    }
    EXPECT_EQ(server_total(), std::to_string(sum_of(there))) << "after kill " << kills;
    expect_verified();
  }
  std::cout << struck << " of " << kills << " kills struck requests without an answer" << std::endl;
  EXPECT_EQ(struck, kStruck);
  expect_laws({&phones[0], &phones[1], &phones[2], &phones[3]}, office);
}

TEST_F(Kills, OfAPhoneWhileItLogsLoseNothingThatItSaidItSaved) {
  const auto office = joined("office", root_unit(), "office");
  FieldPhone phone = field_phone("phone");
  const Stopwatch watch;
  ASSERT_FALSE(log(phone, 1).empty());
  const std::uint64_t usual_us = watch.us();
  int said = 0;
  for (std::int64_t round = 2; round <= 25; ++round) {
    std::vector<std::string> argv = {"sh", "-c", "exec \"$@\" 2>/dev/null",
                                     "sh"};  // the id alone is looked at
    const auto command = phone_command(phone, log_trees(round));
    argv.insert(argv.end(), command.begin(), command.end());
    Process logging = start(argv);
    strike_after(std::chrono::microseconds(below(2 * usual_us)));
    logging.signal(SIGKILL);
    logging.wait();
    if (note_said(phone, logging.output(), round).empty())
      phone.in_doubt.insert(round);
    else
      ++said;
  }
  std::cout << said << " of 24 were said to be saved" << std::endl;
  EXPECT_LT(said, 24) << "no kill struck";
  expect_laws({&phone}, office);
}

TEST_F(Kills, OfAPhoneWhileItSyncsCountEverythingOnce) {
  const auto office = joined("office", root_unit(), "office");
  FieldPhone phone = field_phone("phone");
  import(phone, 10);
  const Stopwatch watch;
  phone.device.ok({"sync"});
  const std::uint64_t usual_us = watch.us();
  int struck = 0;
  for (int round = 0; round < 15; ++round) {
    import(phone, 10);
    Process sync = start(phone_command(phone, {"sync"}));
    strike_after(std::chrono::microseconds(below(usual_us)));
    sync.signal(SIGKILL);
    struck += sync.wait() == 128 + SIGKILL ? 1 : 0;
  }
  std::cout << struck << " of 15 kills struck" << std::endl;
  EXPECT_GT(struck, 0);
  expect_laws({&phone}, office);
}

TEST_F(Kills, AServerThatStandsStillKeepsNobodyFromLogging) {
  const auto office = joined("office", root_unit(), "office");
  CuttingProxy proxy(static_cast<std::uint16_t>(port_), [](std::size_t) { return Weather{}; });
  FieldPhone phone{this->phone("phone"), {}};
  phone.device.ok({"join", proxy.url(), code_for(unit(), "volunteer")});
  import(phone, 5);
  server_->signal(SIGSTOP);
  const std::size_t before = proxy.bytes_up();
  Process sync = start(phone_command(phone, {"sync"}));
  while (sync.is_running() && proxy.bytes_up() == before) strike_after(std::chrono::milliseconds(1));
  ASSERT_TRUE(sync.is_running()) << sync.output();
  EXPECT_FALSE(log(phone, 700).empty());  // a sync never holds the store while it waits for the network
  EXPECT_EQ(phone.device.count("saved"), 6u);
  server_->signal(SIGCONT);
  EXPECT_EQ(sync.wait(), 0) << sync.output();
  expect_laws({&phone}, office);
}

TEST_F(Kills, APhoneThatStandsStillHoldsUpNobodyElse) {
  const auto office = joined("office", root_unit(), "office");
  CuttingProxy proxy(static_cast<std::uint16_t>(port_), [](std::size_t) { return Weather{}; });
  FieldPhone still{phone("still"), {}};
  still.device.ok({"join", proxy.url(), code_for(unit(), "volunteer")});
  FieldPhone other = field_phone("other");
  for (int round = 0; round < 4; ++round) {
    import(still, 10);
    import(other, 3);
    const std::size_t before = proxy.bytes_up();
    Process sync = start(phone_command(still, {"sync"}));
    while (sync.is_running() && proxy.bytes_up() < before + below(1500))
      strike_after(std::chrono::microseconds(200));
    sync.signal(SIGSTOP);
    drain(other.device);
    sync.signal(SIGCONT);
    EXPECT_EQ(sync.wait(), 0) << sync.output();
  }
  expect_laws({&still, &other}, office);
}

}  // namespace
}  // namespace phusa::test
