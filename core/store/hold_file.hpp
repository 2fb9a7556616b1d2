#pragma once

#include "core/base/result.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace phusa::store {

/// Called while somebody else holds the store, with the time waited so far: waits a little and says whether
/// to go on. Tests hand in one that does not wait.
using Waiter = std::function<bool(std::chrono::milliseconds waited)>;

/// Sleeps, up to limits::kStoreBusyTimeout in all.
Waiter patient_waiter();

/// The right to write to a store: one process has it, for one transaction at a time. An flock on a file
/// beside the store's, since closing any descriptor of the store's own file would drop SQLite's locks on it.
/// It covers SQLite's checkpoint after a commit too: two connections must not write and checkpoint at once
/// before SQLite 3.51.3.
class HoldFile {
 public:
  static Result<HoldFile> open(const std::string& store_path);
  HoldFile() = default;
  HoldFile(HoldFile&& other) noexcept;
  HoldFile& operator=(HoldFile&& other) noexcept;
  ~HoldFile();

  /// kBusy when the waiter gave up.
  Result<void> acquire(const Waiter& wait);
  bool try_acquire();
  void release();

 private:
  int descriptor_ = -1;
};

}  // namespace phusa::store
