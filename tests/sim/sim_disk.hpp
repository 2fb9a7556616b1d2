#pragma once

#include "tests/sim/dice.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace phusa::sim {

/// What a crash leaves of writes that were not synced.
enum class Crash : std::uint8_t {
  kPowerLoss,    ///< each is kept, lost or torn at a sector's edge
  kProcessDies,  ///< all are kept: the operating system lives on
};

/// The disk of one device, in memory: files as the programs see them, and beside them what lies on the
/// medium. Only a sync brings one to the other; that a file was made or deleted is settled by the next sync
/// of any file, as journaling file systems do. All SQLite files in `folder` are on it (sim_vfs.cpp), files
/// elsewhere are where they always are. Several threads may use it.
class SimDisk {
 public:
  explicit SimDisk(std::string folder);
  ~SimDisk();
  SimDisk(const SimDisk&) = delete;
  SimDisk& operator=(const SimDisk&) = delete;

  const std::string& folder() const { return folder_; }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  // Faults. Counts start now.
  /// Power or process goes at the `mutation`th write, sync, truncation or deletion from now (from 1): it may
  /// or may not have happened, and everything after it fails until `recover`.
  void crash_at(std::uint64_t mutation, Crash how);
  void crash_now(Crash how);
  bool is_dead() const { return dead_; }
  bool is_crash_armed() const { return crash_at_ != kNever; }
  /// Nobody may have a file open. What was not synced is drawn from `dice`.
  void recover(Dice& dice);
  /// The same, and of what was not synced nothing is there: it trusts nothing but a sync.
  void recover_what_was_synced();
  /// Files may grow by so many bytes in all, then "disk full".
  void fill_up(std::uint64_t bytes_left) { bytes_left_ = bytes_left; }
  /// The `n`th read, write or sync from now (from 1) fails once.
  enum class Io : std::uint8_t { kRead, kWrite, kSync };
  void fail_io(Io what, std::uint64_t n);
  /// From now on every read, write or sync fails.
  void break_io(Io what);
  /// From now on a sync reports success and brings nothing to the medium. To see a test itself fail.
  void ignore_syncs() { ignores_syncs_ = true; }
  void heal();
  bool is_faulty() const;
  /// Whether a fault was met since this was asked last: an error is then nobody's mistake.
  bool took_a_fault();

  // What happened.
  std::uint64_t mutations() const { return mutations_; }
  std::uint64_t syncs() const { return syncs_; }
  std::uint64_t count(Io what) const { return io_counts_[static_cast<int>(what)]; }

  /// All files as programs see them now: what a backup, or a copy of the folder, takes.
  using Image = std::map<std::string, std::string>;
  Image image() const;
  /// Puts an old copy in the place of everything, synced. Nobody may have a file open.
  void put_back(const Image& image);

  struct Node;
  struct Registry;

 private:
  friend struct VfsCalls;
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};

  /// Counts a mutation; false: the disk is dead, or dies with this very one.
  bool begin_mutation(bool& last);
  bool fails(Io what);
  struct Fate;
  void lose_power(const Fate& fate, Dice& dice);

  std::string folder_;
  mutable std::mutex mutex_;  // over all below it
  std::map<std::string, std::shared_ptr<Node>> nodes_;
  std::map<std::string, std::string> ghosts_;  // deleted, but the deletion may not have reached the medium
  std::uint64_t mutations_ = 0;
  std::uint64_t syncs_ = 0;
  std::uint64_t crash_at_ = kNever;
  Crash how_ = Crash::kPowerLoss;
  bool dead_ = false;
  bool met_fault_ = false;
  std::uint64_t bytes_left_ = kNever;
  std::uint64_t io_failures_[3] = {kNever, kNever, kNever};
  std::uint64_t io_counts_[3] = {0, 0, 0};
  bool is_io_broken_[3] = {false, false, false};
  bool ignores_syncs_ = false;
};

}  // namespace phusa::sim
