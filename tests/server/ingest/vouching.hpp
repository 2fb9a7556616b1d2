#pragma once

#include "tests/support/phone_fixture.hpp"

#include <optional>
#include <string>
#include <vector>

/// Certificates, chains and deliveries of phones that officers vouched for.
namespace phusa::test {

/// The root's certificate of the test server.
Certificate server_certificate();
/// Writes it where the ledger keeps it, so that replies can carry chains.
void keep_server_certificate(TestServer& server);

struct Voucher {
  std::string unit = "a1";
  Rank rank = Rank::kVolunteer;
  std::uint32_t serial = 1;
  WallTime issued_at = WallTime(Day(std::chrono::year(2026) / 3 / 14));
  std::optional<PublicKey> predecessor = std::nullopt;
  std::uint32_t uses = 0;
  std::uint64_t person = 77;  ///< whom the officer says it is
};
/// The officer's certificate for a device.
Certificate vouched(const FakePhone& officer, const FakePhone& device, const Voucher& voucher = {});
/// The server's certificate for a device.
Certificate granted(const FakePhone& device, const Voucher& voucher);

/// A device's certificate and those above it, the server's added.
std::vector<Bytes> chain(const std::vector<Certificate>& from_own);

/// Brings what the phone has sealed, as a carrier would, with the chain beside it.
std::vector<wire::Verdict> carry(TestServer& server, FakePhone& phone, const std::vector<Bytes>& chain);

/// An enrolment by certificates: why the device is in doubt, or kNone.
Result<HoldReason> introduce(TestServer& server, const FakePhone& phone, const std::vector<Bytes>& chain);

void revoke(TestServer& server, const FakePhone& phone, const std::vector<Hash>& last_good);
std::size_t office_entries(TestServer& server, OfficeAct act);

/// The sum of an indicator over all units.
std::int64_t sum_of(TestServer& server, std::uint32_t indicator = 0);
LogContent trees(std::int64_t amount, std::uint32_t unit = 2);
FieldKey trees_field();
Bytes amount(std::int64_t value);

}  // namespace phusa::test
