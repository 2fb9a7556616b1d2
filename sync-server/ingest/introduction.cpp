#include "sync-server/ingest/introduction.hpp"

#include "core/base/limits.hpp"
#include "core/journal/certificate.hpp"
#include "sync-server/ingest/engine.hpp"

#include <algorithm>

namespace phusa::ingest {
namespace {

constexpr std::chrono::hours kDay{24};

Error not_its_own() {
  return {ErrorCode::kUnauthorized, "the certificates are not this device's"};
}

/// The newest certificate of a device that may stand above `below`.
Result<std::optional<Certificate>> newest_above(ledger::Snapshot& snapshot, const DeviceId& device,
                                                const std::optional<Certificate>& below) {
  PHUSA_ASSIGN(const auto grants, snapshot.grants_of(device));
  std::optional<Certificate> newest;
  for (const ledger::GrantRow& grant : grants) {
    PHUSA_ASSIGN(Certificate certificate, journal::decode_certificate(grant.certificate));
    if (below && certificate.rank <= below->rank) continue;
    if (!newest || certificate.issued_at >= newest->issued_at) newest = std::move(certificate);
  }
  return newest;
}

}  // namespace

Result<std::vector<Introduction::Chain>> Introduction::verified_chains(
    const PublicKey& device, std::span<const Bytes> certificates) const {
  std::vector<Chain> chains(1);
  for (const Bytes& bytes : certificates) {
    auto certificate = journal::decode_certificate(bytes);
    if (!certificate) return fail(ErrorCode::kUnauthorized, certificate.error().context);
    const bool is_last = certificate->is_server;
    chains.back().push_back(std::move(*certificate));
    if (is_last) chains.emplace_back();
  }
  if (chains.back().empty() && chains.size() > 1) chains.pop_back();
  for (const auto& chain : chains) {
    PHUSA_TRY(journal::verify_chain(organisation_.id, organisation_.root_key, chain));
    if (chain.size() < 2 || chain.front().subject != device) return fail(not_its_own());
  }
  return chains;
}

bool Introduction::is_proven(const PublicKey& device, std::span<const Bytes> certificates) const {
  return verified_chains(device, certificates).has_value();
}

Result<HoldReason> Introduction::introduce(const PublicKey& device, std::span<const Bytes> certificates) {
  PHUSA_ASSIGN(const auto chains, verified_chains(device, certificates));
  HoldReason first = HoldReason::kNone;
  for (const auto& chain : chains) {
    PHUSA_ASSIGN(const HoldReason reason, introduce_chain(chain));
    if (&chain == &chains.front()) first = reason;
  }
  return first;
}

Result<HoldReason> Introduction::introduce_chain(std::span<const Certificate> chain) {
  // From the server's own downwards: who vouches must stand before whom is vouched for.
  HoldReason reason = HoldReason::kNone;
  for (std::size_t i = chain.size() - 1; i-- > 0;) {
    const bool by_server = i + 2 == chain.size();
    PHUSA_ASSIGN(reason,
                 take(chain[i], by_server ? HoldReason::kNone : reason_against(chain[i], chain[i + 1])));
  }
  return reason;
}

Result<HoldReason> Introduction::take(const Certificate& certificate, HoldReason reason) {
  const DeviceId id = device_id_of(certificate.subject);
  const KnownDevice* known = world_.device(id);
  if (known != nullptr && known->grant(certificate.serial) != nullptr) return HoldReason::kNone;
  if (reason == HoldReason::kNone) {
    PHUSA_TRY(append_(OfficeAct::kGrant, grant_payload(certificate)));
    return reason;
  }
  const Doubt* doubt = world_.doubt(id, certificate.serial);
  if (doubt == nullptr) PHUSA_TRY(check_room(certificate));
  if (doubt == nullptr || doubt->reason != reason)
    PHUSA_TRY(append_(OfficeAct::kDoubt, doubt_payload(reason, certificate)));
  return reason;
}

Result<void> Introduction::check_room(const Certificate& certificate) const {
  const DeviceId id = device_id_of(certificate.subject);
  const DeviceId officer = world_.answerable(device_id_of(certificate.issuer));
  // A key that is shut out is not among those below, and must not come with ever new certificates instead.
  const std::size_t own = world_.is_revoked(id) ? world_.doubts_of(id) : 0;
  if (own + world_.doubts_below(officer).size() < limits::kDoubtsPerOfficerMax) return {};
  return fail(ErrorCode::kHeldFull,
              "as many phones that this officer vouched for wait for the office as may; ask the office to "
              "accept or revoke some of them, then try again");
}

HoldReason Introduction::reason_against(const Certificate& certificate, const Certificate& issuer) const {
  const DeviceId id = device_id_of(issuer.subject);
  const KnownDevice* known = world_.device(id);
  if (known == nullptr || known->revoked || known->grant(issuer.serial) == nullptr ||
      !world_.may_vouch(id, certificate.rank, certificate.unit)) {
    return HoldReason::kVouchRevoked;
  }
  if (certificate.issued_at < now_ - limits::kVouchDaysMax * kDay || certificate.issued_at > now_ + kDay)
    return HoldReason::kVouchLate;
  if (world_.vouched_by(id, device_id_of(certificate.subject)) >= world_.vouches_of(id))
    return HoldReason::kVouchQuota;
  return HoldReason::kNone;
}

PersonId person_of_vouched(const PublicKey& device) {
  const Hash hash = hash_of(Bytes("phusa/person/1\0", 15) + Bytes(device.view()));
  return *PersonId::from(hash.view().substr(0, PersonId::kSize));
}

Result<std::vector<Bytes>> chain_of(ledger::Snapshot& snapshot, const DeviceId& device,
                                    const Certificate& server) {
  std::vector<Bytes> chain;
  std::optional<Certificate> below;
  for (DeviceId next = device; chain.size() + 1 < limits::kChainMax;) {
    PHUSA_ASSIGN(const auto certificate, newest_above(snapshot, next, below));
    if (!certificate) break;
    chain.push_back(journal::encode_certificate(*certificate));
    if (certificate->issuer == server.subject) {
      chain.push_back(journal::encode_certificate(server));
      return chain;
    }
    next = device_id_of(certificate->issuer);
    below = certificate;
  }
  return std::vector<Bytes>();
}

Result<std::vector<Bytes>> chain_of(ledger::Snapshot& snapshot, const DeviceId& device) {
  PHUSA_ASSIGN(const auto bytes, snapshot.meta(kServerCertificateKey));
  if (!bytes) return std::vector<Bytes>();
  PHUSA_ASSIGN(const Certificate server, journal::decode_certificate(*bytes));
  return chain_of(snapshot, device, server);
}

}  // namespace phusa::ingest
