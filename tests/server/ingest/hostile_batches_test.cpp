#include "core/base/limits.hpp"
#include "core/journal/personal.hpp"
#include "core/journal/sealing.hpp"
#include "core/wire/facts.hpp"
#include "core/wire/page.hpp"
#include "sync-server/ingest/erasure.hpp"
#include "sync-server/ingest/revocation.hpp"
#include "tests/support/phone_fixture.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <thread>

namespace phusa::test {
namespace {

class HostileBatches : public ::testing::Test {
 protected:
  HostileBatches() {
    server.enrol(volunteer);
    server.enrol(office);
    LogContent content;
    content.values[0] = {12, Qualifier::kExact};
    content.note = "lời";
    volunteer.log(content);
    volunteer.seal();
    before = server.conclusions();
  }
  /// The request as a carrier sends it, whatever the bytes.
  Result<wire::SyncReply> offer(const Bytes& batch) {
    wire::SyncRequest request;
    request.device_key = volunteer.key();
    request.token = volunteer.token();
    request.own.emplace_back().encoded_batches = {batch};
    PHUSA_ASSIGN(const Bytes body, server.engine().sync(wire::encode_sync_request(request)));
    return wire::decode_sync_reply(body);
  }
  /// Refused as a whole, or as invalid; never taken.
  void expect_refused(const Bytes& batch, const std::string& what) {
    const auto reply = offer(batch);
    if (!reply) {
      EXPECT_FALSE(is_retryable(reply.error().code)) << what << ": " << reply.error().context;
      return;
    }
    for (const wire::Verdict& verdict : reply->verdicts) EXPECT_FALSE(verdict.is_durable()) << what;
  }

  /// A well signed batch after the volunteer's, with the same words and with facts that nobody can read.
  SealedBatch with_garbage(std::size_t facts_bytes) {
    SealedBatch batch = wire::decode_batch(volunteer.sealed.back().whole)->batch;
    batch.header.number += 1;
    batch.header.previous = volunteer.sealed.back().hash;
    batch.facts = Bytes(facts_bytes, 'x');
    const PersonalPart words = *wire::unpack_personal(batch.personal);
    journal::seal(server.engine().organisation(), volunteer.keys(), batch,
                  journal::leaves_of(words.salt, words.texts));
    return batch;
  }
  /// The same without words, `bytes` long as it is sent.
  SealedBatch garbage_of(std::size_t bytes) {
    SealedBatch batch = with_garbage(bytes / 2);  // its length in as many bytes as in the end
    batch.personal.clear();
    batch.facts.resize(batch.facts.size() + bytes - wire::encode_batch(batch).size(), 'x');
    journal::seal(server.engine().organisation(), volunteer.keys(), batch, {});
    return batch;
  }

  TestServer server;
  FakePhone volunteer{1, Rank::kVolunteer, "a"};
  FakePhone office{2, Rank::kOffice, "root"};
  std::vector<std::string> before;
};

TEST_F(HostileBatches, TruncatedAnywhereItIsRefused) {
  const Bytes whole = volunteer.sealed[0].whole;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    expect_refused(whole.substr(0, size), "cut to " + std::to_string(size));
  }
  EXPECT_EQ(server.conclusions(), before);
}

// A bit that says nothing (the tag of a field that is at its default) leaves the signed batch what it was;
// nothing else may be taken.
TEST_F(HostileBatches, WithAnyOneBitFlippedItIsRefusedOrTheVerySameBatch) {
  const Bytes whole = volunteer.sealed[0].whole;
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    Bytes flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const auto reply = offer(flipped);
    const bool taken = reply && std::ranges::any_of(reply->verdicts, &wire::Verdict::is_durable);
    if (!taken) {
      ++refused;
      continue;
    }
    const auto honest = offer(whole);
    ASSERT_TRUE(honest.has_value());
    EXPECT_EQ(honest->verdicts.at(0).status, wire::VerdictStatus::kDuplicate) << "bit " << bit;
  }
  EXPECT_GT(refused, whole.size() * 8 - 16);
  if (server.conclusions() == before) return;
  TestServer twin;
  twin.enrol(volunteer);
  twin.enrol(office);
  twin.deliver(volunteer.key(), {whole});
  EXPECT_EQ(server.conclusions(), twin.conclusions());
}

TEST_F(HostileBatches, OversizedOrOfAnotherVersionItIsRefused) {
  for (int what = 0; what < 5; ++what) {
    SealedBatch batch = wire::decode_batch(volunteer.sealed[0].whole)->batch;
    if (what == 0) batch.header.format = kBatchFormat + 1;
    if (what == 1) batch.header.changes = limits::kChangesPerBatchMax + 1;
    if (what == 2) batch.header.facts_plain_bytes = limits::kBatchPlainBytesMax + 1;
    if (what == 3) batch.header.number = 0;
    if (what == 4) batch.facts.resize(limits::kBatchWireBytesMax + 1);
    expect_refused(wire::encode_batch(batch, wire::HashForm::kWhole), "case " + std::to_string(what));
  }
  expect_refused(Bytes(limits::kRequestBytesMax + 1, 'x'), "a body past the limit");
  EXPECT_EQ(server.conclusions(), before);
}

// Law 12: what a later version wrote is kept whole for a server that knows it, and keeps nothing else back.
TEST_F(HostileBatches, WithASectionOfALaterVersionItWaitsWholeAndTheNextIsTaken) {
  SealedBatch batch = wire::decode_batch(volunteer.sealed[0].whole)->batch;
  const PersonalPart words = *wire::unpack_personal(batch.personal);
  const auto leaves = journal::leaves_of(words.salt, words.texts);
  batch.sections.push_back({7, "from tomorrow"});
  const Hash hash = journal::seal(server.engine().organisation(), volunteer.keys(), batch, leaves);
  const auto waits = offer(wire::encode_batch(batch));
  ASSERT_TRUE(waits.has_value()) << waits.error().context;
  EXPECT_EQ(waits->verdicts.at(0).status, wire::VerdictStatus::kHeld);
  EXPECT_EQ(waits->verdicts.at(0).reason, HoldReason::kUnknownSection);
  EXPECT_EQ(server.conclusions().size(), 1U) << "that it is held, and nothing of what it says";

  batch.header.number += 1;
  batch.header.previous = hash;
  batch.sections.clear();
  journal::seal(server.engine().organisation(), volunteer.keys(), batch, leaves);
  const auto goes_on = offer(wire::encode_batch(batch));
  ASSERT_TRUE(goes_on.has_value()) << goes_on.error().context;
  EXPECT_EQ(goes_on->verdicts.at(0).status, wire::VerdictStatus::kAdmitted);
}

// In the ledger its hashes stand whole, and take more than they did on the way.
TEST_F(HostileBatches, AsLargeAsMayBeItIsHeldAndReadForEver) {
  ASSERT_TRUE(offer(volunteer.sealed[0].whole).has_value());
  const Bytes largest = wire::encode_batch(garbage_of(limits::kBatchWireBytesMax));
  ASSERT_EQ(largest.size(), limits::kBatchWireBytesMax);
  const auto reply = offer(largest);
  ASSERT_TRUE(reply.has_value()) << reply.error().context;
  ASSERT_EQ(reply->verdicts.at(0).reason, HoldReason::kUnreadable);
  expect_refused(wire::encode_batch(garbage_of(limits::kBatchWireBytesMax + 1)), "a byte more");

  Catalogue next = test_catalogue();
  next.revision = 2;
  server.publish(next);  // judges all that is held again
  {
    const auto snapshot = *server.ledger().begin_read();
    EXPECT_TRUE(ingest::last_batches(*snapshot, volunteer.key()).has_value());
    EXPECT_TRUE(ingest::fates_under(*snapshot, volunteer.key(), {}).has_value());
  }
  EXPECT_EQ(server.verify().differences, std::vector<std::string>{});
}

// Nothing of it was merged; its words are erased with the others.
TEST_F(HostileBatches, AnUnreadableOneKeepsNoWordsFromBeingErased) {
  const SealedBatch garbage = with_garbage(10);
  for (const Bytes& batch : {volunteer.sealed[0].whole, wire::encode_batch(garbage)}) {
    const auto reply = offer(batch);
    ASSERT_TRUE(reply.has_value() && reply->verdicts.at(0).is_durable());
  }
  const auto rows = *(*server.ledger().begin_read())->batches_of(volunteer.key());
  std::set<Hash> batches;
  for (const ledger::EntryRow& row : rows) batches.insert(row.hash);
  ASSERT_EQ(batches.size(), 2u);
  const auto erased = server.engine().write([&](ledger::Transaction& transaction) -> Result<void> {
    PHUSA_ASSIGN(const ingest::Erased what, ingest::erase_words(transaction, std::vector{volunteer.key()}));
    EXPECT_EQ(what.batches, 2u);
    EXPECT_EQ(what.records, 1u);
    return {};
  });
  ASSERT_TRUE(erased.has_value()) << erased.error().context;
  for (const Hash& batch : batches) EXPECT_FALSE(*ingest::has_words(**server.ledger().begin_read(), {batch}));
  EXPECT_EQ(server.verify().differences, std::vector<std::string>{});
}

// Its signature covers the leaves of its words alone, so whoever can read it can bring it without them.
TEST_F(HostileBatches, StrippedOfItsWordsItIsRefusedAndItsAuthorBringsThemAfterAll) {
  const Bytes stripped = without_words(volunteer.sealed[0].whole);
  ASSERT_EQ(server.deliver(volunteer.key(), {stripped}).at(0).status, wire::VerdictStatus::kInvalid);
  const auto own = offer(stripped);
  ASSERT_TRUE(own.has_value());
  EXPECT_EQ(own->verdicts.at(0).status, wire::VerdictStatus::kInvalid);
  ASSERT_TRUE(volunteer.sync(server.engine()).has_value());
  ASSERT_TRUE(office.sync(server.engine()).has_value());
  const RecordState& read = office.base.at(volunteer.sealed[0].changes[0].record);
  EXPECT_EQ(read.find(FieldKind::kNote)->nodes.front().text, "lời");
  EXPECT_EQ(server.deliver(volunteer.key(), {stripped}).at(0).status, wire::VerdictStatus::kInvalid);
}

TEST_F(HostileBatches, ReplayedAThousandTimesItCountsOnce) {
  ASSERT_TRUE(offer(volunteer.sealed[0].whole).has_value());
  const auto once = server.conclusions();
  for (int times = 0; times < 20; ++times) {
    wire::SyncRequest request;
    request.device_key = volunteer.key();
    request.token = volunteer.token();
    request.own.emplace_back().encoded_batches.assign(50, volunteer.sealed[0].whole);
    const auto body = server.engine().sync(wire::encode_sync_request(request));
    ASSERT_TRUE(body.has_value());
    const auto reply = wire::decode_sync_reply(*body);
    ASSERT_TRUE(reply.has_value());
    for (const wire::Verdict& verdict : reply->verdicts)
      EXPECT_EQ(verdict.status, wire::VerdictStatus::kDuplicate);
  }
  EXPECT_EQ(server.conclusions(), once);
}

TEST_F(HostileBatches, ARecordOfMoreFieldsThanAPageHoldsIsHeldAndKeepsNobodyFromTheRest) {
  constexpr std::uint32_t kFieldsAChange = 200;
  const RecordId monster = volunteer.log({});
  for (std::uint32_t i = 0; i < 3 * kFieldsAChange; ++i) {
    volunteer.edit(monster, FieldKey::value_of(IndicatorNo{100 + i}),
                   value::of_amount({1, Qualifier::kExact}));
    if (i % kFieldsAChange == kFieldsAChange - 1) volunteer.seal();
  }
  LogContent plain;
  plain.values[0] = {7, Qualifier::kExact};
  const RecordId later = volunteer.log(plain);
  ASSERT_TRUE(volunteer.sync(server.engine()).has_value());
  const auto read = office.sync(server.engine());
  ASSERT_TRUE(read.has_value()) << read.error().context;
  EXPECT_TRUE(office.base.contains(later));
  ASSERT_TRUE(office.base.contains(monster));
  EXPECT_NE(office.holds[monster], HoldReason::kNone);
}

TEST_F(HostileBatches, ARecordOfEndlessConflictsIsCutToAPage) {
  const RecordId record = office.log({});
  ASSERT_TRUE(office.sync(server.engine()).has_value());
  // Devices of one person-like crowd, each blind to the others, fill the longest fields.
  std::vector<FakePhone> officers;
  officers.reserve(16);
  for (std::uint64_t i = 0; i < 16; ++i) {
    officers.emplace_back(100 + i, Rank::kOffice, "root");
    server.enrol(officers.back());
    std::vector<std::string> members;
    for (std::size_t m = 0; m < 900; ++m) {
      std::string code = std::to_string(10'000 + m) + std::string(50, static_cast<char>('a' + i));
      members.push_back(code);
    }
    officers.back().edit(record, FieldKind::kMembers, value::of_strings(members));
    const auto sent = officers.back().exchange(server.engine());
    ASSERT_TRUE(sent.has_value()) << sent.error().context;
  }
  FakePhone reader(300, Rank::kOffice, "root");
  server.enrol(reader);
  const auto read = reader.sync(server.engine());
  ASSERT_TRUE(read.has_value()) << read.error().context;
  ASSERT_TRUE(reader.base.contains(record));
  const auto& base = reader.base[record];
  EXPECT_LE(wire::plain_bytes_of(wire::delta_of(base)), limits::kPagePlainBytesMax);
  EXPECT_GT(base.find(FieldKind::kMembers)->nodes.size(), 1u) << "some of the conflicts do go down";
}

// One request that touches what is damaged must not take down those that came with it.
TEST_F(HostileBatches, ADamagedRecordFailsOnlyWhoTouchesIt) {
  ASSERT_TRUE(volunteer.sync(server.engine()).has_value());
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(server.path().c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database, "UPDATE records SET state = x'ff'", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
  volunteer.edit(volunteer.sealed[0].changes[0].record, FieldKey::value_of(IndicatorNo{0}),
                 value::of_amount({13, Qualifier::kExact}));
  volunteer.seal();
  constexpr std::size_t kOthers = 8;
  std::vector<FakePhone> others;
  others.reserve(kOthers);
  for (std::uint64_t i = 0; i < kOthers; ++i) {
    others.emplace_back(100 + i, Rank::kVolunteer, "b");
    server.enrol(others.back());
    LogContent content;
    content.unit = 3;
    content.values[0] = {1, Qualifier::kExact};
    others.back().log(content);
    others.back().seal();
  }
  std::vector<char> went_well(kOthers, 0);
  std::vector<std::thread> threads;
  // Held up until all of them wait, so that they share a transaction.
  std::thread office_at_work([&] {
    const auto held_up = server.engine().write([&](ledger::Transaction&) -> Result<void> {
      for (std::size_t i = 0; i <= kOthers; ++i) {
        threads.emplace_back([&, i] {
          if (i == kOthers) {
            EXPECT_FALSE(volunteer.exchange(server.engine()).has_value());
          } else {
            went_well[i] = others[i].exchange(server.engine()).has_value() ? 1 : 0;
          }
        });
      }
      return {};
    });
    EXPECT_TRUE(held_up.has_value());
  });
  office_at_work.join();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(went_well, std::vector<char>(kOthers, 1));
}

}  // namespace
}  // namespace phusa::test
