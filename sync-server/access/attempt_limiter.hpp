#pragma once

#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <string>

namespace phusa::access {

/// Slows down guessing: so many failures from an address within a window of monotonic time, then whoever
/// guesses from there waits. Nobody else does: no number of strangers elsewhere shuts anybody out. An IPv6
/// address counts by its first 64 bits, since whoever has one has all below it. Remembers at most
/// kFailuresKeptMax failures; past that the oldest are forgotten. Thread-safe.
class AttemptLimiter {
 public:
  static constexpr std::size_t kFailuresPerAddressMax = 10;
  static constexpr std::size_t kFailuresKeptMax = 65'536;
  static constexpr std::chrono::seconds kWindow{60};

  explicit AttemptLimiter(const Clock& clock) : clock_(clock) {}

  /// Seconds to wait before this address may try again; 0: now.
  std::uint32_t wait_s(const std::string& address);
  void failed(const std::string& address);
  /// Failures remembered now.
  std::size_t failures_kept() const;

 private:
  void forget_old();
  void forget_oldest();

  struct Failure {
    MonotonicTime at;
    Bytes origin;
  };

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::deque<Failure> failures_;                          // at most kFailuresKeptMax, oldest first
  std::map<Bytes, std::deque<MonotonicTime>> by_origin_;  // the same, at most kFailuresPerAddressMax each
};

}  // namespace phusa::access
