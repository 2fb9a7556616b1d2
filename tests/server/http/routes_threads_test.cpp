#include "sync-server/access/api_token.hpp"
#include "sync-server/access/enrolment.hpp"
#include "sync-server/http/routes.hpp"
#include "tests/server/ingest/vouching.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

/// The routes without the listener: what ThreadSanitizer passes over in the library's threads it sees in
/// ours.
namespace phusa::test {
namespace {

TEST(RoutesThreads, PhonesReadersAndTheOfficeAtOnceAreAllAnswered) {
  TestServer server;
  SeededRandom random{8};
  access::ServerKeys keys;
  keys.server = test_keys().server_key;
  keys.box = test_box();
  const access::Identity identity{test_root().public_key, server_certificate(), "Đoàn Khối"};
  access::Enrolment enrolment({server.engine(), server.clock(), random}, keys, identity);
  const http::Routes routes({server.engine(), server.ledger(), enrolment});
  const auto token =
      access::mint_api_token(server.engine(), {"desk", std::nullopt}, server.clock().wall(), random);
  ASSERT_TRUE(token.has_value());
  std::vector<FakePhone> phones;
  for (std::uint64_t i = 0; i < 4; ++i) server.enrol(phones.emplace_back(10 + i, Rank::kVolunteer, "a"));

  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (FakePhone& phone : phones) {
    threads.emplace_back([&] {
      for (int i = 0; i < 15; ++i) {
        LogContent content;
        content.values[0] = {1, Qualifier::kExact};
        phone.log(content);
        phone.seal();
        const wire::SyncRequest sent = phone.request();
        http::Request request;
        request.method = "POST";
        request.path = "/v1/sync";
        request.content_type = std::string(wire::kContentType);
        request.body = wire::encode_sync_request(sent);
        const http::Reply reply = routes.handle(request);
        const auto decoded = wire::decode_sync_reply(reply.body);
        if (reply.status == 200 && decoded)
          phone.take(sent, *decoded);
        else
          ++refused;
      }
    });
  }
  for (int reader = 0; reader < 2; ++reader) {
    threads.emplace_back([&] {
      for (const char* path :
           {"/v1/totals", "/v1/lines", "/v1/held", "/v1/status", "/", "/v1/totals", "/v1/lines"}) {
        http::Request request;
        request.method = "GET";
        request.path = path;
        request.authorization = "Bearer " + *token;
        if (routes.handle(request).status != 200) ++refused;
      }
    });
  }
  for (int code = 0; code < 5; ++code) {
    if (!enrolment.issue({.unit = "a", .rank = Rank::kVolunteer})) ++refused;
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, 0);
  const auto counted = std::ranges::count_if(server.conclusions(), [](const std::string& line) {
    return line.starts_with("record ") && line.find(" hold none ") != std::string::npos;
  });
  EXPECT_EQ(counted, 60);
}

}  // namespace
}  // namespace phusa::test
