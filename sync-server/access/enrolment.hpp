#pragma once

#include "core/base/clock.hpp"
#include "core/base/limits.hpp"
#include "core/base/random.hpp"
#include "core/journal/enrolment_code.hpp"
#include "core/wire/codec.hpp"
#include "sync-server/access/attempt_limiter.hpp"
#include "sync-server/access/server_keys.hpp"
#include "sync-server/ingest/engine.hpp"

#include <chrono>
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace phusa::access {

/// What an enrolment code gives.
struct Offer {
  std::string unit;  ///< code
  Rank rank = Rank::kVolunteer;
  std::uint32_t uses = 1;
  std::chrono::seconds valid = std::chrono::hours(24);
  std::optional<PublicKey> replaces = std::nullopt;  ///< the phone whose successor the code lets in
  /// Devices that an officer may vouch for. Nothing: as many as the officer who is replaced, else
  /// limits::kVouchUsesDefault.
  std::optional<std::uint32_t> vouches = std::nullopt;
};

inline constexpr std::uint32_t kSerialLeapMax = 0xFFFF;

/// A code as handed out. The ledger keeps the hash of its secret only, so it is shown once.
struct Ticket {
  journal::EnrolmentCode code;
  Offer offer;
  WallTime expires_at{};
};

/// What an installation says of itself to those who join.
struct Identity {
  PublicKey root_key;
  Certificate server_certificate;  ///< by the root
  std::string organisation_name;
};

/// kNotFound: the ledger was never initialised. kCorrupt.
Result<Identity> load_identity(ledger::Snapshot& snapshot);
Result<void> keep_identity(ledger::Transaction& transaction, const Identity& identity);

/// Lets phones in: hands out codes and redeems them. Thread-safe.
class Enrolment {
 public:
  struct Parts {
    ingest::Engine& engine;
    const Clock& clock;
    Random& random;
    std::filesystem::path data = {};  ///< where the list of erasures lies
    /// Up to so many numbers of certificates are left out before each, drawn: on a morning on which many join
    /// the numbers run ahead of the clock, and a server restored then must not give one that it forgot.
    std::uint32_t serial_leap_max = 0;  ///< kSerialLeapMax where people are served
  };

  /// The parts must outlive it.
  Enrolment(const Parts& parts, const ServerKeys& keys, Identity identity);

  /// kNotFound: no such unit; kInvalidArgument: an office that is not at a root unit, a closed unit, a count
  /// or time out of bounds.
  Result<Ticket> issue(const Offer& offer);

  /// The code lets nobody else in; whom it let in stays. Again changes nothing. kNotFound: none has this
  /// hash.
  Result<void> revoke_code(const Hash& code_hash);

  /// POST /v1/enrol: request body -> reply body. The same device may redeem its code again and gets the same
  /// certificate, also when the code has since expired or is used up: its first reply may have been lost.
  /// kUnauthorized: no such code, or not signed by the device; kForbidden: expired, used up, device revoked;
  /// kUnavailable: too many wrong codes from `address`, each signed by the device that tried it; `wait_s`
  /// tells how long.
  ///
  /// Without a code and with certificates, a device introduces itself: one that an officer vouched for, or
  /// that a restored server does not know any more. As often as it likes, whoever tries codes from there.
  /// kForbidden: the office has yet to accept it; what it sends is kept meanwhile.
  Result<Bytes> redeem(BytesView body, const std::string& address, std::uint32_t& wait_s);

  /// A new certificate for a device: another unit, role or number of vouches (nothing: as many as it had as
  /// an officer, else limits::kVouchUsesDefault). What it sealed under the older one is judged by that.
  /// kNotFound: no such device or unit; kForbidden: it was revoked.
  Result<Certificate> move(const DeviceId& device, const std::string& unit, Rank rank,
                           std::optional<std::uint32_t> vouches);
  /// Devices that `officer` vouched for get a new certificate from the office itself, which gives them what
  /// they had: how many. From their next sync on what they hand over is not sealed to that officer any more.
  Result<std::size_t> stand_in_for(const DeviceId& officer);
  /// The office takes a device after all that an officer vouched for: certificates granted. kNotFound: none
  /// of this device is in doubt.
  Result<std::size_t> accept(const DeviceId& device);

  /// From now on these persons' names are not kept when their phones introduce themselves: nobody asked to be
  /// known again. Whoever types a new code with a name has, and the list of erasures says so from then on.
  void forget(const std::set<PersonId>& persons);

  const Identity& identity() const { return identity_; }

 private:
  struct Redemption;

  Result<void> redeem_within(ledger::Transaction& transaction, Redemption& redemption);
  Result<void> redeem_code(ledger::Transaction& transaction, Redemption& redemption);
  Result<void> introduce(ledger::Transaction& transaction, Redemption& redemption);
  Result<void> keep_person(ledger::Transaction& transaction, const PersonId& person,
                           const wire::EnrolRequest& request);
  /// Whoever is forgotten and gave a name with a code keeps that one.
  Result<void> note_named_again(const PersonId& person, const Redemption& redemption);
  /// Numbers, times, signs and grants it.
  Result<void> grant(ledger::Transaction& transaction, Certificate& certificate);
  Result<Certificate> certify(ledger::Transaction& transaction, const Redemption& redemption,
                              const ledger::EnrolmentCodeRow& code);

  Parts parts_;
  journal::KeyPair server_key_;
  journal::BoxKey box_key_;
  Identity identity_;
  AttemptLimiter limiter_;
  std::mutex forgetting_;
  std::set<PersonId> forgotten_;  // guarded by forgetting_
};

}  // namespace phusa::access
