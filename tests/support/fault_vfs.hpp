#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace phusa::test {

/// A file system layer for SQLite that counts writes and syncs and can lose power: from the cut on every
/// write fails, and what was not synced by then is gone. It trusts nothing but xSync, so a store that skips a
/// sync is found out. Several threads may use it.
class FaultVfs {
 public:
  explicit FaultVfs(std::string name);
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  const std::string& name() const;
  std::uint64_t syncs() const;
  std::uint64_t writes() const;

  /// Power goes during sync number `sync` (from 1, counted from now): it and all that follows fails.
  void cut_at_sync(std::uint64_t sync);
  /// Writes that would make a file longer fail with "disk full" after `writes` more of them.
  void fill_disk_after(std::uint64_t writes);
  void free_disk();
  /// From now on every write fails as on a broken disk, until it is mended.
  void break_disk();
  void mend_disk();
  /// Files opened from now on are this one's wherever nobody names a file system.
  void be_default();
  bool is_cut() const;
  /// From now on a sync reports success and makes nothing durable.
  void ignore_syncs();

  /// After all files are closed: puts on the disk what was synced, and power is back.
  void restore_power();

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace phusa::test
