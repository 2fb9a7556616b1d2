#pragma once

#include "core/base/clock.hpp"

#include <atomic>

namespace phusa::test {

/// Clocks that stand still until told otherwise.
class ManualClock final : public Clock {
 public:
  WallTime wall() const override { return WallTime(std::chrono::seconds(wall_s_)); }
  MonotonicTime monotonic() const override { return MonotonicTime(std::chrono::milliseconds(monotonic_ms_)); }

  void set_wall(WallTime time) { wall_s_ = time.time_since_epoch().count(); }
  void advance(std::chrono::seconds by) {
    wall_s_ += by.count();
    monotonic_ms_ += by.count() * 1000;
  }

 private:
  std::atomic<std::int64_t> wall_s_{1'685'600'000};  // 2023-06-01
  std::atomic<std::int64_t> monotonic_ms_{1'000'000};
};

}  // namespace phusa::test
