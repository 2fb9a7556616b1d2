#include "sync-server/access/enrolment.hpp"

#include "core/base/day.hpp"
#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/journal/certificate.hpp"
#include "core/journal/receipt.hpp"
#include "sync-server/access/erasure_list.hpp"
#include "sync-server/ingest/introduction.hpp"

#include <algorithm>
#include <cstdint>
#include <set>

namespace phusa::access {
namespace {

constexpr std::string_view kOrganisationName = "organisation_name";
constexpr std::string_view kCertificatesIssued = "certificates_issued";
constexpr std::chrono::hours kValidMax{24 * 366};
constexpr WallTime kFirstMinute{std::chrono::sys_days(std::chrono::year(2020) / 1 / 1)};

/// Serials rise with every certificate and at least with every minute: what a restored server has forgotten
/// to have issued comes back from phones, and none of it may have the number of another. After the last one
/// they start anew at the clock's.
Result<std::uint32_t> next_serial(ledger::Transaction& transaction, WallTime now, std::uint32_t leap) {
  PHUSA_ASSIGN(const auto issued, transaction.meta(kCertificatesIssued));
  const auto minutes = std::chrono::floor<std::chrono::minutes>(now - kFirstMinute).count();
  const auto by_clock = static_cast<std::uint32_t>(std::clamp<std::int64_t>(minutes, 1, UINT32_MAX / 2));
  const std::uint32_t lowest = std::max(issued ? ByteReader(*issued).u32() + 1 : 1, by_clock);
  const std::uint32_t serial = lowest > UINT32_MAX - leap ? by_clock : lowest + leap;
  Bytes kept;
  put_u32(kept, serial);
  PHUSA_TRY(transaction.put_meta(kCertificatesIssued, kept));
  return serial;
}

Result<void> check_offer(const Offer& offer) {
  if (offer.uses < 1 || offer.uses > limits::kEnrolUsesMax) {
    return fail(ErrorCode::kInvalidArgument,
                "a code has between 1 and " + std::to_string(limits::kEnrolUsesMax) + " uses");
  }
  if (offer.replaces && offer.uses != 1)
    return fail(ErrorCode::kInvalidArgument, "a code that replaces a phone has one use");
  if (offer.vouches.value_or(0) > limits::kEnrolUsesMax) {
    return fail(ErrorCode::kInvalidArgument,
                "an officer vouches for at most " + std::to_string(limits::kEnrolUsesMax) + " phones");
  }
  if (offer.valid <= std::chrono::seconds(0) || offer.valid > kValidMax) {
    return fail(ErrorCode::kInvalidArgument, "a code is valid for some time, at most 366 days");
  }
  return {};
}

Result<void> check_unit(const std::string& code, Rank rank, const Catalogue& catalogue, Day today) {
  const auto no = catalogue.unit(code);
  if (!no) return fail(ErrorCode::kNotFound, "no unit has the code '" + code + "'; see units.csv");
  const Unit& unit = catalogue.units[no->value];
  if (unit.validity.until && *unit.validity.until < today) {
    return fail(ErrorCode::kInvalidArgument, "unit '" + code + "' was closed on " +
                                                 format_day(*unit.validity.until) + "; name its successor");
  }
  if (rank == Rank::kOffice && unit.parent) {
    return fail(ErrorCode::kInvalidArgument,
                "role office needs a unit without a parent; '" + code + "' has one");
  }
  return {};
}

Result<std::optional<Certificate>> newest_certificate(ledger::Snapshot& snapshot, const DeviceId& device) {
  PHUSA_ASSIGN(const auto grants, snapshot.grants_of(device));
  std::optional<Certificate> newest;
  for (const ledger::GrantRow& row : grants) {
    PHUSA_ASSIGN(Certificate certificate, journal::decode_certificate(row.certificate));
    if (!newest || certificate.issued_at >= newest->issued_at) newest = std::move(certificate);
  }
  return newest;
}

/// The first of the phones that took each other's place by the server's word, up to this one: its ids are
/// those of lists that any of them imported.
Result<PublicKey> first_in_line(ledger::Snapshot& snapshot, const PublicKey& last, const PublicKey& server) {
  PublicKey first = last;
  for (std::set<PublicKey> seen; seen.insert(first).second;) {
    PHUSA_ASSIGN(const auto grants, snapshot.grants_of(device_id_of(first)));
    std::optional<Certificate> newest;  // of those that name somebody
    for (const ledger::GrantRow& row : grants) {
      PHUSA_ASSIGN(Certificate certificate, journal::decode_certificate(row.certificate));
      if (certificate.predecessor && (!newest || certificate.issued_at >= newest->issued_at))
        newest = std::move(certificate);
    }
    if (!newest || newest->issuer != server) return first;
    first = *newest->predecessor;
  }
  return last;  // they replaced each other in a circle
}

/// What a new certificate gives where nobody says: what the device's newest one gave, if it was an officer's
/// or more. A stranger's or a volunteer's first one gives the default.
Result<std::uint32_t> vouches_until_now(ledger::Snapshot& snapshot, const DeviceId& device,
                                        const PublicKey& server) {
  PHUSA_ASSIGN(const auto newest, newest_certificate(snapshot, device));
  if (!newest || newest->rank == Rank::kVolunteer) return limits::kVouchUsesDefault;
  // Who is no server could give no more than that, whatever it wrote.
  return newest->issuer == server ? newest->uses : std::min(newest->uses, limits::kVouchUsesDefault);
}

std::string_view why_in_doubt(HoldReason reason) {
  if (reason == HoldReason::kVouchLate) return "it was vouched for too long ago, or by a clock far ahead";
  if (reason == HoldReason::kVouchQuota) return "its officer has vouched for as many phones as allowed";
  return "its officer had no right to vouch for it";
}

}  // namespace

Result<Identity> load_identity(ledger::Snapshot& snapshot) {
  PHUSA_ASSIGN(const auto certificate, snapshot.meta(ingest::kServerCertificateKey));
  PHUSA_ASSIGN(const auto name, snapshot.meta(kOrganisationName));
  if (!certificate || !name) {
    return fail(
        ErrorCode::kNotFound,
        "this ledger belongs to no organisation; bring the right one back with phusa-server restore, or run "
        "phusa-server init on a new folder");
  }
  PHUSA_ASSIGN(const Certificate parsed, journal::decode_certificate(*certificate));
  return Identity{parsed.issuer, parsed, *name};
}

Result<void> keep_identity(ledger::Transaction& transaction, const Identity& identity) {
  PHUSA_TRY(transaction.put_meta(ingest::kServerCertificateKey,
                                 journal::encode_certificate(identity.server_certificate)));
  return transaction.put_meta(kOrganisationName, identity.organisation_name);
}

struct Enrolment::Redemption {
  wire::EnrolRequest request;
  DeviceId device;
  Hash code_hash;
  std::vector<Bytes> chain;  // the device's certificate first
  HoldReason doubt = HoldReason::kNone;
  bool is_wrong_code = false;
  wire::CatalogueSnapshot catalogue;
};

Enrolment::Enrolment(const Parts& parts, const ServerKeys& keys, Identity identity)
    : parts_(parts),
      server_key_(keys.server),
      box_key_(keys.box.public_key),
      identity_(std::move(identity)),
      limiter_(parts.clock) {}

Result<Ticket> Enrolment::issue(const Offer& offer) {
  const WallTime now = parts_.clock.wall();
  PHUSA_TRY(check_offer(offer));
  PHUSA_TRY(check_unit(offer.unit, offer.rank, *parts_.engine.catalogue(), local_day(now)));
  Ticket ticket;
  ticket.offer = offer;
  ticket.expires_at = now + offer.valid;
  ticket.code.secret = parts_.random.fixed<journal::EnrolmentSecret>();
  ticket.code.root = journal::fingerprint_of(parts_.engine.organisation());
  ledger::EnrolmentCodeRow row;
  row.code_hash = hash_of(ticket.code.secret.view());
  row.unit = offer.unit;
  row.rank = offer.rank;
  row.uses_left = offer.uses;
  row.expires_at = ticket.expires_at;
  row.made_at = now;
  row.replaces = offer.replaces;
  PHUSA_TRY(parts_.engine.write([&](ledger::Transaction& transaction) -> Result<void> {
    row.vouches = offer.vouches.value_or(limits::kVouchUsesDefault);
    if (offer.replaces && !offer.vouches) {
      PHUSA_ASSIGN(row.vouches,
                   vouches_until_now(transaction, device_id_of(*offer.replaces), server_key_.public_key));
    }
    return transaction.put_enrolment_code(row);
  }));
  ticket.offer.vouches = row.vouches;
  return ticket;
}

Result<void> Enrolment::revoke_code(const Hash& code_hash) {
  return parts_.engine.write([&](ledger::Transaction& transaction) -> Result<void> {
    PHUSA_ASSIGN(auto row, transaction.enrolment_code(code_hash));
    if (!row) return fail(ErrorCode::kNotFound, "no such code; see phusa-server enrol list");
    row->uses_left = 0;
    return transaction.put_enrolment_code(*row);
  });
}

Result<Bytes> Enrolment::redeem(BytesView body, const std::string& address, std::uint32_t& wait_s) {
  Redemption redemption;
  PHUSA_ASSIGN(redemption.request, wire::decode_enrol_request(body));
  const wire::EnrolRequest& request = redemption.request;
  // A chain is no guess: whoever shows one waits for nobody's wrong codes.
  wait_s = request.code.empty() ? 0 : limiter_.wait_s(address);
  if (wait_s != 0) {
    return fail(ErrorCode::kUnavailable,
                "too many wrong codes; try again in " + std::to_string(wait_s) + " s");
  }
  redemption.device = device_id_of(request.device_key);
  redemption.code_hash = hash_of(request.code);
  const Bytes message = journal::enrolment_message({request.code, request.device_key, request.token_hash,
                                                    request.name, request.phone, request.predecessor});
  Result<void> done =
      fail(ErrorCode::kUnauthorized, "the enrolment is not signed by the device that it names");
  if (journal::is_signed_by(request.device_key, message, request.signature)) {
    done = parts_.engine.write([&](ledger::Transaction& t) { return redeem_within(t, redemption); });
  }
  if (redemption.is_wrong_code) limiter_.failed(address);
  if (!done) return fail(std::move(done).error());
  if (redemption.doubt != HoldReason::kNone) {
    return fail(ErrorCode::kForbidden,
                "the office must accept this phone first: " + std::string(why_in_doubt(redemption.doubt)) +
                    "; what you send is kept safe, and counted once it has");
  }
  wire::EnrolReply reply;
  reply.certificates = std::move(redemption.chain);
  reply.root_key = identity_.root_key;
  const Bytes& published = parts_.engine.catalogue()->box_key;
  reply.box_key = published.empty() ? Bytes(box_key_.view()) : published;
  reply.catalogue = std::move(redemption.catalogue);
  reply.organisation_name = identity_.organisation_name;
  return wire::encode_enrol_reply(reply, request.frame);
}

namespace {

/// In doubt, or of a ledger that was restored: revoked all the same.
Result<void> check_not_revoked_unseen(ledger::Snapshot& snapshot, const DeviceId& device) {
  PHUSA_ASSIGN(const auto revocations, snapshot.revocations());
  const bool revoked = std::any_of(revocations.begin(), revocations.end(),
                                   [&](const ledger::RevocationRow& row) { return row.device == device; });
  return revoked ? fail(ErrorCode::kRevoked, "this device was revoked; ask the office") : Result<void>();
}

}  // namespace

Result<void> Enrolment::redeem_within(ledger::Transaction& transaction, Redemption& redemption) {
  const wire::EnrolRequest& request = redemption.request;
  PHUSA_ASSIGN(const auto device, transaction.device(redemption.device));
  if (device && device->revoked) return fail(ErrorCode::kRevoked, "this device was revoked; ask the office");
  if (!device) PHUSA_TRY(check_not_revoked_unseen(transaction, redemption.device));
  const bool by_chain = request.code.empty() && !request.certificates.empty();
  PHUSA_TRY(by_chain ? introduce(transaction, redemption) : redeem_code(transaction, redemption));
  if (redemption.doubt != HoldReason::kNone) return {};
  PHUSA_TRY(transaction.set_device_token(redemption.device, request.token_hash));
  PHUSA_ASSIGN(redemption.chain,
               ingest::chain_of(transaction, redemption.device, identity_.server_certificate));
  if (redemption.chain.empty()) return fail(ErrorCode::kCorrupt, "a device was let in without a certificate");
  PHUSA_ASSIGN(const auto newest, transaction.newest_catalogue());
  if (!newest) return fail(ErrorCode::kCorrupt, "the ledger holds no catalogue");
  redemption.catalogue = {newest->revision, newest->encoded, newest->signature};
  return {};
}

Result<void> Enrolment::introduce(ledger::Transaction& transaction, Redemption& redemption) {
  const wire::EnrolRequest& request = redemption.request;
  PHUSA_ASSIGN(redemption.doubt,
               parts_.engine.introduce(transaction, request.device_key, request.certificates));
  PHUSA_ASSIGN(const auto device, transaction.device(redemption.device));
  if (device && device->revoked) return fail(ErrorCode::kRevoked, "this device was revoked; ask the office");
  const PersonId person = device ? device->person : ingest::person_of_vouched(request.device_key);
  {
    const std::lock_guard guard(forgetting_);
    if (forgotten_.contains(person)) return {};
  }
  return keep_person(transaction, person, request);
}

void Enrolment::forget(const std::set<PersonId>& persons) {
  const std::lock_guard guard(forgetting_);
  forgotten_.insert(persons.begin(), persons.end());
}

Result<void> Enrolment::redeem_code(ledger::Transaction& transaction, Redemption& redemption) {
  const wire::EnrolRequest& request = redemption.request;
  PHUSA_ASSIGN(const auto code, transaction.enrolment_code(redemption.code_hash));
  if (!code) {
    redemption.is_wrong_code = !request.code.empty();
    return fail(ErrorCode::kUnauthorized, "this code is not known here; check it, or ask for another");
  }
  PHUSA_ASSIGN(const bool again, transaction.has_redeemed(redemption.code_hash, request.device_key));
  if (again) return {};
  if (code->expires_at <= parts_.clock.wall())
    return fail(ErrorCode::kForbidden, "this code has expired; ask for another");
  if (code->uses_left == 0)
    return fail(ErrorCode::kForbidden, "this code is used up or was revoked; ask for another");
  // Whoever names a predecessor owns its person's records, and only a code made for that proves the right.
  if (request.predecessor &&
      (!code->replaces || journal::predecessor_id(*request.predecessor) != device_id_of(*code->replaces))) {
    return fail(ErrorCode::kForbidden,
                "this code does not replace that phone; ask for one made with --replaces");
  }
  PHUSA_ASSIGN(const Certificate certificate, certify(transaction, redemption, *code));
  PHUSA_TRY(transaction.redeem(redemption.code_hash, request.device_key));
  PHUSA_TRY(keep_person(transaction, certificate.person, request));
  return note_named_again(certificate.person, redemption);
}

Result<void> Enrolment::note_named_again(const PersonId& person, const Redemption& redemption) {
  if (redemption.request.name.empty() && redemption.request.phone.empty()) return {};
  {
    const std::lock_guard guard(forgetting_);
    if (!forgotten_.contains(person)) return {};
  }
  ErasureList more;
  more.named_again[person].insert({redemption.code_hash, redemption.request.device_key});
  // Before the commit: a line about what then never happens says nothing.
  return add_to_erasure_list(parts_.data, more);
}

Result<void> Enrolment::keep_person(ledger::Transaction& transaction, const PersonId& person,
                                    const wire::EnrolRequest& request) {
  if (request.name.empty() && request.phone.empty()) return {};
  return transaction.put_person({person, request.name, request.phone});
}

Result<Certificate> Enrolment::certify(ledger::Transaction& transaction, const Redemption& redemption,
                                       const ledger::EnrolmentCodeRow& code) {
  const wire::EnrolRequest& request = redemption.request;
  Certificate certificate;
  certificate.subject = request.device_key;
  certificate.rank = code.rank;
  certificate.unit = code.unit;
  certificate.uses = code.rank == Rank::kVolunteer ? 0 : code.vouches;
  if (code.replaces) {
    PHUSA_ASSIGN(const PublicKey first, first_in_line(transaction, *code.replaces, server_key_.public_key));
    certificate.predecessor = first == request.device_key ? *code.replaces : first;
  }
  PHUSA_ASSIGN(const auto device, transaction.device(redemption.device));
  PHUSA_ASSIGN(const auto predecessor, code.replaces
                                           ? transaction.device(device_id_of(*code.replaces))
                                           : Result<std::optional<ledger::DeviceRow>>(std::nullopt));
  if (device) {
    certificate.person = device->person;
  } else {
    certificate.person = predecessor ? predecessor->person : parts_.random.fixed<PersonId>();
  }
  PHUSA_TRY(grant(transaction, certificate));
  return certificate;
}

Result<void> Enrolment::grant(ledger::Transaction& transaction, Certificate& certificate) {
  certificate.issued_at = parts_.clock.wall();
  PHUSA_ASSIGN(const auto grants, transaction.grants_of(device_id_of(certificate.subject)));
  const auto is_taken = [&grants](std::uint32_t serial) {
    return std::any_of(grants.begin(), grants.end(),
                       [serial](const ledger::GrantRow& row) { return row.serial == serial; });
  };
  do {
    const std::uint64_t leap =
        parts_.serial_leap_max == 0 ? 0 : parts_.random.u64() % (parts_.serial_leap_max + std::uint64_t{1});
    PHUSA_ASSIGN(certificate.serial,
                 next_serial(transaction, certificate.issued_at, static_cast<std::uint32_t>(leap)));
  } while (is_taken(certificate.serial));
  for (const ledger::GrantRow& row : grants) {
    // Later than all before it, whatever clocks said then: the certificate issued last is the one that holds.
    PHUSA_ASSIGN(const Certificate before, journal::decode_certificate(row.certificate));
    const WallTime last = std::min(before.issued_at, WallTime::max() - std::chrono::seconds(1));
    certificate.issued_at = std::max(certificate.issued_at, last + std::chrono::seconds(1));
  }
  journal::sign_certificate(parts_.engine.organisation(), server_key_, certificate);
  PHUSA_TRY(parts_.engine.append_office(transaction, OfficeAct::kGrant, ingest::grant_payload(certificate)));
  return {};
}

Result<Certificate> Enrolment::move(const DeviceId& device, const std::string& unit, Rank rank,
                                    std::optional<std::uint32_t> vouches) {
  PHUSA_TRY(check_unit(unit, rank, *parts_.engine.catalogue(), local_day(parts_.clock.wall())));
  Certificate certificate;
  certificate.rank = rank;
  certificate.unit = unit;
  certificate.uses = vouches.value_or(0);
  const auto work = [&](ledger::Transaction& transaction) -> Result<void> {
    PHUSA_ASSIGN(const auto row, transaction.device(device));
    if (!row) return fail(ErrorCode::kNotFound, "no such device was let in");
    if (row->revoked) return fail(ErrorCode::kForbidden, "this device was revoked; let it join anew");
    if (!vouches) {
      PHUSA_ASSIGN(certificate.uses, vouches_until_now(transaction, device, server_key_.public_key));
    }
    if (rank == Rank::kVolunteer) certificate.uses = 0;
    certificate.subject = row->key;
    certificate.person = row->person;
    return grant(transaction, certificate);
  };
  PHUSA_TRY(parts_.engine.write(work));
  return certificate;
}

Result<std::size_t> Enrolment::stand_in_for(const DeviceId& officer) {
  std::size_t granted = 0;
  const auto work = [&](ledger::Transaction& transaction) -> Result<void> {
    granted = 0;
    PHUSA_ASSIGN(const auto devices, transaction.devices());
    for (const ledger::DeviceRow& row : devices) {
      if (row.revoked) continue;
      PHUSA_ASSIGN(const auto newest, newest_certificate(transaction, row.id));
      if (!newest || device_id_of(newest->issuer) != officer) continue;
      Certificate certificate;
      certificate.subject = row.key;
      certificate.person = row.person;
      certificate.rank = newest->rank;
      certificate.unit = newest->unit;
      certificate.uses = newest->uses;
      PHUSA_TRY(grant(transaction, certificate));
      ++granted;
    }
    return {};
  };
  PHUSA_TRY(parts_.engine.write(work));
  return granted;
}

Result<std::size_t> Enrolment::accept(const DeviceId& device) {
  std::size_t accepted = 0;
  const auto work = [&](ledger::Transaction& transaction) -> Result<void> {
    accepted = 0;
    PHUSA_ASSIGN(const auto doubts, transaction.doubts());
    for (const ledger::DoubtRow& doubt : doubts) {
      if (doubt.device != device) continue;
      PHUSA_TRY(parts_.engine.append_office(transaction, OfficeAct::kAcceptDevice, doubt.certificate));
      ++accepted;
    }
    if (accepted == 0) return fail(ErrorCode::kNotFound, "no certificate of this device is in doubt");
    return {};
  };
  PHUSA_TRY(parts_.engine.write(work));
  return accepted;
}

}  // namespace phusa::access
