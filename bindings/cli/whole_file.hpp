#pragma once

#include "bindings/cli/door.hpp"

#include <string>
#include <string_view>

namespace phusa::cli {

/// The path that stands for standard input or output.
inline constexpr std::string_view kDash = "-";

/// A whole file, or standard input; at most `bytes_max`, more is "file.too_large". Other keys:
/// "file.not_found", "file.is_folder", "file.empty", "file.is_terminal", "file.unreadable" (with the system's
/// number); of standard input "file.input_empty", "file.input_too_large", "file.input_unreadable".
Answer<std::string> read_whole_file(const std::string& path, std::size_t bytes_max);

/// A file that appears whole or not at all, for its owner alone. A place for it is made before anything is
/// asked of the store, so that a mistyped folder is known before anything is sealed.
///
/// Replaced is only what goes from hand to hand, or an empty file. Of a link, what it names is written.
///
/// Keys of failures: "file.exists", "file.is_store", "file.is_foreign", "file.link_to_nothing",
/// "file.is_folder", "file.not_a_file", "file.is_terminal", "file.unreadable" and "file.not_written" (with
/// the system's words).
class NewFile {
 public:
  /// `overwrite`: a file of that name that may be replaced is, else refused. Before a store is opened.
  static Answer<NewFile> open(const std::string& path, bool overwrite);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();  ///< without commit() nothing is left behind

  /// Written, on the disk, and under its name when this returns. False: written to a standard output that is
  /// not a file on a disk, and where that leads nobody knows.
  Answer<bool> commit(std::string_view bytes);
  bool is_standard_output() const { return path_ == kDash; }

 private:
  NewFile(std::string path, bool overwrite) : path_(std::move(path)), overwrite_(overwrite) {}
  Answer<void> put_in_place();

  std::string path_;       ///< as it was given
  std::string place_;      ///< where it will lie
  std::string temporary_;  ///< beside it, while it is not in place
  int descriptor_ = -1;
  bool overwrite_ = false;
};

}  // namespace phusa::cli
