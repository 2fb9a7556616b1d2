#include "sync-server/app/folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace phusa::app {
namespace {

constexpr const char* kLockFile = "lock";

/// Whether nothing is in the folder, but a lock perhaps.
Result<bool> is_empty_but_for(const std::filesystem::path& folder, const std::string& name) {
  std::error_code error;
  const std::filesystem::directory_iterator entries(folder, error);
  if (error) return fail(ErrorCode::kIo, "cannot read " + folder.string() + ": " + error.message());
  return std::all_of(begin(entries), end(entries),
                     [&](const auto& entry) { return entry.path().filename() == name; });
}

}  // namespace

Result<FolderLock> FolderLock::take(const std::filesystem::path& data) {
  const auto path = data / kLockFile;
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 && errno == ENOENT) {
    return fail(ErrorCode::kNotFound,
                "there is no folder " + data.string() + "; phusa-server init makes one");
  }
  if (fd < 0) return fail(ErrorCode::kIo, "cannot open " + path.string() + ": " + std::strerror(errno));
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    ::close(fd);
    return fail(ErrorCode::kBusy, "another phusa-server works in " + data.string() +
                                      "; stop it first, or wait until it is done");
  }
  // The one who had it may have cleared the folder away, and the file with it.
  struct stat held {
  }, there{};
  if (::fstat(fd, &held) != 0 || ::stat(path.c_str(), &there) != 0 || held.st_ino != there.st_ino) {
    ::close(fd);
    return fail(ErrorCode::kBusy, data.string() + " was cleared away a moment ago; run it again");
  }
  return FolderLock(fd);
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

Result<NewFolder> NewFolder::make(const std::filesystem::path& path, const std::string& need) {
  const auto not_empty = [&] { return fail(ErrorCode::kConflict, path.string() + " is not empty; " + need); };
  std::error_code error;
  const bool was_there = std::filesystem::exists(path, error);
  if (error) return fail(ErrorCode::kIo, "cannot read " + path.string() + ": " + error.message());
  std::filesystem::create_directories(path, error);
  if (error) return fail(ErrorCode::kIo, "cannot make " + path.string() + ": " + error.message());
  // Before a lock is put into a folder of somebody else's.
  PHUSA_ASSIGN(const bool is_empty, is_empty_but_for(path, ""));
  if (!is_empty) return not_empty();
  if (::chmod(path.c_str(), 0700) != 0)
    return fail(ErrorCode::kIo, "cannot protect " + path.string() + ": " + std::strerror(errno));
  PHUSA_ASSIGN(FolderLock lock, FolderLock::take(path));
  // Whoever had the lock until now may have made what must not be cleared away.
  PHUSA_ASSIGN(const bool is_ours, is_empty_but_for(path, kLockFile));
  if (!is_ours) return not_empty();
  return NewFolder(path, was_there, std::move(lock));
}

NewFolder::~NewFolder() {
  if (path_.empty()) return;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path_, error))
    std::filesystem::remove_all(entry.path(), error);
  if (!was_there_) std::filesystem::remove(path_, error);
}

}  // namespace phusa::app
