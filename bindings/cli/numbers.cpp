#include "bindings/cli/numbers.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace phusa::cli {
namespace {

constexpr std::size_t kFigureBytesMax = 40;  // 15 digits, separators, sign and decimals fit well

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

struct Prefix {
  std::string_view word;
  std::string_view qualifier;
  bool needs_space;  // a word, unlike a sign, must stand apart from the figure
};

constexpr std::array kPrefixes{
    Prefix{"more:", "more", false},    Prefix{"hơn:", "more", false},      Prefix{"hon:", "more", false},
    Prefix{"trên:", "more", false},    Prefix{"nearly:", "nearly", false}, Prefix{"gần:", "nearly", false},
    Prefix{"gan:", "nearly", false},   Prefix{"exact:", "", false},        Prefix{">", "more", false},
    Prefix{"more than", "more", true}, Prefix{"more", "more", true},       Prefix{"over", "more", true},
    Prefix{"Hơn", "more", true},       Prefix{"hơn", "more", true},        Prefix{"hon", "more", true},
    Prefix{"Trên", "more", true},      Prefix{"trên", "more", true},       Prefix{"nearly", "nearly", true},
    Prefix{"Gần", "nearly", true},     Prefix{"gần", "nearly", true},      Prefix{"gan", "nearly", true},
};

std::string_view take_qualifier(std::string_view& text) {
  for (const auto& prefix : kPrefixes) {
    if (text.substr(0, prefix.word.size()) != prefix.word) continue;
    const auto rest = text.substr(prefix.word.size());
    if (prefix.needs_space && (rest.empty() || rest.front() != ' ')) continue;
    text = trim(rest);
    return prefix.qualifier;
  }
  return {};
}

/// "1,234,567" grouped by threes: the digits alone; nullopt when the groups are not of three.
std::optional<std::string> ungroup(std::string_view text, char separator) {
  std::string digits;
  for (bool first = true;; first = false) {
    const auto at = text.find(separator);
    const auto group = text.substr(0, at);
    const bool last = at == std::string_view::npos;
    if (!all_digits(group)) return std::nullopt;
    if (first && !last && (group.size() > 3 || group.front() == '0')) return std::nullopt;
    if (!first && group.size() != 3) return std::nullopt;
    digits += group;
    if (last) return digits;
    text.remove_prefix(at + 1);
  }
}

/// `text` without a sign, read with this decimal mark and (unless 0) this mark between groups of three.
std::optional<std::string> read(std::string_view text, char decimal, char grouping) {
  const auto at = text.find(decimal);
  const auto whole = text.substr(0, at);
  std::optional<std::string> digits;
  if (grouping != 0 && whole.find(grouping) != std::string_view::npos) {
    digits = ungroup(whole, grouping);
  } else if (all_digits(whole)) {
    digits = std::string(whole);
  }
  if (!digits) return std::nullopt;
  digits->erase(0, std::min(digits->find_first_not_of('0'), digits->size() - 1));
  if (at == std::string_view::npos) return digits;
  const auto fraction = text.substr(at + 1);
  if (!all_digits(fraction)) return std::nullopt;
  return *digits + "." + std::string(fraction);
}

/// One separator with exactly three digits behind it and one to three before, not starting with 0.
bool is_ambiguous(std::string_view text) {
  const auto at = text.find_first_of(".,");
  if (at == std::string_view::npos || text.find_first_of(".,", at + 1) != std::string_view::npos)
    return false;
  return at >= 1 && at <= 3 && text.front() != '0' && all_digits(text.substr(0, at)) &&
         all_digits(text.substr(at + 1)) && text.size() - at - 1 == 3;
}

FigureError error(std::string key, std::vector<std::string> args) {
  return {std::move(key), std::move(args)};
}

tl::expected<std::string, FigureError> parse_amount(std::string_view text, NumberStyle style) {
  const std::string written(text);
  if (text.size() > kFigureBytesMax)
    return tl::unexpected(error("bad_number", {written.substr(0, 24) + "..."}));
  std::string sign;
  if (text.front() == '-') {
    sign = "-";
    text.remove_prefix(1);
  }
  if (style == NumberStyle::kUnsaid && is_ambiguous(text)) {
    const std::string whole = sign + *ungroup(text, text.find('.') == std::string_view::npos ? ',' : '.');
    std::string decimal = sign + std::string(text);
    std::replace(decimal.begin(), decimal.end(), ',', '.');
    return tl::unexpected(error("ambiguous_number", {written, whole, decimal}));
  }
  const auto plain = read(text, '.', 0);
  const auto vietnamese = read(text, ',', '.');
  if (style == NumberStyle::kVietnamese) {
    if (vietnamese) return sign + *vietnamese;
    if (plain) return tl::unexpected(error("number_not_vietnamese", {written}));
  } else {
    if (plain) return sign + *plain;
    if (vietnamese) return tl::unexpected(error("number_not_plain", {written, sign + *vietnamese}));
  }
  return tl::unexpected(error("bad_number", {written}));
}

}  // namespace

tl::expected<Figure, FigureError> parse_figure(std::string_view text, NumberStyle style) {
  text = trim(text);
  const std::string written(text);
  if (text.empty()) return Figure{};
  const bool had_prefix = !is_digit(text.front()) && text.front() != '-';
  const auto qualifier = take_qualifier(text);
  if (text.empty())
    return tl::unexpected(error(had_prefix ? "qualifier_without_number" : "bad_number", {written}));
  auto amount = parse_amount(text, style);
  if (!amount) return tl::unexpected(amount.error());
  return Figure{std::move(*amount), std::string(qualifier)};
}

std::string group_digits(std::string_view plain, bool vietnamese) {
  const bool negative = !plain.empty() && plain.front() == '-';
  const auto unsigned_text = negative ? plain.substr(1) : plain;
  const auto point = unsigned_text.find('.');
  const auto whole = unsigned_text.substr(0, point);
  if (!all_digits(whole)) return std::string(plain);
  std::string out = negative ? "-" : "";
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (i > 0 && (whole.size() - i) % 3 == 0) out += vietnamese ? '.' : ',';
    out += whole[i];
  }
  if (point != std::string_view::npos) {
    out += vietnamese ? ',' : '.';
    out += unsigned_text.substr(point + 1);
  }
  return out;
}

}  // namespace phusa::cli
