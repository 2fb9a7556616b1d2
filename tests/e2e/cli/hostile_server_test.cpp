#include "tests/e2e/cli/stage.hpp"
#include "tests/support/tiny_server.hpp"

namespace phusa::test {
namespace {

using testing::HasSubstr;

/// A phone that wants to join: whoever it meets, it must say what is wrong and keep nothing of it.
class HostileServer : public Stage {
 protected:
  Outcome join(const std::string& address) {
    return phone("lonely")({"join", address, code_for(root_unit(), "volunteer")});
  }
  void expect_refused(TinyServer::Script script, const char* words) {
    TinyServer server(std::move(script));
    const auto outcome = join(server.url());
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.err, HasSubstr(words));
    EXPECT_FALSE(phone("lonely").json({"status"})["joined"].get<bool>());
  }
};

TinyServer::Script always(std::string reply) {
  return [reply = std::move(reply)](TinyConnection& connection) {
    while (connection.read_request()) connection.send(reply);
  };
}

TEST_F(HostileServer, ACaptivePortalIsNotBelieved) {
  expect_refused(always(http_ok("text/html", "<html>Welcome to the airport's Wi-Fi</html>")),
                 "this phone has not joined");
}

TEST_F(HostileServer, ARedirectIsNotFollowed) {
  expect_refused(
      always("HTTP/1.1 302 Found\r\nLocation: http://example.vn/login\r\nContent-Length: 0\r\n\r\n"),
      "this phone has not joined");
}

TEST_F(HostileServer, GarbageIsNotBelieved) {
  expect_refused(
      [](TinyConnection& connection) {
        connection.read_request();
        connection.send("220 mail.example.vn ESMTP\r\n");
      },
      "not a web server");
}

TEST_F(HostileServer, ARefusedConnectionIsNamed) {
  std::string address;
  {
    address = TinyServer([](TinyConnection&) {}).url();
  }
  const auto outcome = join(address);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("does not answer"));
}

TEST_F(HostileServer, AWrongAddressOrCodeIsBadUseBeforeAnythingIsSent) {
  EXPECT_NE(phone("x")({"join", "ftp://example.vn", code_for(root_unit(), "volunteer")}).status, 0);
  EXPECT_EQ(phone("y")({"join", url(), "not-a-code"}).status, 2);
}

TEST_F(HostileServer, ACodeIsGoodForOnePhone) {
  const auto code = code_for(root_unit(), "volunteer");
  EXPECT_EQ(phone("first")({"join", url(), code}).status, 0);
  const auto second = phone("second")({"join", url(), code});
  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(second.err, HasSubstr("this phone has not joined"));
}

TEST_F(HostileServer, ASyncSurvivesAPortalThatTookTheServersPlace) {
  auto device = joined("volunteer", root_unit());
  device.ok({"log", "--kind", "tree_planting", "--date", "5/2/2023", "trees=5"});
  server_->signal(SIGTERM);
  server_->wait();
  server_.reset();
  {
    TinyServer portal(always(http_ok("text/html", "<html>Please log in</html>")),
                      static_cast<std::uint16_t>(port_));
    const auto failed = device({"sync"});
    EXPECT_EQ(failed.status, 1);
    EXPECT_THAT(failed.err, HasSubstr("1 records are saved on this phone"));
    EXPECT_TRUE(failed.out.empty());
  }
  start_server(port_);
  device.ok({"sync"});
  EXPECT_EQ(device.count("counted"), 1u);
}

}  // namespace
}  // namespace phusa::test
