#include "core/sync/hand_over_file.hpp"

#include "core/base/limits.hpp"

#include <gtest/gtest.h>

namespace phusa {
namespace {

TEST(HandOverFile, GivesBackWhatWasPutIn) {
  for (const std::vector<Bytes>& bundles :
       {std::vector<Bytes>{},
        {"a"},
        {Bytes(300, 'x'), Bytes("\0\0", 2), Bytes(limits::kBundleBytesMax, 'y')}}) {
    const auto read = read_hand_over_file(write_hand_over_file(bundles));
    ASSERT_TRUE(read) << read.error().context;
    EXPECT_EQ(*read, bundles);
  }
}

TEST(HandOverFile, EveryCutIsToldAndSoIsWhatFollowsTheEnd) {
  const Bytes file = write_hand_over_file({"first", Bytes(200, 'x'), "third"});
  EXPECT_EQ(kind_of_file(file), kHandOverMagic);
  for (std::size_t size = 0; size < file.size(); ++size) {
    const auto read = read_hand_over_file(BytesView(file).substr(0, size));
    ASSERT_FALSE(read) << size;
    EXPECT_EQ(read.error().code, ErrorCode::kCorrupt) << size;
  }
  EXPECT_FALSE(read_hand_over_file(file + Bytes(1, '\0')));
}

TEST(HandOverFile, ALaterVersionAnotherKindAndTooMuchAreRefused) {
  Bytes file = write_hand_over_file({"bundle"});
  file[4] = 2;
  EXPECT_EQ(read_hand_over_file(file).error().code, ErrorCode::kUnsupportedVersion);
  EXPECT_EQ(read_receipts_file(write_hand_over_file({"bundle"})).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(read_hand_over_file(write_hand_over_file({Bytes(limits::kBundleBytesMax + 1, 'x')})).error().code,
            ErrorCode::kLimitExceeded);
  EXPECT_EQ(kind_of_file("PHS1..."), "");
}

TEST(HandOverFile, ReceiptsKeepTheirBundle) {
  const Bytes file = write_receipts_file({{Bytes(16, 'a'), "one"}, {Bytes(16, 'b'), "two"}});
  const auto read = read_receipts_file(file);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[1].bundle_id, Bytes(16, 'b'));
  EXPECT_EQ((*read)[1].parcel, "two");
  for (std::size_t size = 0; size < file.size(); ++size)
    EXPECT_FALSE(read_receipts_file(BytesView(file).substr(0, size)));
  EXPECT_FALSE(read_receipts_file(write_receipts_file({{Bytes(3, 'a'), "x"}})));
}

}  // namespace
}  // namespace phusa
