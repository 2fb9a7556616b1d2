#include "core/client/vouching.hpp"

#include "core/base/limits.hpp"
#include "core/client/hand_over.hpp"
#include "core/client/leaving.hpp"
#include "core/client/methods.hpp"
#include "core/journal/bundle.hpp"
#include "core/journal/certificate.hpp"
#include "core/merge/merge.hpp"
#include "core/sync/hand_over_file.hpp"
#include "tests/core/client/office.hpp"
#include "tests/sim/sim_disk.hpp"

#include <gtest/gtest.h>

#include <array>
#include <fstream>

namespace phusa::test {
namespace {

class VouchingTest : public ::testing::Test {
 protected:
  VouchingTest() { office_.join(*officer_, Rank::kOfficer, "NA"); }
  std::unique_ptr<Phone> open(const std::string& name) {
    randoms_.push_back(std::make_unique<SeededRandom>(randoms_.size() + 1));
    return open_phone(folder_.file(name), clock_, *randoms_.back());
  }
  static Bytes request_of(Phone& phone) {
    const auto request = Vouching(phone).request({"Lan", "0901", std::nullopt});
    EXPECT_TRUE(request);
    return *request;
  }
  Vouching::Vouched vouch(const Bytes& request, const Vouching::Offer& offer = {}) {
    const auto vouched = Vouching(*officer_).vouch(request, offer);
    EXPECT_TRUE(vouched) << (vouched ? "" : vouched.error().context);
    return vouched.value_or(Vouching::Vouched{});
  }
  ErrorCode refused(Phone& by, const Bytes& request, const Vouching::Offer& offer = {}) {
    const auto vouched = Vouching(by).vouch(request, offer);
    return vouched ? ErrorCode::kInternal : vouched.error().code;
  }
  static std::size_t to_send(Phone& phone) {
    return phone.load_outbox(limits::kRequestTargetBytes, 64)->outbox.batches.size();
  }

  TemporaryFolder folder_;
  FixedClock clock_;
  std::vector<std::unique_ptr<SeededRandom>> randoms_;
  Office office_;
  std::unique_ptr<Phone> officer_ = open("officer");
  std::unique_ptr<Phone> phone_ = open("phone");
};

TEST_F(VouchingTest, APhoneJoinsWithoutANetworkLogsHandsOverAndIntroducesItselfOnce) {
  const Vouching::Vouched vouched = vouch(request_of(*phone_));
  EXPECT_EQ(vouched.name, "Lan");
  EXPECT_EQ(vouched.unit, "NA");
  EXPECT_EQ(vouched.left, 1u);
  EXPECT_EQ(vouched.device, phone_->identity().device);
  const auto joined = Vouching(*phone_).join(vouched.welcome);
  ASSERT_TRUE(joined) << joined.error().context;
  EXPECT_EQ(phone_->identity().rank, Rank::kVolunteer);
  EXPECT_EQ(phone_->identity().unit, "NA");
  ASSERT_TRUE(phone_->log(std::array{trees(10)}));
  // Its officer is a recipient, and sees what is inside.
  const auto given = HandOver(*phone_).give(false);
  ASSERT_TRUE(given) << given.error().context;
  EXPECT_EQ(HandOver(*officer_).carry(given->file)->changes_seen, 1u);
  office_.sync(*officer_);
  EXPECT_EQ(office_.taken_anew, 1u);

  const auto loaded = phone_->load_outbox(limits::kRequestTargetBytes, 64);
  ASSERT_TRUE(loaded->outbox.introduction);
  const wire::EnrolRequest& introduction = *loaded->outbox.introduction;
  EXPECT_EQ(introduction.name, "Lan");
  EXPECT_EQ(introduction.certificates.size(), 3u);
  EXPECT_EQ(introduction.token_hash, hash_of(phone_->identity().token));
  const auto answer = office_.introduce(introduction);
  ASSERT_TRUE(answer) << answer.error().context;
  ASSERT_TRUE(phone_->accept_introduction(*answer));
  EXPECT_FALSE(phone_->load_outbox(limits::kRequestTargetBytes, 64)->outbox.introduction);
  // A server that was restored asks for it again.
  wire::SyncReply reply;
  reply.introduce = true;
  ASSERT_TRUE(phone_->apply_reply(reply, {}));
  EXPECT_TRUE(phone_->load_outbox(limits::kRequestTargetBytes, 64)->outbox.introduction);
}

TEST_F(VouchingTest, TheSameRequestGivesTheSameWelcomeAndUsesNothingUp) {
  const Bytes request = request_of(*phone_);
  EXPECT_EQ(request, request_of(*phone_));
  EXPECT_EQ(vouch(request, {"", "", true}).welcome, "");
  EXPECT_EQ(vouch(request, {"", "", true}).left, 2u) << "reading it signs nothing";
  const Bytes welcome = vouch(request).welcome;
  EXPECT_EQ(vouch(request).welcome, welcome);
  EXPECT_EQ(vouch(request).left, 1u);
  EXPECT_EQ(method::status(*officer_)->vouches_left(), 1u);
}

// A phone whose key the platform keeps may leave, and come again by another officer.
TEST_F(VouchingTest, TwoOfficersGiveOnePhoneTwoSerials) {
  auto other = open("other");
  office_.join(*other, Rank::kOfficer);
  const auto serial_by = [&](Phone& officer) {
    const auto vouched = Vouching(officer).vouch(request_of(*phone_), {});
    EXPECT_TRUE(vouched) << vouched.error().context;
    return journal::decode_certificate(wire::decode_welcome(vouched->welcome)->certificates.front())->serial;
  };
  EXPECT_NE(serial_by(*officer_), serial_by(*other));
}

TEST_F(VouchingTest, NoMoreThanTheOfficeAllowedAndOnlyForOnesOwnUnits) {
  auto second = open("second");
  auto third = open("third");
  EXPECT_EQ(refused(*officer_, request_of(*phone_), {"CK", "", false}), ErrorCode::kForbidden);
  EXPECT_EQ(refused(*officer_, request_of(*phone_), {"XX", "", false}), ErrorCode::kNotFound);
  vouch(request_of(*phone_));
  vouch(request_of(*second));
  EXPECT_EQ(refused(*officer_, request_of(*third)), ErrorCode::kLimitExceeded);
  EXPECT_FALSE(vouch(request_of(*phone_)).welcome.empty()) << "those before can be given again";
  auto volunteer = open("volunteer");
  office_.join(*volunteer, Rank::kVolunteer, "NA");
  EXPECT_EQ(refused(*volunteer, request_of(*third)), ErrorCode::kForbidden);
}

TEST_F(VouchingTest, ARequestThatWasAlteredIsRefused) {
  Bytes request = request_of(*phone_);
  for (std::size_t at = 4; at < request.size(); at += 3) {
    Bytes altered = request;
    altered[at] = static_cast<char>(altered[at] ^ 4);
    const auto vouched = Vouching(*officer_).vouch(altered, {});
    EXPECT_FALSE(vouched) << at;
  }
  EXPECT_EQ(method::status(*officer_)->vouches_left(), 2u);
}

TEST_F(VouchingTest, OfAnAlteredRequestItIsSaidThatItWasAndNothingOfAServer) {
  auto altered = wire::decode_enrol_request(request_of(*phone_));
  ASSERT_TRUE(altered);
  altered->name += "x";
  v1::VouchRequest asked;
  asked.set_request(wire::encode_enrol_request(*altered));
  const auto refused = method::vouch(*officer_, asked);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().key, "request_altered");
}

TEST_F(VouchingTest, ARequestMadeForACodeIsNotAnOfficersToSign) {
  journal::EnrolmentCode code = office_.code();
  code.secret.bytes[0] = 1;
  const auto request = phone_->prepare_enrolment(code, "http://127.0.0.1:1");
  ASSERT_TRUE(request);
  EXPECT_EQ(refused(*officer_, wire::encode_enrol_request(*request)), ErrorCode::kUnauthorized);
}

TEST_F(VouchingTest, AWelcomeThatFindsNoRoomOnTheDiskLetsNobodyIn) {
  const TemporaryFolder folder;
  sim::SimDisk disk{folder.path()};
  SeededRandom random(99);
  auto newcomer = open_phone(disk.path("store"), clock_, random);
  ASSERT_TRUE(newcomer);
  const Bytes welcome = vouch(request_of(*newcomer)).welcome;
  bool has_failed = false;
  for (std::uint64_t nth = 1; !newcomer->identity().is_joined; ++nth) {
    ASSERT_LT(nth, 100u);
    disk.fail_io(sim::SimDisk::Io::kSync, nth);
    const auto joined = Vouching(*newcomer).join(welcome);
    disk.heal();
    EXPECT_EQ(joined.has_value(), newcomer->identity().is_joined);
    if (joined) break;
    has_failed = true;
    EXPECT_EQ(newcomer->log(std::array{trees(1)}).error().code, ErrorCode::kConflict) << nth;
  }
  EXPECT_TRUE(has_failed);
  EXPECT_TRUE(newcomer->log(std::array{trees(1)}));
}

TEST_F(VouchingTest, AWelcomeIsTakenWholeOrNotAtAll) {
  const Bytes welcome = vouch(request_of(*phone_)).welcome;
  auto other = open("other");
  request_of(*other);
  EXPECT_EQ(Vouching(*other).join(welcome).error().code, ErrorCode::kUnauthorized);
  auto decoded = wire::decode_welcome(welcome);
  ASSERT_TRUE(decoded);
  const auto refused = [&](wire::Welcome altered) {
    const auto joined = Vouching(*phone_).join(wire::encode_welcome(altered));
    EXPECT_FALSE(joined);
    EXPECT_FALSE(phone_->identity().is_joined);
    EXPECT_EQ(phone_->catalogue(), nullptr);
    return joined ? ErrorCode::kInternal : joined.error().code;
  };
  wire::Welcome altered = *decoded;
  altered.catalogue.signature.bytes[3] ^= 1;
  EXPECT_EQ(refused(altered), ErrorCode::kUnauthorized);
  altered = *decoded;
  altered.root_key.bytes[3] ^= 1;
  EXPECT_EQ(refused(altered), ErrorCode::kUnauthorized);
  altered = *decoded;
  altered.certificates.erase(altered.certificates.begin() + 1);
  EXPECT_EQ(refused(altered), ErrorCode::kUnauthorized);
  altered = *decoded;
  Certificate claims = *journal::decode_certificate(altered.certificates[0]);
  claims.rank = Rank::kOfficer;  // of the voucher's own rank
  journal::sign_certificate(office_.organisation, officer_->identity().key, claims);
  altered.certificates[0] = journal::encode_certificate(claims);
  EXPECT_EQ(refused(altered), ErrorCode::kUnauthorized);
  for (std::size_t size = 0; size < welcome.size(); size += 5)
    EXPECT_FALSE(Vouching(*phone_).join(BytesView(welcome).substr(0, size)));
  ASSERT_TRUE(Vouching(*phone_).join(welcome));
  EXPECT_EQ(Vouching(*phone_).join(welcome).error().code, ErrorCode::kConflict);
}

TEST_F(VouchingTest, ASuccessorNamesWhomItReplaces) {
  vouch(request_of(*phone_));
  auto next = open("next");
  const std::string lost = phone_->identity().device.hex();
  ASSERT_TRUE(Vouching(*next).join(vouch(request_of(*next), {"", lost, false}).welcome));
  EXPECT_EQ(next->identity().predecessor, phone_->identity().device);
  const auto certificate = journal::decode_certificate(next->identity().chain.front());
  EXPECT_EQ(certificate->predecessor, phone_->identity().key.public_key)
      << "the officer knows the key behind the id";
  EXPECT_EQ(refused(*officer_, request_of(*open("x")), {"", "12ab", false}), ErrorCode::kInvalidArgument);
}

// No phone of ours writes such a request; a stranger who does would read and edit all that the other logged.
TEST_F(VouchingTest, ARequestTakesNobodysPlaceUnlessTheOfficerSaysSo) {
  auto stranger = open("stranger");
  const DeviceId victim = phone_->identity().device;
  const Bytes request = *Vouching(*stranger).request({"Lan", "", victim});
  EXPECT_EQ(refused(*officer_, request), ErrorCode::kConflict);
  EXPECT_EQ(refused(*officer_, request, {"", "", true}), ErrorCode::kConflict)
      << "told before anybody is asked";
  EXPECT_EQ(refused(*officer_, request, {"", DeviceId{{1}}.hex(), false}), ErrorCode::kConflict);
  EXPECT_EQ(method::status(*officer_)->vouches_left(), 2u);
  v1::VouchRequest asked;
  asked.set_request(request);
  const auto said = method::vouch(*officer_, asked);
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().key, "names_predecessor");
  EXPECT_EQ(said.error().args, std::vector<std::string>{victim.hex()});
  ASSERT_TRUE(Vouching(*stranger).join(vouch(request, {"", victim.hex(), false}).welcome));
  EXPECT_EQ(stranger->identity().predecessor, victim);
}

TEST_F(VouchingTest, ADeviceIsNamedByItsIdWhereNobodyKnowsItsKey) {
  auto next = open("next");
  const DeviceId lost{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
  ASSERT_TRUE(Vouching(*next).join(vouch(request_of(*next), {"", lost.hex(), false}).welcome));
  EXPECT_EQ(next->identity().predecessor, lost);
}

// A new certificate of the same device.

TEST_F(VouchingTest, ANewChainIsTakenOverAndWhatWasPendingIsSealedUnderTheOldOne) {
  const auto ids = officer_->log(std::array{trees(10)});
  ASSERT_TRUE(ids);
  const std::uint32_t old = officer_->identity().certificate;
  wire::SyncReply reply;
  reply.certificates =
      office_.chain_of(office_.certify(officer_->identity().key.public_key, Rank::kVolunteer, "CK"));
  const auto applied = officer_->apply_reply(reply, {});
  ASSERT_TRUE(applied) << applied.error().context;
  EXPECT_EQ(officer_->identity().rank, Rank::kVolunteer);
  EXPECT_EQ(officer_->identity().unit, "CK");
  const auto sent = officer_->load_outbox(limits::kRequestTargetBytes, 64);
  ASSERT_EQ(sent->outbox.batches.size(), 1u);
  EXPECT_EQ(wire::decode_batch(sent->outbox.batches[0].encoded)->batch.header.certificate, old);
  // Asked for the chain of that batch, it sends the old one.
  wire::SyncReply need;
  need.verdicts.resize(1);
  need.verdicts[0].status = wire::VerdictStatus::kNeedCertificate;
  ASSERT_TRUE(officer_->apply_reply(need, *sent));
  const auto again = officer_->load_outbox(limits::kRequestTargetBytes, 64);
  ASSERT_EQ(again->outbox.batches.size(), 1u);
  ASSERT_EQ(again->outbox.batches[0].certificates.size(), 2u);
  EXPECT_EQ(journal::decode_certificate(again->outbox.batches[0].certificates[0])->serial, old);
}

TEST_F(VouchingTest, AnIntroductionShowsEarlierCertificatesTooAsManyAsMayStand) {
  const PublicKey key = officer_->identity().key.public_key;
  for (int moves = 0; moves < 6; ++moves) {
    wire::SyncReply reply;
    reply.certificates = office_.chain_of(office_.certify(key, Rank::kOfficer, moves % 2 == 0 ? "CK" : "NA"));
    ASSERT_TRUE(officer_->apply_reply(reply, {}));
  }
  const auto introduction = officer_->introduction();
  ASSERT_TRUE(introduction);
  ASSERT_EQ(introduction->certificates.size(), limits::kChainMax);
  const auto first = journal::decode_certificate(introduction->certificates[0]);
  EXPECT_EQ(first->serial, officer_->identity().certificate);
  EXPECT_EQ(journal::decode_certificate(introduction->certificates[2])->serial, first->serial - 1);
}

TEST_F(VouchingTest, AChainOfAnotherDeviceIsRefusedWhole) {
  wire::SyncReply reply;
  reply.certificates =
      office_.chain_of(office_.certify(phone_->identity().key.public_key, Rank::kOffice, "DK"));
  EXPECT_EQ(officer_->apply_reply(reply, {}).error().code, ErrorCode::kUnauthorized);
  EXPECT_EQ(officer_->identity().rank, Rank::kOfficer);
}

// Leaving.

TEST_F(VouchingTest, LeavingIsRefusedWhileSomethingIsOnThisPhoneOnly) {
  ASSERT_TRUE(officer_->log(std::array{trees(10), trees(11)}));
  v1::LeaveRequest request;
  const auto refused = method::leave(*officer_, request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().key, "unsent_changes");
  EXPECT_EQ(refused.error().args, std::vector<std::string>{"2"});
  EXPECT_EQ(to_send(*officer_), 1u);
  EXPECT_FALSE(method::leave(*officer_, request)) << "sealed is not sent";
  const auto given = HandOver(*officer_).give(false);
  ASSERT_TRUE(given);
  EXPECT_FALSE(method::leave(*officer_, request)) << "a file in memory is not a file";
  ASSERT_TRUE(HandOver(*officer_).note_given(given->contents));
  EXPECT_TRUE(method::leave(*officer_, request)) << "it exists somewhere else";
}

TEST_F(VouchingTest, LeavingWithCarriedBundlesNeedsAWord) {
  ASSERT_TRUE(officer_->log(std::array{trees(10)}));
  auto carrier = open("carrier");
  office_.join(*carrier);
  ASSERT_TRUE(HandOver(*carrier).carry(HandOver(*officer_).give(false)->file));
  v1::LeaveRequest request;
  EXPECT_EQ(method::leave(*carrier, request).error().key, "carried_bundles");
  request.set_even_if_unsent(true);
  EXPECT_TRUE(method::leave(*carrier, request));
}

TEST_F(VouchingTest, AfterLeavingNothingOfBeforeIsInTheFileAndThePhoneJoinsAnew) {
  const std::string words = "Bà Tư ở ấp Thới Hoà kể chuyện cũ";
  std::vector<Draft> drafts;
  for (int i = 0; i < 400; ++i) drafts.push_back(trees(i + 1, words + std::to_string(i)));
  ASSERT_TRUE(officer_->log(drafts));
  office_.sync(*officer_);
  const auto ids = officer_->log(std::array{trees(10, words + " nữa")});
  ASSERT_TRUE(ids);
  ASSERT_TRUE(officer_->edit(ids->front(), {{FieldKind::kNote, words + " sửa"}}));
  const Bytes seed(officer_->identity().key.seed.view());
  const Bytes token = officer_->identity().token;
  const DeviceId before = officer_->identity().device;
  v1::LeaveRequest request;
  request.set_even_if_unsent(true);
  const auto left = method::leave(*officer_, request);
  ASSERT_TRUE(left) << left.error().error.context;
  EXPECT_EQ(left->given_up(), 1u);
  for (const char* suffix : {"", "-wal"}) {
    std::ifstream in(folder_.file("officer") + suffix, std::ios::binary);
    const Bytes bytes{std::istreambuf_iterator<char>(in), {}};
    for (const Bytes& gone : {words.substr(0, 12), seed, token, Bytes("Đoàn Khối")})
      EXPECT_EQ(bytes.find(gone), Bytes::npos) << suffix;
  }
  EXPECT_FALSE(officer_->identity().is_joined);
  EXPECT_NE(officer_->identity().device, before);
  EXPECT_FALSE(method::status(*officer_)->joined());
  office_.join(*officer_, Rank::kVolunteer, "CK");
  ASSERT_TRUE(officer_->log(std::array{trees(1)}));
  officer_.reset();
  officer_ = open("officer");
  EXPECT_EQ(officer_->identity().unit, "CK");
  EXPECT_EQ(to_send(*officer_), 1u);
}

TEST_F(VouchingTest, AnotherProcessSeesThatThePhoneHasLeft) {
  auto same = open("officer");
  ASSERT_TRUE(same->identity().is_joined);
  v1::LeaveRequest request;
  ASSERT_TRUE(method::leave(*officer_, request));
  ASSERT_TRUE(same->refresh());
  EXPECT_FALSE(same->identity().is_joined);
  EXPECT_EQ(same->identity().device, officer_->identity().device);
  EXPECT_EQ(same->catalogue(), nullptr);
}

}  // namespace
}  // namespace phusa::test
