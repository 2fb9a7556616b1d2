#include "bindings/cli/language.hpp"

#include "bindings/cli/messages.hpp"

namespace phusa::cli {

std::optional<Language> parse_language(std::string_view name) {
  if (name == "vi") return Language::kVietnamese;
  if (name == "en") return Language::kEnglish;
  return std::nullopt;
}

Language language_of_environment(const std::function<const char*(const char*)>& get_environment) {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = get_environment(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string_view locale = value;
    const bool vietnamese =
        locale.substr(0, 2) == "vi" && (locale.size() == 2 || locale.find_first_of("_.@-") == 2);
    return vietnamese ? Language::kVietnamese : Language::kEnglish;
  }
  return Language::kEnglish;
}

bool Tongue::knows(std::string_view key) const {
  return find_message(key) != nullptr;
}

std::string Tongue::say(std::string_view key, const std::vector<std::string>& args) const {
  const Message* message = find_message(key);
  if (message == nullptr) return std::string(key);
  return fill_in(language_ == Language::kVietnamese ? message->vietnamese : message->english, args);
}

std::string fill_in(std::string_view pattern, const std::vector<std::string>& args) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool slot = pattern[i] == '{' && i + 2 < pattern.size() && pattern[i + 1] >= '0' &&
                      pattern[i + 1] <= '9' && pattern[i + 2] == '}';
    if (!slot) {
      out += pattern[i];
      continue;
    }
    const auto number = static_cast<std::size_t>(pattern[i + 1] - '0');
    if (number < args.size()) out += args[number];
    i += 2;
  }
  return out;
}

}  // namespace phusa::cli
