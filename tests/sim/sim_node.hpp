#pragma once

#include "tests/sim/sim_disk.hpp"

#include <array>
#include <string_view>

/// Inside of SimDisk, shared between its two source files.
namespace phusa::sim {

struct SimDisk::Node {
  struct Change {
    std::size_t at = 0;
    std::string bytes;
    bool is_truncation = false;
  };

  std::string now;               ///< as programs read it
  std::string medium;            ///< as it was synced
  std::vector<Change> unsynced;  ///< in between, in order
  bool is_on_medium = false;     ///< whether the file's being there would survive

  // SQLite's locks on the file, and its shared memory.
  int shared = 0;
  const void* reserved = nullptr;
  const void* pending = nullptr;
  const void* exclusive = nullptr;
  std::vector<std::unique_ptr<char[]>> shared_memory;
  int shared_memory_users = 0;
  struct Slot {
    int shared = 0;
    bool exclusive = false;
  };
  std::array<Slot, 8> slots;

  void sync();
  /// Writes over `content`, and on from its end; a gap before is zeros.
  static void put(std::string& content, std::size_t at, std::string_view bytes);
};

struct SimDisk::Registry {
  std::mutex mutex;
  std::map<std::string, SimDisk*> disks;

  static Registry& instance();
  void add(SimDisk& disk);
  void remove(SimDisk& disk);
  SimDisk* find(const std::string& path);
  /// Once; from then on it is SQLite's default, and hands on what lies on no simulated disk.
  static void register_vfs();
};

}  // namespace phusa::sim
