#include "core/client/vouching.hpp"

#include "core/client/meta_keys.hpp"
#include "core/journal/certificate.hpp"
#include "core/journal/receipt.hpp"

#include <algorithm>

namespace phusa {

Result<Bytes> Vouching::request(const Applicant& applicant) {
  PHUSA_TRY(phone_.refresh());
  if (phone_.identity_.is_joined) {
    return fail(ErrorCode::kConflict, "this phone has joined " + phone_.identity_.organisation_name +
                                          " already; to join another organisation use another store");
  }
  wire::EnrolRequest request;
  request.name = applicant.name;
  request.phone = applicant.phone;
  if (applicant.replaces) request.predecessor = journal::predecessor_named(*applicant.replaces);
  PHUSA_ASSIGN(auto transaction, phone_.begin_write());
  PHUSA_ASSIGN(request, phone_.signed_request(std::move(request)));
  PHUSA_TRY(phone_.store_->put(meta::kPersonName, applicant.name));
  PHUSA_TRY(phone_.store_->put(meta::kPersonPhone, applicant.phone));
  PHUSA_TRY(transaction.commit());
  request.frame = wire::Frame::kOpen;  // a file, which programs of any version read
  return wire::encode_enrol_request(request);
}

Result<std::string> Vouching::check_unit(const std::string& code) const {
  const Identity& officer = phone_.identity_;
  const Catalogue& catalogue = *phone_.catalogue_;
  const std::string& wanted = code.empty() ? officer.unit : code;
  const auto unit = catalogue.unit(wanted);
  if (!unit) return fail(ErrorCode::kNotFound, "no unit has the code '" + wanted + "'");
  const auto own = catalogue.unit(officer.unit);
  if (!own || !catalogue.is_within(*unit, *own)) {
    return fail(ErrorCode::kForbidden,
                "'" + wanted + "' is not below your own unit '" + officer.unit + "': ask an officer there");
  }
  const Validity& validity = catalogue.units[unit->value].validity;
  if (validity.until && *validity.until < phone_.today()) {
    return fail(ErrorCode::kInvalidArgument, "unit '" + wanted + "' was closed on " +
                                                 format_day(*validity.until) +
                                                 "; name the one that follows it");
  }
  return wanted;
}

/// People see 32 digits of a device, the first half of its key's hash; where this phone knows the key it
/// names that.
Result<std::optional<PublicKey>> Vouching::predecessor(const std::string& typed,
                                                       const std::vector<store::VouchedRow>& vouched) const {
  if (typed.empty()) return std::optional<PublicKey>();
  const auto bytes = from_hex(typed);
  if (bytes && bytes->size() == PublicKey::kSize) {
    PHUSA_ASSIGN(const PublicKey key, PublicKey::from(*bytes));
    return std::optional<PublicKey>(key);
  }
  const auto device = bytes ? DeviceId::from(*bytes) : Result<DeviceId>(tl::unexpected<Error>(bytes.error()));
  if (!device) {
    return fail(
        ErrorCode::kInvalidArgument,
        "'" + typed + "' names no device: it has 32 digits and letters a to f, as `status` shows them");
  }
  for (const store::VouchedRow& row : vouched) {
    PHUSA_ASSIGN(const PublicKey key, PublicKey::from(row.subject));
    if (device_id_of(key) == *device) return std::optional<PublicKey>(key);
  }
  return std::optional<PublicKey>(journal::predecessor_named(*device));
}

Result<Bytes> Vouching::certify(const PublicKey& subject, const std::string& unit,
                                const std::optional<PublicKey>& replaced) {
  // Of one phone's certificates each has a serial of its own, and who vouched for it before is not known
  // here.
  constexpr std::uint32_t kSerials = 1u << 21;  // three bytes in every batch
  Certificate certificate;
  certificate.serial = 1 + static_cast<std::uint32_t>(phone_.random_.u64() % kSerials);
  certificate.subject = subject;
  certificate.rank = Rank::kVolunteer;
  certificate.unit = unit;
  certificate.person =
      phone_.random_.fixed<PersonId>();  // for a successor the server finds the person itself
  certificate.issued_at = phone_.clock_.wall();
  certificate.predecessor = replaced;
  journal::sign_certificate(phone_.identity_.organisation, phone_.identity_.key, certificate);
  const Bytes encoded = journal::encode_certificate(certificate);
  store::VouchedRow row;
  row.subject = Bytes(subject.view());
  row.unit = unit;
  if (replaced) row.predecessor = Bytes(replaced->view());
  row.certificate = encoded;
  PHUSA_TRY(phone_.store_->add_vouched(row));
  return encoded;
}

Result<Bytes> Vouching::welcome_for(const Bytes& certificate) {
  PHUSA_ASSIGN(const auto catalogue, phone_.store_->newest_catalogue());
  if (!catalogue) return fail(ErrorCode::kConflict, "this phone has no catalogue");
  wire::Welcome welcome;
  welcome.certificates = phone_.identity_.chain;
  welcome.certificates.insert(welcome.certificates.begin(), certificate);
  welcome.root_key = phone_.identity_.root;
  welcome.catalogue = {catalogue->revision, catalogue->encoded, catalogue->signature};
  welcome.organisation_name = phone_.identity_.organisation_name;
  welcome.url = phone_.identity_.url;
  return wire::encode_welcome(welcome);
}

std::optional<DeviceId> Vouching::named_predecessor(BytesView file) {
  const auto request = wire::decode_enrol_request(file);
  if (!request || !request->predecessor) return std::nullopt;
  return journal::predecessor_id(*request->predecessor);
}

Result<Vouching::Vouched> Vouching::vouch(BytesView file, const Offer& offer) {
  PHUSA_TRY(phone_.refresh());
  PHUSA_TRY(phone_.require_joined());
  const Identity& officer = phone_.identity_;
  if (officer.rank == Rank::kVolunteer)
    return fail(ErrorCode::kForbidden, "vouching for phones is for unit officers and the office");
  const auto decoded = wire::decode_enrol_request(file);
  // Another kind of file may be read as a request with a name that is too long: that is no question of how
  // many.
  if (!decoded && decoded.error().code == ErrorCode::kLimitExceeded)
    return fail(ErrorCode::kCorrupt, decoded.error().context);
  if (!decoded) return tl::unexpected(decoded.error());
  const wire::EnrolRequest& request = *decoded;
  const Bytes message = journal::enrolment_message({request.code, request.device_key, request.token_hash,
                                                    request.name, request.phone, request.predecessor});
  if (!journal::is_signed_by(request.device_key, message, request.signature) || !request.code.empty()) {
    return fail(ErrorCode::kUnauthorized,
                "the request is not signed by the phone that it names: copy it again");
  }
  if (request.device_key == officer.key.public_key)
    return fail(ErrorCode::kInvalidArgument, "this is a request of this very phone");
  PHUSA_ASSIGN(const std::string unit, check_unit(offer.unit));
  PHUSA_ASSIGN(auto transaction, phone_.begin_write());
  PHUSA_ASSIGN(const auto rows, phone_.store_->vouched());
  PHUSA_ASSIGN(const auto replaced, predecessor(offer.replaces, rows));
  // A successor reads and edits all that the one before it logged: that is for the officer to say, not for a
  // file.
  if (request.predecessor &&
      (!replaced || journal::predecessor_id(*replaced) != journal::predecessor_id(*request.predecessor))) {
    return fail(ErrorCode::kConflict, "the request wants to take the place of the device " +
                                          journal::predecessor_id(*request.predecessor).hex() +
                                          ", and you did not say that it does");
  }
  if (replaced && journal::predecessor_id(*replaced) == device_id_of(request.device_key))
    return fail(ErrorCode::kInvalidArgument, "a phone does not replace itself");
  Vouched out;
  out.device = device_id_of(request.device_key);
  out.name = request.name;
  out.unit = unit;
  const BytesView wanted = replaced ? replaced->view() : BytesView();
  const auto before = std::find_if(rows.begin(), rows.end(), [&](const store::VouchedRow& row) {
    return row.subject == request.device_key.view() && row.unit == unit && row.predecessor == wanted;
  });
  const bool is_new = before == rows.end();
  if (is_new && rows.size() >= officer.uses) {
    return fail(ErrorCode::kLimitExceeded, "you have vouched for " + std::to_string(rows.size()) +
                                               " phones, all that the office allowed: ask it for more");
  }
  const std::size_t used = rows.size() + (is_new && !offer.check_only ? 1 : 0);
  out.left = officer.uses > used ? officer.uses - static_cast<std::uint32_t>(used) : 0;
  if (offer.check_only) return out;
  Bytes certificate = is_new ? Bytes() : before->certificate;
  if (is_new) {
    PHUSA_ASSIGN(certificate, certify(request.device_key, unit, replaced));
  }
  PHUSA_ASSIGN(out.welcome, welcome_for(certificate));
  PHUSA_TRY(transaction.commit());
  return out;
}

Result<void> Vouching::join(BytesView file) {
  PHUSA_TRY(phone_.refresh());
  if (phone_.identity_.is_joined)
    return fail(ErrorCode::kConflict,
                "this phone has joined " + phone_.identity_.organisation_name + " already");
  PHUSA_ASSIGN(const wire::Welcome welcome, wire::decode_welcome(file));
  const auto checked = phone_.check_chain(welcome.certificates, welcome.root_key);
  if (!checked) return fail(checked.error());
  PHUSA_ASSIGN(auto transaction, phone_.begin_write());
  PHUSA_TRY(phone_.bearer_token());
  PHUSA_TRY(phone_.keep_catalogue(welcome.catalogue, checked->certificates.back().subject,
                                  organisation_id_of(welcome.root_key)));
  PHUSA_TRY(phone_.store_->put(meta::kRoot, welcome.root_key.view()));
  PHUSA_TRY(phone_.store_->put(meta::kChain, checked->kept));
  PHUSA_TRY(phone_.store_->put(meta::kOrganisationName, welcome.organisation_name));
  PHUSA_TRY(phone_.store_->put(meta::kUrl, welcome.url));
  PHUSA_TRY(phone_.store_->put(meta::kIntroduce, "1"));
  PHUSA_TRY(transaction.commit());
  phone_.take_up();
  return {};
}

}  // namespace phusa
