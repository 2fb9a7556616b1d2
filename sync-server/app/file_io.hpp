#pragma once

#include "core/base/random.hpp"
#include "core/journal/sealed_stream.hpp"

#include <filesystem>
#include <string_view>

/// Files that are too large for memory, and names that are durable.
namespace phusa::app {

/// A file being read or written from its start to its end.
class File {
 public:
  static Result<File> open_to_read(const std::filesystem::path& path);
  /// A new file, 0600. kConflict: there is one.
  static Result<File> make(const std::filesystem::path& path);
  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  File& operator=(File&&) = delete;
  ~File();

  /// Up to `bytes_max`, fewer only at the end.
  Result<Bytes> read(std::size_t bytes_max);
  Result<void> write(BytesView bytes);
  Result<void> flush();
  Result<std::uint64_t> size() const;

 private:
  File(int fd, std::filesystem::path path) : fd_(fd), path_(std::move(path)) {}
  Error error(const char* what) const;

  int fd_;
  std::filesystem::path path_;
};

/// Names are durable only when their folder is.
void flush_folder(const std::filesystem::path& folder);
/// Gives `from` the name `to`, unless something has it. kConflict.
Result<void> rename_to_new(const std::filesystem::path& from, const std::filesystem::path& to);

/// A folder of its own (0700) in `parent` for what shall not outlive a command; gone when it is. Where the
/// process was killed first, `remove_leftovers` does it.
class WorkFolder {
 public:
  /// What for: its name begins with it.
  static constexpr std::string_view kBackup = "backup";
  static constexpr std::string_view kVerify = "verify";

  static Result<WorkFolder> make(const std::filesystem::path& parent, std::string_view what, Random& random);
  WorkFolder(WorkFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  WorkFolder& operator=(WorkFolder&&) = delete;
  ~WorkFolder();
  const std::filesystem::path& path() const { return path_; }
  /// Removes those that lie in `parent`. The caller holds its lock: nobody is at work in one.
  static void remove_leftovers(const std::filesystem::path& parent);

 private:
  explicit WorkFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace phusa::app
