#pragma once

#include "core/client/phone.hpp"
#include "core/sync/machine.hpp"
#include "proto/phusa/v1/client.pb.h"

#include <deque>
#include <memory>
#include <optional>

namespace phusa {

/// A sync or a join while it runs: takes transport events, yields events for the host. Works only inside
/// these calls.
class Conversation {
 public:
  virtual ~Conversation() = default;
  std::optional<v1::Event> next_event();
  virtual void take(const v1::TransportEvent& event) = 0;
  virtual void cancel() = 0;
  /// Over, and every event fetched.
  bool is_done() const { return finished_ && events_.empty(); }

 protected:
  virtual void start() = 0;
  void push_http(const HttpRequest& request);
  /// `note`: what somebody should know of a success.
  v1::Finished& push_finished(const std::optional<Error>& failure, const SyncProgress& progress,
                              const std::optional<Error>& note = std::nullopt);
  v1::Event& push() { return events_.emplace_back(); }
  bool is_finished() const { return finished_; }

 private:
  std::deque<v1::Event> events_;
  bool started_ = false;
  bool finished_ = false;
};

std::unique_ptr<Conversation> make_sync(Phone& phone, SyncOptions options);
/// Sends the enrolment that `request` says.
std::unique_ptr<Conversation> make_join(Phone& phone, journal::EnrolmentCode code, std::string url,
                                        wire::EnrolRequest request);

}  // namespace phusa
