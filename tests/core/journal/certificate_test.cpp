#include "core/journal/certificate.hpp"

#include "core/base/limits.hpp"
#include "tests/core/journal/batches.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>

namespace phusa::journal {
namespace {

using namespace test;

/// key 1: root, 2: server, 3: officer, 4: volunteer, 5: office
Certificate certificate(std::uint8_t issuer, std::uint8_t subject, Rank rank, bool is_server = false) {
  Certificate out;
  out.serial = subject;
  out.subject = key(subject).public_key;
  out.is_server = is_server;
  out.rank = rank;
  out.unit = "DK.01";
  out.person.bytes[2] = subject;
  out.uses = 2;
  out.issued_at = WallTime(std::chrono::seconds(1'700'000'000));
  sign_certificate(organisation(), key(issuer), out);
  return out;
}

Certificate server() {
  return certificate(1, 2, Rank::kOffice, true);
}

Result<void> verified(const std::vector<Certificate>& chain) {
  return verify_chain(organisation(), key(1).public_key, chain);
}

void expect_refused(const std::vector<Certificate>& chain, const char* what) {
  const auto result = verified(chain);
  ASSERT_FALSE(result) << what;
  EXPECT_EQ(result.error().code, ErrorCode::kUnauthorized);
}

TEST(CertificateChain, ServersAndOfficersCertifyRanksBelowTheirOwn) {
  const Certificate officer = certificate(2, 3, Rank::kOfficer);
  EXPECT_TRUE(verified({server()}));
  EXPECT_TRUE(verified({certificate(2, 4, Rank::kVolunteer), server()}));
  EXPECT_TRUE(verified({certificate(2, 5, Rank::kOffice), server()}))
      << "the server certifies the office itself";
  EXPECT_TRUE(verified({certificate(3, 4, Rank::kVolunteer), officer, server()}));
  const Certificate office = certificate(2, 5, Rank::kOffice);
  EXPECT_TRUE(verified({certificate(5, 3, Rank::kOfficer), office, server()}));
  EXPECT_TRUE(
      verified({certificate(3, 4, Rank::kVolunteer), certificate(5, 3, Rank::kOfficer), office, server()}));
}

TEST(CertificateChain, NobodyGivesARankOfOnesOwnOrAbove) {
  const Certificate officer = certificate(2, 3, Rank::kOfficer);
  const Certificate volunteer = certificate(2, 4, Rank::kVolunteer);
  const Certificate office = certificate(2, 5, Rank::kOffice);
  expect_refused({certificate(3, 6, Rank::kOfficer), officer, server()}, "officer by officer");
  expect_refused({certificate(3, 6, Rank::kOffice), officer, server()}, "office by officer");
  expect_refused({certificate(4, 6, Rank::kVolunteer), volunteer, server()}, "volunteer by volunteer");
  expect_refused({certificate(4, 6, Rank::kOfficer), volunteer, server()}, "officer by volunteer");
  expect_refused({certificate(5, 6, Rank::kOffice), office, server()}, "office by office");
}

TEST(CertificateChain, OnlyTheRootMakesServersAndNothingElse) {
  expect_refused({certificate(2, 6, Rank::kOffice, true), server()}, "a server by a server");
  expect_refused({certificate(1, 4, Rank::kVolunteer)}, "a volunteer by the root");
  expect_refused({certificate(4, 6, Rank::kVolunteer), certificate(1, 4, Rank::kOfficer)},
                 "an officer by the root");
  expect_refused({certificate(3, 4, Rank::kVolunteer), certificate(2, 3, Rank::kOfficer, true), server()},
                 "a server in the middle");
}

TEST(CertificateChain, ABrokenChainIsRefused) {
  const Certificate officer = certificate(2, 3, Rank::kOfficer);
  const Certificate volunteer = certificate(3, 4, Rank::kVolunteer);
  expect_refused({}, "none");
  expect_refused({volunteer, officer}, "the server's missing");
  expect_refused({volunteer, server()}, "the officer's missing");
  expect_refused({officer, volunteer, server()}, "out of order");
  expect_refused({volunteer, officer, server(), server()}, "the server's twice");
  Certificate by_stranger = certificate(9, 4, Rank::kVolunteer);
  expect_refused({by_stranger, officer, server()}, "signed by a stranger");
  by_stranger.issuer = key(3).public_key;
  expect_refused({by_stranger, officer, server()}, "signed by a stranger in the officer's name");
  Certificate unsigned_one = certificate(2, 4, Rank::kVolunteer);
  unsigned_one.signature = {};
  expect_refused({unsigned_one, server()}, "unsigned");
}

TEST(CertificateChain, AnotherOrganisationsChainIsRefused) {
  const std::vector<Certificate> chain{certificate(2, 4, Rank::kVolunteer), server()};
  EXPECT_FALSE(verify_chain(other_organisation(), key(1).public_key, chain));
  EXPECT_FALSE(verify_chain(other_organisation(), key(99).public_key, chain));
  EXPECT_FALSE(verify_chain(organisation(), key(99).public_key, chain));
}

// Whoever keeps one root for two organisations keeps two organisations all the same.
TEST(CertificateChain, OfTheSameKeysUnderAnotherOrganisationIsRefused) {
  const std::vector<Certificate> good{certificate(2, 4, Rank::kVolunteer), server()};
  ASSERT_TRUE(verified(good));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::vector<Certificate> chain = good;
    sign_certificate(other_organisation(), key(i == 0 ? 2 : 1), chain[i]);
    EXPECT_EQ(chain[i].issuer, good[i].issuer);
    expect_refused(chain, "signed for another organisation");
  }
}

TEST(Certificate, ComesBackTheSame) {
  Certificate with_predecessor = certificate(2, 4, Rank::kOfficer);
  with_predecessor.predecessor = key(8).public_key;
  sign_certificate(organisation(), key(2), with_predecessor);
  for (const Certificate& one : {server(), certificate(2, 4, Rank::kVolunteer), with_predecessor}) {
    const auto again = decode_certificate(encode_certificate(one));
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, one);
  }
}

TEST(Certificate, EveryFlippedBitIsRefusedByReaderOrChain) {
  Certificate one = certificate(2, 4, Rank::kVolunteer);
  one.predecessor = key(8).public_key;
  sign_certificate(organisation(), key(2), one);
  const Bytes whole = encode_certificate(one);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes changed = whole;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      const auto read = decode_certificate(changed);
      if (!read) continue;
      EXPECT_EQ(encode_certificate(*read), changed) << "one certificate, one encoding";
      EXPECT_FALSE(verified({*read, server()})) << "byte " << i << " bit " << bit;
    }
  }
}

TEST(Certificate, ATruncatedOrLongerOneIsCorrupt) {
  const Bytes whole = encode_certificate(certificate(2, 4, Rank::kVolunteer));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto read = decode_certificate(whole.substr(0, size));
    ASSERT_FALSE(read) << size;
    EXPECT_EQ(read.error().code, ErrorCode::kCorrupt);
  }
  EXPECT_FALSE(decode_certificate(whole + "x"));
}

TEST(Certificate, AUnitsCodeEndsAtItsLimit) {
  Certificate one = certificate(2, 4, Rank::kVolunteer);
  one.unit = std::string(limits::kCodeBytesMax, 'u');
  EXPECT_TRUE(decode_certificate(encode_certificate(one)));
  one.unit += "u";
  EXPECT_FALSE(decode_certificate(encode_certificate(one)));
}

TEST(Keys, TheSameSeedGivesTheSameKeyAndAnotherSeedAnother) {
  EXPECT_EQ(key(4).public_key, key(4).public_key);
  EXPECT_NE(key(4).public_key, key(5).public_key);
}

TEST(Keys, AreEd25519AsInRfc8032) {
  const auto seed = from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  const KeyPair pair = key_pair_from(*KeySeed::from(*seed));
  EXPECT_EQ(pair.public_key.hex(), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  EXPECT_EQ(sign(pair, "").hex(),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe246"
            "55141438e7a100b");
}

}  // namespace
}  // namespace phusa::journal
