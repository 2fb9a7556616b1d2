#pragma once

#include "core/base/clock.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <string>

namespace phusa::access {

/// Slows down guessing: so many failures per address and in all within a window of monotonic time, then
/// everybody from there waits. Remembers at most the failures of one window. Thread-safe.
class AttemptLimiter {
 public:
  static constexpr std::size_t kFailuresPerAddressMax = 10;
  static constexpr std::size_t kFailuresMax = 200;
  static constexpr std::chrono::seconds kWindow{60};

  explicit AttemptLimiter(const Clock& clock) : clock_(clock) {}

  /// Seconds to wait before this address may try again; 0: now.
  std::uint32_t wait_s(const std::string& address);
  void failed(const std::string& address);

 private:
  void forget_old();

  struct Failure {
    MonotonicTime at;
    std::string address;
  };

  const Clock& clock_;
  std::mutex mutex_;
  std::deque<Failure> failures_;  // at most kFailuresMax: past that nobody may try
  std::map<std::string, std::size_t> counts_;
};

}  // namespace phusa::access
