#include "core/journal/sealing.hpp"

#include "core/journal/personal.hpp"
#include "tests/core/journal/batches.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <set>

namespace phusa::journal {
namespace {

using namespace test;

class Sealing : public testing::Test {
 protected:
  Sealing() { hash_ = seal(organisation(), device_, batch_, leaves_); }

  Result<Hash> verified(const SealedBatch& batch) const {
    return verify_batch(organisation(), device_.public_key, batch, leaves_);
  }
  void expect_refused(const SealedBatch& changed, const std::string& what) const {
    const auto result = verified(changed);
    ASSERT_FALSE(result) << what;
    EXPECT_EQ(result.error().code, ErrorCode::kUnauthorized);
    EXPECT_NE(batch_hash(organisation(), device_.public_key, changed, leaves_), hash_) << what;
  }

  KeyPair device_ = key(2);
  BatchSalt salt_ = *BatchSalt::from("sixteen bytes...");
  std::vector<std::string> texts_{"Nhơn Ái", "", "trồng 1.000 cây"};
  std::vector<Leaf> leaves_ = leaves_of(salt_, texts_);
  SealedBatch batch_ = batch();
  Hash hash_;
};

TEST_F(Sealing, WhatIsSealedVerifiesToItsHash) {
  EXPECT_EQ(*verified(batch_), hash_);
  EXPECT_EQ(batch_hash(organisation(), device_.public_key, batch_, leaves_), hash_);
}

TEST_F(Sealing, EveryFieldOfTheHeaderIsCovered) {
  using Change = std::function<void(BatchHeader&)>;
  for (const auto& [what, change] : std::initializer_list<std::pair<const char*, Change>>{
           {"format", [](BatchHeader& h) { h.format += 1; }},
           {"number", [](BatchHeader& h) { h.number += 1; }},
           {"certificate", [](BatchHeader& h) { h.certificate += 1; }},
           {"catalogue revision", [](BatchHeader& h) { h.catalogue_revision += 1; }},
           {"changes", [](BatchHeader& h) { h.changes += 1; }},
           {"facts' size", [](BatchHeader& h) { h.facts_plain_bytes += 1; }},
           {"words' size", [](BatchHeader& h) { h.personal_plain_bytes += 1; }}}) {
    SealedBatch changed = batch_;
    change(changed.header);
    expect_refused(changed, what);
  }
  for (std::size_t i = 0; i < Hash::kSize; ++i) {
    SealedBatch previous = batch_, catalogue = batch_;
    previous.header.previous.bytes[i] ^= 1;
    catalogue.header.catalogue_hash.bytes[i] ^= 1;
    expect_refused(previous, "previous");
    expect_refused(catalogue, "catalogue hash");
  }
  for (std::size_t i = 0; i < JournalId::kSize; ++i) {
    SealedBatch changed = batch_;
    changed.header.journal.bytes[i] ^= 1;
    expect_refused(changed, "journal");
  }
}

TEST_F(Sealing, EveryByteOfTheFactsIsCovered) {
  for (std::size_t i = 0; i < batch_.facts.size(); ++i) {
    SealedBatch changed = batch_;
    changed.facts[i] = static_cast<char>(changed.facts[i] ^ 1);
    expect_refused(changed, "facts");
  }
  SealedBatch longer = batch_, shorter = batch_;
  longer.facts.push_back('\0');
  shorter.facts.pop_back();
  expect_refused(longer, "a byte more");
  expect_refused(shorter, "a byte less");
}

TEST_F(Sealing, SectionsAreCoveredAndCannotSlideIntoOneAnotherOrIntoTheFacts) {
  const auto with = [&](const std::function<void(SealedBatch&)>& change) {
    SealedBatch changed = batch_;
    change(changed);
    return changed;
  };
  expect_refused(with([](SealedBatch& b) { b.sections[0].type = 8; }), "type");
  expect_refused(with([](SealedBatch& b) { b.sections[0].data[0] = 'S'; }), "data");
  expect_refused(with([](SealedBatch& b) { b.sections.pop_back(); }), "an empty section gone");
  expect_refused(with([](SealedBatch& b) { std::swap(b.sections[0], b.sections[1]); }), "order");
  expect_refused(with([](SealedBatch& b) { b.sections.push_back({}); }), "an empty section more");
  expect_refused(with([](SealedBatch& b) {
                   b.facts += b.sections[0].data;
                   b.sections.erase(b.sections.begin());
                 }),
                 "section into facts");
  expect_refused(with([](SealedBatch& b) {
                   Bytes head;
                   put_u32(head, b.sections[0].type);
                   put_u64(head, b.sections[0].data.size());
                   b.facts += head + b.sections[0].data;
                   b.sections.erase(b.sections.begin());
                 }),
                 "section with its head into facts");
  expect_refused(with([](SealedBatch& b) {
                   Bytes head;
                   put_u32(head, b.sections[1].type);
                   put_u64(head, b.sections[1].data.size());
                   b.sections[0].data += head + b.sections[1].data;
                   b.sections.pop_back();
                 }),
                 "section into section");
  expect_refused(with([](SealedBatch& b) {
                   put_u32(b.sections[0].data, b.sections[1].type);
                   b.sections[0].data += b.sections[1].data;
                   b.sections.pop_back();
                 }),
                 "section without its length into section");
}

TEST_F(Sealing, EveryBitOfTheSignatureCounts) {
  for (std::size_t i = 0; i < Signature::kSize; ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      SealedBatch changed = batch_;
      changed.signature.bytes[i] ^= static_cast<std::uint8_t>(1 << bit);
      ASSERT_FALSE(verified(changed)) << i;
    }
  }
}

TEST_F(Sealing, AnotherDeviceOrOrganisationDoesNotVerify) {
  EXPECT_FALSE(verify_batch(organisation(), key(3).public_key, batch_, leaves_));
  EXPECT_FALSE(verify_batch(other_organisation(), device_.public_key, batch_, leaves_));
  EXPECT_FALSE(verify_batch(organisation(), PublicKey{}, batch_, leaves_)) << "a key of zeros signs nothing";
}

TEST_F(Sealing, EveryByteOfEveryTextIsCoveredByTheLeaves) {
  for (std::size_t t = 0; t < texts_.size(); ++t) {
    for (std::size_t i = 0; i <= texts_[t].size(); ++i) {
      auto texts = texts_;
      if (i < texts[t].size())
        texts[t][i] = static_cast<char>(texts[t][i] ^ 1);
      else
        texts[t].push_back('x');
      EXPECT_FALSE(verify_batch(organisation(), device_.public_key, batch_, leaves_of(salt_, texts)));
    }
  }
  auto swapped = texts_;
  std::swap(swapped[0], swapped[2]);
  EXPECT_FALSE(verify_batch(organisation(), device_.public_key, batch_, leaves_of(salt_, swapped)));
  auto other_salt = salt_;
  other_salt.bytes[15] ^= 1;
  EXPECT_FALSE(verify_batch(organisation(), device_.public_key, batch_, leaves_of(other_salt, texts_)));
}

TEST_F(Sealing, LeavesCanNeitherGoNorComeNorChangePlaces) {
  for (std::size_t i = 0; i < leaves_.size(); ++i) {
    auto gone = leaves_, doubled = leaves_;
    gone.erase(gone.begin() + static_cast<std::ptrdiff_t>(i));
    doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(i), leaves_[i]);
    EXPECT_FALSE(verify_batch(organisation(), device_.public_key, batch_, gone));
    EXPECT_FALSE(verify_batch(organisation(), device_.public_key, batch_, doubled));
    for (std::size_t byte = 0; byte < Leaf::kSize; ++byte) {
      auto changed = leaves_;
      changed[i].bytes[byte] ^= 0x80;
      EXPECT_FALSE(verify_batch(organisation(), device_.public_key, batch_, changed));
    }
  }
  EXPECT_FALSE(verify_batch(organisation(), device_.public_key, batch_, {}));
}

TEST_F(Sealing, ErasedWordsLeaveTheHashAndItsProofStanding) {
  SealedBatch erased = batch_;
  erased.personal = "only leaves now";  // packed otherwise: how they are stored is not what was signed
  EXPECT_EQ(*verified(erased), hash_);
}

TEST_F(Sealing, TheSameTextHasAnotherLeafAtAnotherPlaceOrUnderAnotherSalt) {
  std::set<Leaf> leaves;
  for (std::uint32_t index = 0; index < 100; ++index) leaves.insert(leaf_of(salt_, index, "same"));
  EXPECT_EQ(leaves.size(), 100u);
  EXPECT_FALSE(leaves.contains(leaf_of(BatchSalt{}, 0, "same")));
}

TEST_F(Sealing, SealingAgainGivesTheSameHash) {
  SealedBatch again = batch();
  EXPECT_EQ(seal(organisation(), device_, again, leaves_), hash_);
}

RC_GTEST_PROP(SealingLaws, DifferentFactsAndSectionsHaveDifferentHashes,
              (const std::string& a, const std::string& b, const std::vector<std::string>& as,
               const std::vector<std::string>& bs)) {
  const auto sections = [](const std::vector<std::string>& data) {
    std::vector<BatchSection> out;
    for (const std::string& one : data) out.push_back({1, one});
    return out;
  };
  RC_ASSERT((facts_hash(a, sections(as)) == facts_hash(b, sections(bs))) == (a == b && as == bs));
}

}  // namespace
}  // namespace phusa::journal
