#include "core/journal/certificate.hpp"
#include "core/journal/personal.hpp"
#include "core/journal/sealing.hpp"
#include "core/merge/merge.hpp"
#include "core/wire/facts.hpp"
#include "sync-server/ingest/batch_opening.hpp"
#include "sync-server/ingest/payloads.hpp"
#include "tests/sim/frozen.hpp"
#include "tests/sim/world.hpp"

#include <sodium.h>

#include <array>

/// Phones that lie, and phones of long ago.
namespace phusa::sim {

/// A volunteer's phone, taken apart: an edit of an own record with the counts of an officer, sealed with the
/// right key in a journal of its own. It may be kept, and must never count.
void World::forge(SimPhone& phone, Dice& dice) {
  if (!ready(phone) || phone.rank() != Rank::kVolunteer || phone.memory.logged.empty()) return;
  const RecordId id = phone.memory.logged[dice.below(phone.memory.logged.size())];
  const auto layers = phone.phone().layers(id);
  if (!layers) return;
  const FieldKey trees = FieldKey::value_of(IndicatorNo{0});
  const RecordState shown = displayed(*layers);
  const Node* seen = merge::winner(shown, trees);
  const Identity& self = phone.phone().identity();
  Node node;
  node.version.counts.officer = seen == nullptr ? 1 : seen->version.counts.officer + 1;
  node.version.device = self.device;
  node.version.value = value::of_amount({next_value_++, Qualifier::kExact});
  if (seen != nullptr) node.names.push_back(name_of(trees, seen->version));
  const Change change{id, phone.clock().wall(), {{trees, node}}};
  const auto packed = wire::pack_facts({&change, 1}, self.device);
  if (!packed) return;
  SimRandom random(Dice(dice.u64()));
  SealedBatch batch;
  batch.header.journal = random.fixed<JournalId>();
  batch.header.number = 1;
  batch.header.certificate = self.certificate;
  batch.header.catalogue_revision = phone.phone().catalogue_revision();
  batch.header.catalogue_hash = hash_of(wire::encode_catalogue(*phone.phone().catalogue()));
  batch.header.changes = 1;
  batch.header.facts_plain_bytes = packed->plain_bytes;
  batch.facts = packed->facts;
  batch.personal = wire::pack_personal({});
  journal::seal(self.organisation, self.key, batch, {});
  oracle_.note_forged(id, trees, node);
  trace_.fault("forged edit");
  push_alone(self, batch, "forger hears ");
}

/// One batch past the phone's own program, under its key and token.
void World::push_alone(const Identity& self, const SealedBatch& batch, const std::string& told) {
  wire::SyncRequest request;
  request.device_key = self.key.public_key;
  request.token = self.token;
  request.own.emplace_back();
  request.own.back().encoded_batches.push_back(wire::encode_batch(batch, wire::HashForm::kWhole));
  request.push_only = true;
  const auto reply = server_.handle("/v1/sync", wire::encode_sync_request(request), oracle_);
  server_.bury_if_dead();
  trace_.line(told + (reply ? std::to_string(reply->status) : "nothing"));
}

namespace {

/// The same message, by a signer that draws its nonce instead of deriving it, as some key stores do.
Signature another_signature(const journal::KeyPair& key, BytesView message, Dice& dice) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  std::array<unsigned char, crypto_hash_sha512_BYTES> expanded{};
  crypto_hash_sha512(expanded.data(), key.seed.bytes.data(), key.seed.bytes.size());
  expanded[0] &= 248;
  expanded[31] = static_cast<unsigned char>((expanded[31] & 63) | 64);
  std::array<unsigned char, crypto_core_ed25519_NONREDUCEDSCALARBYTES> wide{};
  for (unsigned char& byte : wide) byte = static_cast<unsigned char>(dice.below(256));
  std::array<unsigned char, crypto_core_ed25519_SCALARBYTES> nonce{};
  crypto_core_ed25519_scalar_reduce(nonce.data(), wide.data());
  Signature out;
  if (crypto_scalarmult_ed25519_base_noclamp(out.bytes.data(), nonce.data()) != 0) return out;
  crypto_hash_sha512_state hash;
  crypto_hash_sha512_init(&hash);
  crypto_hash_sha512_update(&hash, out.bytes.data(), 32);
  crypto_hash_sha512_update(&hash, key.public_key.bytes.data(), key.public_key.bytes.size());
  crypto_hash_sha512_update(&hash, bytes, message.size());
  crypto_hash_sha512_final(&hash, wide.data());
  std::array<unsigned char, crypto_core_ed25519_SCALARBYTES> challenge{};
  crypto_core_ed25519_scalar_reduce(challenge.data(), wide.data());
  std::array<unsigned char, crypto_core_ed25519_SCALARBYTES> product{};
  crypto_core_ed25519_scalar_mul(product.data(), challenge.data(), expanded.data());
  crypto_core_ed25519_scalar_add(out.bytes.data() + 32, nonce.data(), product.data());
  return out;
}

}  // namespace

/// A batch that arrived comes once more with another good signature: it is the same batch.
void World::sign_again(SimPhone& phone, Dice& dice) {
  if (!ready(phone) || !server_.start()) return;
  const Identity& self = phone.phone().identity();
  SealedBatch batch;
  {
    const auto snapshot = server_.ledger().begin_read();
    const auto rows = snapshot ? (*snapshot)->batches_of(self.key.public_key)
                               : Result<std::vector<ledger::EntryRow>>(fail(ErrorCode::kIo, ""));
    if (!rows || rows->empty()) return;
    const auto row = (*snapshot)->entry((*rows)[dice.below(rows->size())].point.position);
    if (!row || !*row) return;
    const auto open = ingest::open_entry(**row);
    if (!open) return;
    batch = open->batch;
    const Bytes message = journal::batch_message(self.organisation, self.key.public_key, batch.header,
                                                 journal::facts_hash(batch.facts, batch.sections),
                                                 journal::personal_hash(open->leaves));
    batch.signature = another_signature(self.key, message, dice);
    if (!journal::is_signed_by(self.key.public_key, message, batch.signature))
      throw std::runtime_error("a signature of ours is not good");
  }
  trace_.fault("batch signed again");
  push_alone(self, batch, "signed again, it hears ");
}

/// A phone that says the requests of the protocol's first frame: any of them, at any time, in any order.
void World::deliver_frozen(Dice& dice) {
  const FrozenPhone& frozen = frozen_phone();
  if (!people_.knows(frozen.certificate.subject_id)) {
    const bool granted = office_acts("grants the phone of long ago", [&]() -> Result<void> {
      return server_.engine().write([&](ledger::Transaction& transaction) -> Result<void> {
        PHUSA_TRY(server_.engine().append_office(transaction, OfficeAct::kGrant, frozen.certificate.encoded));
        return transaction.set_device_token(frozen.certificate.subject_id, hash_of(frozen.token));
      });
    });
    if (!granted) return;
    if (const auto certificate = journal::decode_certificate(frozen.certificate.encoded))
      people_.add(*certificate);
  }
  for (const Bytes& each : {frozen.requests.back(), frozen.requests[dice.below(frozen.requests.size())]}) {
    const auto request = wire::decode_sync_request(each);
    if (!request) throw LawBroken(12, "a frozen request cannot be read any more: " + request.error().context);
    for (const wire::JournalUp& journal : request->own) {
      for (const wire::BatchOnWire& batch : journal.batches)
        oracle_.learn_batch(batch, frozen.certificate.subject_id);
    }
  }
  const Bytes& body = frozen.requests[dice.below(frozen.requests.size())];
  trace_.fault("frozen request");
  const auto reply = server_.handle("/v1/sync", body, oracle_);
  server_.bury_if_dead();
  trace_.line(reply ? "phone of long ago hears " + std::to_string(reply->status)
                    : "phone of long ago hears nothing");
}

}  // namespace phusa::sim
