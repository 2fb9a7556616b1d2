#pragma once

#include "core/client/phone.hpp"
#include "core/net/curl/curl_transport.hpp"
#include "tests/bench/workload.hpp"

#include <map>
#include <memory>
#include <string>

namespace phusa::bench {

/// Shows the time that the workload says it is.
class WorkloadClock final : public Clock {
 public:
  WallTime now{};
  WallTime wall() const override { return now; }
  MonotonicTime monotonic() const override { return system_.monotonic(); }

 private:
  SystemClock system_;
};

/// A phone as a program: the library's Phone, its exchange machine and libcurl. For one thread at a time.
class BenchPhone {
 public:
  /// `ca_file`: the authority to trust for https; empty: the system's.
  static Result<std::unique_ptr<BenchPhone>> open(const std::filesystem::path& store, const std::string& url,
                                                  const std::string& ca_file = {});

  Result<void> join(const std::string& code);
  /// One durable transaction each.
  Result<void> log(const std::vector<WorkloadRecord>& records, std::size_t first, std::size_t count);
  Result<void> amend(const std::vector<WorkloadRecord>& amends);
  Result<void> retract(const std::vector<std::pair<std::string, WallTime>>& deletes);
  Result<SyncProgress> sync(bool push_only);
  /// Closes the store and opens it again, as a program that logs one record does.
  Result<void> reopen();

  Result<std::uint64_t> count_records();
  /// Closes the store first: the journal file is folded in.
  std::uint64_t close_and_measure();

 private:
  BenchPhone() = default;
  Result<void> look_up_codes();
  Draft draft_of(const WorkloadRecord& record) const;

  std::filesystem::path path_;
  std::string url_;
  WorkloadClock clock_;
  SystemRandom random_;
  std::unique_ptr<Phone> phone_;
  std::unique_ptr<CurlTransport> transport_;
  std::map<std::string, std::uint32_t> units_, kinds_, campaigns_, indicators_;
  std::map<std::string, RecordId> ids_;                          ///< by the workload's id
  std::map<std::string, std::vector<std::string>> value_codes_;  ///< indicators that a record has now
};

/// One GET or POST outside the exchange; the reply, or an error.
Result<HttpReply> fetch(Transport& transport, HttpRequest request);

}  // namespace phusa::bench
