#include "core/journal/receipt.hpp"
#include "tests/server/security/installation.hpp"

/// Those who are somebody elsewhere, or hold what somebody else held, are nobody here.
namespace phusa::test {
namespace {

/// Lets the phone's key into another office too, under the same token.
void enrol_too(RemotePhone& phone, const Office& office) {
  const Identity& identity = phone.phone().identity();
  wire::EnrolRequest request;
  request.code = Bytes(journal::parse_enrolment_code(office.code("so_y_te"))->secret.view());
  request.device_key = identity.key.public_key;
  request.token_hash = hash_of(identity.token);
  request.signature = journal::sign(
      identity.key, journal::enrolment_message({request.code, request.device_key, request.token_hash,
                                                request.name, request.phone, request.predecessor}));
  ASSERT_EQ(post_exchange(office.address(), "/v1/enrol", wire::encode_enrol_request(request)).status, 200);
}

std::vector<wire::VerdictStatus> statuses(const Office& office, const wire::SyncRequest& request) {
  const RawReply reply = post_exchange(office.address(), "/v1/sync", wire::encode_sync_request(request));
  EXPECT_EQ(reply.status, 200);
  const auto decoded = wire::decode_sync_reply(reply.body);
  EXPECT_TRUE(decoded);
  std::vector<wire::VerdictStatus> out;
  if (decoded) std::ranges::transform(decoded->verdicts, std::back_inserter(out), &wire::Verdict::status);
  return out;
}

/// The phone's batches under whole hashes, so that no server can say it lacks what a short one stands for.
wire::JournalUp with_whole_hashes(const wire::SyncRequest& request, const Office& office) {
  auto catalogue_please = request;
  catalogue_please.own.clear();
  catalogue_please.catalogue_revision = 0;
  const RawReply reply =
      post_exchange(office.address(), "/v1/sync", wire::encode_sync_request(catalogue_please));
  const auto catalogue = wire::decode_sync_reply(reply.body)->catalogue;
  EXPECT_TRUE(catalogue);
  wire::JournalUp journal = request.own.at(0);
  for (wire::BatchOnWire& sent : std::exchange(journal.batches, {})) {
    if (catalogue) sent.batch.header.catalogue_hash = hash_of(catalogue->encoded);
    journal.encoded_batches.push_back(wire::encode_batch(sent.batch, wire::HashForm::kWhole));
  }
  return journal;
}

/// Both offices know the phone's key and token: what keeps its batches apart is what they were signed for.
TEST(Strangers, WhatAPhoneOfTwoOrganisationsSignedForOneCountsNothingInTheOther) {
  const std::vector invalid{wire::VerdictStatus::kInvalid};
  Office ours, theirs;
  ours.start();
  theirs.start();
  RemotePhone phone;
  phone.join(theirs.address(), theirs.code("so_y_te"));
  enrol_too(phone, ours);
  phone.log(7);
  auto request = *wire::decode_sync_request(phone.body());
  ASSERT_EQ(request.own.size(), 1u);
  request.own = {with_whole_hashes(request, theirs)};
  for (int times = 0; times < 3; ++times) EXPECT_EQ(statuses(ours, request), invalid);
  // Nor by a carrier, whom our office knows.
  RemotePhone carrier;
  carrier.join(ours.address(), ours.code("so_y_te"));
  auto carried = *wire::decode_sync_request(carrier.body());
  carried.carried = request.own;
  carried.carried.front().device_key = request.device_key;
  EXPECT_EQ(statuses(ours, carried), invalid);
  EXPECT_EQ(statuses(theirs, request), std::vector{wire::VerdictStatus::kAdmitted})
      << "nothing else is wrong";
  EXPECT_EQ(phone.sync(theirs.address()), "");
  EXPECT_EQ(nlohmann::json::parse(ask(theirs, "/v1/totals", theirs.token()).body)["rows"][0]["total"], "7");
  EXPECT_TRUE(nlohmann::json::parse(ask(ours, "/v1/totals", ours.token()).body)["rows"].empty());
  ours.command({"verify"});
  theirs.command({"verify"});
}

TEST(Strangers, AnotherOrganisationsCodeAndTokenOpenNothing) {
  Office ours, theirs;
  ours.start();
  theirs.start();
  EXPECT_EQ(ask(ours, "/v1/totals", theirs.token()).status, 401);
  RemotePhone phone;
  const auto code = *journal::parse_enrolment_code(theirs.code("so_y_te"));
  const auto request = *phone.phone().prepare_enrolment(code, "http://" + ours.address());
  EXPECT_EQ(post_exchange(ours.address(), "/v1/enrol", wire::encode_enrol_request(request)).status, 401);
}

/// Nothing of one phone can be said by another: not its token with another key, not its batches under one's
/// own name.
TEST(Strangers, APhoneCannotSpeakAsAnother) {
  Office office;
  office.start();
  RemotePhone victim, thief;
  victim.join(office.address(), office.code("so_y_te"));
  thief.join(office.address(), office.code("so_y_te"));
  victim.log(100);
  thief.log(1);
  const auto of_victim = *wire::decode_sync_request(victim.body());
  auto forged = *wire::decode_sync_request(thief.body());
  const auto own = forged;
  const auto durable = [&](const wire::SyncRequest& request) {
    const RawReply reply = post_exchange(office.address(), "/v1/sync", wire::encode_sync_request(request));
    const auto decoded = wire::decode_sync_reply(reply.body);
    if (!decoded) return false;
    EXPECT_TRUE(decoded->page.empty());
    return std::ranges::any_of(decoded->verdicts, &wire::Verdict::is_durable);
  };
  forged.own = of_victim.own;  // another's batches as one's own
  EXPECT_FALSE(durable(forged));
  forged = own;
  forged.device_key = of_victim.device_key;  // one's own batches under another's name
  EXPECT_FALSE(durable(forged));
  forged = of_victim;
  forged.token = own.token;  // reading as another
  forged.own.clear();
  EXPECT_EQ(post_exchange(office.address(), "/v1/sync", wire::encode_sync_request(forged)).status, 401);
  EXPECT_EQ(victim.sync(office.address()), "");
  EXPECT_EQ(thief.sync(office.address()), "");
  EXPECT_EQ(nlohmann::json::parse(ask(office, "/v1/totals", office.token()).body)["rows"][0]["total"], "101");
}

/// Whoever copies the ledger has no way in: neither a token, nor a code, nor what a token's hash could stand
/// for.
TEST(Strangers, AStolenLedgerOpensNoDoor) {
  Office office;
  office.start();
  const std::string token = office.token();
  const std::string code = office.code("so_y_te");
  RemotePhone phone;
  phone.join(office.address(), office.code("so_y_te"));
  ASSERT_EQ(phone.sync(office.address()), "");
  const Bytes secret(journal::parse_enrolment_code(code)->secret.view());
  const Bytes phone_token = phone.phone().identity().token;
  const Bytes phone_seed(phone.phone().identity().key.seed.view());
  office.stop();
  for (const auto& [name, bytes] : files_of(office)) {
    EXPECT_EQ(bytes.find(token), std::string::npos) << name;
    EXPECT_EQ(bytes.find(*from_hex(token)), std::string::npos) << name;
    EXPECT_EQ(bytes.find(code), std::string::npos) << name;
    EXPECT_EQ(bytes.find(secret), std::string::npos) << name;
    EXPECT_EQ(bytes.find(phone_token), std::string::npos) << name;
    EXPECT_EQ(bytes.find(phone_seed), std::string::npos) << name;
  }
  office.start();
  // The hashes that are there, tried as what they are hashes of.
  const std::string stored = hash_of(phone_token).hex();
  EXPECT_EQ(ask(office, "/v1/totals", stored).status, 401);
  auto request = *wire::decode_sync_request(phone.body());
  request.token = Bytes(hash_of(phone_token).view());
  EXPECT_EQ(post_exchange(office.address(), "/v1/sync", wire::encode_sync_request(request)).status, 401);
  RemotePhone other;
  auto parsed = *journal::parse_enrolment_code(code);
  auto enrol = *other.phone().prepare_enrolment(parsed, "http://" + office.address());
  const auto enrol_signed_anew = [&] {
    enrol.signature =
        journal::sign(other.phone().identity().key,
                      journal::enrolment_message({enrol.code, enrol.device_key, enrol.token_hash, enrol.name,
                                                  enrol.phone, enrol.predecessor}));
    return post_exchange(office.address(), "/v1/enrol", wire::encode_enrol_request(enrol)).status;
  };
  enrol.code = Bytes(hash_of(secret).view().substr(0, secret.size()));
  EXPECT_EQ(enrol_signed_anew(), 401) << "the code is not what is kept of it";
  enrol.code = secret;
  EXPECT_EQ(enrol_signed_anew(), 200) << "and nothing else was wrong with the request";
}

}  // namespace
}  // namespace phusa::test
