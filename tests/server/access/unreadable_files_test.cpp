#include "sync-server/access/catalogue_draft.hpp"
#include "sync-server/access/erasure_list.hpp"
#include "sync-server/access/organisation_folder.hpp"
#include "sync-server/access/server_keys.hpp"
#include "tests/server/access/organisation.hpp"

#include <gtest/gtest.h>

#include <fstream>

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

TEST(UnreadableFiles, ABoxKeyThatAPowerCutLeftInPartIsPassedOver) {
  const test::TemporaryFolder folder;
  SystemRandom random;
  ASSERT_TRUE(make_server_keys(folder.path(), random));
  const auto second = add_box_key(folder.path(), random);
  ASSERT_TRUE(second);
  for (const std::string& torn : {std::string(), std::string("0a1b"), std::string(65, '\0')}) {
    std::ofstream(folder.path() / "keys" / "box.3", std::ios::binary) << torn;
    const auto keys = load_server_keys(folder.path());
    ASSERT_TRUE(keys) << keys.error().context;
    EXPECT_EQ(keys->box.public_key, second->public_key);
    EXPECT_EQ(keys->old_boxes.size(), 1u);
  }
  const auto next = add_box_key(folder.path(), random);
  ASSERT_TRUE(next) << next.error().context;
  EXPECT_EQ(load_server_keys(folder.path())->box.public_key, next->public_key);
  // Damaged in another way it may be one that bundles are sealed to.
  std::ofstream(folder.path() / "keys" / "box.3") << "no key, but words of somebody";
  EXPECT_EQ(load_server_keys(folder.path()).error().code, ErrorCode::kCorrupt);
  for (const auto& spoil : {make_unreadable, make_fail_when_read}) {
    spoil(folder.path() / "keys" / "box.3");
    EXPECT_EQ(load_server_keys(folder.path()).error().code, ErrorCode::kIo);
  }
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
