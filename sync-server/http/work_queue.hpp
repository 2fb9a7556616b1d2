#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace phusa::http {

/// A bounded queue with its own workers. Refuses instead of growing. Thread-safe.
class WorkQueue {
 public:
  using Work = std::function<void()>;

  WorkQueue(std::size_t workers, std::size_t queued_max);
  /// Does what is queued, then stops.
  ~WorkQueue();

  /// False when the queue is full or closing; then `work` was not taken. `work` must not throw.
  bool offer(Work work);
  /// Takes nothing any more; returns when all that was taken is done.
  void drain();

 private:
  void run();

  const std::size_t queued_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> queued_;
  bool closing_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace phusa::http
