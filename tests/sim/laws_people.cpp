#include "core/base/limits.hpp"
#include "core/journal/certificate.hpp"
#include "tests/sim/laws.hpp"

/// Who may be let in, by the oracle's own reckoning.
namespace phusa::sim {
namespace {

constexpr std::chrono::hours kDay{24};

bool is_by_office(const Certificate& certificate) {
  return certificate.issuer == office_keys().server.public_key;
}

std::string name_of(const DeviceId& device) {
  return "device " + device.hex().substr(0, 6);
}

/// Whether a voucher was too old at the one time, or of a day too far ahead at the other.
bool is_late(const Certificate& certificate, WallTime old_at, WallTime new_at) {
  return certificate.issued_at < old_at - limits::kVouchDaysMax * kDay ||
         certificate.issued_at > new_at + kDay;
}

}  // namespace

std::uint32_t Laws::vouches_of(const DeviceId& officer) const {
  std::uint32_t most = 0;
  for (const Certificate& certificate : world_.standing_.of(officer)) most = std::max(most, certificate.uses);
  return most;
}

/// Devices that hold a certificate of this officer's: all, or those that the office did not accept itself.
std::size_t Laws::vouched_by(const DeviceId& officer, const DeviceId* but, bool with_accepted) const {
  std::size_t count = 0;
  for (const auto& [device, certificates] : world_.standing_.all()) {
    if ((but != nullptr && device == *but) || (!with_accepted && world_.accepted_.contains(device))) continue;
    count += std::any_of(certificates.begin(), certificates.end(), [&](const Certificate& certificate) {
      return device_id_of(certificate.issuer) == officer;
    });
  }
  return count;
}

/// Why a voucher could not be good whenever between the two times it was shown.
HoldReason Laws::reason_against(const Certificate& certificate, WallTime first, WallTime last) const {
  const DeviceId officer = device_id_of(certificate.issuer);
  const auto revoked = world_.revoked_.find(officer);
  if (revoked != world_.revoked_.end() && first > revoked->second) return HoldReason::kVouchRevoked;
  if (!world_.standing_.may_vouch(officer, certificate.unit, world_.catalogues_))
    return HoldReason::kVouchRevoked;
  if (is_late(certificate, first, last)) return HoldReason::kVouchLate;
  return HoldReason::kNone;
}

/// Nobody is let in whom no officer with the right, a voucher left and the time for it vouched for.
void Laws::nobody_is_let_in_wrongly() {
  std::set<DeviceId> officers;
  for (const auto& [device, certificates] : world_.standing_.all()) {
    for (const Certificate& certificate : certificates) {
      if (is_by_office(certificate)) continue;
      const auto& said = world_.people_.of(device);
      if (std::find(said.begin(), said.end(), certificate) == said.end())
        throw LawBroken(10, name_of(device) + " is let in by a voucher that nobody gave");
      world_.trace_.mark("a vouched phone is let in");
      const DeviceId officer = device_id_of(certificate.issuer);
      officers.insert(officer);
      if (world_.accepted_.contains(device)) continue;
      const auto* shown = world_.server_.showing_of(journal::encode_certificate(certificate));
      if (shown == nullptr)
        throw LawBroken(10, name_of(device) + " is let in by a voucher that nobody showed");
      const HoldReason reason = reason_against(certificate, shown->first, shown->last);
      // A restored server may let people in before it hears again of a revocation.
      if (reason == HoldReason::kVouchRevoked && world_.office_rests_) continue;
      if (reason != HoldReason::kNone)
        throw LawBroken(10,
                        name_of(device) + " is let in and should not be: " + std::string(hold_name(reason)));
    }
  }
  for (const DeviceId& officer : officers) {
    if (vouched_by(officer, nullptr, false) > vouches_of(officer))
      throw LawBroken(10, "more phones are let in by " + name_of(officer) + " than the office allowed");
  }
  for (const IntentId id : merged_) {
    const DeviceId& author = world_.oracle_.intent(id).device;
    if (!world_.standing_.knows(author))
      throw LawBroken(10, "an edit counts of " + name_of(author) + ", which was never let in");
  }
}

/// Whoever is not let in is in doubt, for a reason that stands.
void Laws::nobody_is_left_outside_wrongly() {
  const WallTime now = world_.server_.clock().wall();
  for (const auto& [key, row] : world_.doubts_) {
    const auto certificate = journal::decode_certificate(row.certificate);
    if (!certificate) throw LawBroken(2, "a doubt cannot be read");
    const DeviceId officer = device_id_of(certificate->issuer);
    const auto* shown = world_.server_.showing_of(row.certificate);
    const WallTime first = shown == nullptr ? now : shown->first;
    bool stands = false;
    switch (row.reason) {
      case HoldReason::kVouchLate:
        stands = is_late(*certificate, now, first);
        break;
      case HoldReason::kVouchQuota:
        stands = vouched_by(officer, &key.first, true) >= 1;
        break;
      case HoldReason::kVouchRevoked:
        stands = world_.revoked_.contains(officer) || world_.office_rests_ ||
                 !world_.standing_.may_vouch(officer, certificate->unit, world_.catalogues_);
        break;
      default:
        break;
    }
    world_.trace_.mark("in doubt: " + std::string(hold_name(row.reason)));
    if (!stands)
      throw LawBroken(7,
                      name_of(key.first) + " is in doubt for nothing: " + std::string(hold_name(row.reason)));
  }
  for (const auto& phone : world_.phones_) {
    if (phone->lost || !phone->is_joined() || world_.is_shut_out(*phone)) continue;
    const Identity& self = phone->phone().identity();
    if (world_.standing_.knows(self.device)) {
      if (world_.standing_.of(self.device).back().serial != self.certificate)
        throw LawBroken(10, phone->name() + " does not have the certificate that holds");
      continue;
    }
    const auto doubt = world_.doubts_.find({self.device, self.certificate});
    if (doubt == world_.doubts_.end()) throw LawBroken(9, phone->name() + " is neither let in nor in doubt");
    const auto certificate = journal::decode_certificate(doubt->second.certificate);
    const DeviceId officer = device_id_of(certificate->issuer);
    const bool has_vouchers = vouched_by(officer, &self.device, true) < vouches_of(officer);
    if (!world_.shut_out_.contains(officer) && !world_.revoked_.contains(officer) && has_vouchers &&
        reason_against(*certificate, now, now) == HoldReason::kNone)
      throw LawBroken(7, phone->name() + " stays in doubt though nothing speaks against it");
  }
}

}  // namespace phusa::sim
