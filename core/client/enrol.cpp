#include "core/base/limits.hpp"
#include "core/client/meta_keys.hpp"
#include "core/client/phone.hpp"
#include "core/journal/certificate.hpp"
#include "core/journal/receipt.hpp"

namespace phusa {

namespace {
using BearerToken = FixedBytes<32, struct BearerTokenTag>;
}  // namespace

/// Kept before it is sent: when the reply is lost, asking again is the same request.
Result<Bytes> Phone::bearer_token() {
  PHUSA_ASSIGN(auto token, store_->get(meta::kToken));
  if (token) return *token;
  token = Bytes(random_.fixed<BearerToken>().view());
  PHUSA_TRY(store_->put(meta::kToken, *token));
  return *token;
}

Result<wire::EnrolRequest> Phone::signed_request(wire::EnrolRequest request) {
  PHUSA_ASSIGN(const Bytes token, bearer_token());
  request.device_key = identity_.key.public_key;
  request.token_hash = hash_of(token);
  request.signature = journal::sign(
      identity_.key, journal::enrolment_message({request.code, request.device_key, request.token_hash,
                                                 request.name, request.phone, request.predecessor}));
  return request;
}

Result<wire::EnrolRequest> Phone::prepare_enrolment(const journal::EnrolmentCode& code,
                                                    const std::string& url, const Applicant& applicant) {
  PHUSA_TRY(refresh());
  if (identity_.is_joined) {
    return fail(ErrorCode::kConflict, "this phone has joined " + identity_.organisation_name +
                                          " already; to join another organisation use another store");
  }
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    return fail(ErrorCode::kInvalidArgument, "the address must start with https:// (or http://)");
  }
  wire::EnrolRequest request;
  request.code = Bytes(code.secret.view());
  request.name = applicant.name;
  request.phone = applicant.phone;
  if (applicant.replaces) request.predecessor = journal::predecessor_named(*applicant.replaces);
  PHUSA_ASSIGN(auto transaction, begin_write());
  PHUSA_ASSIGN(request, signed_request(std::move(request)));
  PHUSA_TRY(store_->put(meta::kPersonName, applicant.name));
  PHUSA_TRY(store_->put(meta::kPersonPhone, applicant.phone));
  PHUSA_TRY(transaction.commit());
  return request;
}

Result<Phone::Chain> Phone::check_chain(const std::vector<Bytes>& encoded, const PublicKey& root) const {
  Chain out;
  for (const Bytes& link : encoded) {
    PHUSA_ASSIGN(Certificate certificate, journal::decode_certificate(link));
    out.certificates.push_back(std::move(certificate));
    put_bytes(out.kept, link);
  }
  PHUSA_TRY(journal::verify_chain(organisation_id_of(root), root, out.certificates));
  if (out.certificates.front().is_server || out.certificates.front().subject != identity_.key.public_key) {
    return fail(ErrorCode::kUnauthorized, "the certificate is not for this phone");
  }
  return out;
}

Result<void> Phone::accept_enrolment(const journal::EnrolmentCode& code, const std::string& url,
                                     const wire::EnrolReply& reply) {
  const OrganisationId organisation = organisation_id_of(reply.root_key);
  if (journal::fingerprint_of(organisation) != code.root) {
    return fail(ErrorCode::kUnauthorized,
                "this server does not belong to the organisation that gave the code: check the address");
  }
  PHUSA_ASSIGN(const Chain chain, check_chain(reply.certificates, reply.root_key));
  PHUSA_ASSIGN(auto transaction, begin_write());
  if (identity_.is_joined)
    return fail(ErrorCode::kConflict, "this phone joined by another way while the server answered");
  PHUSA_TRY(keep_catalogue(reply.catalogue, chain.certificates.back().subject, organisation));
  PHUSA_TRY(store_->put(meta::kRoot, reply.root_key.view()));
  PHUSA_TRY(store_->put(meta::kChain, chain.kept));
  PHUSA_TRY(store_->put(meta::kBoxKey, reply.box_key));
  PHUSA_TRY(store_->put(meta::kOrganisationName, reply.organisation_name));
  PHUSA_TRY(store_->put(meta::kUrl, url));
  PHUSA_TRY(transaction.commit());
  take_up();
  return {};
}

Result<wire::EnrolRequest> Phone::introduction() {
  PHUSA_ASSIGN(const auto name, store_->get(meta::kPersonName));
  PHUSA_ASSIGN(const auto phone, store_->get(meta::kPersonPhone));
  wire::EnrolRequest request;
  request.name = name.value_or("");
  request.phone = phone.value_or("");
  if (identity_.predecessor) request.predecessor = journal::predecessor_named(*identity_.predecessor);
  request.certificates = identity_.chain;
  // Earlier ones too, for batches name them.
  PHUSA_ASSIGN(const auto earlier, store_->chains());
  for (const Bytes& kept : earlier) {
    PHUSA_ASSIGN(const auto chain, read_chain(kept));
    if (request.certificates.size() + chain.size() > limits::kChainMax) break;
    request.certificates.insert(request.certificates.end(), chain.begin(), chain.end());
  }
  return signed_request(std::move(request));
}

Result<void> Phone::accept_introduction(const wire::EnrolReply& reply) {
  PHUSA_TRY(refresh());
  PHUSA_TRY(require_joined());
  if (reply.root_key != identity_.root) {
    return fail(ErrorCode::kUnauthorized, "this server belongs to another organisation: check the address");
  }
  PHUSA_ASSIGN(const Chain chain, check_chain(reply.certificates, identity_.root));
  PHUSA_ASSIGN(auto transaction, begin_write());
  PHUSA_TRY(take_over_chain(chain));
  PHUSA_TRY(keep_catalogue(reply.catalogue, chain.certificates.back().subject, identity_.organisation));
  PHUSA_TRY(store_->put(meta::kOrganisationName, reply.organisation_name));
  PHUSA_TRY(store_->drop(meta::kIntroduce));
  PHUSA_TRY(transaction.commit());
  take_up();
  return {};
}

/// Whether the server gave this device its own certificate after that chain's. One from an officer says
/// nothing here: a phone's clock dated it.
bool Phone::is_newer_than(const Chain& chain) const {
  if (identity_.chain.empty()) return false;
  const auto own = journal::decode_certificate(identity_.chain.front());
  return own && own->issuer == identity_.server && own->issued_at > chain.certificates.front().issued_at;
}

/// What is pending was written under the old certificate, and its edit counts are of the old rank: it is
/// sealed under that one, which stays known to the server.
Result<void> Phone::take_over_chain(const Chain& chain) {
  PHUSA_ASSIGN(const auto old, store_->get(meta::kChain));
  if (old == chain.kept) return {};
  PHUSA_TRY(seal_pending());
  if (old) PHUSA_TRY(store_->put_chain(identity_.certificate, *old));
  return store_->put(meta::kChain, chain.kept);
}

}  // namespace phusa
