#pragma once

#include "core/base/result.hpp"
#include "sync-server/ingest/admission.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

namespace phusa::ingest {

/// One thread that writes, in transactions that several waiting callers share (group commit). Bounded: a
/// caller who finds limits::kQueuedRequestsMax waiting gets kUnavailable at once.
class WriteQueue {
 public:
  struct Job {
    std::function<Result<void>(ledger::Transaction&, Admission&)> work;
    bool alone = false;               ///< may fail on its own account: gets a transaction of its own
    std::promise<Result<void>> done;  ///< after commit, or after the failure that undid the transaction
  };
  /// Runs the jobs in one transaction and commits. Jobs may be run again after a failure.
  using RunAll = std::function<Result<void>(std::deque<Job>&)>;

  explicit WriteQueue(RunAll run_all);
  /// Runs what is queued, then stops.
  ~WriteQueue();
  WriteQueue(const WriteQueue&) = delete;
  WriteQueue& operator=(const WriteQueue&) = delete;

  /// Waits until the work is durable or has failed.
  Result<void> run(std::function<Result<void>(ledger::Transaction&, Admission&)> work, bool alone);

 private:
  void serve();
  /// Runs the jobs and tells each what came of it.
  void answer(std::deque<Job> jobs);
  std::deque<Job> take();

  RunAll run_all_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace phusa::ingest
