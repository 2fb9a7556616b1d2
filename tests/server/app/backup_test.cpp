#include "sync-server/app/backup.hpp"

#include "tests/server/app/server_process.hpp"
#include "tests/support/tracing.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>

namespace phusa::test {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

class BackupTest : public ServerProcessTest {
 protected:
  void SetUp() override {
    ServerProcessTest::SetUp();
    ASSERT_EQ(run({PHUSA_SERVER, "backup-key", key()}).status, 0);
  }
  std::string key() const { return folder_.file("office"); }
  std::string backup() const { return folder_.file("backup-1"); }
  Outcome back_up() const { return server({"backup", "--out", backup(), "--to", key() + ".pub"}); }
  static Outcome restore(const std::string& file, const std::filesystem::path& to, const std::string& with,
                         const std::string& keys = {}) {
    std::vector<std::string> args{PHUSA_SERVER, "restore", file, "--data", to.string(), "--key", with};
    if (!keys.empty()) args.insert(args.end(), {"--keys", keys});
    return run(args, {{"LC_ALL", "C.UTF-8"}});
  }
  static std::string text_of(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::filesystem::path restored() const { return folder_.path() / "restored"; }
};

TEST_F(BackupTest, WhileServingItIsWholeAndComesBackWithTheKeys) {
  start();
  ASSERT_EQ(server({"enrol", "--unit", "so_y_te", "--role", "officer"}).status, 0);
  const Outcome made = back_up();
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("keep a copy"));
  const Outcome after = server({"keys", "rotate"});  // not in the backup
  ASSERT_EQ(after.status, 0) << after.err;
  EXPECT_EQ(stop(), 0);
  const Outcome back = restore(backup(), restored(), key(), (data() / "keys").string());
  ASSERT_EQ(back.status, 0) << back.err;
  EXPECT_THAT(back.out, HasSubstr("backed up at"));
  for (const std::string& told : {made.out, back.out}) {
    EXPECT_THAT(told, ContainsRegex("at [0-9-]+ [0-9]+:[0-9]+")) << "local time";
    EXPECT_THAT(told, Not(ContainsRegex("T[0-9:]+Z")));
  }
  EXPECT_THAT(back.out, Not(HasSubstr("next:")));
  EXPECT_EQ(run({PHUSA_SERVER, "verify", "--data", restored().string()}).status, 0);
  struct stat info {};
  ASSERT_EQ(::stat((restored() / "keys" / "server").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  // The newer key opens there too, though the catalogue still names the old one.
  const Outcome keys = run({PHUSA_SERVER, "keys", "list", "--data", restored().string(), "--format", "csv"});
  EXPECT_THAT(keys.out, HasSubstr("keys/box,yes"));
  EXPECT_THAT(keys.out, HasSubstr("keys/box.2,"));
}

TEST_F(BackupTest, NothingOfTheKeysAndNothingReadableIsInIt) {
  ASSERT_EQ(back_up().status, 0);
  const std::string bytes = text_of(backup());
  EXPECT_THAT(bytes, Not(HasSubstr("so_y_te")));
  EXPECT_THAT(bytes, Not(HasSubstr("SQLite format")));
  ASSERT_EQ(restore(backup(), restored(), key()).status, 0);
  EXPECT_FALSE(std::filesystem::exists(restored() / "keys"));
  const std::string seed = text_of(data() / "keys" / "server").substr(0, 64);
  EXPECT_THAT(text_of(restored() / "ledger.sqlite"), Not(HasSubstr(*from_hex(seed))));
  struct stat info {};
  ASSERT_EQ(::stat(backup().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  ASSERT_EQ(::stat(key().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  for (const auto& entry : std::filesystem::directory_iterator(data()))
    EXPECT_FALSE(entry.path().filename().string().starts_with("backup-")) << entry.path();
}

TEST_F(BackupTest, NothingIsEverOverwritten) {
  ASSERT_EQ(back_up().status, 0);
  const std::string before = text_of(backup());
  const Outcome again = back_up();
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.err, HasSubstr("there already"));
  EXPECT_EQ(text_of(backup()), before);
  EXPECT_EQ(run({PHUSA_SERVER, "backup-key", key()}).status, 1);
  const Outcome into = restore(backup(), data(), key());
  EXPECT_EQ(into.status, 1);
  EXPECT_THAT(into.err, HasSubstr("not empty"));
  EXPECT_EQ(server({"verify"}).status, 0);
}

TEST_F(BackupTest, WhatCannotBeRestoredLeavesNothingBehind) {
  ASSERT_EQ(back_up().status, 0);
  const std::string whole = text_of(backup());
  const auto attempt = [&](const std::string& bytes) {
    const std::string path = folder_.file("broken");
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    const Outcome refused = restore(path, restored(), key());
    EXPECT_EQ(refused.status, 1);
    EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
    EXPECT_FALSE(std::filesystem::exists(restored()));
  };
  attempt("");
  attempt(whole.substr(0, 100));
  attempt(whole.substr(0, whole.size() - 1));
  attempt(whole.substr(0, whole.size() / 2));
  std::string changed = whole;
  changed[whole.size() / 3] = static_cast<char>(changed[whole.size() / 3] ^ 4);
  attempt(changed);
  // An empty folder that was there stays.
  std::filesystem::create_directory(restored());
  EXPECT_EQ(restore(backup(), restored(), (data() / "keys" / "box").string()).status, 1);
  EXPECT_TRUE(std::filesystem::is_empty(restored()));
}

TEST_F(BackupTest, OfTwoWhoRestoreIntoOneFolderOneMakesItWhole) {
  if (!can_trace()) GTEST_SKIP() << kNoTracing;
  ASSERT_EQ(back_up().status, 0);
  // The slow one has seen that the folder is empty, and stops before it locks it.
  auto slow = Process::start(
      {"strace", "-e", "trace=?chmod,fchmodat", "-e", "inject=?chmod,fchmodat:signal=SIGSTOP:when=1", "bash",
       "-c", "echo $$ > \"$0\"; exec \"$@\"", folder_.file("pid"), PHUSA_SERVER, "restore", backup(),
       "--data", restored().string(), "--key", key()},
      folder_.file("slow.log"), {{"LC_ALL", "C.UTF-8"}});
  ASSERT_TRUE(slow);
  ASSERT_TRUE(slow->wait_for_output("stopped by SIGSTOP")) << slow->output();
  const Outcome quick = restore(backup(), restored(), key(), (data() / "keys").string());
  EXPECT_EQ(quick.status, 0) << quick.err;
  ASSERT_EQ(::kill(std::stoi(text_of(folder_.file("pid"))), SIGCONT), 0);
  EXPECT_EQ(slow->wait(), 1) << slow->output();
  EXPECT_THAT(slow->output(), HasSubstr("not empty"));
  const Outcome whole = run({PHUSA_SERVER, "verify", "--data", restored().string()});
  EXPECT_EQ(whole.status, 0) << whole.err;
}

TEST_F(BackupTest, AnotherServersKeysAreRefused) {
  ASSERT_EQ(back_up().status, 0);
  const auto other = folder_.path() / "other";
  ASSERT_EQ(
      run({PHUSA_SERVER, "init", "--data", other.string(), "--org", organisation_.path().string()}).status,
      0);
  const Outcome refused = restore(backup(), restored(), key(), (other / "keys").string());
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("another server"));
  EXPECT_FALSE(std::filesystem::exists(restored()));
  EXPECT_EQ(restore(backup(), restored(), key(), folder_.file("nowhere")).status, 1);
  EXPECT_FALSE(std::filesystem::exists(restored()));
}

TEST_F(BackupTest, KeysThatAreElsewhereAreAskedForByTheFolderThatWasGiven) {
  ASSERT_EQ(back_up().status, 0);
  const Outcome above = restore(backup(), restored(), key(), data().string());
  EXPECT_EQ(above.status, 1);
  EXPECT_THAT(above.err, HasSubstr(data().string() + " holds no server's keys; they are in " +
                                   (data() / "keys").string()));
  EXPECT_FALSE(std::filesystem::exists(restored()));
  EXPECT_THAT(restore(backup(), restored(), folder_.file("nowhere")).err,
              HasSubstr("the secret half that phusa-server backup-key made"));
}

TEST_F(BackupTest, ADamagedKeyIsInNoBackupButInTheCopyOfTheKeys) {
  std::ofstream(data() / "keys" / "box", std::ios::trunc) << "nonsense\n";
  const Outcome failed = server({"verify"});
  EXPECT_EQ(failed.status, 1);
  EXPECT_THAT(failed.err, HasSubstr((data() / "keys" / "box").string() +
                                    " holds no key; bring it back from the copy of the keys folder"));
}

TEST_F(BackupTest, OnlyAPublicKeyIsSealedTo) {
  const Outcome secret = server({"backup", "--out", backup(), "--to", key()});
  EXPECT_EQ(secret.status, 2);
  EXPECT_THAT(secret.err, HasSubstr("no public key"));
  EXPECT_EQ(server({"backup", "--out", backup(), "--to", "nonsense"}).status, 1);
  EXPECT_EQ(server({"backup", "--out", backup(), "--to", "backup-" + std::string(64, 'x')}).status, 2);
  EXPECT_FALSE(std::filesystem::exists(backup()));
  std::string text;
  std::ifstream(key() + ".pub") >> text;
  EXPECT_EQ(server({"backup", "--out", backup(), "--to", text}).status, 0);
}

TEST_F(BackupTest, AFolderThatCannotBeWrittenIsSaidPlainly) {
  start();
  const Outcome failed =
      server({"backup", "--out", folder_.file("nowhere/deep/backup"), "--to", key() + ".pub"});
  EXPECT_EQ(failed.status, 1);
  EXPECT_EQ(std::count(failed.err.begin(), failed.err.end(), '\n'), 1);
  EXPECT_EQ(server({"verify"}).status, 0);
  EXPECT_EQ(stop(), 0);
}

TEST_F(BackupTest, KeysRotateOnceMoreWithNothingElseChanged) {
  start();
  const auto list = [&] { return server({"keys", "list", "--format", "csv"}).out; };
  EXPECT_THAT(list(), HasSubstr("keys/box,yes"));
  const Outcome rotated = server({"keys", "rotate"});
  ASSERT_EQ(rotated.status, 0) << rotated.err;
  EXPECT_THAT(rotated.out, HasSubstr("catalogue revision 2"));
  EXPECT_THAT(list(), HasSubstr("keys/box.2,yes"));
  // The organisation's folder says nothing of keys, so applying it changes nothing.
  const std::string folder = organisation_.path().string();
  EXPECT_THAT(server({"org", "apply", folder, "--yes"}).err, HasSubstr("nothing to apply"));
  organisation_.write("labels.csv",
                      "code,name,group\nkhoi_level,Cấp Khối,level\nco_so,Cấp cơ sở,level\nmoi,Mới,level\n");
  EXPECT_THAT(server({"org", "apply", folder, "--yes"}).err, HasSubstr("revision 3"));
  EXPECT_THAT(list(), HasSubstr("keys/box.2,yes"));
  EXPECT_EQ(server({"verify"}).status, 0);
  EXPECT_EQ(stop(), 0);
  std::filesystem::rename(data() / "keys" / "box.2", folder_.path() / "lost");
  start();
  EXPECT_THAT(process_->output(), HasSubstr("phusa-server keys rotate"));
  EXPECT_EQ(stop(), 0);
}

TEST_F(BackupTest, AKeyHasItsNameOnlyWhenItIsWhole) {
  if (!can_trace()) GTEST_SKIP() << kNoTracing;
  // The ledger syncs by fdatasync: the first fsync is the new key's.
  const Outcome cut = run({"strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e",
                           "inject=fsync:error=EIO:signal=SIGKILL:when=1", PHUSA_SERVER, "keys", "rotate",
                           "--data", data().string()},
                          {{"LC_ALL", "C.UTF-8"}});
  EXPECT_EQ(cut.status, 128 + SIGKILL);
  EXPECT_FALSE(std::filesystem::exists(data() / "keys" / "box.2"))
      << "what of it is on the disk, nobody knows";
  // As older programs left it.
  std::ofstream(data() / "keys" / "box.2").close();
  ASSERT_EQ(back_up().status, 0);
  const Outcome rotated = server({"keys", "rotate"});
  EXPECT_EQ(rotated.status, 0) << rotated.err;
  EXPECT_THAT(server({"keys", "list", "--format", "csv"}).out, HasSubstr("keys/box.3,yes"));
  const Outcome back = restore(backup(), restored(), key(), (data() / "keys").string());
  EXPECT_EQ(back.status, 0) << back.err;
}

TEST_F(BackupTest, ProgressIsToldToWhoeverWaits) {
  SystemClock clock;
  SystemRandom random;
  auto installation = app::Installation::open(data(), clock, random);
  ASSERT_TRUE(installation.has_value()) << installation.error().context;
  std::vector<std::string> told;
  const auto to = app::read_backup_key(key() + ".pub");
  ASSERT_TRUE(to.has_value());
  const auto facts = app::write_backup(**installation, backup(), *to,
                                       [&](const std::string& text) { told.push_back(text); });
  ASSERT_TRUE(facts.has_value()) << facts.error().context;
  EXPECT_THAT(told, ::testing::Contains("copying 100%"));
  EXPECT_EQ(told.back(), "encrypting 100%");
  EXPECT_EQ(facts->point.position, 1u);
}

}  // namespace
}  // namespace phusa::test
