#include "sync-server/app/file_io.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace phusa::app {
namespace {

ErrorCode code_of(int error) {
  return error == ENOSPC || error == EDQUOT || error == EFBIG ? ErrorCode::kDiskFull : ErrorCode::kIo;
}

}  // namespace

Error File::error(const char* what) const {
  const int why = errno;
  return {code_of(why), std::string("cannot ") + what + " " + path_.string() + ": " + std::strerror(why)};
}

Result<File> File::open_to_read(const std::filesystem::path& path) {
  File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC), path);
  if (file.fd_ >= 0) return file;
  if (errno == ENOENT) return fail(ErrorCode::kNotFound, "there is no file " + path.string());
  return fail(file.error("read"));
}

Result<File> File::make(const std::filesystem::path& path) {
  File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), path);
  if (file.fd_ >= 0) return file;
  if (errno == EEXIST)
    return fail(ErrorCode::kConflict, path.string() + " is there already; name a new file");
  return fail(file.error("write"));
}

File::~File() {
  if (fd_ >= 0) ::close(fd_);
}

Result<Bytes> File::read(std::size_t bytes_max) {
  Bytes out(bytes_max, '\0');
  std::size_t filled = 0;
  while (filled < bytes_max) {
    const ssize_t got = ::read(fd_, out.data() + filled, bytes_max - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(error("read"));
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  out.resize(filled);
  return out;
}

Result<void> File::write(BytesView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(error("write"));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> File::flush() {
  if (::fsync(fd_) != 0) return fail(error("write"));
  return {};
}

Result<std::uint64_t> File::size() const {
  struct stat facts {};
  if (::fstat(fd_, &facts) != 0) return fail(error("read"));
  return static_cast<std::uint64_t>(facts.st_size);
}

void flush_folder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

Result<void> rename_to_new(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::link(from.c_str(), to.c_str()) == 0) {
    ::unlink(from.c_str());
  } else if (errno == EEXIST || ::access(to.c_str(), F_OK) == 0) {
    return fail(ErrorCode::kConflict, to.string() + " is there already; name a new file");
  } else if (::rename(from.c_str(), to.c_str()) != 0) {  // memory sticks know no second name
    return fail(code_of(errno), "cannot write " + to.string() + ": " + std::strerror(errno));
  }
  flush_folder(to.parent_path());
  return {};
}

namespace {

using WorkName = FixedBytes<8, struct WorkFolderTag>;

bool is_work_name(std::string_view name) {
  for (const std::string_view what : {WorkFolder::kBackup, WorkFolder::kVerify}) {
    if (!name.starts_with(what) || name.substr(what.size(), 1) != "-") continue;
    const auto raw = from_hex(name.substr(what.size() + 1));
    return raw && WorkName::from(*raw).has_value();
  }
  return false;
}

}  // namespace

void WorkFolder::remove_leftovers(const std::filesystem::path& parent) {
  std::error_code error;
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(parent, error)) {
    if (entry.is_directory(error) && is_work_name(entry.path().filename().string()))
      found.push_back(entry.path());
  }
  for (const auto& path : found) std::filesystem::remove_all(path, error);
}

Result<WorkFolder> WorkFolder::make(const std::filesystem::path& parent, std::string_view what,
                                    Random& random) {
  const auto path = parent / (std::string(what) + "-" + random.fixed<WorkName>().hex());
  if (::mkdir(path.c_str(), 0700) != 0)
    return fail(code_of(errno), "cannot make " + path.string() + ": " + std::strerror(errno));
  return WorkFolder(path);
}

WorkFolder::~WorkFolder() {
  std::error_code error;
  if (!path_.empty()) std::filesystem::remove_all(path_, error);
}

}  // namespace phusa::app
