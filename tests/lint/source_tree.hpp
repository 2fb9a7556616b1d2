#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

/// The project's own sources, as the lint tests read them: text, without compiling anything.
namespace phusa::lint {

struct Include {
  int line = 0;
  std::string path;
  bool angled = false;
};

struct SourceFile {
  std::string path;  ///< from the top of the tree, with '/'
  std::string room;  ///< the folder it lies in
  std::string text;
  std::vector<Include> includes;

  bool is_header() const { return path.ends_with(".hpp") || path.ends_with(".h"); }
};

/// Every .hpp, .h and .cpp below core, sync-server and bindings, in order of path.
const std::vector<SourceFile>& sources();
/// The file of that path, or nullptr.
const SourceFile* find_source(std::string_view path);
/// A file of the tree as text; empty when it cannot be read.
std::string read_text(std::string_view path);
/// `Suite.Case` of every test of the tree, and those that CMake names.
std::set<std::string> test_names();
/// `text` with comments and string literals blanked out; lines stay where they are.
std::string code_only(std::string_view text);

}  // namespace phusa::lint
