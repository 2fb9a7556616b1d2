#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace phusa::cli {

enum class Language { kVietnamese, kEnglish };

/// "vi" or "en"; anything else is nullopt.
std::optional<Language> parse_language(std::string_view name);

/// LC_ALL, then LC_MESSAGES, then LANG: the first that is set decides; vi* is Vietnamese, everything else
/// English.
Language language_of_environment(const std::function<const char*(const char*)>& get_environment);

/// What the program says, in one language. Sentences are looked up by key (messages.cpp), `{0}` `{1}` stand
/// for args.
class Tongue {
 public:
  explicit Tongue(Language language) : language_(language) {}

  Language language() const { return language_; }
  /// For words that stand in one place only, such as help.
  std::string pick(std::string_view english, std::string_view vietnamese) const {
    return std::string(language_ == Language::kVietnamese ? vietnamese : english);
  }
  bool knows(std::string_view key) const;
  /// An unknown key is given back as it is: it is a word of the schema, and better than nothing.
  std::string say(std::string_view key, const std::vector<std::string>& args = {}) const;

 private:
  Language language_;
};

/// `{0}` and so on replaced by args; a number without an argument gives nothing.
std::string fill_in(std::string_view pattern, const std::vector<std::string>& args);

}  // namespace phusa::cli
