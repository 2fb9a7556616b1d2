#include "bindings/cli/whole_file.hpp"

#include "bindings/cli/file_kind.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

namespace phusa::cli {
namespace {

constexpr std::size_t kChunkBytes = 64 * 1024;
constexpr std::size_t kBeginningBytes = 16;

v1::ErrorReply file_error(ErrorCode code, const std::string& key, const std::string& path, int number = 0) {
  auto error = make_error(code, key);
  error.add_args(path);
  error.add_args(number == 0 ? "" : std::to_string(number));  // Shell::sentence has words for it
  return error;
}

v1::ErrorReply not_written(const std::string& path, int number) {
  return file_error(number == ENOSPC || number == EDQUOT ? ErrorCode::kDiskFull : ErrorCode::kIo,
                    path == kDash ? "file.output_not_written" : "file.not_written", path, number);
}

/// Closes what it holds.
struct Descriptor {
  int number = -1;
  ~Descriptor() {
    if (number > STDERR_FILENO) ::close(number);
  }
};

Answer<std::string> read_descriptor(int descriptor, const std::string& path, std::size_t bytes_max) {
  const auto key = [&](std::string_view of_file) {
    return path == kDash ? "file.input_" + std::string(of_file.substr(5)) : std::string(of_file);
  };
  std::string out;
  for (;;) {
    const auto before = out.size();
    out.resize(before + kChunkBytes);
    const auto got = ::read(descriptor, out.data() + before, kChunkBytes);
    if (got < 0 && errno == EINTR) {
      out.resize(before);
      continue;
    }
    if (got < 0) return tl::unexpected(file_error(ErrorCode::kIo, key("file.unreadable"), path, errno));
    out.resize(before + static_cast<std::size_t>(got));
    if (got == 0) break;
    if (out.size() > bytes_max) {
      auto error = file_error(ErrorCode::kLimitExceeded, key("file.too_large"), path);
      error.set_args(1, std::to_string(bytes_max / (1024 * 1024)));
      return tl::unexpected(error);
    }
  }
  if (out.empty()) return tl::unexpected(file_error(ErrorCode::kInvalidArgument, key("file.empty"), path));
  return out;
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto put = ::write(descriptor, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// Its first bytes. Never of a store that this process has open: closing it would give up SQLite's locks.
Answer<std::string> beginning_of(const std::string& path) {
  const Descriptor opened{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  std::string out(kBeginningBytes, '\0');
  const auto got = opened.number < 0 ? -1 : ::read(opened.number, out.data(), out.size());
  if (got < 0) return tl::unexpected(file_error(ErrorCode::kIo, "file.unreadable", path, errno));
  out.resize(static_cast<std::size_t>(got));
  return out;
}

/// Whether SQLite or we keep something for a store under this name, there or not: an empty one may be in use.
bool belongs_to_store(const std::string& path) {
  for (const std::string_view ending : {"-wal", "-shm", "-lock", "-journal"}) {
    if (!path.ends_with(ending)) continue;
    const auto beginning = beginning_of(path.substr(0, path.size() - ending.size()));
    if (beginning && kind_of_file(*beginning) == FileKind::kStore) return true;
  }
  return false;
}

/// A device keeps its place: a file in it would break the machine. So does whatever is not from hand to hand,
/// even if somebody insists: a phone's data is nowhere else. `path` is what `place` was called.
Answer<void> check_place(const std::string& path, const std::string& place, bool overwrite) {
  if (belongs_to_store(place)) return tl::unexpected(file_error(ErrorCode::kConflict, "file.is_store", path));
  struct stat status {};
  if (::stat(place.c_str(), &status) != 0) return {};
  if (S_ISDIR(status.st_mode))
    return tl::unexpected(file_error(ErrorCode::kInvalidArgument, "file.is_folder", path));
  if (!S_ISREG(status.st_mode))
    return tl::unexpected(file_error(ErrorCode::kInvalidArgument, "file.not_a_file", path));
  const auto beginning = beginning_of(place);
  if (!beginning) return tl::unexpected(beginning.error());
  const auto kind = kind_of_file(*beginning);
  if (kind == FileKind::kStore)
    return tl::unexpected(file_error(ErrorCode::kConflict, "file.is_store", path));
  if (!beginning->empty() && !goes_from_hand_to_hand(kind))
    return tl::unexpected(file_error(ErrorCode::kConflict, "file.is_foreign", path));
  if (!overwrite) return tl::unexpected(file_error(ErrorCode::kConflict, "file.exists", path));
  return {};
}

/// The file behind a link: the link stays, and what it names is replaced.
Answer<std::string> behind_link(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISLNK(status.st_mode)) return path;
  std::error_code error;
  const auto real = std::filesystem::canonical(path, error);
  if (error) return tl::unexpected(file_error(ErrorCode::kConflict, "file.link_to_nothing", path));
  return real.string();
}

/// Whether it is on a disk by now. Of a pipe nobody knows where it leads; errors of a disk are errors.
Answer<bool> sync_output(const std::string& path) {
  struct stat status {};
  const bool is_file = ::fstat(STDOUT_FILENO, &status) == 0 && S_ISREG(status.st_mode);
  if (::fsync(STDOUT_FILENO) == 0) return is_file;
  if (errno == EINVAL || errno == EROFS) return false;
  return tl::unexpected(not_written(path, errno));
}

/// A name is on the disk once its folder is. Some file systems of memory sticks cannot do that; they have no
/// better to offer.
void sync_folder(const std::string& folder) {
  const Descriptor opened{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (opened.number >= 0) ::fsync(opened.number);
}

}  // namespace

Answer<std::string> read_whole_file(const std::string& path, std::size_t bytes_max) {
  if (path == kDash) {
    if (::isatty(STDIN_FILENO) == 1)
      return tl::unexpected(file_error(ErrorCode::kInvalidArgument, "file.is_terminal", path));
    return read_descriptor(STDIN_FILENO, path, bytes_max);
  }
  const Descriptor opened{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};  // no pipe makes us wait
  if (opened.number < 0 && errno == ENOENT)
    return tl::unexpected(file_error(ErrorCode::kNotFound, "file.not_found", path));
  if (opened.number < 0) return tl::unexpected(file_error(ErrorCode::kIo, "file.unreadable", path, errno));
  struct stat status {};
  if (::fstat(opened.number, &status) == 0 && S_ISDIR(status.st_mode))
    return tl::unexpected(file_error(ErrorCode::kInvalidArgument, "file.is_folder", path));
  ::fcntl(opened.number, F_SETFL, 0);  // from here on a pipe may be slow
  return read_descriptor(opened.number, path, bytes_max);
}

Answer<NewFile> NewFile::open(const std::string& path, bool overwrite) {
  NewFile file(path, overwrite);
  if (file.is_standard_output()) {
    if (::isatty(STDOUT_FILENO) == 1)
      return tl::unexpected(file_error(ErrorCode::kInvalidArgument, "file.is_terminal", path));
    return file;
  }
  const auto place = behind_link(path);
  if (!place) return tl::unexpected(place.error());
  if (auto free = check_place(path, *place, overwrite); !free) return tl::unexpected(free.error());
  file.place_ = *place;
  file.temporary_ = *place + ".XXXXXX";
  file.descriptor_ = ::mkostemp(file.temporary_.data(), O_CLOEXEC);  // 0600
  if (file.descriptor_ < 0) {
    file.temporary_.clear();
    return tl::unexpected(not_written(path, errno));
  }
  return file;
}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::move(other.path_)),
      place_(std::move(other.place_)),
      temporary_(std::exchange(other.temporary_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)),
      overwrite_(other.overwrite_) {}

NewFile::~NewFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Answer<bool> NewFile::commit(std::string_view bytes) {
  if (is_standard_output()) {
    if (!write_all(STDOUT_FILENO, bytes)) return tl::unexpected(not_written(path_, errno));
    return sync_output(path_);
  }
  if (!write_all(descriptor_, bytes) || ::fsync(descriptor_) != 0)
    return tl::unexpected(not_written(path_, errno));
  const int closed = ::close(std::exchange(descriptor_, -1));
  if (closed != 0) return tl::unexpected(not_written(path_, errno));
  if (auto placed = put_in_place(); !placed) return tl::unexpected(placed.error());
  return true;
}

Answer<void> NewFile::put_in_place() {
  // Something else may lie there by now: a store that this very command made.
  if (auto free = check_place(path_, place_, overwrite_); !free) return free;
  const unsigned flags = overwrite_ ? 0U : static_cast<unsigned>(RENAME_NOREPLACE);
  int done = ::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, place_.c_str(), flags);
  // A file system that knows no such flag: the name was free when we looked.
  if (done != 0 && (errno == EINVAL || errno == ENOSYS) && ::access(place_.c_str(), F_OK) != 0)
    done = ::rename(temporary_.c_str(), place_.c_str());
  if (done != 0 && errno == EEXIST)
    return tl::unexpected(file_error(ErrorCode::kConflict, "file.exists", path_));
  if (done != 0) return tl::unexpected(not_written(path_, errno));
  temporary_.clear();
  sync_folder(folder_of(place_));
  return {};
}

}  // namespace phusa::cli
