#pragma once

#include "core/base/result.hpp"

#include <filesystem>
#include <utility>

namespace phusa::app {

/// An exclusive hold on an installation's folder, for as long as it lives; falls with the process.
class FolderLock {
 public:
  /// kBusy when another process has it.
  static Result<FolderLock> take(const std::filesystem::path& data);
  FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_;
};

/// A folder that must be new, locked while something is made in it. What is not kept is cleared away, for
/// half an installation must not look like one: of two who make one in the same place, one makes it whole.
class NewFolder {
 public:
  /// `need` ends the message when the folder is not empty: "init needs a new folder". kConflict: not empty;
  /// kBusy: another process makes something there; kIo.
  static Result<NewFolder> make(const std::filesystem::path& path, const std::string& need);
  NewFolder(NewFolder&& other) noexcept
      : path_(std::exchange(other.path_, {})), was_there_(other.was_there_), lock_(std::move(other.lock_)) {}
  NewFolder& operator=(NewFolder&&) = delete;
  ~NewFolder();
  void keep() { path_.clear(); }

 private:
  NewFolder(std::filesystem::path path, bool was_there, FolderLock lock)
      : path_(std::move(path)), was_there_(was_there), lock_(std::move(lock)) {}
  std::filesystem::path path_;
  bool was_there_;
  FolderLock lock_;
};

}  // namespace phusa::app
