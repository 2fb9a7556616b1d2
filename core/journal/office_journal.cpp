#include "core/journal/office_journal.hpp"

#include "core/base/limits.hpp"

namespace phusa::journal {
namespace {

Bytes message_of(const OrganisationId& organisation, const PublicKey& server, const OfficeEntry& entry) {
  Bytes out("phusa/office/1\0", 15);
  out.append(organisation.view());
  out.append(server.view());
  put_u8(out, static_cast<std::uint8_t>(entry.act));
  put_u64(out, entry.number);
  out.append(entry.previous.view());
  put_u64(out, static_cast<std::uint64_t>(entry.at.time_since_epoch().count()));
  out.append(hash_of(entry.payload).view());
  return out;
}

}  // namespace

Hash sign_office_entry(const OrganisationId& organisation, const KeyPair& server, OfficeEntry& entry) {
  const Bytes message = message_of(organisation, server.public_key, entry);
  entry.signature = sign(server, message);
  return hash_of(message);
}

Result<Hash> verify_office_entry(const OrganisationId& organisation, const PublicKey& server,
                                 const OfficeEntry& entry) {
  const Bytes message = message_of(organisation, server, entry);
  if (is_signed_by(server, message, entry.signature)) return hash_of(message);
  return fail(ErrorCode::kUnauthorized,
              "office entry " + std::to_string(entry.number) + " is not signed by this server");
}

Bytes encode_office_entry(const OfficeEntry& entry) {
  Bytes out;
  put_u8(out, static_cast<std::uint8_t>(entry.act));
  put_u64(out, entry.number);
  out.append(entry.previous.view());
  put_u64(out, static_cast<std::uint64_t>(entry.at.time_since_epoch().count()));
  out.append(entry.signature.view());
  out.append(entry.payload);
  return out;
}

Result<OfficeEntry> decode_office_entry(BytesView bytes) {
  ByteReader in(bytes);
  OfficeEntry out;
  const std::uint8_t act = in.u8();
  out.number = in.u64();
  const BytesView previous = in.take(Hash::kSize);
  out.at = WallTime(std::chrono::seconds(static_cast<std::int64_t>(in.u64())));
  const BytesView signature = in.take(Signature::kSize);
  if (!in.ok() || act < 1 || act > static_cast<std::uint8_t>(OfficeAct::kAcceptDevice) ||
      in.remaining() > limits::kCatalogueBytesMax + 1024) {
    return fail(ErrorCode::kCorrupt, "an office entry cannot be read");
  }
  out.act = static_cast<OfficeAct>(act);
  out.previous = *Hash::from(previous);
  out.signature = *Signature::from(signature);
  out.payload = Bytes(in.take(in.remaining()));
  return out;
}

}  // namespace phusa::journal
