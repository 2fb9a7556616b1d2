#include "core/base/clock.hpp"
#include "core/base/random.hpp"
#include "core/journal/certificate.hpp"
#include "core/journal/enrolment_code.hpp"
#include "core/journal/personal.hpp"
#include "core/journal/receipt.hpp"
#include "core/journal/sealing.hpp"
#include "core/wire/codec.hpp"
#include "core/wire/facts.hpp"
#include "tests/server/app/server_process.hpp"

#include <gmock/gmock.h>

#include <algorithm>

/// What the office does with devices, against a real server.
namespace phusa::test {
namespace {

using ::testing::HasSubstr;

class DevicesTest : public ServerProcessTest {
 protected:
  void SetUp() override {
    ServerProcessTest::SetUp();
    start();
    officer_ = new_key();
    officers_chain_ = join(officer_, {"--unit", "so_y_te", "--role", "officer", "--vouches", "1"});
    ASSERT_EQ(officers_chain_.size(), 2u);
  }
  void TearDown() override { EXPECT_EQ(server({"verify"}).status, 0); }

  journal::KeyPair new_key() { return journal::key_pair_from(random_.fixed<KeySeed>()); }
  static std::string id_of(const journal::KeyPair& key) { return device_id_of(key.public_key).hex(); }

  RawReply post_enrolment(const journal::KeyPair& key, wire::EnrolRequest request) const {
    request.device_key = key.public_key;
    request.token_hash = hash_of(key.public_key.view());
    request.name = "Lê Văn C";
    request.signature =
        journal::sign(key, journal::enrolment_message({request.code, request.device_key, request.token_hash,
                                                       request.name, request.phone, request.predecessor}));
    return talk(address_,
                post("/v1/enrol", wire::encode_enrol_request(request), std::string(wire::kContentType)));
  }
  /// With a code made by `enrol ARGS`: the chain it got.
  std::vector<Bytes> join(const journal::KeyPair& key, std::vector<std::string> args) const {
    args.insert(args.begin(), "enrol");
    args.insert(args.end(), {"--format", "json"});
    const Outcome made = server(args);
    EXPECT_EQ(made.status, 0) << made.err;
    wire::EnrolRequest request;
    request.code = Bytes(
        journal::parse_enrolment_code(nlohmann::json::parse(made.out).value("code", ""))->secret.view());
    const RawReply reply = post_enrolment(key, request);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.status == 200 ? wire::decode_enrol_reply(reply.body)->certificates : std::vector<Bytes>();
  }
  std::vector<Bytes> vouch(const journal::KeyPair& key, const std::string& unit = "benh_vien") {
    const Certificate officers = *journal::decode_certificate(officers_chain_[0]);
    Certificate certificate;
    certificate.serial = ++vouched_;
    certificate.subject = key.public_key;
    certificate.unit = unit;
    certificate.issued_at = SystemClock().wall();
    const Certificate root = *journal::decode_certificate(officers_chain_[1]);
    journal::sign_certificate(organisation_id_of(root.issuer), officer_, certificate);
    EXPECT_EQ(officers.uses, 1u);
    return {journal::encode_certificate(certificate), officers_chain_[0], officers_chain_[1]};
  }
  RawReply introduce(const journal::KeyPair& key, const std::vector<Bytes>& chain) const {
    wire::EnrolRequest request;
    request.certificates = chain;
    return post_enrolment(key, request);
  }

  /// Brings a batch with a note, as a carrier would: why it is held.
  HoldReason carry_a_note(const journal::KeyPair& key, const std::vector<Bytes>& chain) {
    const PersonalPart words{random_.fixed<BatchSalt>(), {"một lời"}, {}};
    SealedBatch batch;
    batch.header.number = 1;
    batch.header.certificate = journal::decode_certificate(chain[0])->serial;
    batch.header.changes = 1;
    batch.header.personal_plain_bytes = wire::personal_plain_bytes(words);
    batch.personal = wire::pack_personal(words);
    const auto organisation = organisation_id_of(journal::decode_certificate(chain.back())->issuer);
    journal::seal(organisation, key, batch, journal::leaves_of(words.salt, words.texts));
    wire::SyncRequest request;
    request.device_key = key.public_key;
    wire::JournalUp& journal = request.carried.emplace_back();
    journal.device_key = key.public_key;
    journal.encoded_batches = {wire::encode_batch(batch, wire::HashForm::kWhole)};
    journal.certificates = chain;
    const RawReply reply =
        talk(address_, post("/v1/sync", wire::encode_sync_request(request), std::string(wire::kContentType)));
    EXPECT_EQ(reply.status, 200) << reply.body;
    return wire::decode_sync_reply(reply.body)->verdicts.at(0).reason;
  }

  SystemRandom random_;
  journal::KeyPair officer_;
  std::vector<Bytes> officers_chain_;
  std::uint32_t vouched_ = 0;
};

TEST_F(DevicesTest, APhonePastTheQuotaWaitsAtTheDoorUntilTheOfficeAccepts) {
  const auto first = new_key();
  const auto second = new_key();
  EXPECT_EQ(introduce(first, vouch(first)).status, 200);
  const auto chain = vouch(second);
  const RawReply refused = introduce(second, chain);
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(wire::decode_refusal(refused.body)->error.context,
              HasSubstr("what you send is kept safe, and counted once it has"));
  EXPECT_TRUE(wire::decode_refusal(refused.body)
                  ->error.context.starts_with("the office must accept this phone first: "))
      << "by which phones know what to say in Vietnamese";
  const auto devices = nlohmann::json::parse(server({"devices", "list", "--format", "json"}).out);
  ASSERT_EQ(devices.size(), 3u);
  EXPECT_EQ(devices[2]["device"], id_of(second));
  EXPECT_EQ(devices[2]["doubt"], "vouch_quota");
  EXPECT_EQ(devices[2]["name"], "Lê Văn C");
  EXPECT_EQ(devices[2]["vouched_by"], id_of(officer_).substr(0, 8));
  const Outcome let_in = server({"devices", "accept", id_of(first)});
  EXPECT_EQ(let_in.status, 1);
  EXPECT_THAT(let_in.err, HasSubstr("device " + id_of(first) + " is in no doubt"));
  EXPECT_THAT(server({"devices", "accept", std::string(8, '0')}).err, HasSubstr("no device '00000000'"));
  EXPECT_EQ(server({"devices", "accept", id_of(second).substr(0, 8)}).status, 0);
  EXPECT_EQ(introduce(second, chain).status, 200);
}

TEST_F(DevicesTest, AVoucherWhoseUnitIsNoTextIsListedAndTheServerGoesOn) {
  const auto phone = new_key();
  EXPECT_EQ(introduce(phone, vouch(phone, "\xff\xfe")).status, 403);
  const Outcome listed = server({"devices", "list", "--format", "json"});
  EXPECT_EQ(listed.status, 0) << listed.err;
  const auto devices = nlohmann::json::parse(listed.out);
  ASSERT_EQ(devices.size(), 2u);
  EXPECT_EQ(devices[1]["device"], id_of(phone));
  EXPECT_EQ(talk(address_, get("/healthz")).status, 200);
}

TEST_F(DevicesTest, AMovedDeviceHasANewCertificateAndStaysTheSame) {
  const auto phone = new_key();
  join(phone, {"--unit", "so_y_te", "--role", "volunteer"});
  const Outcome moved = server({"devices", "move", id_of(phone), "--unit", "benh_vien", "--lang", "vi"});
  EXPECT_EQ(moved.status, 0) << moved.err;
  EXPECT_THAT(moved.out, HasSubstr("nay là đoàn viên tại benh_vien"));
  EXPECT_EQ(server({"devices", "move", id_of(phone), "--unit", "nowhere"}).status, 1);
  EXPECT_EQ(server({"devices", "move", "00000000", "--unit", "khoi"}).status, 1);
  EXPECT_THAT(server({"devices", "list", "--format", "csv"}).out, HasSubstr(id_of(phone) + ",benh_vien"));
}

TEST_F(DevicesTest, AnOfficerThatIsMovedOrReplacedVouchesForNoMoreThanBefore) {
  EXPECT_EQ(server({"devices", "move", id_of(officer_), "--unit", "so_y_te"}).status, 0);
  const auto first = new_key();
  const auto second = new_key();
  EXPECT_EQ(introduce(first, vouch(first)).status, 200);
  EXPECT_EQ(introduce(second, vouch(second)).status, 403);
  const auto next = journal::decode_certificate(join(new_key(), {"--replaces", id_of(officer_)}).at(0));
  EXPECT_EQ(next->rank, Rank::kOfficer);
  EXPECT_EQ(next->uses, 1u);
  const auto more =
      journal::decode_certificate(join(new_key(), {"--replaces", id_of(officer_), "--vouches", "7"}).at(0));
  EXPECT_EQ(more->uses, 7u);
}

TEST_F(DevicesTest, ALostPhonesSuccessorTakesItsPlaceAndTheLostOneIsShutOut) {
  const auto lost = new_key();
  const auto chain = join(lost, {"--unit", "benh_vien", "--role", "volunteer"});
  const auto next = new_key();
  const auto its = join(next, {"--replaces", id_of(lost), "--lost"});
  const auto certificate = journal::decode_certificate(its.at(0));
  EXPECT_EQ(certificate->unit, "benh_vien");
  EXPECT_EQ(certificate->predecessor, lost.public_key);
  EXPECT_EQ(certificate->person, journal::decode_certificate(chain.at(0))->person);
  EXPECT_EQ(introduce(lost, chain).status, 403);
  const auto devices = nlohmann::json::parse(server({"devices", "list", "--format", "json"}).out);
  // By the second of enrolling, then by id: two may come in either order.
  const auto at = std::find_if(devices.begin(), devices.end(),
                               [&](const auto& device) { return device["device"] == id_of(next); });
  ASSERT_NE(at, devices.end());
  EXPECT_EQ((*at)["replaces"], id_of(lost).substr(0, 8));
}

TEST_F(DevicesTest, ARevocationIsShownBeforeItIsDone) {
  const auto phone = new_key();
  join(phone, {"--unit", "benh_vien", "--role", "volunteer"});
  EXPECT_THAT(server({"devices", "revoke", id_of(phone), "--preview"}).out, HasSubstr("nothing was done"));
  EXPECT_EQ(server({"devices", "revoke", id_of(phone), "--good", "12"}).status, 2);
  EXPECT_EQ(server({"devices", "revoke", id_of(phone), "--good", std::string(64, '0')}).status, 1);
  EXPECT_EQ(server({"devices", "revoke", id_of(phone)}).status, 0);
  EXPECT_EQ(server({"devices", "revoke", id_of(phone)}).status, 1) << "once";
  EXPECT_EQ(server({"devices", "move", id_of(phone), "--unit", "so_y_te"}).status, 1);
}

TEST_F(DevicesTest, APhoneInDoubtCanBeShutOutAndStaysOutWhenItIsAccepted) {
  const auto first = new_key();
  const auto second = new_key();
  EXPECT_EQ(introduce(first, vouch(first)).status, 200);
  const auto chain = vouch(second);
  EXPECT_EQ(introduce(second, chain).status, 403);  // past the quota
  const Outcome revoked = server({"devices", "revoke", id_of(second).substr(0, 8)});
  EXPECT_EQ(revoked.status, 0) << revoked.err;
  EXPECT_EQ(server({"devices", "revoke", id_of(second)}).status, 1) << "once";
  const auto devices = nlohmann::json::parse(server({"devices", "list", "--format", "json"}).out);
  ASSERT_EQ(devices.size(), 3u);
  EXPECT_EQ(devices[2]["doubt"], "vouch_quota");
  EXPECT_EQ(devices[2]["revoked"], "yes");
  EXPECT_EQ(wire::decode_refusal(introduce(second, chain).body)->error.code, ErrorCode::kRevoked);
  // Accepting it says that its officer was right to vouch; that it was stolen stays true.
  EXPECT_EQ(server({"devices", "accept", id_of(second)}).status, 0);
  const RawReply refused = introduce(second, chain);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(wire::decode_refusal(refused.body)->error.code, ErrorCode::kRevoked);
}

TEST_F(DevicesTest, ARevocationSaysWhatCountsAfterIt) {
  const auto stolen = new_key();
  carry_a_note(stolen, join(stolen, {"--unit", "so_y_te", "--role", "volunteer"}));
  const auto batches = nlohmann::json::parse(
      server({"devices", "revoke", id_of(stolen), "--preview", "--format", "json"}).out);
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_THAT(server({"devices", "revoke", id_of(stolen), "--good", batches[0]["batch"]}).out,
              HasSubstr("the kept batches count, all others are held"));
  const auto first = new_key();
  const auto in_doubt = new_key();
  EXPECT_EQ(introduce(first, vouch(first)).status, 200);
  carry_a_note(in_doubt, vouch(in_doubt));  // past the quota
  EXPECT_THAT(server({"devices", "revoke", id_of(in_doubt)}).out,
              HasSubstr("nothing of it counts: once it is accepted, the kept batches do"));
  EXPECT_THAT(server({"devices", "revoke", id_of(first)}).out, HasSubstr("what arrived before still counts"));
}

TEST_F(DevicesTest, AForkShowsAtItsDevice) {
  const auto copied = new_key();
  const auto chain = join(copied, {"--unit", "so_y_te", "--role", "volunteer"});
  const auto forked = [&](const journal::KeyPair& key) {
    const auto devices = nlohmann::json::parse(server({"devices", "list", "--format", "json"}).out);
    const auto at = std::find_if(devices.begin(), devices.end(),
                                 [&](const auto& device) { return device["device"] == id_of(key); });
    return at == devices.end() ? std::string("no such device") : at->value("forked", "not told");
  };
  carry_a_note(copied, chain);
  EXPECT_EQ(forked(copied), "");
  carry_a_note(copied, chain);  // another batch with the number 1
  EXPECT_EQ(forked(copied), "yes");
  EXPECT_EQ(forked(officer_), "");
  const Outcome listed = server({"devices", "list", "--lang", "vi"});
  EXPECT_THAT(listed.out, HasSubstr("có bản sao"));
  const auto first = new_key();
  const auto in_doubt = new_key();
  EXPECT_EQ(introduce(first, vouch(first)).status, 200);
  const auto late = vouch(in_doubt);  // past the quota
  for (int i = 0; i < 2; ++i) EXPECT_EQ(carry_a_note(in_doubt, late), HoldReason::kVouchQuota);
  EXPECT_EQ(forked(in_doubt), "yes") << "what is held says it as well";
}

TEST_F(DevicesTest, WhoeverIsInDoubtCanAskToBeForgotten) {
  const auto first = new_key();
  const auto second = new_key();
  EXPECT_EQ(introduce(first, vouch(first)).status, 200);
  const auto chain = vouch(second);
  EXPECT_EQ(introduce(second, chain).status, 403);  // past the quota
  EXPECT_EQ(carry_a_note(second, chain), HoldReason::kVouchQuota);
  const Outcome erased = server({"persons", "erase", id_of(second).substr(0, 8), "--yes"});
  EXPECT_EQ(erased.status, 0) << erased.err;
  EXPECT_THAT(erased.out, HasSubstr("of 1 batch(es)"));
  EXPECT_EQ(introduce(second, chain).status, 403);
  const auto devices = nlohmann::json::parse(server({"devices", "list", "--format", "json"}).out);
  ASSERT_EQ(devices.size(), 3u);
  EXPECT_EQ(devices[1]["name"], "Lê Văn C") << "another's stays";
  EXPECT_EQ(devices[2]["device"], id_of(second));
  EXPECT_EQ(devices[2]["name"], "");
  EXPECT_EQ(devices[2]["phone"], "");
}

TEST_F(DevicesTest, AnOfferSaysWhomItLetsIn) {
  EXPECT_EQ(server({"enrol", "--unit", "so_y_te"}).status, 2);
  EXPECT_EQ(server({"enrol", "--unit", "so_y_te", "--role", "volunteer", "--lost"}).status, 2);
  EXPECT_EQ(server({"enrol", "--replaces", "00000000"}).status, 1);
}

}  // namespace
}  // namespace phusa::test
