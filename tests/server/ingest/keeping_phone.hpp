#pragma once

#include "core/base/limits.hpp"
#include "core/journal/certificate.hpp"
#include "tests/support/phone_fixture.hpp"

#include <algorithm>
#include <map>

namespace phusa::test {

/// A phone that keeps what the protocol asks it to keep, and offers it again after a reset: batches,
/// catalogue revisions, entries of the office's journal, its chain.
class KeepingPhone {
 public:
  KeepingPhone(std::uint64_t seed, Rank rank, std::string unit) : phone(seed, rank, std::move(unit)) {}

  Result<bool> exchange(ingest::Engine& engine) {
    phone.seal();
    wire::SyncRequest up = phone.request(batches_per_request);
    offer(up);
    PHUSA_ASSIGN(const Bytes body, engine.sync(wire::encode_sync_request(up)));
    PHUSA_ASSIGN(const wire::SyncReply reply, wire::decode_sync_reply(body));
    if (reply.introduce) {
      PHUSA_TRY(introduce(engine));
      offer_all_again();
      return true;
    }
    std::erase_if(unoffered_revisions_, [&](std::uint32_t revision) { return was_offered(up, revision); });
    for (const Bytes& entry : up.office_entries) std::erase(unoffered_entries_, entry);
    phone.take(up, reply);
    if (reply.revoked_at && up.own.empty()) return fail(ErrorCode::kRevoked, "this phone was revoked");
    if (reply.catalogue) revisions[reply.catalogue->revision] = *reply.catalogue;
    for (const Bytes& entry : reply.office_entries) {
      if (std::find(entries.begin(), entries.end(), entry) == entries.end()) entries.push_back(entry);
    }
    if (reply.reset) offer_all_again();
    return reply.more || !unoffered_revisions_.empty() || !unoffered_entries_.empty() ||
           std::any_of(phone.sealed.begin(), phone.sealed.end(), [](const auto& b) { return !b.received; });
  }

  /// kInternal: it never ends.
  Result<void> sync(ingest::Engine& engine) {
    for (int i = 0; i < 200; ++i) {
      PHUSA_ASSIGN(const bool more, exchange(engine));
      if (!more) return {};
    }
    return fail(ErrorCode::kInternal, "this phone is never drained");
  }

  Result<void> introduce(ingest::Engine& engine) {
    ++introductions;
    const ingest::EngineOptions keys = test_keys();
    Certificate server;
    server.serial = 1;
    server.subject = keys.server_key.public_key;
    server.is_server = true;
    server.rank = Rank::kOffice;
    journal::sign_certificate(engine.organisation(), test_root(), server);
    const std::vector<Bytes> chain = {journal::encode_certificate(phone.certificate(1)),
                                      journal::encode_certificate(server)};
    return engine.write([&](ledger::Transaction& transaction) -> Result<void> {
      PHUSA_TRY(engine.introduce(transaction, phone.key(), chain));
      return transaction.set_device_token(phone.id(), hash_of(phone.token()));
    });
  }

  FakePhone phone;
  std::map<std::uint32_t, wire::CatalogueSnapshot> revisions;
  std::vector<Bytes> entries;
  std::size_t introductions = 0;
  std::size_t batches_per_request = 64;

 private:
  void offer(wire::SyncRequest& up) const {
    for (const std::uint32_t revision : unoffered_revisions_) {
      if (up.catalogues.size() < limits::kCataloguesPerRequestMax)
        up.catalogues.push_back(revisions.at(revision));
    }
    for (const Bytes& entry : unoffered_entries_) {
      if (up.office_entries.size() < limits::kOfficeEntriesMax) up.office_entries.push_back(entry);
    }
  }
  static bool was_offered(const wire::SyncRequest& up, std::uint32_t revision) {
    return std::any_of(up.catalogues.begin(), up.catalogues.end(),
                       [&](const auto& offered) { return offered.revision == revision; });
  }
  void offer_all_again() {
    phone.furthest.reset();
    for (SealedByPhone& batch : phone.sealed) batch.received.reset();
    unoffered_revisions_.clear();
    for (const auto& [revision, snapshot] : revisions) unoffered_revisions_.push_back(revision);
    unoffered_entries_ = entries;
  }

  std::vector<std::uint32_t> unoffered_revisions_;
  std::vector<Bytes> unoffered_entries_;
};

}  // namespace phusa::test
