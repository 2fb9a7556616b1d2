#include "core/journal/receipt.hpp"

namespace phusa::journal {
namespace {

Bytes message_of(const OrganisationId& organisation, const Receipt& receipt) {
  Bytes out("phusa/receipt/1\0", 16);
  out.append(organisation.view());
  out.append(receipt.device_key.view());
  put_u32(out, static_cast<std::uint32_t>(receipt.items.size()));
  for (const Receipt::Item& item : receipt.items) {
    out.append(item.batch.view());
    put_u64(out, item.point.position);
    out.append(item.point.tag.view());
  }
  return out;
}

}  // namespace

void sign_receipt(const OrganisationId& organisation, const KeyPair& server, Receipt& receipt) {
  receipt.signature = sign(server, message_of(organisation, receipt));
}

Result<void> verify_receipt(const OrganisationId& organisation, const PublicKey& server,
                            const Receipt& receipt) {
  if (is_signed_by(server, message_of(organisation, receipt), receipt.signature)) return {};
  return fail(ErrorCode::kUnauthorized, "a receipt is not signed by this organisation's server");
}

Bytes enrolment_message(const EnrolmentClaim& claim) {
  Bytes out("phusa/enrol/1\0", 14);
  put_bytes(out, claim.code);
  out.append(claim.device_key.view());
  out.append(claim.token_hash.view());
  put_bytes(out, claim.name);
  put_bytes(out, claim.phone);
  put_u8(out, claim.predecessor ? 1 : 0);
  if (claim.predecessor) out.append(claim.predecessor->view());
  return out;
}

Bytes catalogue_message(const OrganisationId& organisation, std::uint32_t revision,
                        const Hash& catalogue_hash) {
  Bytes out("phusa/catalogue/1\0", 18);
  out.append(organisation.view());
  put_u32(out, revision);
  out.append(catalogue_hash.view());
  return out;
}

Bytes fates_message(const OrganisationId& organisation, const PublicKey& device, BytesView fates) {
  Bytes out("phusa/fates/1\0", 14);
  out.append(organisation.view());
  out.append(device.view());
  out.append(hash_of(fates).view());
  return out;
}

}  // namespace phusa::journal
