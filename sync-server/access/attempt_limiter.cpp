#include "sync-server/access/attempt_limiter.hpp"

#include <algorithm>

namespace phusa::access {

std::uint32_t AttemptLimiter::wait_s(const std::string& address) {
  const std::lock_guard lock(mutex_);
  forget_old();
  const auto own = counts_.find(address);
  const bool own_full = own != counts_.end() && own->second >= kFailuresPerAddressMax;
  if (!own_full && failures_.size() < kFailuresMax) return 0;
  const auto oldest = std::find_if(failures_.begin(), failures_.end(),
                                   [&](const Failure& f) { return !own_full || f.address == address; });
  const auto left = oldest->at + kWindow - clock_.monotonic();
  return static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(left).count());
}

void AttemptLimiter::failed(const std::string& address) {
  const std::lock_guard lock(mutex_);
  forget_old();
  if (failures_.size() >= kFailuresMax) return;
  failures_.push_back({clock_.monotonic(), address});
  ++counts_[address];
}

void AttemptLimiter::forget_old() {
  const MonotonicTime now = clock_.monotonic();
  while (!failures_.empty() && failures_.front().at + kWindow <= now) {
    const auto count = counts_.find(failures_.front().address);
    if (--count->second == 0) counts_.erase(count);
    failures_.pop_front();
  }
}

}  // namespace phusa::access
