#include "sync-server/ingest/payloads.hpp"

#include "core/journal/certificate.hpp"
#include "core/journal/receipt.hpp"
#include "core/wire/codec.hpp"

namespace phusa::ingest {

Result<Bytes> catalogue_payload(const EngineOptions& options, const Catalogue& catalogue) {
  const Bytes encoded = wire::encode_catalogue(catalogue);
  if (encoded.size() > limits::kCatalogueBytesMax) {
    return fail(ErrorCode::kLimitExceeded,
                "the catalogue takes " + std::to_string(encoded.size()) + " bytes");
  }
  const OrganisationId organisation = organisation_id_of(options.root_key);
  const Bytes message = journal::catalogue_message(organisation, catalogue.revision, hash_of(encoded));
  Bytes out;
  put_u32(out, catalogue.revision);
  out.append(journal::sign(options.server_key, message).view());
  return out + encoded;
}

Result<ledger::CatalogueRow> read_catalogue_payload(BytesView payload) {
  ByteReader in(payload);
  ledger::CatalogueRow row;
  row.revision = in.u32();
  const BytesView signature = in.take(Signature::kSize);
  if (!in.ok() || in.at_end()) return fail(ErrorCode::kInvalidArgument, "a catalogue entry is cut short");
  row.signature = *Signature::from(signature);
  row.encoded = Bytes(in.take(in.remaining()));
  row.hash = hash_of(row.encoded);
  return row;
}

Bytes grant_payload(const Certificate& certificate) {
  return journal::encode_certificate(certificate);
}

Bytes doubt_payload(HoldReason reason, const Certificate& certificate) {
  Bytes out;
  put_u8(out, static_cast<std::uint8_t>(reason));
  return out + journal::encode_certificate(certificate);
}

Result<Doubt> read_doubt_payload(BytesView payload) {
  ByteReader in(payload);
  Doubt out;
  out.reason = static_cast<HoldReason>(in.u8());
  const bool is_of_vouching = out.reason == HoldReason::kVouchLate || out.reason == HoldReason::kVouchQuota ||
                              out.reason == HoldReason::kVouchRevoked;
  auto certificate = journal::decode_certificate(in.take(in.remaining()));
  if (!is_of_vouching || !certificate || certificate->is_server) {
    return fail(ErrorCode::kInvalidArgument, "a doubt needs its reason and a device's certificate");
  }
  out.certificate = std::move(*certificate);
  return out;
}

Bytes revoke_payload(const DeviceId& device, std::span<const LastGood> last_good) {
  Bytes out(device.view());
  for (const LastGood& good : last_good) {
    out.append(good.journal.view());
    out.append(good.batch.view());
  }
  return out;
}

Result<Revocation> read_revoke_payload(BytesView payload) {
  ByteReader in(payload);
  Revocation out;
  const auto device = DeviceId::from(in.take(DeviceId::kSize));
  if (device) out.device = *device;
  while (in.ok() && !in.at_end()) {
    const auto journal = JournalId::from(in.take(JournalId::kSize));
    const auto batch = Hash::from(in.take(Hash::kSize));
    if (journal && batch) out.last_good.push_back({*journal, *batch});
  }
  if (!in.ok()) return fail(ErrorCode::kInvalidArgument, "a revocation cannot be read");
  return out;
}

Bytes revision_payload(std::uint32_t revision, const Hash& hash) {
  Bytes out;
  put_u32(out, revision);
  out.append(hash.view());
  return out;
}

Result<ledger::AcceptedRevisionRow> read_revision_payload(BytesView payload) {
  ByteReader in(payload);
  ledger::AcceptedRevisionRow row;
  row.revision = in.u32();
  const auto hash = Hash::from(in.take(Hash::kSize));
  if (!in.done() || !hash || row.revision == 0)
    return fail(ErrorCode::kInvalidArgument, "not a catalogue revision and its hash");
  row.hash = *hash;
  return row;
}

Bytes day_payload(Day day) {
  return value::of_day(day);
}

Result<Day> read_day_payload(BytesView payload) {
  const auto day = value::day(payload);
  if (!day || *day < Day{}) return fail(ErrorCode::kInvalidArgument, "not a day that can come");
  return *day;
}

Bytes decision_payload(const Hash& batch, std::uint32_t index) {
  Bytes out(batch.view());
  put_u32(out, index);
  return out;
}

Result<ledger::DecisionRow> read_decision_payload(BytesView payload, bool accepted) {
  ByteReader in(payload);
  ledger::DecisionRow row;
  if (const auto batch = Hash::from(in.take(Hash::kSize))) row.batch = *batch;
  row.index = in.u32();
  row.accepted = accepted;
  if (!in.done()) return fail(ErrorCode::kInvalidArgument, "a decision cannot be read");
  return row;
}

}  // namespace phusa::ingest
