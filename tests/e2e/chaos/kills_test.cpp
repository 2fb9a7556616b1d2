#include "tests/e2e/chaos/field.hpp"
#include "tests/support/cutting_proxy.hpp"

/// Processes that end or stand still at any moment.
namespace phusa::test {
namespace {

class Kills : public Field {};

TEST_F(Kills, TwentyOfALoadedServerLoseNothingThatWasAcknowledged) {
  const auto office = joined("office", root_unit(), "office");
  std::vector<FieldPhone> phones = {field_phone("first"), field_phone("second")};
  std::uint64_t usual_us = 0;
  int struck = 0;
  for (int kill = 0; kill <= 20; ++kill) {
    for (FieldPhone& phone : phones) import(phone, 20);
    const Stopwatch watch;
    std::vector<Process> syncs;
    for (const FieldPhone& phone : phones) syncs.push_back(start(phone_command(phone, {"sync"})));
    if (kill > 0) {  // the first round tells how long a sync takes here and now
      strike_after(std::chrono::microseconds(below(usual_us)));
      kill_server();
    }
    bool failed = false;
    for (Process& sync : syncs) failed = sync.wait() != 0 || failed;
    if (kill == 0) {
      EXPECT_FALSE(failed);
      usual_us = watch.us();
      continue;
    }
    struck += failed ? 1 : 0;
    std::map<std::string, std::int64_t> acknowledged;
    for (const FieldPhone& phone : phones) acknowledged.merge(shown(phone.device, true));
    start_server(port_);
    ASSERT_FALSE(HasFatalFailure());
    drain(office);
    const auto there = shown(office);
    for (const auto& [id, trees] : acknowledged)
      ASSERT_TRUE(there.contains(id)) << id << " was acknowledged before kill " << kill;
  }
  std::cout << struck << " of 20 kills struck a sync under way" << std::endl;
  EXPECT_GT(struck, 0);
  expect_laws({&phones[0], &phones[1]}, office);
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
    said += note_said(phone, logging.output(), round).empty() ? 0 : 1;
  }
  std::cout << said << " of 24 were said to be saved" << std::endl;
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
