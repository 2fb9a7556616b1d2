#include "bindings/cli/whole_file.hpp"

#include "bindings/cli/file_kind.hpp"
#include "bindings/cli/system_words.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

namespace phusa::cli {
namespace {

constexpr std::size_t kEnough = 1024 * 1024;

class WholeFile : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
  }
  std::string get(const std::string& name) const {
    std::ifstream in(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::size_t files() const {
    const std::filesystem::directory_iterator all(folder_.path());
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }
  static std::string key(const v1::ErrorReply& error) { return error.key(); }

  phusa::test::TemporaryFolder folder_;
};

TEST_F(WholeFile, AppearsWholeAndForItsOwnerAlone) {
  auto file = NewFile::open(path("out"), false);
  ASSERT_TRUE(file.has_value());
  EXPECT_FALSE(std::filesystem::exists(path("out"))) << "nothing has its name before it is whole";
  ASSERT_TRUE(file->commit("bytes").has_value());
  EXPECT_EQ(get("out"), "bytes");
  struct stat status {};
  ASSERT_EQ(::stat(path("out").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_EQ(files(), 1U);
}

TEST_F(WholeFile, LeavesNothingBehindWhenItIsGivenUp) {
  { const auto file = NewFile::open(path("out"), false); }
  EXPECT_EQ(files(), 0U);
}

TEST_F(WholeFile, ReplacesNothingUnlessItIsTold) {
  for (const char* ours : {"PHHO\x01 a hand-over", "PHRC\x01 receipts", "PHS1 a welcome", ""}) {
    put("out", ours);
    EXPECT_EQ(key(NewFile::open(path("out"), false).error()), "file.exists");
    auto forced = NewFile::open(path("out"), true);
    ASSERT_TRUE(forced.has_value()) << ours;
    ASSERT_TRUE(forced->commit("new").has_value());
    EXPECT_EQ(get("out"), "new");
  }
}

TEST_F(WholeFile, NeverTakesThePlaceOfWhatNobodyCanMakeAnew) {
  const std::string store("SQLite format 3\0 records and a key", 35);
  put("phone", store);
  for (const char* beside : {"phone-wal", "phone-shm", "phone-lock"}) put(beside, "");
  put("letter", "somebody's");
  for (const bool overwrite : {false, true}) {
    const auto refused = [&](const char* name) {
      const auto file = NewFile::open(path(name), overwrite);
      return file ? "replaced" : key(file.error());
    };
    EXPECT_EQ(refused("phone"), "file.is_store");
    for (const char* beside : {"phone-wal", "phone-shm", "phone-lock", "phone-journal"})
      EXPECT_EQ(refused(beside), "file.is_store") << beside;
    EXPECT_EQ(refused("letter"), "file.is_foreign");
  }
  put("hoa", "PHHO");
  put("hoa-lock", "");
  EXPECT_TRUE(NewFile::open(path("hoa-lock"), true).has_value()) << "no store's";
  EXPECT_EQ(get("phone"), store);
}

TEST_F(WholeFile, NeverTakesThePlaceOfAStoreThatCameMeanwhile) {
  auto file = NewFile::open(path("out"), true);
  const std::string store("SQLite format 3\0", 16);
  put("out", store);
  const auto done = file->commit("ours");
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(key(done.error()), "file.is_store");
  EXPECT_EQ(get("out"), store);
}

TEST_F(WholeFile, BehindALinkReplacesWhatItNames) {
  put("stick", "PHHO the old one");
  std::filesystem::create_symlink(path("stick"), path("link"));
  EXPECT_EQ(key(NewFile::open(path("link"), false).error()), "file.exists");
  ASSERT_TRUE(NewFile::open(path("link"), true)->commit("new").has_value());
  EXPECT_EQ(get("stick"), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(path("link")));
  std::filesystem::create_symlink(path("gone"), path("to nothing"));
  EXPECT_EQ(key(NewFile::open(path("to nothing"), true).error()), "file.link_to_nothing");
}

TEST_F(WholeFile, ReplacesNothingThatCameMeanwhile) {
  auto file = NewFile::open(path("out"), false);
  put("out", "PHHO somebody's");
  const auto done = file->commit("ours");
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(key(done.error()), "file.exists");
  EXPECT_EQ(get("out"), "PHHO somebody's");
}

TEST_F(WholeFile, NeverTakesThePlaceOfADeviceOrAFolder) {
  EXPECT_EQ(key(NewFile::open("/dev/null", true).error()), "file.not_a_file");
  EXPECT_EQ(key(NewFile::open(folder_.path().string(), true).error()), "file.is_folder");
  EXPECT_EQ(key(NewFile::open(path("no/such/folder"), false).error()), "file.not_written");
}

TEST_F(WholeFile, IsReadUpToItsLimit) {
  put("in", std::string(kEnough, 'x'));
  EXPECT_EQ(read_whole_file(path("in"), kEnough)->size(), kEnough);
  EXPECT_EQ(key(read_whole_file(path("in"), kEnough - 1).error()), "file.too_large");
  EXPECT_EQ(key(read_whole_file("/dev/zero", kEnough).error()), "file.too_large");
  put("empty", "");
  EXPECT_EQ(key(read_whole_file(path("empty"), kEnough).error()), "file.empty");
  EXPECT_EQ(key(read_whole_file(path("none"), kEnough).error()), "file.not_found");
  EXPECT_EQ(key(read_whole_file(folder_.path().string(), kEnough).error()), "file.is_folder");
}

TEST_F(WholeFile, WhyItCannotBeWrittenIsSaidInThePersonsLanguage) {
  Shell shell;
  const auto error = NewFile::open(path("no/such/folder"), false).error();
  EXPECT_EQ(shell.sentence(error),
            "'" + path("no/such/folder") +
                "' cannot be written: its folder is not there; make it, or check the name");
  shell.tongue = Tongue(Language::kVietnamese);
  EXPECT_EQ(shell.sentence(error), "không ghi được tệp '" + path("no/such/folder") +
                                       "': không có thư mục đó; hãy tạo thư mục hoặc xem lại tên");
}

TEST(SystemWords, AreOurOwnForWhatPeopleMeetAndTheSystemsForTheRest) {
  const Tongue vietnamese(Language::kVietnamese);
  for (const int number : {ENOSPC, EDQUOT, EROFS, EACCES, EPERM, ENOENT, EIO, ENOTDIR, EISDIR})
    EXPECT_NE(system_words(vietnamese, number).front(), '[') << number;
  EXPECT_EQ(system_words(vietnamese, ETXTBSY), "[Text file busy]");
}

TEST(FileKind, IsToldByTheFirstBytes) {
  EXPECT_EQ(kind_of_file("PHHO\x01\x01"), FileKind::kHandOver);
  EXPECT_EQ(kind_of_file("PHRC\x01"), FileKind::kReceipts);
  EXPECT_EQ(kind_of_file("PHS1rest"), FileKind::kJoining);
  EXPECT_EQ(kind_of_file(std::string("SQLite format 3\0rest", 20)), FileKind::kStore);
  EXPECT_EQ(kind_of_file("%PDF-1.7"), FileKind::kPdf);
  EXPECT_EQ(kind_of_file("PH"), FileKind::kUnknown);
  EXPECT_EQ(kind_of_file(""), FileKind::kUnknown);
}

}  // namespace
}  // namespace phusa::cli
