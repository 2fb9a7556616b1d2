#pragma once

#include "core/journal/keys.hpp"
#include "core/model/batch.hpp"
#include "tests/support/phone_fixture.hpp"

#include <vector>

namespace phusa::fuzz {

/// Everybody whose keys a target knows, so that it can sign what a search has changed: a search finds no
/// signatures by itself, and what lies behind them is what it is for.
struct People {
  OrganisationId organisation;
  journal::KeyPair root;
  journal::KeyPair server;
  std::vector<journal::KeyPair> phones;  ///< of the phones that `phone` makes

  const journal::KeyPair* find(const PublicKey& key) const;
};

const People& people();

inline constexpr std::size_t kPhones = 4;
/// Number 0 and 1: two phones of one volunteer at unit a; 2: the officer of unit a; 3: the office. Fresh
/// ones.
test::FakePhone phone(std::size_t number);

/// The officer's certificate with vouchers, as the template's server granted it, and the server's own.
const Certificate& officer_certificate();
const Certificate& server_certificate();
/// What the officer gives a new phone at unit a: its certificate, the officer's, the server's. Not known to
/// the server.
std::vector<Bytes> vouched_chain(const PublicKey& subject);

/// Signs a batch as its device would; what cannot be unpacked is signed without words. Its hashes are whole.
Hash seal_again(const journal::KeyPair& key, SealedBatch& batch);

/// The bytes of a ledger with all phones enrolled and a batch of each, and what they then know.
struct Template {
  Bytes ledger;
  std::vector<test::FakePhone> phones;
};
const Template& prepared();

/// A server of its own over a copy of prepared().
class FreshServer {
 public:
  FreshServer();
  test::TestServer& operator*() { return *server_; }
  test::TestServer* operator->() { return server_.get(); }

 private:
  test::FolderInMemory folder_;
  std::unique_ptr<test::TestServer> server_;
};

}  // namespace phusa::fuzz
