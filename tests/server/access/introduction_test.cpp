#include "core/journal/certificate.hpp"
#include "sync-server/access/persons.hpp"
#include "sync-server/ingest/verify.hpp"
#include "tests/server/access/enrolment_fixture.hpp"

#include <gtest/gtest.h>

#include <set>

namespace phusa::access {
namespace {

/// Phones that come with certificates instead of a code.
class IntroductionTest : public EnrolmentTest {
 protected:
  void SetUp() override {
    EnrolmentTest::SetUp();
    officer_ = new_phone();
    const auto reply = redeem(request(officer_, ticket(1, Rank::kOfficer)));
    ASSERT_TRUE(reply) << reply.error().context;
    officers_chain_ = reply->certificates;
  }
  void TearDown() override {
    const auto scratch = *ledger::open_sqlite_ledger({(folder_.path() / "scratch").string(), false}, random_);
    ingest::EngineOptions options;
    options.root_key = root_.public_key;
    options.server_key = keys_.server;
    const auto report = ingest::verify(options, **ledger_->begin_read(), *scratch);
    ASSERT_TRUE(report) << report.error().context;
    for (const std::string& difference : report->differences) ADD_FAILURE() << difference;
  }

  std::vector<Bytes> vouch(const Phone& phone, WallTime at, const std::string& unit = "so_y_te") {
    Certificate certificate;
    certificate.serial = ++vouched_;
    certificate.subject = phone.key.public_key;
    certificate.unit = unit;
    certificate.person = random_.fixed<PersonId>();
    certificate.issued_at = at;
    journal::sign_certificate(engine_->organisation(), officer_.key, certificate);
    std::vector<Bytes> chain = {journal::encode_certificate(certificate)};
    chain.insert(chain.end(), officers_chain_.begin(), officers_chain_.end());
    return chain;
  }
  Result<wire::EnrolReply> come_with(const Phone& phone, const std::vector<Bytes>& chain) {
    wire::EnrolRequest request;
    request.device_key = phone.key.public_key;
    request.token_hash = phone.token_hash;
    request.name = "Trần Thị B";
    request.certificates = chain;
    return redeem(signed_request(phone, request));
  }
  std::optional<ledger::DeviceRow> device(const Phone& phone) {
    return *(*ledger_->begin_read())->device(device_id_of(phone.key.public_key));
  }

  Phone officer_;
  std::vector<Bytes> officers_chain_;
  std::uint32_t vouched_ = 0;
};

TEST_F(IntroductionTest, AVouchedPhoneWaitsForNobodysWrongCodes) {
  Ticket guessed = ticket();
  guessed.code.secret = random_.fixed<journal::EnrolmentSecret>();
  for (std::size_t i = 0; i < AttemptLimiter::kFailuresPerAddressMax; ++i)
    EXPECT_EQ(redeem(request(new_phone(), guessed)).error().code, ErrorCode::kUnauthorized);
  EXPECT_EQ(redeem(request(new_phone(), guessed)).error().code, ErrorCode::kUnavailable);
  const Phone phone = new_phone();
  const auto reply = come_with(phone, vouch(phone, clock_.wall()));
  EXPECT_TRUE(reply) << reply.error().context;
}

TEST_F(IntroductionTest, AVouchedPhoneIsLetInAsOftenAsItAsks) {
  const Phone phone = new_phone();
  const auto chain = vouch(phone, clock_.wall());
  const auto first = come_with(phone, chain);
  ASSERT_TRUE(first) << first.error().context;
  EXPECT_EQ(first->certificates, chain);
  EXPECT_EQ(device(phone)->token_hash, phone.token_hash);
  EXPECT_EQ((*(*ledger_->begin_read())->person(device(phone)->person))->name, "Trần Thị B");
  EXPECT_EQ(come_with(phone, chain)->certificates, chain);
  EXPECT_EQ((*ledger_->begin_read())->grants()->size(), 2u);
}

TEST_F(IntroductionTest, InDoubtItMayNotReadUntilTheOfficeAccepts) {
  const Phone phone = new_phone();
  const auto chain = vouch(phone, clock_.wall() - std::chrono::hours(24 * 91));
  for (int i = 0; i < 2; ++i) {
    const auto refused = come_with(phone, chain);
    EXPECT_EQ(refused.error().code, ErrorCode::kForbidden);
    EXPECT_NE(refused.error().context.find("the office must accept this phone"), std::string::npos);
  }
  EXPECT_FALSE(device(phone));
  EXPECT_EQ((*ledger_->begin_read())->doubts()->size(), 1u);
  const DeviceId id = device_id_of(phone.key.public_key);
  EXPECT_EQ(*enrolment_->accept(id), 1u);
  EXPECT_EQ(enrolment_->accept(id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(come_with(phone, chain)->certificates, chain);
  EXPECT_EQ((*(*ledger_->begin_read())->person(device(phone)->person))->name, "Trần Thị B")
      << "its name was kept while it waited";
}

TEST_F(IntroductionTest, OnlyItsOwnSignatureAndItsOwnChainLetItIn) {
  const Phone phone = new_phone();
  const auto chain = vouch(phone, clock_.wall());
  Phone thief = new_phone();
  EXPECT_EQ(come_with(thief, chain).error().code, ErrorCode::kUnauthorized);
  thief.key.public_key = phone.key.public_key;
  EXPECT_EQ(come_with(thief, chain).error().code, ErrorCode::kUnauthorized);
  EXPECT_EQ(come_with(phone, {}).error().code, ErrorCode::kUnauthorized);
  EXPECT_FALSE(device(phone));
}

TEST_F(IntroductionTest, ARevokedPhoneStaysOut) {
  const Phone phone = new_phone();
  const auto chain = vouch(phone, clock_.wall());
  ASSERT_TRUE(come_with(phone, chain));
  ASSERT_TRUE(engine_->append_office(OfficeAct::kRevoke,
                                     ingest::revoke_payload(device_id_of(phone.key.public_key), {})));
  EXPECT_EQ(come_with(phone, chain).error().code, ErrorCode::kRevoked);
}

TEST_F(IntroductionTest, OfARevokedOfficersPhonesTheOfficeTakesOver) {
  const Phone phone = new_phone();
  const Phone shut_out = new_phone();
  const auto chain = vouch(phone, clock_.wall());
  ASSERT_TRUE(come_with(phone, chain));
  ASSERT_TRUE(come_with(shut_out, vouch(shut_out, clock_.wall())));
  for (const Phone* each : std::initializer_list<const Phone*>{&shut_out, &officer_}) {
    ASSERT_TRUE(engine_->append_office(OfficeAct::kRevoke,
                                       ingest::revoke_payload(device_id_of(each->key.public_key), {})));
  }
  const DeviceId officer = device_id_of(officer_.key.public_key);
  const auto before = device(phone);
  EXPECT_EQ(*enrolment_->stand_in_for(officer), 1u);
  EXPECT_EQ(*enrolment_->stand_in_for(officer), 0u) << "once";
  const auto reply = come_with(phone, chain);
  ASSERT_EQ(reply->certificates.size(), 2u) << "its own, and the server's";
  const Certificate certificate = *journal::decode_certificate(reply->certificates[0]);
  EXPECT_EQ(certificate.unit, before->unit);
  EXPECT_EQ(certificate.rank, before->rank);
  EXPECT_EQ(certificate.person, before->person);
}

TEST_F(IntroductionTest, AMovedPhoneComesBackWithItsNewestCertificate) {
  const Phone phone = new_phone();
  const auto chain = vouch(phone, clock_.wall() + std::chrono::hours(20));  // the officer's clock is ahead
  ASSERT_TRUE(come_with(phone, chain));
  const DeviceId id = device_id_of(phone.key.public_key);
  const auto moved = enrolment_->move(id, "benh_vien", Rank::kVolunteer, 0);
  ASSERT_TRUE(moved) << moved.error().context;
  EXPECT_EQ(device(phone)->unit, "benh_vien");
  const auto reply = come_with(phone, chain);
  ASSERT_EQ(reply->certificates.size(), 2u);
  EXPECT_EQ(*journal::decode_certificate(reply->certificates[0]), *moved);
  EXPECT_EQ(enrolment_->move(id, "nowhere", Rank::kVolunteer, 0).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(enrolment_->move(DeviceId{}, "khoi", Rank::kVolunteer, 0).error().code, ErrorCode::kNotFound);
}

TEST_F(IntroductionTest, ACertificateOfTheEndOfTimeIsOutlivedByTheNext) {
  const Phone phone = new_phone();
  EXPECT_EQ(come_with(phone, vouch(phone, WallTime::max())).error().code, ErrorCode::kForbidden);
  const DeviceId id = device_id_of(phone.key.public_key);
  ASSERT_TRUE(enrolment_->accept(id));
  ASSERT_TRUE(enrolment_->move(id, "benh_vien", Rank::kVolunteer, 0));
  EXPECT_EQ(device(phone)->unit, "benh_vien");
}

TEST_F(IntroductionTest, ACodeThatReplacesAPhoneHandsItsPersonOn) {
  const Phone old_phone = new_phone();
  ASSERT_TRUE(redeem(request(old_phone, ticket())));
  Offer offer;
  offer.unit = "so_y_te";
  offer.replaces = old_phone.key.public_key;
  const Ticket code = *enrolment_->issue(offer);
  const Phone other = new_phone();
  wire::EnrolRequest asks;
  asks.code = Bytes(code.code.secret.view());
  asks.device_key = other.key.public_key;
  asks.predecessor = officer_.key.public_key;
  EXPECT_EQ(redeem(signed_request(other, asks)).error().code, ErrorCode::kForbidden)
      << "the code is for another phone's successor";
  asks.predecessor = journal::predecessor_named(device_id_of(old_phone.key.public_key));
  ASSERT_TRUE(redeem(signed_request(other, asks)));
  EXPECT_EQ(device(other)->person, device(old_phone)->person);
  EXPECT_EQ(device(other)->person_no, device(old_phone)->person_no);
  const auto grants = *(*ledger_->begin_read())->grants_of(device_id_of(other.key.public_key));
  EXPECT_EQ(journal::decode_certificate(grants[0].certificate)->predecessor, old_phone.key.public_key);
  offer.uses = 2;
  EXPECT_EQ(enrolment_->issue(offer).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(IntroductionTest, WhoAsksToBeForgottenIsForgottenOnEveryPhoneTheyHad) {
  const Phone old_phone = new_phone();
  const Phone other = new_phone();
  ASSERT_TRUE(come_with(old_phone, vouch(old_phone, clock_.wall())));
  Certificate successor = *journal::decode_certificate(vouch(other, clock_.wall())[0]);
  successor.predecessor = old_phone.key.public_key;
  journal::sign_certificate(engine_->organisation(), officer_.key, successor);
  std::vector<Bytes> chain = {journal::encode_certificate(successor)};
  chain.insert(chain.end(), officers_chain_.begin(), officers_chain_.end());
  ASSERT_TRUE(come_with(other, chain));
  ASSERT_NE(device(old_phone)->person, device(other)->person);
  ASSERT_TRUE(erase_person(*engine_, *ledger_, folder_.path(), device_id_of(other.key.public_key)));
  const auto snapshot = *ledger_->begin_read();
  EXPECT_FALSE(*snapshot->person(device(old_phone)->person));
  EXPECT_FALSE(*snapshot->person(device(other)->person));
  EXPECT_TRUE(*snapshot->person(device(officer_)->person)) << "nobody else's";
}

TEST_F(IntroductionTest, APlainCodeReplacesNobody) {
  const Phone phone = new_phone();
  wire::EnrolRequest asks;
  asks.code = Bytes(ticket().code.secret.view());
  asks.device_key = phone.key.public_key;
  asks.predecessor = officer_.key.public_key;
  EXPECT_EQ(redeem(signed_request(phone, asks)).error().code, ErrorCode::kForbidden);
  asks.predecessor.reset();
  EXPECT_TRUE(redeem(signed_request(phone, asks)));
}

TEST_F(IntroductionTest, AServerThatForgotItsCountGivesNoSerialAgain) {
  const Phone phone = new_phone();
  ASSERT_TRUE(redeem(request(phone, ticket())));
  const DeviceId id = device_id_of(phone.key.public_key);
  const std::uint32_t lost = enrolment_->move(id, "benh_vien", Rank::kVolunteer, 0)->serial;
  ASSERT_TRUE(engine_->write([](ledger::Transaction& transaction) {
    Bytes forgotten;
    put_u32(forgotten, 0);
    return transaction.put_meta("certificates_issued", forgotten);
  }));
  clock_.advance(std::chrono::minutes(5));
  EXPECT_GT(enrolment_->move(id, "so_y_te", Rank::kVolunteer, 0)->serial, lost);
}

// Many joined within a minute: the count is ahead of the clock, and the clock does not help.
TEST_F(IntroductionTest, ANumberThatWasForgottenAheadOfTheClockIsNotGivenToAnother) {
  const Phone one = new_phone();
  const Phone other = new_phone();
  for (const Phone* phone : {&one, &other}) ASSERT_TRUE(redeem(request(*phone, ticket())));
  const auto move = [](Enrolment& enrolment, const Phone& phone, const std::string& unit) {
    const auto moved = enrolment.move(device_id_of(phone.key.public_key), unit, Rank::kVolunteer, 0);
    EXPECT_TRUE(moved) << moved.error().context;
    return moved ? moved->serial : 0;
  };
  const auto forget = [this](std::uint32_t serial) {
    ASSERT_TRUE(engine_->write([serial](ledger::Transaction& transaction) {
      Bytes kept;
      put_u32(kept, serial - 1);
      return transaction.put_meta("certificates_issued", kept);
    }));
  };
  const std::uint32_t lost = move(*enrolment_, one, "benh_vien");
  forget(lost);
  EXPECT_NE(move(*enrolment_, one, "so_y_te"), lost) << "its own number, which it brought back";
  Enrolment serving(Enrolment::Parts{*engine_, clock_, random_, {}, kSerialLeapMax}, keys_, identity_);
  std::set<std::uint32_t> given;
  for (int restore = 0; restore < 20; ++restore) {
    forget(lost);
    EXPECT_TRUE(given.insert(move(serving, restore % 2 == 0 ? one : other, "benh_vien")).second);
  }
}

TEST_F(IntroductionTest, AfterTheLastNumberTheyStartAnewAtTheClocks) {
  const Phone phone = new_phone();
  ASSERT_TRUE(redeem(request(phone, ticket())));
  const DeviceId id = device_id_of(phone.key.public_key);
  ASSERT_TRUE(engine_->write([](ledger::Transaction& transaction) {
    Bytes last;
    put_u32(last, UINT32_MAX);
    return transaction.put_meta("certificates_issued", last);
  }));
  const auto first = enrolment_->move(id, "benh_vien", Rank::kVolunteer, 0);
  const auto second = enrolment_->move(id, "so_y_te", Rank::kVolunteer, 0);
  ASSERT_TRUE(first && second);
  EXPECT_GT(first->serial, 0u);
  EXPECT_GT(second->serial, first->serial);
}

}  // namespace
}  // namespace phusa::access
