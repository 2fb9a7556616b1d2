#include "core/base/limits.hpp"
#include "core/base/random.hpp"
#include "core/journal/enrolment_code.hpp"
#include "core/journal/receipt.hpp"
#include "core/wire/codec.hpp"
#include "tests/server/app/server_process.hpp"

#include <gmock/gmock.h>

#include <algorithm>

/// The HTTP routes of a real server.
namespace phusa::test {
namespace {

using ::testing::HasSubstr;

class OfficeApiTest : public ServerProcessTest {
 protected:
  void SetUp() override {
    ServerProcessTest::SetUp();
    start();
  }

  Bytes enrolment(const std::string& code, const journal::KeyPair& key) const {
    wire::EnrolRequest request;
    request.code = Bytes(journal::parse_enrolment_code(code)->secret.view());
    request.device_key = key.public_key;
    request.token_hash = hash_of("token");
    request.signature = journal::sign(
        key, journal::enrolment_message({request.code, request.device_key, request.token_hash, {}, {}, {}}));
    return wire::encode_enrol_request(request);
  }

  RawReply send(const std::string& path, const Bytes& body) const {
    return talk(address_, post(path, body, std::string(wire::kContentType)));
  }

  std::string new_code() const {
    return nlohmann::json::parse(
               server({"enrol", "--unit", "so_y_te", "--role", "volunteer", "--format", "json"}).out)
        .value("code", "");
  }

  SystemRandom random_;
};

TEST_F(OfficeApiTest, APhoneJoinsAndIsListed) {
  const auto key = journal::key_pair_from(random_.fixed<KeySeed>());
  const Bytes request = enrolment(new_code(), key);
  const RawReply reply = send("/v1/enrol", request);
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_TRUE(wire::decode_enrol_reply(reply.body));
  EXPECT_EQ(send("/v1/enrol", request).body, reply.body);
  EXPECT_THAT(server({"devices", "list", "--format", "csv"}).out,
              HasSubstr(device_id_of(key.public_key).hex()));
  const std::string id = device_id_of(key.public_key).hex();
  EXPECT_EQ(server({"devices", "revoke", id.substr(0, 8)}).status, 0);
  EXPECT_EQ(send("/v1/enrol", request).status, 403);
}

TEST_F(OfficeApiTest, ExchangesWantTheirContentTypeAndMagic) {
  for (const char* path : {"/v1/sync", "/v1/enrol"}) {
    const RawReply type = talk(address_, post(path, "PHS1", "application/json"));
    EXPECT_EQ(type.status, 415);
    EXPECT_EQ(wire::decode_refusal(type.body)->error.code, ErrorCode::kInvalidArgument);
    const RawReply magic = send(path, "<html>");
    EXPECT_EQ(magic.status, 400);
    EXPECT_EQ(wire::decode_refusal(magic.body)->error.code, ErrorCode::kCorrupt);
    const RawReply garbage = send(path, "PHS1\xff\xff\xff\xff");
    EXPECT_EQ(garbage.status, 400);
    EXPECT_TRUE(wire::decode_refusal(garbage.body));
    EXPECT_EQ(talk(address_, get(path)).status, 405);
  }
}

TEST_F(OfficeApiTest, BodiesAreBounded) {
  EXPECT_EQ(send("/v1/sync", Bytes(limits::kRequestBytesMax + 1, 'x')).status, 413);
  EXPECT_EQ(talk(address_, "POST /v1/sync HTTP/1.1\r\nHost: x\r\n\r\n").status, 411);
}

TEST_F(OfficeApiTest, ReadingNeedsAToken) {
  for (const char* path : {"/v1/totals", "/v1/lines", "/v1/held", "/v1/status"}) {
    for (const std::string& token : {std::string(), std::string("wrong"), std::string(64, 'a')}) {
      const RawReply reply = ask(path, token);
      EXPECT_EQ(reply.status, 401);
      EXPECT_EQ(nlohmann::json::parse(reply.body).value("error", ""), "unauthorized");
    }
    EXPECT_EQ(ask(path, new_token()).status, 200);
  }
}

TEST_F(OfficeApiTest, UnknownParametersAndCodesAreNamed) {
  const std::string token = new_token();
  const auto message = [&](const std::string& path, int status) {
    const RawReply reply = ask(path, token);
    EXPECT_EQ(reply.status, status) << path;
    return nlohmann::json::parse(reply.body).value("message", "");
  };
  EXPECT_THAT(message("/v1/totals?colour=red", 400), HasSubstr("'colour'"));
  EXPECT_THAT(message("/v1/totals?by=colour", 400), HasSubstr("colour"));
  EXPECT_THAT(message("/v1/totals?by=label:levl", 400), HasSubstr("'levl'"));
  EXPECT_THAT(message("/v1/totals?unit=khoi&unit=khoi", 400), HasSubstr("twice"));
  EXPECT_THAT(message("/v1/totals?unit=nobody", 404), HasSubstr("nobody"));
  EXPECT_THAT(message("/v1/totals?from=yesterday", 400), HasSubstr("yesterday"));
  EXPECT_THAT(message("/v1/totals?as_of=x", 400), HasSubstr("as_of"));
  EXPECT_THAT(message("/v1/totals?as_of=1.0000000000000000", 409), HasSubstr("restored"));
  EXPECT_THAT(message("/v1/lines?limit=0", 400), HasSubstr("limit"));
  EXPECT_THAT(message("/v1/held?x=1", 400), HasSubstr("'x'"));
}

TEST_F(OfficeApiTest, ATokensUnitIsAllItSees) {
  const std::string token = new_token("so_y_te");
  EXPECT_EQ(ask("/v1/totals", token).status, 200);
  EXPECT_EQ(ask("/v1/totals?unit=benh_vien", token).status, 200);
  EXPECT_EQ(ask("/v1/totals?unit=khoi", token).status, 403);
  EXPECT_EQ(nlohmann::json::parse(ask("/v1/status", token).body).value("units", ""), "2");
}

TEST_F(OfficeApiTest, ARevokedTokenReadsNothingMore) {
  const std::string kept = new_token();
  for (const bool whole : {true, false}) {
    const std::string token = new_token("so_y_te");
    const auto rows = nlohmann::json::parse(server({"token", "list", "--format", "json"}).out);
    const std::string id = std::find_if(rows.begin(), rows.end(), [](const auto& row) {
                             return row.at("unit") == "so_y_te" && row.at("revoked") == "";
                           })->at("id");
    EXPECT_EQ(ask("/v1/totals", token).status, 200);
    const Outcome revoked = server({"token", "revoke", whole ? token : id});
    EXPECT_EQ(revoked.status, 0) << revoked.err;
    EXPECT_THAT(revoked.out, HasSubstr(id));
    EXPECT_EQ(ask("/v1/totals", token).status, 401);
  }
  EXPECT_EQ(ask("/v1/totals", kept).status, 200);
  EXPECT_THAT(server({"token", "revoke", "0123456"}).err, HasSubstr("at least 8 digits"));
  EXPECT_THAT(server({"token", "revoke", std::string(64, '0')}).err, HasSubstr("token list"));
}

TEST_F(OfficeApiTest, ARevokedCodeIsListedNoMore) {
  const auto code = nlohmann::json::parse(
      server({"enrol", "--unit", "so_y_te", "--role", "volunteer", "--uses", "40", "--format", "json"}).out);
  const auto listed = [&] {
    return nlohmann::json::parse(server({"enrol", "list", "--format", "json"}).out);
  };
  const auto rows = listed();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("uses_left"), "40");
  const Outcome revoked = server({"enrol", "revoke", code.at("code")});
  EXPECT_EQ(revoked.status, 0) << revoked.err;
  EXPECT_THAT(revoked.out, HasSubstr(rows[0].at("id").get<std::string>()));
  EXPECT_TRUE(listed().empty());
}

TEST_F(OfficeApiTest, TotalsOfNothingAreRowsOfNothing) {
  const RawReply reply = ask("/v1/totals?by=unit,indicator", new_token());
  const auto json = nlohmann::json::parse(reply.body);
  EXPECT_TRUE(json["rows"].is_array());
  EXPECT_TRUE(json["rows"].empty());
  EXPECT_EQ(json,
            nlohmann::json::parse(server({"totals", "--by", "unit,indicator", "--format", "json"}).out));
}

TEST_F(OfficeApiTest, ThePageSpeaksBothLanguages) {
  const RawReply vietnamese = talk(address_, get("/"));
  EXPECT_EQ(vietnamese.status, 200);
  EXPECT_THAT(vietnamese.body, HasSubstr("Đoàn Khối"));
  EXPECT_THAT(vietnamese.body, HasSubstr("Tổng hợp"));
  EXPECT_THAT(talk(address_, get("/", "Accept-Language: en\r\n")).body, HasSubstr("Totals"));
  EXPECT_EQ(talk(address_, get("/nothing/here")).status, 404);
  EXPECT_EQ(talk(address_, get("/healthz")).body, "ok\n");
}

}  // namespace
}  // namespace phusa::test
