#include "tests/lint/source_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

namespace phusa::lint {
namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

int line_of(std::string_view text, std::size_t at) {
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

/// Expects that `word`, as a whole word, stands nowhere in the file's code.
void expect_absent(const SourceFile& file, const std::string& code, std::string_view word,
                   std::string_view instead) {
  for (auto at = code.find(word); at != std::string::npos; at = code.find(word, at + 1)) {
    if (at > 0 && is_word(code[at - 1])) continue;
    const auto end = at + word.size();
    if (is_word(word.back()) && end < code.size() && is_word(code[end])) continue;
    ADD_FAILURE() << file.path << ":" << line_of(code, at) << " says " << word << "; " << instead;
  }
}

/// Clock and Random are the only doors to the machine's time and chance; without that no run can be repeated.
TEST(Sources, TakeTimeAndChanceFromTheSeamsOfBaseOnly) {
  static constexpr std::array<std::string_view, 18> kForbidden = {
      "std::rand",         "srand",
      "random_device",     "mt19937",
      "mt19937_64",        "system_clock::now",
      "steady_clock::now", "high_resolution_clock",
      "std::time(",        "::time(",
      "time(nullptr)",     "time(NULL)",
      "gettimeofday",      "clock_gettime",
      "localtime",         "localtime_r",
      "getrandom",         "arc4random"};
  for (const auto& file : sources()) {
    if (file.room == "core/base") continue;
    const auto code = code_only(file.text);
    for (const auto word : kForbidden)
      expect_absent(file, code, word, "use core/base/clock.hpp or core/base/random.hpp");
  }
}

/// Names of the variables, members and parameters that `code` declares as unordered containers.
std::set<std::string> unordered_names(const std::string& code) {
  std::set<std::string> names;
  for (auto at = code.find("std::unordered_"); at != std::string::npos;
       at = code.find("std::unordered_", at + 1)) {
    auto end = code.find('<', at);
    for (int depth = 0; end < code.size(); ++end) {
      depth += code[end] == '<' ? 1 : code[end] == '>' ? -1 : 0;
      if (depth == 0) break;
    }
    const auto start = code.find_first_not_of("> &*\n", end);
    if (start == std::string::npos) continue;
    auto stop = start;
    while (stop < code.size() && is_word(code[stop])) ++stop;
    if (stop > start) names.insert(code.substr(start, stop - start));
  }
  return names;
}

/// What is hashed, signed, sent or shown comes out the same on every machine, so nobody walks a hash table:
/// it is for looking things up.
TEST(Sources, WalkNoUnorderedContainer) {
  for (const auto& file : sources()) {
    const auto code = code_only(file.text);
    auto names = unordered_names(code);
    for (const auto& include : file.includes) {
      const auto* header = find_source(include.path);
      if (header == nullptr || header->room != file.room) continue;
      for (const auto& name : unordered_names(code_only(header->text))) {
        if (name.ends_with('_')) names.insert(name);  // a member, used where its class is implemented
      }
    }
    for (const auto& name : names) {
      for (const auto& walk :
           {": " + name + ")", name + ".begin()", name + ".cbegin()", name + ".extract("}) {
        expect_absent(file, code, walk, "walk an ordered container, or sort first");
      }
    }
  }
}

/// An amount is a whole number of the smallest unit, never a float.
TEST(Sources, ThatCountUseNoFloat) {
  for (const auto& file : sources()) {
    static constexpr std::array<std::string_view, 4> kRooms = {"core/model", "core/merge", "core/journal",
                                                               "sync-server/totals"};
    if (std::ranges::find(kRooms, file.room) == kRooms.end()) continue;
    const auto code = code_only(file.text);
    for (const std::string_view word : {"float", "double"})
      expect_absent(file, code, word, "amounts are whole numbers");
  }
}

TEST(Sources, LeaveNothingForLater) {
  for (const auto& file : sources()) {
    for (const std::string_view word : {"TODO", "FIXME", "XXX", "HACK"}) {
      expect_absent(file, file.text, word, "finish it, or say in the docs what is missing");
    }
  }
}

}  // namespace
}  // namespace phusa::lint
