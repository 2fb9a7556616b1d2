#include "tests/server/ingest/vouching.hpp"

#include "core/journal/certificate.hpp"
#include "core/journal/office_journal.hpp"
#include "sync-server/ingest/introduction.hpp"
#include "sync-server/totals/query.hpp"

#include <gtest/gtest.h>

namespace phusa::test {
namespace {

const OrganisationId& organisation() {
  static const OrganisationId id = organisation_id_of(test_keys().root_key);
  return id;
}

Certificate certificate_of(const FakePhone& device, const Voucher& voucher) {
  SeededRandom people(voucher.person);
  Certificate certificate;
  certificate.serial = voucher.serial;
  certificate.subject = device.key();
  certificate.rank = voucher.rank;
  certificate.unit = voucher.unit;
  certificate.person = people.fixed<PersonId>();
  certificate.uses = voucher.uses;
  certificate.issued_at = voucher.issued_at;
  certificate.predecessor = voucher.predecessor;
  return certificate;
}

}  // namespace

Certificate server_certificate() {
  Certificate certificate;
  certificate.subject = test_keys().server_key.public_key;
  certificate.is_server = true;
  certificate.rank = Rank::kOffice;
  journal::sign_certificate(organisation(), test_root(), certificate);
  return certificate;
}

void keep_server_certificate(TestServer& server) {
  EXPECT_TRUE(server.engine().write([](ledger::Transaction& transaction) {
    return transaction.put_meta(ingest::kServerCertificateKey,
                                journal::encode_certificate(server_certificate()));
  }));
}

Certificate vouched(const FakePhone& officer, const FakePhone& device, const Voucher& voucher) {
  Certificate certificate = certificate_of(device, voucher);
  journal::sign_certificate(organisation(), officer.keys(), certificate);
  return certificate;
}

Certificate granted(const FakePhone& device, const Voucher& voucher) {
  Certificate certificate = certificate_of(device, voucher);
  journal::sign_certificate(organisation(), test_keys().server_key, certificate);
  return certificate;
}

std::vector<Bytes> chain(const std::vector<Certificate>& from_own) {
  std::vector<Bytes> out;
  for (const Certificate& certificate : from_own) out.push_back(journal::encode_certificate(certificate));
  out.push_back(journal::encode_certificate(server_certificate()));
  return out;
}

std::vector<wire::Verdict> carry(TestServer& server, FakePhone& phone, const std::vector<Bytes>& chain) {
  phone.seal();
  SeededRandom random(4);
  wire::SyncRequest request;
  request.device_key = random.fixed<PublicKey>();
  wire::JournalUp journal;
  journal.device_key = phone.key();
  for (const SealedByPhone& batch : phone.sealed) journal.encoded_batches.push_back(batch.whole);
  journal.certificates = chain;
  request.carried.push_back(std::move(journal));
  const auto reply = server.engine().sync(wire::encode_sync_request(request));
  EXPECT_TRUE(reply) << (reply ? "" : reply.error().context);
  return reply ? wire::decode_sync_reply(*reply)->verdicts : std::vector<wire::Verdict>();
}

Result<HoldReason> introduce(TestServer& server, const FakePhone& phone, const std::vector<Bytes>& chain) {
  HoldReason reason = HoldReason::kNone;
  const auto work = [&](ledger::Transaction& transaction) -> Result<void> {
    PHUSA_ASSIGN(reason, server.engine().introduce(transaction, phone.key(), chain));
    if (reason != HoldReason::kNone) return {};
    return transaction.set_device_token(phone.id(), hash_of(phone.token()));
  };
  PHUSA_TRY(server.engine().write(work));
  return reason;
}

void revoke(TestServer& server, const FakePhone& phone, const std::vector<Hash>& last_good) {
  std::vector<ingest::LastGood> good;
  for (const Hash& hash : last_good) good.push_back({JournalId{}, hash});
  EXPECT_TRUE(server.engine().append_office(OfficeAct::kRevoke, ingest::revoke_payload(phone.id(), good)));
}

std::size_t office_entries(TestServer& server, OfficeAct act) {
  std::size_t count = 0;
  const auto snapshot = *server.ledger().begin_read();
  EXPECT_TRUE(snapshot->for_each_entry(1, [&](const ledger::EntryRow& row) {
    if (row.kind == ledger::EntryKind::kOffice && journal::decode_office_entry(row.envelope)->act == act)
      ++count;
    return true;
  }));
  return count;
}

std::int64_t sum_of(TestServer& server, std::uint32_t indicator) {
  const auto snapshot = *server.ledger().begin_read();
  totals::Query query;
  query.indicator = IndicatorNo{indicator};
  const auto table = totals::query(*snapshot, *server.engine().catalogue(), query);
  EXPECT_TRUE(table);
  ledger::Figures sum;
  for (const totals::Row& row : table->rows) sum += row.figures;
  return static_cast<std::int64_t>(sum.sum);
}

LogContent trees(std::int64_t amount, std::uint32_t unit) {
  LogContent content;
  content.unit = unit;
  content.values[0] = {amount, Qualifier::kExact};
  return content;
}

FieldKey trees_field() {
  return FieldKey::value_of(IndicatorNo{0});
}

Bytes amount(std::int64_t value) {
  return value::of_amount({value, Qualifier::kExact});
}

}  // namespace phusa::test
