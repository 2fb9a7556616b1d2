#pragma once

#include "core/client/phone.hpp"
#include "tests/support/phone_fixture.hpp"

namespace phusa::test {

/// A phone as people have it: its code, its store, its sync, joined to a server in the same process.
class RealPhone {
 public:
  RealPhone(TestServer& server, const FolderInMemory& folder, const std::string& name, Rank rank,
            const std::string& unit);
  /// A copy of another phone's store, key and all, as a backup brings it back.
  RealPhone(RealPhone& of, const std::string& name);
  /// One that has joined nobody yet.
  RealPhone(TestServer& server, const FolderInMemory& folder, const std::string& name);

  Phone& phone() { return *phone_; }
  RecordId log(std::int64_t trees, std::uint32_t unit = 1, const Draft& more = {});
  bool edit(const RecordId& id, const FieldValue& field) { return phone_->edit(id, {field}).has_value(); }
  bool edit_trees(const RecordId& id, std::int64_t trees);
  std::int64_t trees_of(const RecordId& id);
  /// How many versions of the figure stand against the one shown.
  std::size_t conflicts_of(const RecordId& id);
  /// A whole sync. With `reply_is_lost` the server does its part and the phone never hears of it; `meanwhile`
  /// is what its owner does while the request is under way.
  Result<void> sync(bool reply_is_lost = false, const std::function<void()>& meanwhile = {});
  /// From now on it talks to this server.
  void connect(TestServer& server) { server_ = &server; }
  /// A file with what nobody has acknowledged, and with what is carried here.
  Bytes hand_over(bool carried_only = false);
  std::uint64_t carry(const Bytes& file);
  Bytes receipts();
  std::uint64_t take_receipts(const Bytes& file);  ///< changes that are known to be received by it
  /// Joins by way of an officer's phone, without a network.
  void join_through(RealPhone& officer, const std::string& unit, const std::string& replaces = "");
  Phone::SyncState state() { return *phone_->sync_state(); }
  std::size_t unsent() { return state().unsent_batches; }
  /// Requests that the last sync took.
  std::size_t requests = 0;
  /// Every row of the totals as this device adds them up: keys, total, records, more, nearly.
  std::vector<std::string> totals(const std::string& by, const std::string& unit = "");
  void reopen();

 private:
  void open();

  TestServer* server_;
  const FolderInMemory& folder_;
  std::string path_;
  std::unique_ptr<SeededRandom> random_;
  std::unique_ptr<Phone> phone_;
};

/// The same rows as the server adds them up.
std::vector<std::string> totals_of(TestServer& server, const std::string& by, const std::string& unit = "");
/// What verify finds wrong.
std::vector<std::string> wrongs_of(TestServer& server);

FieldValue trees_field(std::int64_t trees);

}  // namespace phusa::test
