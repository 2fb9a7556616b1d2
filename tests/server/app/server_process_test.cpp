#include "tests/server/app/server_process.hpp"

#include "core/journal/enrolment_code.hpp"
#include "sync-server/app/local_socket.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <span>
#include <stdexcept>

namespace phusa::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(ServerProcessTest, InitTakesANewFolderOnly) {
  const Outcome again = server({"init", "--org", organisation_.path().string()});
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.err, HasSubstr("not empty"));
}

TEST_F(ServerProcessTest, InitLeavesNothingBehindWhenTheOrganisationIsBroken) {
  organisation_.write("units.csv", "code,parent\na,b\nb,a\nc,nobody\n");
  organisation_.write("clusters.csv", "");
  const auto other = folder_.path() / "other";
  const Outcome failed =
      run({PHUSA_SERVER, "init", "--data", other.string(), "--org", organisation_.path().string()});
  EXPECT_EQ(failed.status, 1);
  EXPECT_THAT(failed.err, HasSubstr("units.csv:2: "));
  EXPECT_THAT(failed.err, HasSubstr("units.csv:4: "));
  EXPECT_FALSE(std::filesystem::exists(other));
}

TEST_F(ServerProcessTest, CommandsMeanTheSameWithAndWithoutAServer) {
  const Outcome before = server({"totals", "--format", "csv"});
  EXPECT_EQ(before.status, 0) << before.err;
  const auto enrolled = [&] {
    const Outcome made = server({"enrol", "--unit", "so_y_te", "--role", "officer", "--format", "json"});
    EXPECT_EQ(made.status, 0) << made.err;
    return nlohmann::json::parse(made.out);
  };
  EXPECT_TRUE(journal::parse_enrolment_code(enrolled().value("code", "")));
  start();
  EXPECT_EQ(server({"totals", "--format", "csv"}).out, before.out);
  const auto json = enrolled();
  EXPECT_TRUE(journal::parse_enrolment_code(json.value("code", "")));
  EXPECT_EQ(json.value("link", ""), "http://" + address_ + "/#" + json.value("code", ""));
  EXPECT_EQ(json.value("uses", 0), 1);
  const Outcome wrong = server({"enrol", "--unit", "nobody", "--role", "officer"});
  EXPECT_EQ(wrong.status, 1);
  EXPECT_THAT(wrong.err, HasSubstr("nobody"));
  EXPECT_EQ(server({"devices", "list"}).status, 0);
  EXPECT_EQ(server({"held"}).out, "nothing is held\n");
  EXPECT_EQ(server({"verify"}).status, 0);
  EXPECT_EQ(stop(), 0);
}

/// As a backup or a verification leaves it that was killed: an unencrypted ledger that no erasure reaches.
TEST_F(ServerProcessTest, ALeftoverCopyOfTheLedgerIsGoneOnceItServes) {
  const auto lies = [&](const char* name) { return std::filesystem::exists(data() / name); };
  const char* ours[] = {"backup-0123456789abcdef", "verify-fedcba9876543210"};
  const char* others[] = {"backup-0123456789abcdef0", "backup-of-may", "verify"};
  for (const auto& names : {std::span<const char* const>(ours), std::span<const char* const>(others)}) {
    for (const char* name : names) {
      std::filesystem::create_directory(data() / name);
      std::filesystem::copy_file(data() / "ledger.sqlite", data() / name / "ledger.sqlite");
    }
  }
  std::ofstream(data() / "backup-00000000000000ff") << "a file";
  start();
  for (const char* name : ours) EXPECT_FALSE(lies(name)) << name;
  for (const char* name : others) EXPECT_TRUE(lies(name)) << name;
  EXPECT_TRUE(lies("backup-00000000000000ff"));
}

TEST_F(ServerProcessTest, HalfAKeyThatAKillLeftIsGoneOnceItServes) {
  const auto keys = data() / "keys";
  std::ofstream(keys / ".new-a1B2c3") << "0123";
  std::ofstream(keys / ".newspaper") << "not ours";
  start();
  EXPECT_FALSE(std::filesystem::exists(keys / ".new-a1B2c3"));
  EXPECT_TRUE(std::filesystem::exists(keys / ".newspaper"));
  EXPECT_TRUE(std::filesystem::exists(keys / "box"));
}

TEST(LocalServer, WhatOneCommandThrowsEndsThatCommandAlone) {
  const TemporaryFolder folder;
  const auto run = [](const app::LocalRequest& request) -> app::Outcome {
    if (request.args.empty()) throw std::runtime_error("no words");
    return {0, request.args.front(), "", ""};
  };
  const auto server = app::LocalServer::start(folder.path(), run);
  ASSERT_TRUE(server.has_value());
  const auto thrown = app::ask_server(folder.path(), {});
  ASSERT_TRUE(thrown.has_value() && *thrown);
  EXPECT_EQ((*thrown)->exit, 1);
  EXPECT_THAT((*thrown)->err, HasSubstr("no words"));
  app::LocalRequest hello;
  hello.args = {"hello"};
  const auto next = app::ask_server(folder.path(), hello);
  ASSERT_TRUE(next.has_value() && *next);
  EXPECT_EQ((*next)->out, "hello");
}

TEST_F(ServerProcessTest, TheSocketIsForItsOwnerOnlyAndItsPathMayBeLong) {
  const auto deep = folder_.path() / std::string(100, 'd') / std::string(100, 'e');
  ASSERT_EQ(
      run({PHUSA_SERVER, "init", "--data", deep.string(), "--org", organisation_.path().string()}).status, 0);
  auto process = Process::start({PHUSA_SERVER, "serve", "--data", deep.string(), "--listen", "127.0.0.1:0"},
                                folder_.path() / "deep.log", {{"LC_ALL", "C.UTF-8"}});
  ASSERT_TRUE(process);
  ASSERT_TRUE(process->wait_for_output(" info serving ")) << process->output();
  struct stat info {};
  ASSERT_EQ(::stat((deep / "socket").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(run({PHUSA_SERVER, "totals", "--data", deep.string()}).status, 0);
  process->signal(SIGTERM);
  EXPECT_EQ(process->wait(), 0);
}

TEST_F(ServerProcessTest, ASecondServerOnTheFolderIsRefused) {
  start();
  const Outcome second = server({"serve", "--listen", "127.0.0.1:0"});
  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(second.err, HasSubstr("another phusa-server"));
  EXPECT_EQ(ask("/healthz", "").status, 200);
}

TEST_F(ServerProcessTest, OtherMachinesAreLetInOnlyWhenToldSo) {
  const Outcome refused = server({"serve", "--listen", "0.0.0.0:0"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("--exposed"));
  for (const char* elsewhere : {"127.0.0.1.example.org:0", "127.evil:0", "*:0", "+:0", "[::]:0", "0:0"}) {
    EXPECT_EQ(server({"serve", "--listen", elsewhere}).status, 2) << elsewhere;
  }
  EXPECT_EQ(server({"serve", "--listen", "nonsense"}).status, 2);
  auto exposed =
      Process::start({PHUSA_SERVER, "serve", "--data", data().string(), "--listen", "0.0.0.0:0", "--exposed"},
                     folder_.path() / "exposed.log", {{"LC_ALL", "C.UTF-8"}});
  ASSERT_TRUE(exposed);
  EXPECT_TRUE(exposed->wait_for_output("reachable from other machines")) << exposed->output();
}

TEST_F(ServerProcessTest, AKilledServerIsFollowedByAnother) {
  start();
  process_->signal(SIGKILL);
  process_->wait();
  EXPECT_EQ(server({"totals"}).status, 0);  // its socket is still there, with nobody behind it
  start();
  EXPECT_EQ(server({"totals"}).status, 0);
  EXPECT_EQ(stop(), 0);
  EXPECT_FALSE(std::filesystem::exists(data() / "socket"));
}

TEST_F(ServerProcessTest, OrgApplyShowsFirstAndAppliesWhenTold) {
  start();
  organisation_.write("labels.csv",
                      "code,name,group\nkhoi_level,Cấp Khối,level\nco_so,Cấp cơ sở,level\nmoi,Mới,level\n");
  const std::string folder = organisation_.path().string();
  const Outcome shown = server({"org", "apply", folder});
  EXPECT_EQ(shown.status, 0);
  EXPECT_THAT(shown.out, HasSubstr("moi"));
  EXPECT_THAT(shown.err, HasSubstr("--yes"));
  const Outcome applied = server({"org", "apply", folder, "--yes"});
  EXPECT_EQ(applied.status, 0) << applied.err;
  EXPECT_THAT(applied.err, HasSubstr("revision 2"));
  EXPECT_THAT(server({"org", "apply", folder, "--yes"}).err, HasSubstr("nothing to apply"));
  EXPECT_EQ(stop(), 0);
  EXPECT_THAT(server({"org", "apply", folder, "--yes"}).err, HasSubstr("nothing to apply"));
  organisation_.write("indicators.csv", "code,name,unit,decimals\ntrees,Cây xanh,bụi,0\n");
  const Outcome refused = server({"org", "apply", folder, "--yes"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("indicators.csv:2: "));
}

TEST_F(ServerProcessTest, OnlyWhatWasShownIsApplied) {
  organisation_.write("labels.csv", "code,name,group\nx,X,level\nkhoi_level,A,level\nco_so,B,level\n");
  const Outcome applied =
      server({"org", "apply", organisation_.path().string(), "--yes", "--expect", std::string(64, '0')});
  EXPECT_EQ(applied.status, 1);
  EXPECT_THAT(applied.err, HasSubstr("changed since"));
}

// What the first reads of its folder comes from a pipe: for as long as nobody writes into that, it stands
// between its look at the catalogue and its publishing.
TEST_F(ServerProcessTest, OfTwoCataloguesMadeAtOnceTheSecondIsRefused) {
  start();
  Organisation slow;
  slow.write("labels.csv", "");
  const std::filesystem::path pipe = slow.path() / "labels.csv";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  auto first = *Process::start(
      {PHUSA_SERVER, "org", "apply", slow.path().string(), "--yes", "--data", data().string()},
      folder_.path() / "first.log", {{"LC_ALL", "C.UTF-8"}});
  int writer = -1;  // there is none to open before somebody reads
  while ((writer = ::open(pipe.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0) {
    ASSERT_TRUE(first.is_running()) << first.output();
    ::poll(nullptr, 0, 5);  // yields between looks; the condition alone decides
  }
  organisation_.write("labels.csv", "code,name,group\nkhoi_level,Khối,level\nco_so,Cấp cơ sở,level\n");
  const Outcome second = server({"org", "apply", organisation_.path().string(), "--yes"});
  EXPECT_EQ(second.status, 0) << second.err;
  const std::string other = "code,name,group\nkhoi_level,Cấp Khối,level\nco_so,Cơ sở,level\n";
  EXPECT_EQ(::write(writer, other.data(), other.size()), static_cast<ssize_t>(other.size()));
  ::close(writer);
  EXPECT_EQ(first.wait(), 1) << first.output();
  EXPECT_THAT(first.output(), HasSubstr("revision 2"));
  EXPECT_THAT(server({"org", "apply", organisation_.path().string(), "--yes"}).err,
              HasSubstr("nothing to apply"))
      << "what was said to be applied stands";
  EXPECT_EQ(stop(), 0);
}

TEST_F(ServerProcessTest, AWrongFolderIsSaidPlainly) {
  const Outcome failed = run({PHUSA_SERVER, "totals", "--data", (folder_.path() / "nowhere").string()});
  EXPECT_EQ(failed.status, 1);
  EXPECT_EQ(std::count(failed.err.begin(), failed.err.end(), '\n'), 1);
  EXPECT_THAT(failed.err, HasSubstr("phusa-server init"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "nowhere"));
}

TEST_F(ServerProcessTest, AMissingLedgerIsSaidAndNoneIsMadeInItsPlace) {
  for (const auto& entry : std::filesystem::directory_iterator(data())) {
    if (entry.path().filename() != "keys") std::filesystem::remove_all(entry.path());
  }
  for (const char* command : {"verify", "serve", "enrol"}) {
    const Outcome failed =
        server(command == std::string("enrol")
                   ? std::vector<std::string>{"enrol", "--unit", "so_y_te", "--role", "officer"}
                   : std::vector<std::string>{command});
    EXPECT_EQ(failed.status, 1);
    EXPECT_THAT(failed.err, HasSubstr((data() / "ledger.sqlite").string() + " is missing"));
    EXPECT_THAT(failed.err, HasSubstr("phusa-server restore"));
  }
  EXPECT_THAT(server({"verify", "--lang", "vi"}).err, HasSubstr("không tìm thấy"));
  std::vector<std::filesystem::path> left;
  for (const auto& entry : std::filesystem::directory_iterator(data()))
    left.push_back(entry.path().filename());
  EXPECT_EQ(left, std::vector<std::filesystem::path>{"keys"});
}

TEST_F(ServerProcessTest, TotalsEndNoEarlierThanTheyBegin) {
  const Outcome failed = server({"totals", "--from", "2023-03-02", "--to", "1/3/2023"});
  EXPECT_EQ(failed.status, 2);
  EXPECT_THAT(failed.err, HasSubstr("2023-03-02 is later than to: 2023-03-01"));
  EXPECT_EQ(server({"totals", "--from", "2023-03-01", "--to", "1/3/2023"}).status, 0);
}

TEST_F(ServerProcessTest, PeopleReadLocalTimesAndProgramsUtc) {
  using ::testing::ContainsRegex;
  const std::vector<std::string> enrol{"enrol", "--unit", "so_y_te", "--role", "officer"};
  EXPECT_THAT(server(enrol).out, ContainsRegex("until [0-9-]+ [0-9]+:[0-9]+;"));
  auto for_programs = enrol;
  for_programs.insert(for_programs.end(), {"--format", "json"});
  EXPECT_THAT(server(for_programs).out, ContainsRegex("T[0-9:]+Z\""));
  EXPECT_THAT(server({"enrol", "list"}).out, Not(ContainsRegex("T[0-9:]+Z")));
  EXPECT_THAT(server({"enrol", "list", "--format", "csv"}).out, ContainsRegex("T[0-9:]+Z"));
  new_token();
  EXPECT_THAT(server({"token", "list"}).out, Not(ContainsRegex("T[0-9:]+Z")));
}

/// `phusa-server ARGS` in a shell that sends its output elsewhere.
Outcome with_output(const std::string& elsewhere, std::vector<std::string> args) {
  args.insert(args.begin(), {"bash", "-c", "set -o pipefail; \"$0\" \"$@\" " + elsewhere, PHUSA_SERVER});
  return run(args, {{"LC_ALL", "C.UTF-8"}});
}

TEST_F(ServerProcessTest, WhatFindsNoRoomBehindStandardOutputIsAFailure) {
  const std::string folder = data().string();
  for (const auto& args :
       std::vector<std::vector<std::string>>{{"devices", "list", "--data", folder},
                                             {"totals", "--data", folder, "--format", "json"},
                                             {"--help"}}) {
    const Outcome failed = with_output("> /dev/full", args);
    EXPECT_EQ(failed.status, 1) << args[0];
    EXPECT_THAT(failed.err, HasSubstr("not all of the output could be written: No space left on device\n"));
  }
  EXPECT_THAT(with_output("> /dev/full", {"verify", "--data", folder, "--lang", "vi"}).err,
              HasSubstr("không ghi được hết kết quả"));
  EXPECT_EQ(with_output("> /dev/full", {"fly"}).status, 2) << "and nothing to be written";
  EXPECT_EQ(with_output("| true", {"devices", "list", "--data", folder}).status, 0) << "who has read enough";
}

TEST_F(ServerProcessTest, ASecretThatNobodySawIsToBeRevoked) {
  const std::string folder = data().string();
  const Outcome token = with_output("> /dev/full", {"token", "--data", folder});
  EXPECT_EQ(token.status, 1);
  EXPECT_THAT(token.err, HasSubstr("revoke it (token list, token revoke)"));
  const Outcome code = with_output(
      "> /dev/full", {"enrol", "--data", folder, "--unit", "so_y_te", "--role", "officer", "--lang", "vi"});
  EXPECT_EQ(code.status, 1);
  EXPECT_THAT(code.err, HasSubstr("hãy thu hồi mã (enrol list, enrol revoke)"));
}

TEST_F(ServerProcessTest, LogsHoldNoTokens) {
  start();
  const std::string token = new_token();
  EXPECT_EQ(ask("/v1/totals?by=unit", token).status, 200);
  EXPECT_EQ(stop(), 0);
  // The process is gone; its log is not.
  std::ifstream in(folder_.path() / "server.log");
  const std::string log((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  EXPECT_THAT(log, Not(HasSubstr(token)));
}

}  // namespace
}  // namespace phusa::test
