#include "sync-server/access/enrolment.hpp"

#include "core/base/day.hpp"
#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/journal/certificate.hpp"
#include "core/journal/receipt.hpp"
#include "core/wire/codec.hpp"

#include <algorithm>

namespace phusa::access {
namespace {

constexpr std::string_view kServerCertificate = "server_certificate";
constexpr std::string_view kOrganisationName = "organisation_name";
constexpr std::string_view kCertificatesIssued = "certificates_issued";
constexpr std::chrono::hours kValidMax{24 * 366};

/// Serials count what this server ever certified, so that none is given twice.
Result<std::uint32_t> next_serial(ledger::Transaction& transaction) {
  PHUSA_ASSIGN(const auto issued, transaction.meta(kCertificatesIssued));
  const std::uint32_t serial = issued ? ByteReader(*issued).u32() + 1 : 1;
  Bytes now;
  put_u32(now, serial);
  PHUSA_TRY(transaction.put_meta(kCertificatesIssued, now));
  return serial;
}

Result<void> check_unit(const Offer& offer, const Catalogue& catalogue, Day today) {
  const auto no = catalogue.unit(offer.unit);
  if (!no) return fail(ErrorCode::kNotFound, "no unit has the code '" + offer.unit + "'; see units.csv");
  const Unit& unit = catalogue.units[no->value];
  if (unit.validity.until && *unit.validity.until < today) {
    return fail(ErrorCode::kInvalidArgument, "unit '" + offer.unit + "' was closed on " +
                                                 format_day(*unit.validity.until) + "; name its successor");
  }
  if (offer.rank == Rank::kOffice && unit.parent) {
    return fail(ErrorCode::kInvalidArgument,
                "role office needs a unit without a parent; '" + offer.unit + "' has one");
  }
  return {};
}

}  // namespace

Result<Identity> load_identity(ledger::Snapshot& snapshot) {
  PHUSA_ASSIGN(const auto certificate, snapshot.meta(kServerCertificate));
  PHUSA_ASSIGN(const auto name, snapshot.meta(kOrganisationName));
  if (!certificate || !name) {
    return fail(ErrorCode::kNotFound,
                "this ledger belongs to no organisation; run phusa-server init on a new folder");
  }
  PHUSA_ASSIGN(const Certificate parsed, journal::decode_certificate(*certificate));
  return Identity{parsed.issuer, parsed, *name};
}

Result<void> keep_identity(ledger::Transaction& transaction, const Identity& identity) {
  PHUSA_TRY(
      transaction.put_meta(kServerCertificate, journal::encode_certificate(identity.server_certificate)));
  return transaction.put_meta(kOrganisationName, identity.organisation_name);
}

struct Enrolment::Redemption {
  wire::EnrolRequest request;
  DeviceId device;
  Hash code_hash;
  Bytes certificate;  // the device's, encoded
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
  if (offer.uses < 1 || offer.uses > limits::kEnrolUsesMax) {
    return fail(ErrorCode::kInvalidArgument,
                "a code has between 1 and " + std::to_string(limits::kEnrolUsesMax) + " uses");
  }
  if (offer.valid <= std::chrono::seconds(0) || offer.valid > kValidMax) {
    return fail(ErrorCode::kInvalidArgument, "a code is valid for some time, at most 366 days");
  }
  PHUSA_TRY(check_unit(offer, *parts_.engine.catalogue(), local_day(now)));
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
  PHUSA_TRY(parts_.engine.write([&](ledger::Transaction& t) { return t.put_enrolment_code(row); }));
  return ticket;
}

Result<Bytes> Enrolment::redeem(BytesView body, const std::string& address, std::uint32_t& wait_s) {
  wait_s = limiter_.wait_s(address);
  if (wait_s != 0) {
    return fail(ErrorCode::kUnavailable,
                "too many wrong codes; try again in " + std::to_string(wait_s) + " s");
  }
  Redemption redemption;
  PHUSA_ASSIGN(redemption.request, wire::decode_enrol_request(body));
  const wire::EnrolRequest& request = redemption.request;
  redemption.device = device_id_of(request.device_key);
  redemption.code_hash = hash_of(request.code);
  const Bytes message = journal::enrolment_message({request.code, request.device_key, request.token_hash,
                                                    request.name, request.phone, request.predecessor});
  Result<void> done =
      fail(ErrorCode::kUnauthorized, "the enrolment is not signed by the device that it names");
  if (journal::is_signed_by(request.device_key, message, request.signature)) {
    done = parts_.engine.write([&](ledger::Transaction& t) { return redeem_within(t, redemption); });
  }
  if (!done) {
    if (done.error().code == ErrorCode::kUnauthorized) limiter_.failed(address);
    return fail(std::move(done).error());
  }
  wire::EnrolReply reply;
  reply.certificates = {redemption.certificate, journal::encode_certificate(identity_.server_certificate)};
  reply.root_key = identity_.root_key;
  reply.box_key = Bytes(box_key_.view());
  reply.catalogue = std::move(redemption.catalogue);
  reply.organisation_name = identity_.organisation_name;
  return wire::encode_enrol_reply(reply);
}

Result<void> Enrolment::redeem_within(ledger::Transaction& transaction, Redemption& redemption) {
  const wire::EnrolRequest& request = redemption.request;
  PHUSA_ASSIGN(const auto code, transaction.enrolment_code(redemption.code_hash));
  if (!code)
    return fail(ErrorCode::kUnauthorized, "this code is not known here; check it, or ask for another");
  PHUSA_ASSIGN(const auto device, transaction.device(redemption.device));
  if (device && device->revoked)
    return fail(ErrorCode::kForbidden, "this device was revoked; ask the office");
  PHUSA_ASSIGN(const bool again, transaction.has_redeemed(redemption.code_hash, request.device_key));
  if (again) {
    PHUSA_ASSIGN(const auto grants, transaction.grants_of(redemption.device));
    if (grants.empty()) return fail(ErrorCode::kCorrupt, "a redeemed code has left no certificate");
    redemption.certificate = grants.back().certificate;
  } else {
    if (code->expires_at <= parts_.clock.wall()) {
      return fail(ErrorCode::kForbidden, "this code has expired; ask for another");
    }
    if (code->uses_left == 0) return fail(ErrorCode::kForbidden, "this code is used up; ask for another");
    if (request.predecessor) {
      // Whoever names a predecessor would own its person's records, and a code does not prove that.
      return fail(ErrorCode::kForbidden,
                  "this code does not replace a phone; join without naming the old one");
    }
    PHUSA_ASSIGN(const Certificate certificate, certify(transaction, redemption, *code));
    PHUSA_TRY(transaction.redeem(redemption.code_hash, request.device_key));
    redemption.certificate = journal::encode_certificate(certificate);
  }
  PHUSA_TRY(transaction.set_device_token(redemption.device, request.token_hash));
  PHUSA_ASSIGN(const auto newest, transaction.newest_catalogue());
  if (!newest) return fail(ErrorCode::kCorrupt, "the ledger holds no catalogue");
  redemption.catalogue = {newest->revision, newest->encoded, newest->signature};
  return {};
}

Result<Certificate> Enrolment::certify(ledger::Transaction& transaction, const Redemption& redemption,
                                       const ledger::EnrolmentCodeRow& code) {
  const wire::EnrolRequest& request = redemption.request;
  PHUSA_ASSIGN(const auto device, transaction.device(redemption.device));
  Certificate certificate;
  PHUSA_ASSIGN(certificate.serial, next_serial(transaction));
  certificate.subject = request.device_key;
  certificate.rank = code.rank;
  certificate.unit = code.unit;
  certificate.person = device ? device->person : parts_.random.fixed<PersonId>();
  certificate.issued_at = parts_.clock.wall();
  journal::sign_certificate(parts_.engine.organisation(), server_key_, certificate);
  PHUSA_TRY(parts_.engine.append_office(transaction, OfficeAct::kGrant, ingest::grant_payload(certificate)));
  if (!request.name.empty() || !request.phone.empty()) {
    PHUSA_TRY(transaction.put_person({certificate.person, request.name, request.phone}));
  }
  return certificate;
}

}  // namespace phusa::access
