// Entries of the office's journal, as phones and a restored server take them back, and their payloads. The
// first byte says whether the entry is signed anew.
#include "core/journal/office_journal.hpp"
#include "sync-server/ingest/payloads.hpp"
#include "tests/fuzz/people.hpp"
#include "tests/fuzz/target.hpp"

using namespace phusa;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView bytes = fuzz::view_of(data + 1, size - 1);
  auto entry = journal::decode_office_entry(bytes);
  if (!entry) return 0;
  fuzz::expect(journal::encode_office_entry(*entry) == bytes, "an entry has one encoding");
  (void)ingest::read_catalogue_payload(entry->payload);
  (void)ingest::read_revoke_payload(entry->payload);
  (void)ingest::read_day_payload(entry->payload);
  (void)ingest::read_decision_payload(entry->payload, true);
  const fuzz::People& people = fuzz::people();
  if (data[0] % 2 == 1) {
    const Hash signed_as = journal::sign_office_entry(people.organisation, people.server, *entry);
    const auto hash = journal::verify_office_entry(people.organisation, people.server.public_key, *entry);
    fuzz::expect(hash.has_value() && *hash == signed_as, "what the server signed is the server's");
    return 0;
  }
  (void)journal::verify_office_entry(people.organisation, people.server.public_key, *entry);
  return 0;
}
