#include "core/journal/office_journal.hpp"

#include "core/base/limits.hpp"
#include "tests/core/journal/batches.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace phusa::journal {
namespace {

using namespace test;

OfficeEntry entry() {
  OfficeEntry out;
  out.act = OfficeAct::kDayCome;
  out.number = 12;
  out.previous = hash_of("entry 11");
  out.at = WallTime(std::chrono::seconds(1'700'000'000));
  out.payload = "19000";
  sign_office_entry(organisation(), key(2), out);
  return out;
}

TEST(OfficeJournal, AnEntryVerifiesToItsHash) {
  OfficeEntry one = entry();
  const Hash hash = sign_office_entry(organisation(), key(2), one);
  EXPECT_EQ(*verify_office_entry(organisation(), key(2).public_key, one), hash);
}

TEST(OfficeJournal, OnlyTheServerOfThisOrganisationWritesIt) {
  EXPECT_FALSE(verify_office_entry(organisation(), key(3).public_key, entry()));
  EXPECT_FALSE(verify_office_entry(other_organisation(), key(2).public_key, entry()));
}

TEST(OfficeJournal, EveryPartIsCovered) {
  using Change = std::function<void(OfficeEntry&)>;
  for (const auto& [what, change] : std::initializer_list<std::pair<const char*, Change>>{
           {"act", [](OfficeEntry& e) { e.act = OfficeAct::kAccept; }},
           {"number", [](OfficeEntry& e) { e.number += 1; }},
           {"previous", [](OfficeEntry& e) { e.previous.bytes[31] ^= 1; }},
           {"time", [](OfficeEntry& e) { e.at += std::chrono::seconds(1); }},
           {"payload", [](OfficeEntry& e) { e.payload[0] = '2'; }},
           {"payload's length", [](OfficeEntry& e) { e.payload += '\0'; }},
           {"signature", [](OfficeEntry& e) { e.signature.bytes[0] ^= 1; }}}) {
    OfficeEntry changed = entry();
    change(changed);
    EXPECT_FALSE(verify_office_entry(organisation(), key(2).public_key, changed)) << what;
  }
}

TEST(OfficeJournal, ComesBackTheSameAndEveryFlippedBitIsRefused) {
  const Bytes whole = encode_office_entry(entry());
  ASSERT_EQ(*decode_office_entry(whole), entry());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes changed = whole;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      const auto read = decode_office_entry(changed);
      if (!read) continue;
      EXPECT_EQ(encode_office_entry(*read), changed);
      EXPECT_FALSE(verify_office_entry(organisation(), key(2).public_key, *read)) << i;
    }
  }
}

TEST(OfficeJournal, TruncatedUnknownAndOversizedEntriesAreCorrupt) {
  const Bytes whole = encode_office_entry(entry());
  for (std::size_t size = 0; size < whole.size() - entry().payload.size(); ++size) {
    EXPECT_FALSE(decode_office_entry(whole.substr(0, size))) << size;
  }
  for (const char act : {'\0', '\12', '\xff'})
    EXPECT_FALSE(decode_office_entry(Bytes(1, act) + whole.substr(1)));
  EXPECT_FALSE(decode_office_entry(whole + Bytes(limits::kCatalogueBytesMax + 1024, 'x')));
}

}  // namespace
}  // namespace phusa::journal
