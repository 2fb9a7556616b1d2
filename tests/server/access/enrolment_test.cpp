#include "core/journal/certificate.hpp"
#include "sync-server/access/api_token.hpp"
#include "sync-server/ingest/world.hpp"
#include "tests/server/access/enrolment_fixture.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <barrier>
#include <thread>

namespace phusa::access {
namespace {

TEST_F(EnrolmentTest, GivesAChainUpToTheRootThatTheCodeNames) {
  const Ticket code = ticket(1, Rank::kOfficer);
  const Phone phone = new_phone();
  const auto reply = redeem(request(phone, code));
  ASSERT_TRUE(reply) << reply.error().context;
  std::vector<Certificate> chain;
  for (const Bytes& certificate : reply->certificates)
    chain.push_back(*journal::decode_certificate(certificate));
  const OrganisationId organisation = organisation_id_of(reply->root_key);
  EXPECT_EQ(journal::fingerprint_of(organisation), code.code.root);
  EXPECT_TRUE(journal::verify_chain(organisation, reply->root_key, chain));
  EXPECT_EQ(chain[0].rank, Rank::kOfficer);
  EXPECT_EQ(chain[0].unit, "so_y_te");
  EXPECT_EQ(chain[0].subject, phone.key.public_key);
  EXPECT_EQ(wire::decode_catalogue(reply->catalogue.encoded)->revision, 1u);
  const auto snapshot = *ledger_->begin_read();
  const auto device = *snapshot->device(device_id_of(phone.key.public_key));
  ASSERT_TRUE(device);
  EXPECT_EQ(device->token_hash, phone.token_hash);
  EXPECT_EQ((*snapshot->person(device->person))->name, "Nguyễn Văn A");
}

TEST_F(EnrolmentTest, TheSamePhoneMayAskAgainWhenItsReplyWasLost) {
  const Ticket code = ticket();
  const Phone phone = new_phone();
  const auto first = redeem(request(phone, code));
  ASSERT_TRUE(first);
  clock_.advance(std::chrono::hours(48));
  const auto again = redeem(request(phone, code));
  ASSERT_TRUE(again) << again.error().context;
  EXPECT_EQ(first->certificates, again->certificates);
  EXPECT_EQ((*ledger_->begin_read())->grants()->size(), 1u);
}

TEST_F(EnrolmentTest, ACodeIsUsedUp) {
  const Ticket code = ticket(2);
  EXPECT_TRUE(redeem(request(new_phone(), code)));
  EXPECT_TRUE(redeem(request(new_phone(), code)));
  EXPECT_EQ(redeem(request(new_phone(), code)).error().code, ErrorCode::kForbidden);
}

TEST_F(EnrolmentTest, ARevokedCodeLetsNobodyElseIn) {
  const Ticket code = ticket(3);
  const Phone phone = new_phone();
  ASSERT_TRUE(redeem(request(phone, code)));
  const Hash hash = hash_of(code.code.secret.view());
  ASSERT_TRUE(enrolment_->revoke_code(hash));
  EXPECT_EQ(redeem(request(new_phone(), code)).error().code, ErrorCode::kForbidden);
  EXPECT_TRUE(redeem(request(phone, code))) << "its first reply may have been lost";
  EXPECT_TRUE(enrolment_->revoke_code(hash));
  EXPECT_EQ(enrolment_->revoke_code(Hash()).error().code, ErrorCode::kNotFound);
}

TEST_F(EnrolmentTest, ACodeExpiresByTheServersClock) {
  const Ticket code = ticket();
  clock_.advance(std::chrono::hours(24));
  EXPECT_EQ(redeem(request(new_phone(), code)).error().code, ErrorCode::kForbidden);
}

TEST_F(EnrolmentTest, TheLastUseGoesToOneOfManyThreads) {
  constexpr int kThreads = 8;
  const Ticket code = ticket();
  std::vector<Bytes> requests;
  for (int i = 0; i < kThreads; ++i) requests.push_back(request(new_phone(), code));
  std::barrier start(kThreads);
  std::atomic<int> let_in = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      if (redeem(requests[static_cast<std::size_t>(i)])) ++let_in;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(let_in, 1);
  EXPECT_EQ((*ledger_->begin_read())->grants()->size(), 1u);
}

TEST_F(EnrolmentTest, AWrongSignatureOrCodeGetsNobodyIn) {
  const Ticket code = ticket();
  Phone thief = new_phone();
  Bytes forged = request(thief, code);
  Phone victim = new_phone();
  thief.key.public_key = victim.key.public_key;  // signs with its own seed for another's key
  forged = request(thief, code);
  EXPECT_EQ(redeem(forged).error().code, ErrorCode::kUnauthorized);
  Ticket guessed = code;
  guessed.code.secret = random_.fixed<journal::EnrolmentSecret>();
  EXPECT_EQ(redeem(request(new_phone(), guessed)).error().code, ErrorCode::kUnauthorized);
  EXPECT_TRUE(redeem(request(new_phone(), code)));
}

TEST_F(EnrolmentTest, GuessingIsSlowedDownForItsAddressOnly) {
  Ticket guessed = ticket();
  const Ticket good = ticket();
  guessed.code.secret = random_.fixed<journal::EnrolmentSecret>();
  for (std::size_t i = 0; i < AttemptLimiter::kFailuresPerAddressMax; ++i) {
    EXPECT_EQ(redeem(request(new_phone(), guessed)).error().code, ErrorCode::kUnauthorized);
  }
  EXPECT_EQ(redeem(request(new_phone(), good)).error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(redeem(request(new_phone(), good), "10.0.0.2"));
}

TEST_F(EnrolmentTest, WhatNoDeviceSignedOrNamesNoCodeIsNoGuess) {
  const Ticket good = ticket();
  Ticket guessed = good;
  guessed.code.secret = random_.fixed<journal::EnrolmentSecret>();
  Phone nobody = new_phone();
  nobody.key.public_key = new_phone().key.public_key;
  const Phone without_code = new_phone();
  wire::EnrolRequest empty;
  empty.device_key = without_code.key.public_key;
  for (std::size_t i = 0; i < 2 * AttemptLimiter::kFailuresPerAddressMax; ++i) {
    EXPECT_EQ(redeem(request(nobody, guessed)).error().code, ErrorCode::kUnauthorized);
    EXPECT_EQ(redeem(signed_request(without_code, empty)).error().code, ErrorCode::kUnauthorized);
  }
  EXPECT_TRUE(redeem(request(new_phone(), good)));
}

TEST_F(EnrolmentTest, GarbageIsNoRequest) {
  for (const Bytes& body : {Bytes(), Bytes("PHS1"), Bytes("PHS1\xff\xff\xff", 7), Bytes(5000, 'x')}) {
    EXPECT_FALSE(redeem(body));
  }
}

TEST_F(EnrolmentTest, AnOfficeSitsAtARootUnit) {
  EXPECT_TRUE(enrolment_->issue({"khoi", Rank::kOffice, 1, std::chrono::hours(1)}));
  EXPECT_EQ(enrolment_->issue({"so_y_te", Rank::kOffice, 1, std::chrono::hours(1)}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(enrolment_->issue({"nobody", Rank::kOfficer, 1, std::chrono::hours(1)}).error().code,
            ErrorCode::kNotFound);
  EXPECT_FALSE(enrolment_->issue({"khoi", Rank::kOfficer, 0, std::chrono::hours(1)}));
  EXPECT_FALSE(enrolment_->issue({"khoi", Rank::kOfficer, 1, std::chrono::seconds(0)}));
}

TEST_F(EnrolmentTest, APhoneOfAnotherRoleStaysTheSamePerson) {
  const Phone phone = new_phone();
  ASSERT_TRUE(redeem(request(phone, ticket(1, Rank::kVolunteer))));
  ASSERT_TRUE(redeem(request(phone, ticket(1, Rank::kOfficer))));
  const auto snapshot = *ledger_->begin_read();
  const auto grants = *snapshot->grants_of(device_id_of(phone.key.public_key));
  ASSERT_EQ(grants.size(), 2u);
  EXPECT_EQ(journal::decode_certificate(grants[0].certificate)->person,
            journal::decode_certificate(grants[1].certificate)->person);
  EXPECT_NE(grants[0].serial, grants[1].serial);
}

TEST_F(EnrolmentTest, AMoveThatSaysNothingOfVouchesLeavesAnOfficerWhatItHad) {
  const auto vouches_of = [&](const Phone& phone) {
    const auto world = ingest::World::load(**ledger_->begin_read(), keys_.server.public_key);
    return world->vouches_of(device_id_of(phone.key.public_key));
  };
  Offer offer{"so_y_te", Rank::kOfficer};
  offer.vouches = 5;
  const Phone officer = new_phone();
  ASSERT_TRUE(redeem(request(officer, *enrolment_->issue(offer))));
  const DeviceId id = device_id_of(officer.key.public_key);
  EXPECT_EQ(enrolment_->move(id, "benh_vien", Rank::kOfficer, std::nullopt)->uses, 5u);
  EXPECT_EQ(vouches_of(officer), 5u);
  EXPECT_EQ(enrolment_->move(id, "benh_vien", Rank::kVolunteer, std::nullopt)->uses, 0u);
  EXPECT_EQ(enrolment_->move(id, "benh_vien", Rank::kOfficer, 6)->uses, 6u);

  const Phone volunteer = new_phone();
  ASSERT_TRUE(redeem(request(volunteer, ticket())));
  ASSERT_TRUE(
      enrolment_->move(device_id_of(volunteer.key.public_key), "so_y_te", Rank::kOfficer, std::nullopt));
  EXPECT_EQ(vouches_of(volunteer), limits::kVouchUsesDefault) << "a new officer";
  offer = {};
  offer.unit = "so_y_te";
  offer.rank = Rank::kOfficer;
  offer.replaces = officer.key.public_key;
  EXPECT_EQ(enrolment_->issue(offer)->offer.vouches, 6u);
}

TEST_F(EnrolmentTest, KeysAreForTheirOwnerOnly) {
  struct stat info {};
  ASSERT_EQ(::stat((folder_.path() / "keys").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  for (const char* name : {"root", "server", "box"}) {
    ASSERT_EQ(::stat((folder_.path() / "keys" / name).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
  }
  EXPECT_EQ(load_server_keys(folder_.path())->server.public_key, keys_.server.public_key);
  EXPECT_EQ(make_server_keys(folder_.path(), random_).error().code, ErrorCode::kConflict);
}

TEST_F(EnrolmentTest, ATokenIsKnownByItsHashAndSeesItsUnit) {
  const auto token = mint_api_token(*engine_, {"dashboard", "so_y_te"}, clock_.wall(), random_);
  ASSERT_TRUE(token);
  const auto snapshot = *ledger_->begin_read();
  EXPECT_EQ(check_api_token(*snapshot, "Bearer " + *token)->unit, "so_y_te");
  for (const std::string& wrong :
       {std::string(), *token, std::string("Bearer "), "Bearer x" + *token, "Basic " + *token}) {
    EXPECT_EQ(check_api_token(*snapshot, wrong).error().code, ErrorCode::kUnauthorized);
  }
  EXPECT_EQ(mint_api_token(*engine_, {"x", "nobody"}, clock_.wall(), random_).error().code,
            ErrorCode::kNotFound);
}

}  // namespace
}  // namespace phusa::access
