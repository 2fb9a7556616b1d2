#include "bindings/cli/whole_file.hpp"

#include "bindings/cli/file_kind.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

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
  put("out", "somebody's");
  EXPECT_EQ(key(NewFile::open(path("out"), false).error()), "file.exists");
  auto forced = NewFile::open(path("out"), true);
  ASSERT_TRUE(forced->commit("new").has_value());
  EXPECT_EQ(get("out"), "new");
}

TEST_F(WholeFile, ReplacesNothingThatCameMeanwhile) {
  auto file = NewFile::open(path("out"), false);
  put("out", "somebody's");
  const auto done = file->commit("ours");
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(key(done.error()), "file.exists");
  EXPECT_EQ(get("out"), "somebody's");
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
