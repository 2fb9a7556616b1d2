#include "tests/e2e/chaos/field.hpp"
#include "tests/support/tracing.hpp"

#include <sys/mount.h>

/// Disks that are full or fail, under a phone and under the server.
namespace phusa::test {
namespace {

/// A small disk in memory, mounted for as long as this lives; not there where nobody may mount.
class SmallDisk {
 public:
  SmallDisk(std::filesystem::path at, const std::string& size) : at_(std::move(at)) {
    std::filesystem::create_directories(at_);
    mounted_ = ::mount("tmpfs", at_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(at_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool is_mounted() const { return mounted_; }
  const std::filesystem::path& path() const { return at_; }
  void resize(const std::string& size) const {
    ::mount("tmpfs", at_.c_str(), "tmpfs", MS_REMOUNT, ("size=" + size).c_str());
  }

 private:
  std::filesystem::path at_;
  bool mounted_ = false;
};

constexpr const char* kNoMount =
    "mounting a small disk needs CAP_SYS_ADMIN; the tests by file size limit stand in";

/// A program whose call number `from` of `call`, and every `step`th after it, fails with `error`; step 0:
/// that one alone.
std::vector<std::string> failing(const std::string& call, const std::string& error, std::uint64_t from,
                                 std::uint64_t step) {
  const std::string when = std::to_string(from) + (step == 0 ? "" : "+" + std::to_string(step));
  return {"strace",
          "-f",
          "-qq",
          "-o",
          "/dev/null",
          "-e",
          "trace=" + call,
          "-e",
          "inject=" + call + ":error=" + error + ":when=" + when};
}

/// A program none of whose files may grow beyond `kib`; beyond it a write fails, as on a full disk, or ends
/// the program.
std::vector<std::string> limited(std::size_t kib, bool ends_the_program) {
  return {"bash", "-c",
          (ends_the_program ? std::string() : "trap '' XFSZ; ") + "ulimit -f " + std::to_string(kib) +
              "; exec \"$@\"",
          "limited"};
}

class Disks : public Field {
 protected:
  void restart_behind(const std::vector<std::string>& wrapper) {
    server_->signal(SIGTERM);
    server_->wait();
    std::vector<std::string> argv = wrapper;
    argv.insert(argv.end(), {PHUSA_SERVER_BIN, "serve", "--data", data().string(), "--listen",
                             "127.0.0.1:" + std::to_string(port_)});
    server_ = std::make_unique<Process>(start(argv));
    ASSERT_TRUE(server_->wait_for_output("listening on")) << server_->output();
  }
  void restart_well() {
    server_->signal(SIGTERM);
    server_->wait();
    server_.reset();
    start_server(port_);
  }
};

TEST_F(Disks, AFullOneUnderAPhoneIsSaidAndNothingSavedIsLost) {
  const auto office = joined("office", root_unit(), "office");
  const SmallDisk disk(folder_.path() / "card", "1m");
  if (!disk.is_mounted()) GTEST_SKIP() << kNoMount;
  FieldPhone phone{PhoneProcess(disk.path() / "phone.db"), {}};
  phone.device.ok({"join", url(), code_for(unit(), "volunteer")});
  const auto filler = disk.path() / "film";
  std::ofstream(filler) << std::string(1 << 20, 'x');  // as much of it as the disk takes
  int refused = 0;
  for (std::int64_t trees = 1; refused < 3 && trees < 200; ++trees)
    refused += log(phone, trees).empty() ? 1 : 0;
  EXPECT_EQ(refused, 3) << "the disk never filled";
  const Outcome full = phone.device(log_trees(5));
  EXPECT_EQ(full.status, 1);
  EXPECT_THAT(full.err, testing::HasSubstr("full"));
  (void)phone.device({"sync"});
  std::filesystem::remove(filler);
  disk.resize("16m");
  EXPECT_FALSE(log(phone, 800).empty());
  expect_laws({&phone}, office);
}

TEST_F(Disks, AFullOneUnderTheServerKeepsWhatPhonesHaveAndTakesItLater) {
  const auto office = joined("office", root_unit(), "office");
  FieldPhone phone = field_phone("phone");
  import(phone, 5);
  drain(phone.device);
  const SmallDisk disk(folder_.path() / "disk", "64m");
  if (!disk.is_mounted()) GTEST_SKIP() << kNoMount;
  server_->signal(SIGTERM);
  server_->wait();
  std::filesystem::copy(data(), disk.path() / "office", std::filesystem::copy_options::recursive);
  std::filesystem::rename(data(), folder_.path() / "moved away");
  std::filesystem::create_directory_symlink(disk.path() / "office", data());
  start_server(port_);
  std::ofstream(disk.path() / "film") << std::string(64 << 20, 'x');
  for (int round = 0; round < 4; ++round) {
    import(phone, 400);
    const Outcome sync = phone.device({"sync"});
    if (sync.status == 0) continue;
    EXPECT_EQ(sync.status, 1);
    EXPECT_THAT(sync.err, testing::HasSubstr("server"));
  }
  EXPECT_GT(phone.device.count("saved"), 0u) << "the disk never filled";
  EXPECT_TRUE(server_->is_running());
  std::filesystem::remove(disk.path() / "film");
  expect_laws({&phone}, office);
  server_->signal(SIGTERM);
  server_->wait();
  server_.reset();
}

TEST_F(Disks, AFileSizeLimitUnderAPhoneLosesNothingSaved) {
  const auto office = joined("office", root_unit(), "office");
  FieldPhone phone = field_phone("phone");
  const std::size_t kib = std::filesystem::file_size(phone.device.store()) / 1024;
  int refused = 0;
  for (std::int64_t round = 0; round < 10; ++round) {
    const bool ends = round % 2 == 1;
    std::vector<std::string> argv = limited(1 + below(kib + 40), ends);
    const auto command = phone_command(phone, log_trees(round + 1));
    argv.insert(argv.end(), command.begin(), command.end());
    const Outcome outcome = run(argv, environment());
    EXPECT_TRUE(outcome.status <= 1 || (ends && outcome.status == 128 + SIGXFSZ))
        << outcome.status << outcome.err;
    if (!note_said(phone, outcome.out, round + 1).empty()) continue;
    phone.in_doubt.insert(round + 1);
    ++refused;
  }
  EXPECT_GT(refused, 0) << "the limit was never met";
  expect_laws({&phone}, office);
}

TEST_F(Disks, AFileSizeLimitUnderTheServerKeepsWhatPhonesHave) {
  const auto office = joined("office", root_unit(), "office");
  FieldPhone phone = field_phone("phone");
  import(phone, 5);
  restart_behind(limited(std::filesystem::file_size(data() / "ledger.sqlite") / 1024 + 60, false));
  ASSERT_FALSE(HasFatalFailure());
  int failed = 0;
  for (int round = 0; round < 3; ++round) {
    import(phone, 400);
    const Outcome sync = phone.device({"sync"});
    EXPECT_LE(sync.status, 1) << sync.err;
    failed += sync.status;
  }
  EXPECT_GT(failed, 0) << "the limit was never met";
  restart_well();
  expect_laws({&phone}, office);
}

TEST_F(Disks, OneFailedSyncOrWriteUnderAPhoneLosesNothingSaved) {
  if (!can_trace()) GTEST_SKIP() << kNoTracing;
  const auto office = joined("office", root_unit(), "office");
  FieldPhone phone = field_phone("phone");
  int refused = 0;
  std::int64_t trees = 0;
  for (std::uint64_t nth = 1; nth <= 3; ++nth)
    refused += log_in_doubt(phone, ++trees, failing("fdatasync", "EIO", nth, 0)).empty() ? 1 : 0;
  for (std::uint64_t nth = 1; nth <= 8; ++nth) {
    const char* error = nth % 2 == 0 ? "EIO" : "ENOSPC";
    refused += log_in_doubt(phone, ++trees, failing("pwrite64", error, nth, 0)).empty() ? 1 : 0;
  }
  EXPECT_GT(refused, 0) << "no fault was met";
  int failed = 0;
  for (std::uint64_t nth = 1; nth <= 6; ++nth) {
    import(phone, 2);
    std::vector<std::string> argv = failing(nth % 2 == 0 ? "fdatasync" : "pwrite64", "ENOSPC", nth, 0);
    const auto command = phone_command(phone, {"sync"});
    argv.insert(argv.end(), command.begin(), command.end());
    const int status = run(argv, environment()).status;
    EXPECT_LE(status, 1);
    failed += status;
  }
  EXPECT_GT(failed, 0) << "no sync met its fault";
  expect_laws({&phone}, office);
}

TEST_F(Disks, AHandOverThatEndsBeforeItsFileIsThereHandedNothingOver) {
  if (!can_trace()) GTEST_SKIP() << kNoTracing;
  FieldPhone phone = field_phone("phone");
  EXPECT_FALSE(log(phone, 30).empty());
  const auto out = folder_.path() / "out";
  // The store syncs by fdatasync: the first fsync is the file's, before it has its name.
  std::vector<std::string> argv = {
      "strace",      "-f",        "-qq",
      "-o",          "/dev/null", "-e",
      "trace=fsync", "-e",        "inject=fsync:error=EIO:signal=SIGKILL:when=1"};
  const auto command = phone_command(phone, {"handover", out.string()});
  argv.insert(argv.end(), command.begin(), command.end());
  EXPECT_EQ(run(argv, environment()).status, 128 + SIGKILL);
  EXPECT_FALSE(std::filesystem::exists(out));
  EXPECT_EQ(phone.device.json({"status"})["unsent_batches"], 1) << "it had got as far as sealing";
  EXPECT_EQ(phone.device.count("saved"), 1u);
  EXPECT_EQ(phone.device.count("handed_over"), 0u);
  const Outcome left = phone.device({"leave", "--yes"});
  EXPECT_EQ(left.status, 1);
  EXPECT_THAT(left.err, testing::HasSubstr("1 changes are on this phone only"));
  phone.device.ok({"handover", out.string()});
  EXPECT_EQ(phone.device.count("handed_over"), 1u);
  phone.device.ok({"leave", "--yes"});
  expect_verified();
}

TEST_F(Disks, FailedSyncsUnderTheServerAcknowledgeNothingThatIsNotThere) {
  if (!can_trace()) GTEST_SKIP() << kNoTracing;
  const auto office = joined("office", root_unit(), "office");
  std::vector<FieldPhone> phones = {field_phone("first"), field_phone("second")};
  for (const auto& [call, error] : std::initializer_list<std::pair<const char*, const char*>>{
           {"fdatasync", "EIO"}, {"pwrite64", "ENOSPC"}, {"fdatasync", "ENOSPC"}}) {
    std::vector<std::string> tracer = failing(call, error, 1 + below(4), 3);
    tracer.insert(tracer.end(), {"-p", std::to_string(server_->pid())});
    tracer.erase(std::find(tracer.begin(), tracer.end(), "-qq"));  // it says when it has begun
    Process fault = start(tracer);
    if (!fault.wait_for_output("attached")) GTEST_SKIP() << kNoTracing << ": " << fault.output();
    int failed = 0;
    for (int round = 0; round < 6; ++round) {
      FieldPhone& phone = phones[static_cast<std::size_t>(round) % phones.size()];
      import(phone, 5);
      const Outcome sync = phone.device({"sync"});
      EXPECT_LE(sync.status, 1) << sync.err;
      failed += sync.status;
    }
    std::cout << call << " " << error << ": " << failed << " of 6 syncs failed" << std::endl;
    // What a failed sync has not brought to the disk outlives a kill all the same, in the page cache: that
    // the server does not acknowledge it shows in the sync that it refuses, and nowhere else.
    EXPECT_GT(failed, 0) << "a failed " << call << " was taken for a good one";
    fault.signal(SIGTERM);
    fault.wait();
    ASSERT_TRUE(server_->is_running()) << server_->output();
    Trees acknowledged;
    for (const FieldPhone& phone : phones) acknowledged.merge(shown(phone.device, true));
    kill_server();
    start_server(port_);
    drain(office);
    const auto there = shown(office);
    for (const auto& [id, trees] : acknowledged) EXPECT_TRUE(there.contains(id)) << id << " was acknowledged";
  }
  expect_laws({&phones[0], &phones[1]}, office);
}

}  // namespace
}  // namespace phusa::test
