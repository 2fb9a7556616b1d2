#include "bindings/cli/bad_use.hpp"

#include <optional>
#include <vector>

namespace phusa::cli {
namespace {

using Texts = std::vector<std::string>;

/// A sentence of the library, cut into the words that are always the same; what stands before, between and
/// behind them goes into the message's slots.
struct Pattern {
  std::string_view key;
  std::vector<std::string_view>
      fixed;  ///< in order; an empty first or last one stands for the sentence's edge
};

const std::vector<Pattern>& patterns() {
  static const std::vector<Pattern> all = {
      {"use.command_missing", {"A subcommand is required"}},
      {"use.missing", {"", " is required"}},
      {"use.not_expected", {"The following arguments were not expected: ", ""}},
      {"use.not_expected", {"The following argument was not expected: ", ""}},
      {"use.value_missing", {"", ": 1 required ", " missing"}},
      {"use.not_one_of", {"", ": ", " not in {", "}"}},
      {"use.not_a_number", {"Could not convert: ", " = ", ""}},
      {"use.too_many", {"", ": At Most ", " required but received ", ""}},
      {"use.not_a_flag", {"", " was given a disallowed flag override"}},
  };
  return all;
}

/// What stands in the pattern's gaps.
std::optional<Texts> match(const Pattern& pattern, std::string_view sentence) {
  Texts gaps;
  const auto& fixed = pattern.fixed;
  if (!sentence.starts_with(fixed.front())) return std::nullopt;
  auto rest = sentence.substr(fixed.front().size());
  for (std::size_t i = 1; i < fixed.size(); ++i) {
    const bool last = i + 1 == fixed.size();
    if (last && !rest.ends_with(fixed[i])) return std::nullopt;
    const auto at = last ? rest.size() - fixed[i].size() : rest.find(fixed[i]);
    if (at == std::string_view::npos) return std::nullopt;
    gaps.emplace_back(rest.substr(0, at));
    rest.remove_prefix(at + fixed[i].size());
  }
  if (!rest.empty()) return std::nullopt;
  return gaps;
}

/// An option as the help tells of it, instead of its name in the program.
void name_as_read(const Tongue& tongue, std::string& option) {
  const auto key = "option." + option;
  if (tongue.knows(key)) option = tongue.say(key);
}

}  // namespace

std::string bad_use_words(const Tongue& tongue, std::string_view sentence) {
  if (tongue.language() == Language::kEnglish) return std::string(sentence);
  for (const auto& pattern : patterns()) {
    auto gaps = match(pattern, sentence);
    if (!gaps) continue;
    if (pattern.key == "use.missing") name_as_read(tongue, gaps->front());
    return tongue.say(pattern.key, *gaps);
  }
  return tongue.say("use.other", {std::string(sentence)});
}

}  // namespace phusa::cli
