#include "sync-server/access/catalogue_draft.hpp"
#include "sync-server/access/erasure_list.hpp"
#include "sync-server/access/organisation_folder.hpp"
#include "sync-server/access/server_keys.hpp"
#include "tests/server/access/organisation.hpp"

#include <gtest/gtest.h>

/// A file that cannot be read is neither missing nor empty. A link that leads to itself is one that not even
/// its owner can look at; a folder opens like a file and fails when it is read.
namespace phusa::access {
namespace {

void make_unreadable(const std::filesystem::path& path) {
  std::filesystem::remove_all(path);
  std::filesystem::create_symlink(path.filename(), path);
}
void make_fail_when_read(const std::filesystem::path& path) {
  std::filesystem::remove_all(path);
  std::filesystem::create_directory(path);
}

TEST(UnreadableFiles, AnErasureListThatCannotBeReadIsNotAnEmptyOne) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "erased";
  EXPECT_TRUE(load_erasure_list_file(path));
  make_unreadable(path);
  const auto list = load_erasure_list_file(path);
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().code, ErrorCode::kIo);
}

TEST(UnreadableFiles, AKeyThatCannotBeReadIsNotLost) {
  const test::TemporaryFolder folder;
  SystemRandom random;
  ASSERT_TRUE(make_server_keys(folder.path(), random));
  const auto key = folder.path() / "keys" / "server";
  make_unreadable(key);
  EXPECT_EQ(load_server_keys(folder.path()).error().code, ErrorCode::kIo);
  make_fail_when_read(key);
  EXPECT_EQ(load_server_keys(folder.path()).error().code, ErrorCode::kIo);
  std::filesystem::remove(key);
  EXPECT_EQ(load_server_keys(folder.path()).error().code, ErrorCode::kNotFound);
}

TEST(UnreadableFiles, AFolderOfKeysThatCannotBeReadIsNotEmpty) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(names_in(folder.path() / "keys").error().code, ErrorCode::kNotFound);
  make_unreadable(folder.path() / "keys");
  EXPECT_EQ(names_in(folder.path() / "keys").error().code, ErrorCode::kIo);
}

// Taken for empty, it would close every campaign.
TEST(UnreadableFiles, ASheetThatCannotBeReadIsNotAnEmptyOne) {
  for (const auto& spoil : {make_unreadable, make_fail_when_read}) {
    const test::Organisation organisation;
    spoil(organisation.path() / "campaigns.csv");
    const std::vector<std::string> problems = organisation.problems();
    ASSERT_FALSE(problems.empty());
    EXPECT_NE(problems.front().find("campaigns.csv"), std::string::npos) << problems.front();
    EXPECT_NE(problems.front().find("cannot be read"), std::string::npos) << problems.front();
  }
}

}  // namespace
}  // namespace phusa::access
