#include "tests/sim/frozen.hpp"

#include "core/journal/certificate.hpp"
#include "core/journal/personal.hpp"
#include "core/journal/sealing.hpp"
#include "core/wire/codec.hpp"
#include "core/wire/facts.hpp"
#include "tests/sim/sim_server.hpp"

#include <fstream>
#include <stdexcept>

namespace phusa::sim {
namespace {

constexpr const char* kFiles[] = {"certificate", "first_push", "edit", "all_again"};

Bytes read_hex(const std::string& name) {
  std::ifstream in(std::string(PHUSA_SIM_FROZEN_DIR) + "/" + name + ".hex");
  std::string hex;
  for (std::string line; std::getline(in, line);) hex += line;
  const auto bytes = from_hex(hex);
  if (!bytes || bytes->empty()) throw std::runtime_error("no frozen bytes of " + name);
  return *bytes;
}

void write_hex(const std::string& folder, const std::string& name, const Bytes& bytes) {
  std::ofstream out(folder + "/" + name + ".hex");
  const std::string hex = to_hex(bytes);
  for (std::size_t at = 0; at < hex.size(); at += 96) out << hex.substr(at, 96) << '\n';
}

Bytes token() {
  return "a token of long ago, 32 bytes it is";
}

FieldEdit edit_of(FieldKey field, Bytes value, const DeviceId& device, std::uint32_t count) {
  FieldEdit out{field, {}};
  out.node.version.counts.volunteer = count;
  out.node.version.device = device;
  out.node.version.value = std::move(value);
  return out;
}

}  // namespace

const FrozenPhone& frozen_phone() {
  static const FrozenPhone phone = [] {
    FrozenPhone out;
    out.certificate.encoded = read_hex(kFiles[0]);
    const auto certificate = journal::decode_certificate(out.certificate.encoded);
    if (!certificate) throw std::runtime_error("the frozen certificate cannot be read");
    out.certificate.subject_id = device_id_of(certificate->subject);
    out.certificate.unit = certificate->unit;
    out.certificate.person = certificate->person;
    out.token = token();
    for (int i = 1; i < 4; ++i) out.requests.push_back(read_hex(kFiles[i]));
    return out;
  }();
  return phone;
}

void write_frozen(const std::string& folder) {
  SimRandom random(Dice(1, "frozen"));
  const journal::KeyPair key = journal::key_pair_from(random.fixed<KeySeed>());
  const DeviceId device = device_id_of(key.public_key);
  const OrganisationId organisation = organisation_id_of(office_keys().root.public_key);
  Certificate certificate;
  certificate.serial = 7;
  certificate.subject = key.public_key;
  certificate.unit = "a1";
  certificate.person = random.fixed<PersonId>();
  journal::sign_certificate(organisation, office_keys().server, certificate);
  write_hex(folder, kFiles[0], journal::encode_certificate(certificate));

  const Day day(std::chrono::year(2026) / 3 / 9);
  const FieldKey trees = FieldKey::value_of(IndicatorNo{0});
  std::vector<Change> logged;
  for (std::uint32_t n = 1; n <= 2; ++n) {
    logged.push_back({{device, 77, n},
                      WallTime(day),
                      {edit_of(FieldKind::kUnit, value::of_number(2), device, 1),
                       edit_of(FieldKind::kKind, value::of_number(0), device, 1),
                       edit_of(FieldKind::kDay, value::of_day(day), device, 1),
                       edit_of(trees, value::of_amount({500'000 + n, Qualifier::kExact}), device, 1)}});
  }
  std::vector<Change> edited{{{device, 77, 1},
                              WallTime(day),
                              {edit_of(trees, value::of_amount({500'010, Qualifier::kExact}), device, 2)}}};
  edited[0].edits[0].node.names = {name_of(trees, logged[0].edits[3].node.version)};

  Hash previous;
  std::vector<Bytes> batches;
  for (const auto* changes : {&logged, &edited}) {
    const auto packed = wire::pack_facts(*changes, device);
    if (!packed) throw std::runtime_error("cannot pack");
    SealedBatch batch;
    batch.header.number = static_cast<std::uint32_t>(batches.size() + 1);
    batch.header.previous = previous;
    batch.header.certificate = certificate.serial;
    batch.header.catalogue_revision = 1;
    batch.header.catalogue_hash = hash_of(wire::encode_catalogue(first_catalogue()));
    batch.header.changes = static_cast<std::uint32_t>(changes->size());
    batch.header.facts_plain_bytes = packed->plain_bytes;
    batch.facts = packed->facts;
    batch.personal = wire::pack_personal({});
    previous = journal::seal(organisation, key, batch, {});
    batches.push_back(wire::encode_batch(batch, wire::HashForm::kWhole));
  }
  for (int i = 1; i < 4; ++i) {
    wire::SyncRequest request;
    request.device_key = key.public_key;
    request.token = token();
    request.catalogue_revision = 1;
    request.own.emplace_back();
    if (i != 2) request.own.back().encoded_batches.push_back(batches[0]);
    if (i != 1) request.own.back().encoded_batches.push_back(batches[1]);
    write_hex(folder, kFiles[i], wire::encode_sync_request(request));
  }
}

}  // namespace phusa::sim
