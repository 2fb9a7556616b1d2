#include "core/base/text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace phusa {
namespace {

constexpr std::string_view kComposed = "Đo\xc3\xa0n Kh\xe1\xbb\x91i";  // à, ố as one character each
constexpr std::string_view kDecomposed =
    "Đoa\xcc\x80n Kho\xcc\x82\xcc\x81i";  // a + grave, o + circumflex + acute

TEST(Text, VietnameseIsComposed) {
  EXPECT_EQ(to_nfc(kDecomposed), std::string(kComposed));
  EXPECT_EQ(to_nfc(kComposed), std::string(kComposed));
  EXPECT_TRUE(is_nfc(kComposed));
  EXPECT_FALSE(is_nfc(kDecomposed));
}

TEST(Text, WhatIsNotUtf8IsRefused) {
  for (const std::string_view text :
       {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "a\x80", "\x80"}) {
    EXPECT_FALSE(is_nfc(text));
    const auto result = to_nfc(text);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(Text, NulIsRefused) {
  EXPECT_FALSE(to_nfc(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_nfc(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_nfc(std::string_view("\0", 1)));
}

TEST(Text, EmptyTextIsText) {
  EXPECT_EQ(to_nfc(""), std::string());
  EXPECT_TRUE(is_nfc(""));
}

RC_GTEST_PROP(Text, ComposingTwiceChangesNothing, (const std::vector<std::uint32_t>& raw)) {
  std::string text;
  for (const std::uint32_t r : raw) {
    const std::uint32_t c = r % 0x2000;  // Latin and its marks, up to two and three bytes
    if (c == 0) continue;
    if (c < 0x80) {
      text.push_back(static_cast<char>(c));
    } else if (c < 0x800) {
      text.push_back(static_cast<char>(0xc0 | (c >> 6)));
      text.push_back(static_cast<char>(0x80 | (c & 63)));
    } else {
      text.push_back(static_cast<char>(0xe0 | (c >> 12)));
      text.push_back(static_cast<char>(0x80 | ((c >> 6) & 63)));
      text.push_back(static_cast<char>(0x80 | (c & 63)));
    }
  }
  const auto once = to_nfc(text);
  RC_ASSERT(once.has_value());
  RC_ASSERT(is_nfc(*once));
  RC_ASSERT(to_nfc(*once) == *once);
}

RC_GTEST_PROP(Text, RandomBytesAreJudgedWithoutHarm, (const std::string& bytes)) {
  const auto composed = to_nfc(bytes);
  RC_ASSERT(is_nfc(bytes) == (composed && *composed == bytes));
}

TEST(Text, WhatIsTakenForNfcAtSightIsNfc) {
  const auto utf8 = [](unsigned point) {
    std::string out;
    if (point < 0x80) return std::string(1, static_cast<char>(point));
    if (point < 0x800) {
      out.push_back(static_cast<char>(0xc0 | (point >> 6)));
    } else {
      out.push_back(static_cast<char>(0xe0 | (point >> 12)));
      out.push_back(static_cast<char>(0x80 | ((point >> 6) & 0x3f)));
    }
    out.push_back(static_cast<char>(0x80 | (point & 0x3f)));
    return out;
  };
  const auto is_surrogate = [](unsigned point) { return point >= 0xd800 && point < 0xe000; };
  for (unsigned point = 1; point < 0x3000; ++point) {
    if (is_surrogate(point)) continue;
    // Alone, and behind a letter it might combine with.
    for (const std::string& text : {utf8(point), "a" + utf8(point), utf8(point) + "a"}) {
      const auto normal = to_nfc(text);
      ASSERT_EQ(is_nfc(text), normal && *normal == text) << std::hex << point;
    }
  }
  EXPECT_FALSE(is_nfc(std::string("a\0b", 3)));
  EXPECT_FALSE(is_nfc("\xc3"));
  EXPECT_FALSE(is_nfc("\xe1\xba"));
  EXPECT_FALSE(is_nfc("\xc0\x80"));
}

}  // namespace
}  // namespace phusa
