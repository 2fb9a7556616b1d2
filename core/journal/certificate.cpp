#include "core/journal/certificate.hpp"

#include "core/base/limits.hpp"

#include <algorithm>

namespace phusa::journal {
namespace {

Bytes fields_of(const Certificate& c) {
  Bytes out;
  put_u32(out, c.serial);
  out.append(c.issuer.view());
  out.append(c.subject.view());
  put_u8(out, c.is_server ? 1 : 0);
  put_u8(out, static_cast<std::uint8_t>(c.rank));
  put_bytes(out, c.unit);
  out.append(c.person.view());
  put_u32(out, c.uses);
  put_u64(out, static_cast<std::uint64_t>(c.issued_at.time_since_epoch().count()));
  put_u8(out, c.predecessor ? 1 : 0);
  if (c.predecessor) out.append(c.predecessor->view());
  return out;
}

Bytes message_of(const OrganisationId& organisation, const Certificate& certificate) {
  return Bytes("phusa/certificate/1\0", 20) + Bytes(organisation.view()) + fields_of(certificate);
}

template <class Fixed>
Fixed read_fixed(ByteReader& in) {
  const auto value = Fixed::from(in.take(Fixed::kSize));
  return value ? *value : Fixed{};
}

}  // namespace

void sign_certificate(const OrganisationId& organisation, const KeyPair& issuer, Certificate& certificate) {
  certificate.issuer = issuer.public_key;
  certificate.signature = sign(issuer, message_of(organisation, certificate));
}

Bytes encode_certificate(const Certificate& certificate) {
  return fields_of(certificate) + Bytes(certificate.signature.view());
}

Result<Certificate> decode_certificate(BytesView bytes) {
  ByteReader in(bytes);
  Certificate out;
  out.serial = in.u32();
  out.issuer = read_fixed<PublicKey>(in);
  out.subject = read_fixed<PublicKey>(in);
  const std::uint8_t is_server = in.u8();
  const std::uint8_t rank = in.u8();
  out.is_server = is_server == 1;
  out.unit = std::string(in.bytes(limits::kCodeBytesMax));
  out.person = read_fixed<PersonId>(in);
  out.uses = in.u32();
  out.issued_at = WallTime(std::chrono::seconds(static_cast<std::int64_t>(in.u64())));
  const std::uint8_t has_predecessor = in.u8();
  if (has_predecessor == 1) out.predecessor = read_fixed<PublicKey>(in);
  out.signature = read_fixed<Signature>(in);
  if (!in.done() || is_server > 1 || rank > 2 || has_predecessor > 1) {
    return fail(ErrorCode::kCorrupt, "a certificate cannot be read");
  }
  out.rank = static_cast<Rank>(rank);
  return out;
}

bool is_signed_by_issuer(const OrganisationId& organisation, const Certificate& certificate) {
  return is_signed_by(certificate.issuer, message_of(organisation, certificate), certificate.signature);
}

Result<void> verify_chain(const OrganisationId& organisation, const PublicKey& root, std::span<const Certificate> chain) {
  if (chain.empty() || organisation_id_of(root) != organisation) {
    return fail(ErrorCode::kUnauthorized, "no certificate of this organisation");
  }
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const Certificate& link = chain[i];
    const bool last = i + 1 == chain.size();
    const PublicKey& issuer = last ? root : chain[i + 1].subject;
    if (link.is_server != last || link.issuer != issuer ||
        !is_signed_by(issuer, message_of(organisation, link), link.signature)) {
      return fail(ErrorCode::kUnauthorized, "certificate " + std::to_string(i + 1) + " of the chain is not its issuer's");
    }
    const bool issuer_is_server = i + 2 == chain.size();
    if (!last && !issuer_is_server && link.rank >= chain[i + 1].rank) {
      return fail(ErrorCode::kUnauthorized, "a certificate claims a role that its issuer cannot give");
    }
  }
  return {};
}

PublicKey predecessor_named(const DeviceId& device) {
  PublicKey out;
  std::copy(device.bytes.begin(), device.bytes.end(), out.bytes.begin());
  return out;
}

DeviceId predecessor_id(const PublicKey& predecessor) {
  DeviceId out;
  std::copy_n(predecessor.bytes.begin(), DeviceId::kSize, out.bytes.begin());
  // No key has 16 zeros at its end but by a chance of 2^-128.
  return predecessor_named(out) == predecessor ? out : device_id_of(predecessor);
}

}  // namespace phusa::journal
