#include "core/client/meta_keys.hpp"
#include "core/client/phone.hpp"
#include "core/journal/certificate.hpp"
#include "core/journal/receipt.hpp"

namespace phusa {

namespace {
using BearerToken = FixedBytes<32, struct BearerTokenTag>;
}  // namespace

Result<wire::EnrolRequest> Phone::prepare_enrolment(const journal::EnrolmentCode& code,
                                                    const std::string& url) {
  PHUSA_TRY(refresh());
  if (identity_.is_joined) {
    return fail(ErrorCode::kConflict, "this phone has joined " + identity_.organisation_name +
                                          " already; to join another organisation use another store");
  }
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    return fail(ErrorCode::kInvalidArgument, "the address must start with https:// (or http://)");
  }
  // The token is kept before it is sent: when the reply is lost, asking again is the same request.
  PHUSA_ASSIGN(auto token, store_->get(meta::kToken));
  if (!token) {
    token = Bytes(random_.fixed<BearerToken>().view());
    PHUSA_ASSIGN(auto transaction, store_->begin_write());
    PHUSA_TRY(store_->put(meta::kToken, *token));
    PHUSA_TRY(transaction.commit());
  }
  wire::EnrolRequest request;
  request.code = Bytes(code.secret.view());
  request.device_key = identity_.key.public_key;
  request.token_hash = hash_of(*token);
  request.signature = journal::sign(
      identity_.key, journal::enrolment_message({request.code, request.device_key, request.token_hash,
                                                 request.name, request.phone, request.predecessor}));
  return request;
}

Result<void> Phone::accept_enrolment(const journal::EnrolmentCode& code, const std::string& url,
                                     const wire::EnrolReply& reply) {
  const OrganisationId organisation = organisation_id_of(reply.root_key);
  if (journal::fingerprint_of(organisation) != code.root) {
    return fail(ErrorCode::kUnauthorized,
                "this server does not belong to the organisation that gave the code: check the address");
  }
  std::vector<Certificate> chain;
  Bytes kept;
  for (const Bytes& encoded : reply.certificates) {
    PHUSA_ASSIGN(Certificate link, journal::decode_certificate(encoded));
    chain.push_back(std::move(link));
    put_bytes(kept, encoded);
  }
  PHUSA_TRY(journal::verify_chain(organisation, reply.root_key, chain));
  if (chain.front().is_server || chain.front().subject != identity_.key.public_key) {
    return fail(ErrorCode::kUnauthorized, "the certificate is not for this phone");
  }
  PHUSA_ASSIGN(auto transaction, store_->begin_write());
  PHUSA_TRY(keep_catalogue(reply.catalogue, chain.back().subject, organisation));
  PHUSA_TRY(store_->put(meta::kRoot, reply.root_key.view()));
  PHUSA_TRY(store_->put(meta::kChain, kept));
  PHUSA_TRY(store_->put(meta::kBoxKey, reply.box_key));
  PHUSA_TRY(store_->put(meta::kOrganisationName, reply.organisation_name));
  PHUSA_TRY(store_->put(meta::kUrl, url));
  PHUSA_TRY(transaction.commit());
  PHUSA_TRY(load_identity());
  return load_catalogue();
}

}  // namespace phusa
