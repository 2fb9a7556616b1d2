#include "sync-server/http/work_queue.hpp"

#include <utility>

namespace phusa::http {

WorkQueue::WorkQueue(std::size_t workers, std::size_t queued_max) : queued_max_(queued_max) {
  workers_.reserve(workers);
  for (std::size_t i = 0; i < workers; ++i) workers_.emplace_back([this] { run(); });
}

WorkQueue::~WorkQueue() {
  drain();
}

bool WorkQueue::offer(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (closing_ || queued_.size() >= queued_max_) return false;
    queued_.push_back(std::move(work));
  }
  changed_.notify_one();
  return true;
}

void WorkQueue::drain() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  for (std::thread& worker : workers_) {
    if (worker.joinable()) worker.join();
  }
}

void WorkQueue::run() {
  for (;;) {
    Work work;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return closing_ || !queued_.empty(); });
      if (queued_.empty()) return;
      work = std::move(queued_.front());
      queued_.pop_front();
    }
    work();
  }
}

}  // namespace phusa::http
