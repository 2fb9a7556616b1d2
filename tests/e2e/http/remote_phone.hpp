#pragma once

#include "core/base/clock.hpp"
#include "core/client/conversation.hpp"
#include "core/client/phone.hpp"
#include "tests/support/temporary_folder.hpp"

#include <memory>
#include <optional>
#include <string>

namespace phusa::test {

/// A whole phone in this process whose exchanges the test carries itself: what it would send is bytes to be
/// bent, doubled or cut, and sent properly afterwards.
class RemotePhone {
 public:
  RemotePhone();

  /// Joins through the HTTP server at `address` (HOST:PORT).
  void join(const std::string& address, const std::string& code, const Applicant& applicant = {});
  /// Logs a record of so many trees.
  RecordId log(std::int64_t trees, const std::string& note = {}, std::uint32_t unit = 1);
  /// The body of the next POST /v1/sync. The same until `take`.
  Bytes body();
  /// What the server answered to it, as a well-behaved exchange; the rest of the sync goes to `address`.
  /// Empty when all went well, else what was wrong.
  std::string take(int status, const Bytes& reply, const std::string& address);
  /// A whole sync, each request on a connection of its own.
  std::string sync(const std::string& address);
  Phone& phone() { return *phone_; }

 private:
  FolderInMemory folder_;
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<Phone> phone_;
  std::unique_ptr<Conversation> talk_;
  std::optional<v1::HttpAction> asked_;
};

}  // namespace phusa::test
