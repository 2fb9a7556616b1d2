// Whole POST /v1/sync bodies against a real server. The first byte: 0 sends the rest as it is, else what
// known phones claim to have sealed is sealed by them, their tokens are right, and their catalogue is the
// server's where bit 2 says so.
#include "core/journal/office_journal.hpp"
#include "core/journal/receipt.hpp"
#include "core/wire/codec.hpp"
#include "tests/fuzz/people.hpp"
#include "tests/fuzz/target.hpp"

using namespace phusa;

namespace {

void heal(wire::JournalUp& journal, const PublicKey& device, bool catalogue) {
  const journal::KeyPair* key = fuzz::people().find(device);
  if (key == nullptr) return;
  for (wire::BatchOnWire& on_wire : journal.batches) {
    BatchHeader& header = on_wire.batch.header;
    if (catalogue || on_wire.catalogue_is_short) {
      header.catalogue_revision = 1;
      header.catalogue_hash = hash_of(wire::encode_catalogue(test::test_catalogue()));
    }
    fuzz::seal_again(*key, on_wire.batch);
    journal.encoded_batches.push_back(wire::encode_batch(on_wire.batch, wire::HashForm::kWhole));
  }
  journal.batches.clear();  // or they would be sent beside the healed ones
}

Bytes healed(wire::SyncRequest request, bool catalogue) {
  for (wire::JournalUp& journal : request.own) heal(journal, request.device_key, catalogue);
  for (wire::JournalUp& journal : request.carried)
    heal(journal, journal.device_key.value_or(request.device_key), catalogue);
  const fuzz::People& people = fuzz::people();
  for (Bytes& encoded : request.office_entries) {
    auto entry = journal::decode_office_entry(encoded);
    if (!entry) continue;
    journal::sign_office_entry(people.organisation, people.server, *entry);
    encoded = journal::encode_office_entry(*entry);
  }
  for (wire::CatalogueSnapshot& offered : request.catalogues) {
    offered.signature = journal::sign(
        people.server,
        journal::catalogue_message(people.organisation, offered.revision, hash_of(offered.encoded)));
  }
  for (const test::FakePhone& phone : fuzz::prepared().phones) {
    if (phone.key() == request.device_key) request.token = phone.token();
  }
  return wire::encode_sync_request(request);
}

std::size_t count_durable(const std::vector<wire::Verdict>& verdicts) {
  std::size_t out = 0;
  for (const wire::Verdict& verdict : verdicts) out += verdict.is_durable() ? 1u : 0u;
  return out;
}

wire::SyncReply reply_of(const Bytes& body, wire::Frame frame) {
  auto reply = wire::decode_sync_reply(body, frame);
  fuzz::expect(reply.has_value(), "a phone can read every reply");
  fuzz::expect(reply->page.empty() || wire::unpack_page(reply->page).has_value(),
               "a phone can read every page");
  return *std::move(reply);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Bytes body(fuzz::view_of(data + 1, size - 1));
  const auto request = wire::decode_sync_request(body);
  if (!request) return 0;
  if (data[0] != 0) body = healed(*request, (data[0] & 2) != 0);

  fuzz::FreshServer server;
  const auto first = server->engine().sync(body);
  if (!first) return 0;
  const wire::SyncReply reply = reply_of(*first, request->frame);
  const std::size_t durable = count_durable(reply.verdicts);
  if (durable == 0) return 0;

  const auto concluded = server->conclusions();
  const auto second = server->engine().sync(body);
  fuzz::expect(second.has_value(), "what was taken once is taken again");
  fuzz::expect(count_durable(reply_of(*second, request->frame).verdicts) == durable, "what was durable stays so");
  fuzz::expect(server->conclusions() == concluded, "law 3: the same request twice counts once");
  fuzz::expect(server->verify().differences.empty(), "law 6: verify is clean");
  server->restart();
  fuzz::expect(server->conclusions() == concluded, "law 2: a restart changes nothing");
  return 0;
}
