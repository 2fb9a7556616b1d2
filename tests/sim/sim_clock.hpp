#pragma once

#include "core/base/clock.hpp"

#include <algorithm>

namespace phusa::sim {

/// The one time that passes in a world. It only moves when the world says so.
class WorldTime {
 public:
  void pass(std::chrono::seconds by) { now_ += by; }
  WallTime now() const { return now_; }
  std::chrono::seconds passed() const { return now_ - start(); }
  static WallTime start() {
    return WallTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 15)) + std::chrono::hours(5);
  }

 private:
  WallTime now_ = start();
};

/// What one device takes for the time: anything up to ten years off, either way.
class SimClock final : public Clock {
 public:
  explicit SimClock(const WorldTime& time) : time_(time) {}
  WallTime wall() const override { return time_.now() + offset_; }
  MonotonicTime monotonic() const override {
    return MonotonicTime(std::chrono::duration_cast<std::chrono::milliseconds>(time_.passed()));
  }
  void set_offset(std::chrono::seconds offset) { offset_ = offset; }

 private:
  const WorldTime& time_;
  std::chrono::seconds offset_{0};
};

}  // namespace phusa::sim
