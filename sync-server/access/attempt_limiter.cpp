#include "sync-server/access/attempt_limiter.hpp"

#include <arpa/inet.h>

namespace phusa::access {
namespace {

constexpr std::size_t kIpv6Bytes = 16;
constexpr std::size_t kIpv6NetworkBytes = 8;
constexpr std::size_t kAddressTextMax = 64;  // of what is no address

/// What the failures of an address are counted under.
Bytes origin_of(const std::string& address) {
  Bytes ipv4(4, '\0');
  if (::inet_pton(AF_INET, address.c_str(), ipv4.data()) == 1) return ipv4;
  Bytes ipv6(kIpv6Bytes, '\0');
  const std::string without_zone = address.substr(0, address.find('%'));
  if (::inet_pton(AF_INET6, without_zone.c_str(), ipv6.data()) != 1)
    return address.substr(0, kAddressTextMax);
  static const Bytes mapped = Bytes(10, '\0') + Bytes(2, '\xff');
  if (ipv6.starts_with(mapped)) return ipv6.substr(mapped.size());
  return ipv6.substr(0, kIpv6NetworkBytes);
}

}  // namespace

std::uint32_t AttemptLimiter::wait_s(const std::string& address) {
  const std::lock_guard lock(mutex_);
  forget_old();
  const auto own = by_origin_.find(origin_of(address));
  if (own == by_origin_.end() || own->second.size() < kFailuresPerAddressMax) return 0;
  const auto left = own->second.front() + kWindow - clock_.monotonic();
  return static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(left).count());
}

void AttemptLimiter::failed(const std::string& address) {
  const std::lock_guard lock(mutex_);
  forget_old();
  Bytes origin = origin_of(address);
  auto& own = by_origin_[origin];
  if (own.size() >= kFailuresPerAddressMax) return;  // was under way when the limit was reached
  const MonotonicTime now = clock_.monotonic();
  own.push_back(now);
  failures_.push_back({now, std::move(origin)});
  if (failures_.size() > kFailuresKeptMax) forget_oldest();
}

std::size_t AttemptLimiter::failures_kept() const {
  const std::lock_guard lock(mutex_);
  return failures_.size();
}

void AttemptLimiter::forget_old() {
  const MonotonicTime now = clock_.monotonic();
  while (!failures_.empty() && failures_.front().at + kWindow <= now) forget_oldest();
}

void AttemptLimiter::forget_oldest() {
  const auto own = by_origin_.find(failures_.front().origin);
  own->second.pop_front();
  if (own->second.empty()) by_origin_.erase(own);
  failures_.pop_front();
}

}  // namespace phusa::access
