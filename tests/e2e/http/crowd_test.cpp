#include "core/base/limits.hpp"
#include "core/wire/codec.hpp"
#include "tests/e2e/http/stage.hpp"
#include "tests/server/http/raw_client.hpp"

#include <poll.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

/// Many at once: idle, slow, or more than there are descriptors for.
namespace phusa::test {
namespace {

constexpr rlim_t kOwnDescriptors = 8'192;
constexpr int kIdle = 2'000;
constexpr int kServerDescriptors = 64;
constexpr int kManyOfOne = 90;     // requests from one address, below what nginx allows it
constexpr int kAtServerMax = 320;  // max_conns in phusa.conf
constexpr std::chrono::seconds kRecoveryPatience{30};

/// Raises our own limit, which the processes we start inherit; false where this machine does not let us.
bool raise_descriptors(rlim_t wanted) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < wanted) {
    limit.rlim_cur = std::min(wanted, limit.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
  }
  return limit.rlim_cur >= wanted;
}

#define PHUSA_NEEDS_DESCRIPTORS()                                                                         \
  if (!raise_descriptors(kOwnDescriptors))                                                                \
  GTEST_SKIP() << "this machine allows a process fewer than " << kOwnDescriptors << " open descriptors: " \
               << "raise the hard limit (ulimit -Hn) to run this"

std::vector<Line> connect_many(int count, const std::string& address, const std::string& from = {}) {
  std::vector<Line> out;
  out.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) out.emplace_back(address, from);
  return out;
}

std::string slow_body(int announced) {
  return "POST /v1/sync HTTP/1.1\r\nHost: phusa\r\nContent-Type: "
         "application/vnd.phusa.v1\r\nContent-Length: " +
         std::to_string(announced) + "\r\n\r\nP";
}

std::size_t count_heard(std::vector<Line>& lines, const std::string& what) {
  std::size_t out = 0;
  for (Line& line : lines) {
    line.listen();
    out += line.heard() == what ? 1 : 0;
  }
  return out;
}

class Crowd : public HttpStage {
 protected:
  /// Until the server's process has as many open as it may.
  void wait_for_no_descriptors() {
    const std::filesystem::path open = "/proc/" + std::to_string(office_.process().pid()) + "/fd";
    const auto deadline = std::chrono::steady_clock::now() + kRecoveryPatience;
    for (;;) {
      const auto count = std::distance(std::filesystem::directory_iterator(open), {});
      if (count >= kServerDescriptors) return;
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << count << " are open";
      ::poll(nullptr, 0, 20);  // yields between looks; the condition alone decides
    }
  }
  /// Until so many of them have heard it.
  static void wait_for_heard(std::vector<Line>& lines, const std::string& what, std::size_t wanted) {
    const auto deadline = std::chrono::steady_clock::now() + kRecoveryPatience;
    while (count_heard(lines, what) < wanted) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << count_heard(lines, what) << " heard " << what;
      ::poll(nullptr, 0, 20);  // yields between looks; the condition alone decides
    }
  }
  /// Until the address answers again.
  static void wait_for_answer(const std::string& address) {
    const auto deadline = std::chrono::steady_clock::now() + kRecoveryPatience;
    for (;;) {
      Line line(address);
      line.send("GET /healthz HTTP/1.1\r\nHost: phusa\r\n\r\n");
      line.listen_for("200", std::chrono::seconds(1));
      if (line.heard() == "200") return;
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << line.heard();
      ::poll(nullptr, 0, 20);  // yields between looks; the condition alone decides
    }
  }
};

TEST_F(Crowd, TwoThousandIdleConnectionsKeepNobodyOut) {
  PHUSA_NEEDS_DESCRIPTORS();
  const Front front(office_);
  for (const std::string& address : {front.address(), office_.address()}) {
    const auto idle = connect_many(kIdle, address);
    EXPECT_TRUE(idle.back().is_open());
    for (int i = 0; i < 5; ++i) expect_sync(address);
  }
}

TEST_F(Crowd, SlowHeadsAndBodiesFromOneAddressKeepNobodyElseOut) {
  PHUSA_NEEDS_DESCRIPTORS();
  const Front front(office_);
  auto heads = connect_many(500, front.address(), "127.0.0.2");
  auto bodies = connect_many(300, front.address(), "127.0.0.3");
  for (Line& line : heads) line.send("POST /v1/sync HTTP/1.1\r\nHost: ph");
  for (Line& line : bodies) line.send(slow_body(1000));
  for (int round = 0; round < 5; ++round) {
    for (Line& line : heads) line.send("u");
    for (Line& line : bodies) line.send("S");
    expect_sync(front.address());
  }
  // More at work from one address than the configuration allows: turned away, not kept waiting.
  std::size_t refused = 0;
  for (Line& line : bodies) {
    line.listen();
    if (line.heard().starts_with("503")) ++refused;
  }
  EXPECT_GE(refused, 190u);
  EXPECT_LE(refused, 200u);
}

// What the page says of the listener, so that nobody takes it for more than it is.
TEST_F(Crowd, TheListenerAloneKeepsSlowOnesForAsLongAsTheyLike) {
  auto heads = connect_many(50, office_.address());
  auto bodies = connect_many(30, office_.address());
  for (Line& line : heads) line.send("POST /v1/sync HTTP/1.1\r\nHost: ph");
  for (Line& line : bodies) line.send(slow_body(1000));
  for (int round = 0; round < 3; ++round) {
    for (Line& line : heads) line.send("u");
    for (Line& line : bodies) line.send("S");
    expect_sync(office_.address());
  }
  EXPECT_EQ(count_heard(heads, "nothing"), heads.size());
  EXPECT_EQ(count_heard(bodies, "nothing"), bodies.size());
}

TEST_F(Crowd, WhoAsksTheListenerAloneWhileItStandsStillWaits) {
  Line line(office_.address());
  office_.process().signal(SIGSTOP);
  line.send("GET /healthz HTTP/1.1\r\nHost: phusa\r\nConnection: close\r\n\r\n");
  line.listen_for("200, closed", std::chrono::seconds(1));
  EXPECT_EQ(line.heard(), "nothing");
  office_.process().signal(SIGCONT);
  line.listen_for("200, closed");
  EXPECT_EQ(line.heard(), "200, closed");
}

// The library's listener does not always come back (docs/http.md): nginx stands before it for that.
TEST_F(Crowd, AListenerWithoutDescriptorsLosesNothing) {
  expect_sync(office_.address());
  office_.limit_descriptors(kServerDescriptors);
  {
    const auto idle = connect_many(4 * kServerDescriptors, office_.address());
    Line line(office_.address());
    line.send("GET /healthz HTTP/1.1\r\nHost: phusa\r\n\r\n");
  }
  office_.command({"totals"});  // the socket in the folder came back
  office_.process().signal(SIGKILL);
  office_.process().wait();
  office_.start();
  expect_sync(office_.address());
}

// Held by half-sent bodies, every descriptor is taken for as long as the test likes. A request that nginx has
// handed on then stands in the listener's line; what nginx may not hand on hears so at once.
TEST_F(Crowd, MoreRequestsThanTheServerHasDescriptorsAreToldToComeAgain) {
  PHUSA_NEEDS_DESCRIPTORS();
  expect_sync(office_.address());
  office_.limit_descriptors(kServerDescriptors);
  const Front front(office_);
  auto held = connect_many(2 * kServerDescriptors, office_.address());
  for (Line& line : held) line.send(slow_body(1000));
  wait_for_no_descriptors();
  std::vector<Line> many;
  for (const char* from : {"127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"}) {
    for (Line& line : connect_many(kManyOfOne, front.address(), from)) many.push_back(std::move(line));
  }
  for (Line& line : many) line.send("GET /healthz HTTP/1.1\r\nHost: phusa\r\nConnection: close\r\n\r\n");
  const std::size_t refused = many.size() - kAtServerMax;
  wait_for_heard(many, "502, closed", refused);
  EXPECT_EQ(count_heard(many, "502, closed"), refused);
  EXPECT_EQ(count_heard(many, "nothing"), std::size_t{kAtServerMax}) << "nobody gets in while all are held";
  held.clear();
  for (Line& line : many) line.listen_for(line.heard() == "nothing" ? "200, closed" : line.heard());
  EXPECT_EQ(count_heard(many, "200, closed"), std::size_t{kAtServerMax}) << "who stood in line is served";
  wait_for_answer(front.address());
  expect_sync(front.address());
  EXPECT_TRUE(office_.process().is_running());
}

// The shipped 120 s are a minute and more of nothing to see: the test has one second in their place.
TEST_F(Crowd, WhoAsksAServerThatStandsStillHears504AndCountsOnceLater) {
  const Front front(office_, {{"proxy_read_timeout 120s;", "proxy_read_timeout 1s;"}});
  expect_sync(front.address());
  const Bytes body = log_and_ask();
  office_.process().signal(SIGSTOP);
  const RawReply gave_up = talk(front.address(), post("/v1/sync", body, std::string(wire::kContentType)));
  EXPECT_EQ(gave_up.status, 504) << gave_up.head;
  EXPECT_NE(phone_.take(gave_up.status, gave_up.body, front.address()), "")
      << "the phone took it for an answer";
  office_.process().signal(SIGCONT);
  // The server has the request in its line and may answer it to nobody; the phone says it again.
  expect_sync(front.address());
  EXPECT_TRUE(office_.process().is_running());
}

std::string read_shipped(const char* name) {
  std::ifstream in(std::string(PHUSA_NGINX_DIR "/") + name, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

TEST(NginxConfiguration, LetsInWhatTheServerTakesAndNoMore) {
  EXPECT_EQ(limits::kRequestBytesMax, 1024u * 1024u) << "change client_max_body_size with it";
  EXPECT_NE(read_shipped("phusa.conf").find("client_max_body_size 1m;"), std::string::npos);
}

TEST(NginxConfiguration, ItsTlsLinesAreRightOnceTheyAreNoComments) {
  FolderInMemory folder;
  const std::string key = folder.file("phusa.key");
  const std::string certificate = folder.file("phusa.pem");
  const Outcome made =
      run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
           "-days", "2", "-subj", "/CN=127.0.0.1", "-keyout", key, "-out", certificate});
  if (made.status != 0) GTEST_SKIP() << "openssl is not installed";
  Front::write_configuration(folder.path(), free_port(), free_port());
  std::ifstream in(folder.path() / "phusa.conf");
  std::string text;
  for (std::string line; std::getline(in, line);) {
    const bool is_tls = line.starts_with("  # listen") || line.starts_with("  # ssl");
    if (is_tls) line.erase(2, 2);
    for (const std::string& name : {std::string("phusa.key"), std::string("phusa.pem")}) {
      const std::string from = "/etc/nginx/" + name;
      if (const auto at = line.find(from); is_tls && at != std::string::npos)
        line.replace(at, from.size(), folder.file(name));
    }
    text += line + "\n";
  }
  std::ofstream(folder.path() / "phusa.conf") << text;
  const Outcome checked = run({"nginx", "-t", "-p", folder.path().string(), "-c", folder.file("nginx.conf")});
  EXPECT_EQ(checked.status, 0) << checked.err;
}

/// Totals, and when each unit last synced, without a token: closed unless the operator opens it.
TEST_F(Crowd, TheStatusPageIsForThoseOnTheOperatorsList) {
  const Front front(office_);
  const auto status = [&](const std::string& header) {
    Line line(front.address());
    line.send("GET / HTTP/1.1\r\nHost: phusa\r\n" + header + "Connection: close\r\n\r\n");
    line.listen_for("200, closed");
    return line.heard();
  };
  const std::string known = "Authorization: Basic dHJhbjpsb3R1cw==\r\n";  // tran:lotus
  EXPECT_EQ(status(""), "401, closed");
  EXPECT_EQ(status(known), "403, closed");  // there is no list yet
  std::ofstream(front.folder() / "phusa.htpasswd") << "tran:{PLAIN}lotus\n";
  EXPECT_EQ(status(known), "200, closed");
  EXPECT_EQ(status("Authorization: Basic dHJhbjp0dWxpcA==\r\n"), "401, closed");
}

}  // namespace
}  // namespace phusa::test
