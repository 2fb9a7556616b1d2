#include "tests/support/fault_vfs.hpp"

#include <sqlite3.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <mutex>
#include <new>
#include <optional>

namespace phusa::test {

struct FaultVfs::Impl {
  std::string name;
  std::mutex mutex;  // over all below it
  sqlite3_vfs vfs{};
  sqlite3_vfs* real = nullptr;
  std::map<std::string, std::optional<std::string>> durable;  // what a power cut leaves of each file
  std::uint64_t syncs = 0;
  std::uint64_t writes = 0;
  std::uint64_t cut_at = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t growths_left = std::numeric_limits<std::uint64_t>::max();
  bool is_cut = false;
  bool ignores_syncs = false;
  bool is_broken = false;
};

namespace {

constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

struct File {
  sqlite3_file base;
  FaultVfs::Impl* impl;
  const char* path;  // SQLite keeps it while the file is open
  bool tracked;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File* file_of(sqlite3_file* file) {
  return reinterpret_cast<File*>(file);
}

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

int on_close(sqlite3_file* file) {
  return file_of(file)->real()->pMethods->xClose(file_of(file)->real());
}
int on_read(sqlite3_file* file, void* data, int size, sqlite3_int64 at) {
  return file_of(file)->real()->pMethods->xRead(file_of(file)->real(), data, size, at);
}
int on_write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
  File* self = file_of(file);
  const std::lock_guard guard(self->impl->mutex);
  if (self->impl->is_cut || self->impl->is_broken) return SQLITE_IOERR_WRITE;
  ++self->impl->writes;
  sqlite3_int64 length = 0;
  self->real()->pMethods->xFileSize(self->real(), &length);
  if (at + size > length && self->impl->growths_left != kNever) {
    if (self->impl->growths_left == 0) return SQLITE_FULL;
    --self->impl->growths_left;
  }
  return self->real()->pMethods->xWrite(self->real(), data, size, at);
}
int on_truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (file_of(file)->impl->is_cut) return SQLITE_IOERR_TRUNCATE;
  return file_of(file)->real()->pMethods->xTruncate(file_of(file)->real(), size);
}
int on_sync(sqlite3_file* file, int) {
  File* self = file_of(file);
  const std::lock_guard guard(self->impl->mutex);
  if (self->impl->is_cut) return SQLITE_IOERR_FSYNC;
  if (++self->impl->syncs >= self->impl->cut_at) {
    self->impl->is_cut = true;
    return SQLITE_IOERR_FSYNC;
  }
  if (self->tracked && !self->impl->ignores_syncs) self->impl->durable[self->path] = read_file(self->path);
  return SQLITE_OK;
}
int on_file_size(sqlite3_file* file, sqlite3_int64* size) {
  return file_of(file)->real()->pMethods->xFileSize(file_of(file)->real(), size);
}
int on_lock(sqlite3_file* file, int level) {
  return file_of(file)->real()->pMethods->xLock(file_of(file)->real(), level);
}
int on_unlock(sqlite3_file* file, int level) {
  return file_of(file)->real()->pMethods->xUnlock(file_of(file)->real(), level);
}
int on_check_lock(sqlite3_file* file, int* held) {
  return file_of(file)->real()->pMethods->xCheckReservedLock(file_of(file)->real(), held);
}
int on_control(sqlite3_file* file, int op, void* argument) {
  return file_of(file)->real()->pMethods->xFileControl(file_of(file)->real(), op, argument);
}
int on_sector_size(sqlite3_file* file) {
  return file_of(file)->real()->pMethods->xSectorSize(file_of(file)->real());
}
int on_characteristics(sqlite3_file*) {
  return 0;
}  // promises nothing
int on_shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  return file_of(file)->real()->pMethods->xShmMap(file_of(file)->real(), page, size, extend, out);
}
int on_shm_lock(sqlite3_file* file, int offset, int n, int flags) {
  return file_of(file)->real()->pMethods->xShmLock(file_of(file)->real(), offset, n, flags);
}
void on_shm_barrier(sqlite3_file* file) {
  file_of(file)->real()->pMethods->xShmBarrier(file_of(file)->real());
}
int on_shm_unmap(sqlite3_file* file, int remove) {
  return file_of(file)->real()->pMethods->xShmUnmap(file_of(file)->real(), remove);
}

const sqlite3_io_methods kMethods = {
    2,
    on_close,
    on_read,
    on_write,
    on_truncate,
    on_sync,
    on_file_size,
    on_lock,
    on_unlock,
    on_check_lock,
    on_control,
    on_sector_size,
    on_characteristics,
    on_shm_map,
    on_shm_lock,
    on_shm_barrier,
    on_shm_unmap,
    nullptr,
    nullptr,
};

FaultVfs::Impl* impl_of(sqlite3_vfs* vfs) {
  return static_cast<FaultVfs::Impl*>(vfs->pAppData);
}

int on_open(sqlite3_vfs* vfs, const char* path, sqlite3_file* out, int flags, int* out_flags) {
  FaultVfs::Impl* impl = impl_of(vfs);
  const std::lock_guard guard(impl->mutex);
  auto* file = new (out) File{};
  file->impl = impl;
  file->path = path;
  file->tracked =
      path != nullptr && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
  if (file->tracked && !impl->durable.contains(path)) impl->durable[path] = read_file(path);
  const int rc = impl->real->xOpen(impl->real, path, file->real(), flags, out_flags);
  file->base.pMethods = file->real()->pMethods != nullptr ? &kMethods : nullptr;
  return rc;
}

int on_delete(sqlite3_vfs* vfs, const char* path, int sync_directory) {
  FaultVfs::Impl* impl = impl_of(vfs);
  const std::lock_guard guard(impl->mutex);
  if (impl->is_cut) return SQLITE_IOERR_DELETE;
  impl->durable.erase(path);
  return impl->real->xDelete(impl->real, path, sync_directory);
}

}  // namespace

FaultVfs::FaultVfs(std::string name) : impl_(std::make_unique<Impl>()) {
  impl_->name = std::move(name);
  impl_->real = sqlite3_vfs_find(nullptr);
  impl_->vfs = *impl_->real;
  impl_->vfs.iVersion = 1;
  impl_->vfs.szOsFile = static_cast<int>(sizeof(File)) + impl_->real->szOsFile;
  impl_->vfs.zName = impl_->name.c_str();
  impl_->vfs.pAppData = impl_.get();
  impl_->vfs.pNext = nullptr;
  impl_->vfs.xOpen = on_open;
  impl_->vfs.xDelete = on_delete;
  impl_->vfs.xAccess = [](sqlite3_vfs* vfs, const char* path, int flags, int* out) {
    return impl_of(vfs)->real->xAccess(impl_of(vfs)->real, path, flags, out);
  };
  impl_->vfs.xFullPathname = [](sqlite3_vfs* vfs, const char* path, int size, char* out) {
    return impl_of(vfs)->real->xFullPathname(impl_of(vfs)->real, path, size, out);
  };
  sqlite3_vfs_register(&impl_->vfs, 0);
}

FaultVfs::~FaultVfs() {
  sqlite3_vfs_unregister(&impl_->vfs);
}

const std::string& FaultVfs::name() const {
  return impl_->name;
}
std::uint64_t FaultVfs::syncs() const {
  return impl_->syncs;
}
std::uint64_t FaultVfs::writes() const {
  return impl_->writes;
}
void FaultVfs::cut_at_sync(std::uint64_t sync) {
  impl_->cut_at = impl_->syncs + sync;
}
void FaultVfs::fill_disk_after(std::uint64_t writes) {
  const std::lock_guard guard(impl_->mutex);
  impl_->growths_left = writes;
}
void FaultVfs::free_disk() {
  const std::lock_guard guard(impl_->mutex);
  impl_->growths_left = kNever;
}
void FaultVfs::break_disk() {
  const std::lock_guard guard(impl_->mutex);
  impl_->is_broken = true;
}
void FaultVfs::mend_disk() {
  const std::lock_guard guard(impl_->mutex);
  impl_->is_broken = false;
}
void FaultVfs::be_default() {
  sqlite3_vfs_register(&impl_->vfs, 1);
}
void FaultVfs::ignore_syncs() {
  impl_->ignores_syncs = true;
}
bool FaultVfs::is_cut() const {
  return impl_->is_cut;
}

void FaultVfs::restore_power() {
  for (const auto& [path, content] : impl_->durable) {
    std::filesystem::remove(path + "-shm");
    if (!content) {
      std::filesystem::remove(path);
      continue;
    }
    std::ofstream(path, std::ios::binary | std::ios::trunc) << *content;
  }
  impl_->is_cut = false;
  impl_->cut_at = kNever;
}

}  // namespace phusa::test
