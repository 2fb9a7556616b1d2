#include "bindings/cli/language.hpp"

#include "bindings/cli/bad_use.hpp"
#include "bindings/cli/messages.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/model/hold.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace phusa::cli {
namespace {

Language language_of(std::map<std::string, std::string> environment) {
  return language_of_environment([&](const char* name) -> const char* {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  });
}

TEST(Language, FollowsTheEnvironment) {
  EXPECT_EQ(language_of({{"LANG", "vi_VN.UTF-8"}}), Language::kVietnamese);
  EXPECT_EQ(language_of({{"LANG", "vi"}}), Language::kVietnamese);
  EXPECT_EQ(language_of({{"LANG", "en_US.UTF-8"}}), Language::kEnglish);
  EXPECT_EQ(language_of({{"LANG", "C"}}), Language::kEnglish);
  EXPECT_EQ(language_of({}), Language::kEnglish);
  EXPECT_EQ(language_of({{"LANG", "vie"}}), Language::kEnglish);
}

TEST(Language, TheStrongerVariableDecides) {
  EXPECT_EQ(language_of({{"LC_ALL", "vi_VN"}, {"LANG", "en_US"}}), Language::kVietnamese);
  EXPECT_EQ(language_of({{"LC_ALL", "C"}, {"LANG", "vi_VN"}}), Language::kEnglish);
  EXPECT_EQ(language_of({{"LC_ALL", ""}, {"LANG", "vi_VN"}}), Language::kVietnamese);
  EXPECT_EQ(language_of({{"LC_MESSAGES", "vi_VN"}, {"LANG", "en_US"}}), Language::kVietnamese);
}

TEST(Language, SlotsAreFilledAndOtherBracesStay) {
  EXPECT_EQ(fill_in("{0} of {1}", {"1", "2"}), "1 of 2");
  EXPECT_EQ(fill_in("{1}{2}", {"a", "b"}), "b");
  EXPECT_EQ(fill_in("{x} {", {"a"}), "{x} {");
  EXPECT_EQ(fill_in("{0}", {"{1}", "no"}), "{1}");
}

std::set<char> slots(std::string_view pattern) {
  std::set<char> out;
  for (auto at = pattern.find('{'); at != std::string_view::npos; at = pattern.find('{', at + 1))
    out.insert(pattern[at + 1]);
  return out;
}

TEST(Messages, EachIsThereOnceInBothLanguagesWithTheSameSlots) {
  std::set<std::string_view> keys;
  for (const auto& message : all_messages()) {
    EXPECT_TRUE(keys.insert(message.key).second) << message.key;
    EXPECT_FALSE(message.english.empty()) << message.key;
    EXPECT_FALSE(message.vietnamese.empty()) << message.key;
    EXPECT_TRUE(is_nfc(message.vietnamese)) << message.key;
    if (message.key == "missing") continue;  // names the option in English, the field alone in Vietnamese
    EXPECT_EQ(slots(message.english), slots(message.vietnamese)) << message.key;
  }
}

TEST(Messages, EveryErrorCodeAndEveryHoldHasWords) {
  for (int code = 1; code <= static_cast<int>(ErrorCode::kInternal); ++code) {
    const auto key = "code." + std::string(error_name(static_cast<ErrorCode>(code)));
    EXPECT_NE(find_message(key), nullptr) << key;
  }
  for (std::uint32_t number = 1; number < 256; ++number) {
    if (!is_hold_reason(number)) continue;
    const auto key = "hold." + std::string(hold_name(static_cast<HoldReason>(number)));
    EXPECT_NE(find_message(key), nullptr) << key;
  }
}

TEST(Messages, EveryQualifierOfATotalHasWords) {
  for (const char* qualifier : {"more", "nearly", "mixed"}) {
    EXPECT_TRUE(Tongue(Language::kVietnamese).knows(std::string("qualifier.") + qualifier)) << qualifier;
  }
  EXPECT_EQ(Tongue(Language::kVietnamese).say("qualifier.mixed", {"1.561"}), "1.561 (có hơn, có gần)");
}

TEST(BadUse, SentencesOfTheLibraryAreSaidInVietnamese) {
  const Tongue vietnamese(Language::kVietnamese);
  EXPECT_EQ(bad_use_words(vietnamese, "--kind is required"), "còn thiếu --kind");
  EXPECT_EQ(bad_use_words(vietnamese, "A subcommand is required"), "chưa nêu lệnh cần làm");
  EXPECT_EQ(bad_use_words(vietnamese, "--lang: fr not in {en,vi}"),
            "--lang: 'fr' không đúng; hãy chọn một trong: en,vi");
  EXPECT_EQ(bad_use_words(vietnamese, "--kind: 1 required CODE missing"), "--kind cần có giá trị (CODE)");
  EXPECT_EQ(bad_use_words(vietnamese, "The following argument was not expected: --nope"),
            "không hiểu: --nope");
  EXPECT_EQ(bad_use_words(vietnamese, "Could not convert: --limit = x"), "--limit: 'x' không phải là số");
  EXPECT_EQ(bad_use_words(vietnamese, "something new"), "cách dùng chưa đúng: something new");
  EXPECT_EQ(bad_use_words(Tongue(Language::kEnglish), "--kind is required"), "--kind is required");
}

}  // namespace
}  // namespace phusa::cli
