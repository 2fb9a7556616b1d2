#include "core/net/curl/curl_transport.hpp"

#include "tests/support/tiny_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

namespace phusa {
namespace {

using test::http_ok;
using test::TinyConnection;
using test::TinyServer;
using testing::HasSubstr;
using testing::Not;

std::unique_ptr<CurlTransport> make_transport(CurlTransport::Options options = {}) {
  auto transport = CurlTransport::create(std::move(options));
  EXPECT_TRUE(transport.has_value());
  return std::move(*transport);
}

HttpRequest post(const std::string& url, Bytes body = "hello", std::uint64_t id = 1) {
  HttpRequest request;
  request.id = id;
  request.url = url;
  request.headers = {"Content-Type: application/x-test"};
  request.body = std::move(body);
  request.reply_bytes_max = 64 * 1024;
  request.connect_timeout = std::chrono::seconds(60);
  request.stall_timeout = std::chrono::seconds(60);
  return request;
}

HttpOutcome answer(CurlTransport& transport) {
  for (;;) {
    auto outcomes = transport.poll(std::chrono::seconds(60));
    if (!outcomes.empty()) return std::move(outcomes.front());
  }
}

HttpOutcome exchange(CurlTransport& transport, HttpRequest request) {
  transport.start(std::move(request));
  return answer(transport);
}

/// A script that gives the same reply to every request of a connection.
TinyServer::Script always(std::string reply) {
  return [reply = std::move(reply)](TinyConnection& connection) {
    while (connection.read_request()) connection.send(reply);
  };
}

TEST(CurlTransport, CarriesARequestAndItsReplyVerbatim) {
  std::string seen;
  const std::string body("\0\x01\xff binary", 10);
  TinyServer server([&](TinyConnection& connection) {
    seen = connection.read_request().value_or("");
    connection.send(http_ok("application/x-reply", std::string("\0ok", 3)));
    connection.wait_for_close();
  });
  auto transport = make_transport();
  const auto outcome = exchange(*transport, post(server.url() + "/v1/sync", body));
  EXPECT_EQ(outcome.failure, HttpFailure::kNone) << outcome.failure_text;
  EXPECT_EQ(outcome.reply.status, 200u);
  EXPECT_EQ(outcome.reply.content_type, "application/x-reply");
  EXPECT_EQ(outcome.reply.body, std::string("\0ok", 3));
  EXPECT_THAT(seen, HasSubstr("POST /v1/sync HTTP/1.1\r\n"));
  EXPECT_EQ(seen.substr(seen.size() - body.size()), body);
}

TEST(CurlTransport, SendsNoHeaderThatNobodyAskedFor) {
  std::string seen;
  TinyServer server([&](TinyConnection& connection) {
    seen = connection.read_request().value_or("");
    connection.send(http_ok("text/plain", ""));
    connection.wait_for_close();
  });
  auto transport = make_transport();
  // Large enough that libcurl would ask for "100 Continue" by itself.
  const auto outcome = exchange(*transport, post(server.url(), Bytes(2 * 1024 * 1024, 'x')));
  EXPECT_EQ(outcome.failure, HttpFailure::kNone) << outcome.failure_text;
  const auto head = seen.substr(0, seen.find("\r\n\r\n") + 4);
  EXPECT_EQ(head, "POST / HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                      "\r\nContent-Type: application/x-test\r\nContent-Length: 2097152\r\n\r\n");
}

TEST(CurlTransport, CountsEveryByteBothWays) {
  std::atomic<std::size_t> up = 0;
  const auto reply = http_ok("text/plain", std::string(3000, 'r'));
  TinyServer server([&](TinyConnection& connection) {
    while (auto request = connection.read_request()) {
      up = request->size();
      connection.send(reply);
    }
  });
  auto transport = make_transport();
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, std::size_t{100'000}}) {
    const auto outcome = exchange(*transport, post(server.url(), Bytes(size, 'x')));
    EXPECT_EQ(outcome.traffic.up, up.load()) << size;
    EXPECT_EQ(outcome.traffic.down, reply.size()) << size;
  }
}

TEST(CurlTransport, OneConnectionServesManyRequests) {
  TinyServer server(always(http_ok("text/plain", "ok")));
  auto transport = make_transport();
  for (std::uint64_t id = 1; id <= 5; ++id) {
    EXPECT_EQ(exchange(*transport, post(server.url(), "x", id)).failure, HttpFailure::kNone);
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST(CurlTransport, AConnectionClosedWhileIdleIsReplaced) {
  TinyServer server([](TinyConnection& connection) {
    if (connection.read_request()) connection.send(http_ok("text/plain", "ok"));
  });
  auto transport = make_transport();
  for (std::uint64_t id = 1; id <= 3; ++id) {
    const auto outcome = exchange(*transport, post(server.url(), "x", id));
    EXPECT_EQ(outcome.failure, HttpFailure::kNone) << outcome.failure_text;
  }
  EXPECT_EQ(server.connections(), 3);
}

TEST(CurlTransport, ARedirectIsAReplyAndIsNotFollowed) {
  TinyServer elsewhere(always(http_ok("text/plain", "stolen")));
  TinyServer server(always("HTTP/1.1 307 Temporary Redirect\r\nLocation: " + elsewhere.url() +
                           "/\r\nContent-Length: 0\r\n\r\n"));
  auto transport = make_transport();
  const auto outcome = exchange(*transport, post(server.url()));
  EXPECT_EQ(outcome.failure, HttpFailure::kNone);
  EXPECT_EQ(outcome.reply.status, 307u);
  EXPECT_EQ(elsewhere.connections(), 0);
}

TEST(CurlTransport, CookiesAreNotKept) {
  std::string second;
  TinyServer server([&](TinyConnection& connection) {
    connection.read_request();
    connection.send("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n");
    second = connection.read_request().value_or("");
    connection.send(http_ok("text/plain", ""));
    connection.wait_for_close();
  });
  auto transport = make_transport();
  exchange(*transport, post(server.url()));
  exchange(*transport, post(server.url()));
  EXPECT_THAT(second, Not(HasSubstr("ookie")));
}

TEST(CurlTransport, AReplyAnnouncedTooLongIsRefused) {
  TinyServer server(always("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nabc"));
  auto transport = make_transport();
  EXPECT_EQ(exchange(*transport, post(server.url())).failure, HttpFailure::kTooLarge);
}

TEST(CurlTransport, AReplyThatNeverEndsIsCutOffAtTheLimit) {
  TinyServer server([](TinyConnection& connection) {
    connection.read_request();
    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 100; ++i) connection.send("400\r\n" + std::string(1024, 'x') + "\r\n");
    connection.wait_for_close();
  });
  auto transport = make_transport();
  const auto outcome = exchange(*transport, post(server.url()));
  EXPECT_EQ(outcome.failure, HttpFailure::kTooLarge);
  EXPECT_TRUE(outcome.reply.body.empty());
}

TEST(CurlTransport, AReplyOfExactlyTheLimitIsTaken) {
  TinyServer server(always(http_ok("text/plain", std::string(64 * 1024, 'x'))));
  auto transport = make_transport();
  const auto outcome = exchange(*transport, post(server.url()));
  EXPECT_EQ(outcome.failure, HttpFailure::kNone) << outcome.failure_text;
  EXPECT_EQ(outcome.reply.body.size(), 64u * 1024);
}

TEST(CurlTransport, ASilentServerIsGivenUp) {
  TinyServer server([](TinyConnection& connection) {
    connection.read_request();
    connection.wait_for_close();
  });
  auto transport = make_transport();
  auto request = post(server.url());
  request.stall_timeout = std::chrono::seconds(1);
  EXPECT_EQ(exchange(*transport, std::move(request)).failure, HttpFailure::kTimedOut);
}

TEST(CurlTransport, AReplyThatStopsHalfwayIsGivenUp) {
  TinyServer server([](TinyConnection& connection) {
    connection.read_request();
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    connection.wait_for_close();
  });
  auto transport = make_transport();
  auto request = post(server.url());
  request.stall_timeout = std::chrono::seconds(1);
  EXPECT_EQ(exchange(*transport, std::move(request)).failure, HttpFailure::kTimedOut);
}

TEST(CurlTransport, AReplyCutOffHalfwayIsAFailure) {
  TinyServer server([](TinyConnection& connection) {
    connection.read_request();
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  });
  auto transport = make_transport();
  const auto outcome = exchange(*transport, post(server.url()));
  EXPECT_EQ(outcome.failure, HttpFailure::kBroken);
  EXPECT_TRUE(outcome.reply.body.empty());
}

TEST(CurlTransport, ARefusedConnectionSaysSo) {
  std::string url;
  {
    url = TinyServer([](TinyConnection&) {}).url();
  }
  auto transport = make_transport();
  const auto outcome = exchange(*transport, post(url));
  EXPECT_EQ(outcome.failure, HttpFailure::kNoConnection);
  EXPECT_FALSE(outcome.failure_text.empty());
}

TEST(CurlTransport, GarbageIsNoReply) {
  TinyServer server([](TinyConnection& connection) {
    connection.read_request();
    connection.send("SSH-2.0-OpenSSH_9.2\r\n");
  });
  auto transport = make_transport();
  EXPECT_EQ(exchange(*transport, post(server.url())).failure, HttpFailure::kNotHttp);
}

TEST(CurlTransport, ACaptivePortalsPageArrivesWithItsTypeForTheCallerToJudge) {
  TinyServer server(always(http_ok("text/html; charset=utf-8", "<html>Đăng nhập Wi-Fi</html>")));
  auto transport = make_transport();
  const auto outcome = exchange(*transport, post(server.url()));
  EXPECT_EQ(outcome.reply.status, 200u);
  EXPECT_EQ(outcome.reply.content_type, "text/html; charset=utf-8");
}

TEST(CurlTransport, OnlyHttpIsSpoken) {
  auto transport = make_transport();
  EXPECT_EQ(exchange(*transport, post("file:///etc/passwd")).failure, HttpFailure::kBadUrl);
  EXPECT_EQ(exchange(*transport, post("ftp://127.0.0.1/x")).failure, HttpFailure::kBadUrl);
  EXPECT_EQ(exchange(*transport, post("")).failure, HttpFailure::kBadUrl);
}

TEST(CurlTransport, ACancelFromAnotherThreadEndsTheRequest) {
  std::promise<void> arrived;
  TinyServer server([&](TinyConnection& connection) {
    connection.read_request();
    arrived.set_value();
    connection.wait_for_close();
  });
  auto transport = make_transport();
  std::thread other([&, reached = arrived.get_future()]() mutable {
    reached.wait();
    transport->cancel(7);
  });
  transport->start(post(server.url(), "x", 7));
  HttpOutcome outcome;
  while (transport->under_way() > 0) {
    for (auto& one : transport->poll(std::chrono::seconds(60))) outcome = std::move(one);
  }
  other.join();
  EXPECT_EQ(outcome.id, 7u);
  EXPECT_EQ(outcome.failure, HttpFailure::kCancelled);
  EXPECT_EQ(transport->under_way(), 0u);
}

TEST(CurlTransport, AWakeEndsAPollThatHasNothingToDo) {
  auto transport = make_transport();
  std::thread other([&] { transport->wake(); });
  EXPECT_TRUE(transport->poll(std::chrono::hours(1)).empty());
  other.join();
}

TEST(CurlTransport, AnUnreadableAuthorityFileIsRefusedAtOnce) {
  const auto transport = CurlTransport::create({.ca_file = "/no/such/file.pem"});
  ASSERT_FALSE(transport.has_value());
  EXPECT_EQ(transport.error().code, ErrorCode::kIo);
}

TEST(CurlTransport, AnIdUnderWayTwiceIsRefusedAndTheFirstGoesOn) {
  TinyServer server(always(http_ok("text/plain", "ok")));
  auto transport = make_transport();
  transport->start(post(server.url(), "x", 3));
  transport->start(post(server.url(), "x", 3));
  int answered = 0;
  int failed = 0;
  while (transport->under_way() > 0) {
    for (const auto& one : transport->poll(std::chrono::seconds(60))) {
      ++answered;
      failed += one.failure == HttpFailure::kNone ? 0 : 1;
    }
  }
  EXPECT_EQ(answered, 2);
  EXPECT_EQ(failed, 1);
}

}  // namespace
}  // namespace phusa
