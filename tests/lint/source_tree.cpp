#include "tests/lint/source_tree.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

namespace phusa::lint {
namespace {

namespace fs = std::filesystem;

bool is_source(const fs::path& path) {
  const auto extension = path.extension();
  return extension == ".hpp" || extension == ".h" || extension == ".cpp";
}

std::vector<Include> includes_of(const std::string& text) {
  std::vector<Include> found;
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    constexpr std::string_view kDirective = "#include";
    const auto start = line.find_first_not_of(" \t");
    if (start == std::string::npos || line.compare(start, kDirective.size(), kDirective) != 0) continue;
    const auto open = line.find_first_of("<\"", start);
    if (open == std::string::npos) continue;
    const bool angled = line[open] == '<';
    const auto close = line.find(angled ? '>' : '"', open + 1);
    found.push_back({number, line.substr(open + 1, close - open - 1), angled});
  }
  return found;
}

std::vector<SourceFile> load() {
  std::vector<SourceFile> files;
  const fs::path top = PHUSA_SOURCE_DIR;
  for (const char* area : {"core", "sync-server", "bindings"}) {
    for (const auto& entry : fs::recursive_directory_iterator(top / area)) {
      if (!entry.is_regular_file() || !is_source(entry.path())) continue;
      SourceFile file;
      file.path = fs::relative(entry.path(), top).generic_string();
      file.room = fs::path(file.path).parent_path().generic_string();
      file.text = read_text(file.path);
      file.includes = includes_of(file.text);
      files.push_back(std::move(file));
    }
  }
  std::ranges::sort(files, {}, &SourceFile::path);
  return files;
}

/// Where the raw string literal that opens at `quote` ends.
std::size_t raw_literal_end(std::string_view text, std::size_t quote) {
  const auto bracket = text.find('(', quote);
  if (bracket == std::string_view::npos) return text.size();
  const std::string terminator = ")" + std::string(text.substr(quote + 1, bracket - quote - 1)) + "\"";
  const auto end = text.find(terminator, bracket);
  return end == std::string_view::npos ? text.size() : end + terminator.size();
}

std::size_t literal_end(std::string_view text, std::size_t quote) {
  std::size_t at = quote + 1;
  while (at < text.size() && text[at] != text[quote] && text[at] != '\n') at += text[at] == '\\' ? 2 : 1;
  return std::min(at + 1, text.size());
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Where the comment or literal that starts at `at` ends; `at` itself when none starts there.
std::size_t blank_end(std::string_view text, std::size_t at) {
  const auto rest = text.substr(at);
  if (rest.starts_with("//")) return std::min(text.find('\n', at), text.size());
  if (rest.starts_with("/*")) {
    const auto end = text.find("*/", at + 2);
    return end == std::string_view::npos ? text.size() : end + 2;
  }
  if (rest.starts_with("\"")) {
    const bool raw = at > 0 && text[at - 1] == 'R' && (at < 2 || !is_word(text[at - 2]));
    return raw ? raw_literal_end(text, at) : literal_end(text, at);
  }
  const bool digit_separator = at > 0 && is_word(text[at - 1]);
  if (rest.starts_with("'") && !digit_separator) return literal_end(text, at);
  return at;
}

}  // namespace

const std::vector<SourceFile>& sources() {
  static const std::vector<SourceFile> files = load();
  return files;
}

const SourceFile* find_source(std::string_view path) {
  const auto& files = sources();
  const auto found = std::ranges::find(files, path, &SourceFile::path);
  return found == files.end() ? nullptr : &*found;
}

std::string read_text(std::string_view path) {
  std::ifstream in(fs::path(PHUSA_SOURCE_DIR) / path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::set<std::string> test_names() {
  static const std::regex kTest(
      R"((?:TEST|TEST_F|TEST_P|RC_GTEST_PROP|RC_GTEST_FIXTURE_PROP)\(\s*(\w+),\s*(\w+))");
  static const std::regex kCMakeTest(R"(add_test\(NAME ([\w.]+))");
  std::set<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(PHUSA_SOURCE_DIR) / "tests")) {
    const bool is_cmake = entry.path().filename() == "CMakeLists.txt";
    if (!is_cmake && entry.path().extension() != ".cpp") continue;
    const auto text = read_text(fs::relative(entry.path(), PHUSA_SOURCE_DIR).generic_string());
    const auto& pattern = is_cmake ? kCMakeTest : kTest;
    for (auto at = std::sregex_iterator(text.begin(), text.end(), pattern); at != std::sregex_iterator();
         ++at) {
      names.insert(is_cmake ? at->str(1) : at->str(1) + "." + at->str(2));
    }
  }
  return names;
}

std::string code_only(std::string_view text) {
  std::string code(text);
  for (std::size_t at = 0; at < text.size();) {
    const auto end = blank_end(text, at);
    if (end == at) {
      ++at;
      continue;
    }
    for (; at < end; ++at) {
      if (code[at] != '\n') code[at] = ' ';
    }
  }
  return code;
}

}  // namespace phusa::lint
