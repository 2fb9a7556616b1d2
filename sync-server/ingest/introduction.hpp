#pragma once

#include "sync-server/ingest/organisation.hpp"
#include "sync-server/ingest/world.hpp"

#include <functional>
#include <span>

namespace phusa::ingest {

/// Signs an act of the office and applies it, within the transaction at hand.
using AppendOffice = std::function<Result<LedgerPoint>(OfficeAct act, BytesView payload)>;

/// Where the ledger keeps the certificate that the root gave this server.
inline constexpr std::string_view kServerCertificateKey = "server_certificate";

/// Takes in devices by the certificates they show, whichever way these come: with an enrolment, beside a
/// batch, in a bundle. Each certificate on the way down from the server that is not granted yet becomes an
/// entry of the office:
///
/// - by the server itself: a grant, always. A ledger that was restored to before it learns it anew.
/// - by an officer's phone: a grant, if the officer's own certificate is granted and not revoked, gives the
///   unit, was issued at most limits::kVouchDaysMax ago and not for tomorrow's tomorrow by the server's
///   clock, and the officer has vouches left. Else a doubt, once per reason: the device's batches are then
///   held whole until the office accepts it, or the reason is gone when it introduces itself again.
///
/// Nothing here decides for good against a device, and a replay reads the entries instead of asking again.
class Introduction {
 public:
  Introduction(const Organisation& organisation, const World& world, WallTime now, AppendOffice append)
      : organisation_(organisation), world_(world), now_(now), append_(std::move(append)) {}

  /// `certificates`: one chain or several, each from the device's own up to the server's. What becomes of the
  /// first one's own certificate: kNone when it is granted. kUnauthorized: a chain is broken, or another's.
  /// kHeldFull: limits::kDoubtsPerOfficerMax of the officer's vouchers are in doubt.
  Result<HoldReason> introduce(const PublicKey& device, std::span<const Bytes> certificates);
  /// Whether the certificates show the device to be one of ours. Writes nothing.
  bool is_proven(const PublicKey& device, std::span<const Bytes> certificates) const;

 private:
  using Chain = std::vector<Certificate>;
  Result<std::vector<Chain>> verified_chains(const PublicKey& device,
                                             std::span<const Bytes> certificates) const;
  Result<HoldReason> introduce_chain(std::span<const Certificate> chain);
  Result<HoldReason> take(const Certificate& certificate, HoldReason reason);
  Result<void> check_room(const Certificate& certificate) const;
  HoldReason reason_against(const Certificate& certificate, const Certificate& issuer) const;

  const Organisation& organisation_;
  const World& world_;
  const WallTime now_;
  const AppendOffice append_;
};

/// The person of a device that an officer vouched for. Not what the officer wrote, who might name anyone.
PersonId person_of_vouched(const PublicKey& device);

/// The device's newest certificate and those above it, the server's last; empty when none leads there.
Result<std::vector<Bytes>> chain_of(ledger::Snapshot& snapshot, const DeviceId& device,
                                    const Certificate& server);
/// The same with the server's certificate as the ledger keeps it; empty when it keeps none.
Result<std::vector<Bytes>> chain_of(ledger::Snapshot& snapshot, const DeviceId& device);

}  // namespace phusa::ingest
