// What people carry: the files, the bundles in them, what is inside, what comes back, and a welcome. The
// first byte picks which; 5 to 7 put the rest, as a bundle's content, through a real server, with 6 and 7
// sealed by known phones.
#include "core/journal/bundle.hpp"

#include "core/journal/sealed_stream.hpp"
#include "core/sync/hand_over_file.hpp"
#include "core/wire/codec.hpp"
#include "tests/fuzz/people.hpp"
#include "tests/fuzz/target.hpp"

using namespace phusa;

namespace {

const std::vector<journal::OpeningKey>& known_keys() {
  static const std::vector<journal::OpeningKey> keys = {journal::opening_key_of(test::test_box()),
                                                        journal::opening_key_of(fuzz::people().phones[2])};
  return keys;
}

void read_sealed(BytesView bytes) {
  (void)journal::read_bundle_head(bytes);
  fuzz::expect(!journal::open_bundle(bytes, known_keys()).has_value() || bytes.size() > 100,
               "no content out of nothing");
  (void)journal::open_parcel(bytes, known_keys().front());
  BytesView rest = bytes;
  const auto source = [&rest](std::size_t bytes_max) -> Result<Bytes> {
    const Bytes out(rest.substr(0, bytes_max));
    rest.remove_prefix(out.size());
    return out;
  };
  (void)journal::open_stream(source, known_keys(), [](BytesView) { return Result<void>(); });
}

void read_files(BytesView bytes) {
  (void)kind_of_file(bytes);
  if (const auto bundles = read_hand_over_file(bytes))
    fuzz::expect(write_hand_over_file(*bundles) == bytes, "a hand-over file has one form");
  if (const auto parts = read_receipts_file(bytes))
    fuzz::expect(write_receipts_file(*parts) == bytes, "a file of receipts has one form");
}

Bytes healed(BytesView bytes, bool with_chain) {
  auto content = wire::decode_bundle_content(bytes);
  if (!content) return Bytes(bytes);
  for (wire::JournalUp& journal : content->journals) {
    const journal::KeyPair* key = journal.device_key ? fuzz::people().find(*journal.device_key) : nullptr;
    if (key == nullptr) continue;
    if (with_chain) journal.certificates = fuzz::vouched_chain(key->public_key);
    for (wire::BatchOnWire& on_wire : journal.batches) {
      on_wire.batch.header.catalogue_revision = 1;
      on_wire.batch.header.catalogue_hash = hash_of(wire::encode_catalogue(test::test_catalogue()));
      fuzz::seal_again(*key, on_wire.batch);
      journal.encoded_batches.push_back(wire::encode_batch(on_wire.batch, wire::HashForm::kWhole));
    }
    journal.batches.clear();  // or they would be sent beside the healed ones
  }
  return wire::encode_bundle_content(*content);
}

/// Two carriers bring the same content in bundles of their own, one of them twice.
void deliver(const Bytes& content) {
  test::SeededRandom random(3);
  const journal::BoxKey box = test::test_box().public_key;
  fuzz::FreshServer server;
  std::vector<std::string> concluded;
  for (std::size_t delivery = 0; delivery < 3; ++delivery) {
    const auto sealed = journal::seal_bundle(content, {&box, 1}, random);
    if (!sealed) return;
    wire::SyncRequest request = fuzz::prepared().phones[delivery % 2].request();
    request.bundles.push_back(*sealed);
    const auto body = server->engine().sync(wire::encode_sync_request(request));
    fuzz::expect(body.has_value(), "no bundle keeps its carrier from syncing");
    const auto reply = wire::decode_sync_reply(*body);
    fuzz::expect(reply.has_value() && reply->bundles.size() == 1, "every bundle is answered");
    if (delivery == 0) concluded = server->conclusions();
  }
  fuzz::expect(server->conclusions() == concluded, "law 3: by two carriers counts once");
  fuzz::expect(server->verify().differences.empty(), "law 6: verify is clean");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView bytes = fuzz::view_of(data + 1, size - 1);
  switch (data[0] % 8) {
    case 0:
      read_sealed(bytes);
      break;
    case 1:
      read_files(bytes);
      break;
    case 2:
      fuzz::round_trip(bytes, wire::decode_bundle_content, wire::encode_bundle_content);
      break;
    case 3:
      fuzz::round_trip(bytes, wire::decode_receipt_parcel, wire::encode_receipt_parcel);
      break;
    case 4:
      fuzz::round_trip(bytes, wire::decode_welcome, wire::encode_welcome);
      break;
    case 5:
      if (wire::decode_bundle_content(bytes)) deliver(Bytes(bytes));
      break;
    default:
      if (wire::decode_bundle_content(bytes)) deliver(healed(bytes, data[0] % 8 == 7));
  }
  return 0;
}
