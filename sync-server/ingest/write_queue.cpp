#include "sync-server/ingest/write_queue.hpp"

#include "core/base/limits.hpp"

namespace phusa::ingest {
namespace {

/// Requests that share a transaction: enough to pay one disk flush for many, few enough that none waits long.
constexpr std::size_t kJobsPerTransactionMax = 32;

}  // namespace

WriteQueue::WriteQueue(RunAll run_all) : run_all_(std::move(run_all)), thread_([this] { serve(); }) {}

WriteQueue::~WriteQueue() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

Result<void> WriteQueue::run(std::function<Result<void>(ledger::Transaction&, Admission&)> work, bool alone) {
  std::future<Result<void>> done;
  {
    const std::lock_guard guard(mutex_);
    if (stopping_) return fail(ErrorCode::kUnavailable, "the server is stopping: try again later");
    if (jobs_.size() >= limits::kQueuedRequestsMax) {
      return fail(ErrorCode::kUnavailable, "the server is busy: try again later");
    }
    jobs_.push_back({std::move(work), alone, {}});
    done = jobs_.back().done.get_future();
  }
  wake_.notify_one();
  return done.get();
}

std::deque<WriteQueue::Job> WriteQueue::take() {
  std::unique_lock guard(mutex_);
  wake_.wait(guard, [this] { return stopping_ || !jobs_.empty(); });
  std::deque<Job> taken;
  while (!jobs_.empty() && taken.size() < kJobsPerTransactionMax) {
    if (jobs_.front().alone && !taken.empty()) break;
    taken.push_back(std::move(jobs_.front()));
    jobs_.pop_front();
    if (taken.back().alone) break;
  }
  return taken;
}

void WriteQueue::serve() {
  for (;;) {
    std::deque<Job> jobs = take();
    if (jobs.empty()) return;
    answer(std::move(jobs));
  }
}

void WriteQueue::answer(std::deque<Job> jobs) {
  const Result<void> outcome = run_all_(jobs);
  const bool is_of_one = !outcome && !is_retryable(outcome.error().code) && jobs.size() > 1;
  if (!is_of_one) {
    for (Job& job : jobs) job.done.set_value(outcome);
    return;
  }
  // Something that one of them brought or touched cannot be taken: the others shall not fail with it.
  for (Job& job : jobs) {
    std::deque<Job> alone;
    alone.push_back(std::move(job));
    answer(std::move(alone));
  }
}

}  // namespace phusa::ingest
