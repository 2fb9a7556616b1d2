#include "tests/sim/sim_node.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>

/// SimDisk as a file system of SQLite. Locks and shared memory work between connections of this process,
/// which is all that a world has; they are gone after a crash like any process's.
namespace phusa::sim {
namespace {

struct File {
  sqlite3_file base;
  SimDisk* disk;
  std::shared_ptr<SimDisk::Node>* node;
  int lock;
  bool has_shared_memory;
  std::uint8_t shared_slots;
  std::uint8_t exclusive_slots;
};

/// What was the default before.
sqlite3_vfs* platform() {
  static sqlite3_vfs* const real = sqlite3_vfs_find(nullptr);
  return real;
}

File& file_of(sqlite3_file* file) {
  return *reinterpret_cast<File*>(file);
}

}  // namespace

/// What SQLite calls; a friend of SimDisk.
struct VfsCalls {
  static int close(sqlite3_file* raw) {
    File& file = file_of(raw);
    unlock(raw, SQLITE_LOCK_NONE);
    unmap(raw, 0);
    delete file.node;
    return SQLITE_OK;
  }

  static int read(sqlite3_file* raw, void* out, int size, sqlite3_int64 at) {
    File& file = file_of(raw);
    const std::lock_guard guard(file.disk->mutex_);
    if (file.disk->dead_ || file.disk->fails(SimDisk::Io::kRead)) return SQLITE_IOERR_READ;
    const std::string& now = (*file.node)->now;
    const auto from = static_cast<std::size_t>(at);
    const auto wanted = static_cast<std::size_t>(size);
    const std::size_t there = from >= now.size() ? 0 : std::min(wanted, now.size() - from);
    if (there > 0) std::memcpy(out, now.data() + from, there);
    if (there == wanted) return SQLITE_OK;
    std::memset(static_cast<char*>(out) + there, 0, wanted - there);
    return SQLITE_IOERR_SHORT_READ;
  }

  static int write(sqlite3_file* raw, const void* data, int size, sqlite3_int64 at) {
    File& file = file_of(raw);
    SimDisk& disk = *file.disk;
    const std::lock_guard guard(disk.mutex_);
    SimDisk::Node& node = **file.node;
    const auto end = static_cast<std::size_t>(at) + static_cast<std::size_t>(size);
    bool last = false;
    if (!disk.begin_mutation(last)) {
      if (last) put(node, data, size, at);
      return SQLITE_IOERR_WRITE;
    }
    if (disk.fails(SimDisk::Io::kWrite)) return SQLITE_IOERR_WRITE;
    if (end > node.now.size() && disk.bytes_left_ != SimDisk::kNever) {
      const std::uint64_t growth = end - node.now.size();
      if (growth > disk.bytes_left_) {
        disk.met_fault_ = true;
        return SQLITE_FULL;
      }
      disk.bytes_left_ -= growth;
    }
    put(node, data, size, at);
    return SQLITE_OK;
  }

  static void put(SimDisk::Node& node, const void* data, int size, sqlite3_int64 at) {
    const auto from = static_cast<std::size_t>(at);
    std::string bytes(static_cast<const char*>(data), static_cast<std::size_t>(size));
    SimDisk::Node::put(node.now, from, bytes);
    node.unsynced.push_back({from, std::move(bytes), false});
  }

  static int truncate(sqlite3_file* raw, sqlite3_int64 size) {
    File& file = file_of(raw);
    const std::lock_guard guard(file.disk->mutex_);
    bool last = false;
    if (!file.disk->begin_mutation(last) && !last) return SQLITE_IOERR_TRUNCATE;
    SimDisk::Node& node = **file.node;
    const auto length = static_cast<std::size_t>(size);
    node.now.resize(std::min(node.now.size(), length));
    node.unsynced.push_back({length, {}, true});
    return last ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
  }

  static int sync(sqlite3_file* raw, int) {
    File& file = file_of(raw);
    SimDisk& disk = *file.disk;
    const std::lock_guard guard(disk.mutex_);
    bool last = false;
    if (!disk.begin_mutation(last)) return SQLITE_IOERR_FSYNC;
    ++disk.syncs_;
    if (disk.fails(SimDisk::Io::kSync)) {
      // The kernel drops what it could not write and reports it once: the next sync says all is well.
      SimDisk::Node& node = **file.node;
      for (std::size_t i = 0; i < node.unsynced.size(); ++i) {
        if (i % 2 == 0) continue;
        SimDisk::Node::Change& lost = node.unsynced[i];
        lost.bytes.clear();
        lost.is_truncation = false;
      }
      return SQLITE_IOERR_FSYNC;
    }
    if (disk.ignores_syncs_) return SQLITE_OK;
    (*file.node)->sync();
    // File systems write their journal of names in order: what was made or deleted before is settled by any
    // sync.
    disk.ghosts_.clear();
    for (const auto& [name, node] : disk.nodes_) node->is_on_medium = true;
    return SQLITE_OK;
  }

  static int size(sqlite3_file* raw, sqlite3_int64* out) {
    File& file = file_of(raw);
    const std::lock_guard guard(file.disk->mutex_);
    *out = static_cast<sqlite3_int64>((*file.node)->now.size());
    return SQLITE_OK;
  }

  static int lock(sqlite3_file* raw, int level) {
    File& file = file_of(raw);
    const std::lock_guard guard(file.disk->mutex_);
    SimDisk::Node& node = **file.node;
    if (file.lock >= level) return SQLITE_OK;
    const auto taken = [&](const void* holder) { return holder != nullptr && holder != raw; };
    if (level == SQLITE_LOCK_SHARED) {
      if (taken(node.pending) || taken(node.exclusive)) return SQLITE_BUSY;
      ++node.shared;
    } else if (level == SQLITE_LOCK_RESERVED) {
      if (taken(node.reserved) || taken(node.pending)) return SQLITE_BUSY;
      node.reserved = raw;
    } else {
      if (taken(node.reserved) || taken(node.pending)) return SQLITE_BUSY;
      node.pending = raw;
      if (node.shared > 1) {
        file.lock = SQLITE_LOCK_PENDING;
        return SQLITE_BUSY;
      }
      node.exclusive = raw;
    }
    file.lock = level;
    return SQLITE_OK;
  }

  static int unlock(sqlite3_file* raw, int level) {
    File& file = file_of(raw);
    const std::lock_guard guard(file.disk->mutex_);
    SimDisk::Node& node = **file.node;
    if (file.lock <= level) return SQLITE_OK;
    for (const void** holder : {&node.reserved, &node.pending, &node.exclusive}) {
      if (*holder == raw) *holder = nullptr;
    }
    if (level == SQLITE_LOCK_NONE) --node.shared;
    file.lock = level;
    return SQLITE_OK;
  }

  static int is_reserved(sqlite3_file* raw, int* out) {
    File& file = file_of(raw);
    const std::lock_guard guard(file.disk->mutex_);
    *out = (*file.node)->reserved != nullptr ? 1 : 0;
    return SQLITE_OK;
  }

  static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector_size(sqlite3_file*) { return 512; }
  static int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static int map(sqlite3_file* raw, int region, int size, int extend, void volatile** out) {
    File& file = file_of(raw);
    const std::lock_guard guard(file.disk->mutex_);
    SimDisk::Node& node = **file.node;
    if (!file.has_shared_memory) {
      file.has_shared_memory = true;
      ++node.shared_memory_users;
    }
    *out = nullptr;
    while (extend != 0 && node.shared_memory.size() <= static_cast<std::size_t>(region)) {
      node.shared_memory.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
    }
    if (static_cast<std::size_t>(region) < node.shared_memory.size())
      *out = node.shared_memory[static_cast<std::size_t>(region)].get();
    return SQLITE_OK;
  }

  static int shm_lock(sqlite3_file* raw, int offset, int n, int flags) {
    File& file = file_of(raw);
    const std::lock_guard guard(file.disk->mutex_);
    SimDisk::Node& node = **file.node;
    const auto mask = static_cast<std::uint8_t>(((1u << n) - 1u) << offset);
    auto& mine = (flags & SQLITE_SHM_SHARED) != 0 ? file.shared_slots : file.exclusive_slots;
    const auto each = [&](auto work) {
      for (int i = offset; i < offset + n; ++i) work(node.slots[static_cast<std::size_t>(i)], 1u << i);
    };
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
      each([&](SimDisk::Node::Slot& slot, unsigned bit) {
        if ((mine & bit) == 0) return;
        if ((flags & SQLITE_SHM_SHARED) != 0) {
          --slot.shared;
        } else {
          slot.exclusive = false;
        }
      });
      mine = static_cast<std::uint8_t>(mine & ~mask);
      return SQLITE_OK;
    }
    bool busy = false;
    each([&](SimDisk::Node::Slot& slot, unsigned bit) {
      if ((mine & bit) != 0) return;
      const int own = (file.shared_slots & bit) != 0 ? 1 : 0;
      busy |= slot.exclusive || ((flags & SQLITE_SHM_EXCLUSIVE) != 0 && slot.shared > own);
    });
    if (busy) return SQLITE_BUSY;
    each([&](SimDisk::Node::Slot& slot, unsigned bit) {
      if ((mine & bit) != 0) return;
      if ((flags & SQLITE_SHM_SHARED) != 0) {
        ++slot.shared;
      } else {
        slot.exclusive = true;
      }
    });
    mine = static_cast<std::uint8_t>(mine | mask);
    return SQLITE_OK;
  }

  static void barrier(sqlite3_file*) { std::atomic_thread_fence(std::memory_order_seq_cst); }

  static int unmap(sqlite3_file* raw, int) {
    File& file = file_of(raw);
    const std::lock_guard guard(file.disk->mutex_);
    SimDisk::Node& node = **file.node;
    if (!file.has_shared_memory) return SQLITE_OK;
    for (std::size_t i = 0; i < node.slots.size(); ++i) {
      if ((file.shared_slots >> i & 1) != 0) --node.slots[i].shared;
      if ((file.exclusive_slots >> i & 1) != 0) node.slots[i].exclusive = false;
    }
    file.shared_slots = file.exclusive_slots = 0;
    file.has_shared_memory = false;
    if (--node.shared_memory_users == 0) node.shared_memory.clear();
    return SQLITE_OK;
  }

  static int open(sqlite3_vfs*, const char* path, sqlite3_file* out, int flags, int* out_flags) {
    out->pMethods = nullptr;
    // A file without a name is a temporary one: no power cut is to find it again.
    SimDisk* disk = path == nullptr ? nullptr : SimDisk::Registry::instance().find(path);
    if (disk == nullptr) return platform()->xOpen(platform(), path, out, flags, out_flags);
    File& file = *new (out) File{};
    file.disk = disk;
    const std::lock_guard guard(file.disk->mutex_);
    if (file.disk->dead_) return SQLITE_IOERR;
    const std::string name(std::strrchr(path, '/') + 1);
    auto& nodes = file.disk->nodes_;
    auto at = nodes.find(name);
    if (at == nodes.end()) {
      if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
      at = nodes.emplace(name, std::make_shared<SimDisk::Node>()).first;
    }
    file.node = new std::shared_ptr<SimDisk::Node>(at->second);
    if (out_flags != nullptr) *out_flags = flags;
    static const sqlite3_io_methods kMethods = {
        2,      close,       read,    write,       truncate,        sync, size,     lock,
        unlock, is_reserved, control, sector_size, characteristics, map,  shm_lock, barrier,
        unmap,  nullptr,     nullptr};
    file.base.pMethods = &kMethods;
    return SQLITE_OK;
  }

  static int remove(sqlite3_vfs*, const char* path, int sync_folder) {
    SimDisk* disk = SimDisk::Registry::instance().find(path);
    if (disk == nullptr) return platform()->xDelete(platform(), path, sync_folder);
    const std::lock_guard guard(disk->mutex_);
    const auto at = disk->nodes_.find(std::strrchr(path, '/') + 1);
    if (at == disk->nodes_.end()) return SQLITE_IOERR_DELETE_NOENT;
    bool last = false;
    if (!disk->begin_mutation(last) && !last) return SQLITE_IOERR_DELETE;
    if (sync_folder == 0 && at->second->is_on_medium) disk->ghosts_[at->first] = at->second->medium;
    disk->nodes_.erase(at);
    return last ? SQLITE_IOERR_DELETE : SQLITE_OK;
  }

  static int access(sqlite3_vfs*, const char* path, int flags, int* out) {
    SimDisk* disk = SimDisk::Registry::instance().find(path);
    if (disk == nullptr) return platform()->xAccess(platform(), path, flags, out);
    *out = 0;
    const std::lock_guard guard(disk->mutex_);
    const auto at = disk->nodes_.find(std::strrchr(path, '/') + 1);
    *out = at != disk->nodes_.end() && !at->second->now.empty() ? 1 : 0;
    return SQLITE_OK;
  }
};

void SimDisk::Registry::register_vfs() {
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs out{};
    out.iVersion = 1;
    out.szOsFile = std::max(static_cast<int>(sizeof(File)), platform()->szOsFile);
    out.mxPathname = 512;
    out.zName = "phusa-sim";
    out.xOpen = VfsCalls::open;
    out.xDelete = VfsCalls::remove;
    out.xAccess = VfsCalls::access;
    out.xFullPathname = [](sqlite3_vfs*, const char* path, int size, char* to) {
      if (SimDisk::Registry::instance().find(path) == nullptr)
        return platform()->xFullPathname(platform(), path, size, to);
      return sqlite3_snprintf(size, to, "%s", path) != nullptr ? SQLITE_OK : SQLITE_CANTOPEN;
    };
    out.xRandomness = [](sqlite3_vfs*, int size, char* to) {
      for (int i = 0; i < size; ++i) to[i] = static_cast<char>(library_number() >> 24);
      return size;
    };
    out.xSleep = [](sqlite3_vfs*, int microseconds) { return microseconds; };
    out.xCurrentTime = [](sqlite3_vfs*, double* day) {
      *day = 2461000.5;
      return SQLITE_OK;
    };
    return out;
  }();
  static const int registered = sqlite3_vfs_register(&vfs, 1);
  static_cast<void>(registered);
}

}  // namespace phusa::sim
