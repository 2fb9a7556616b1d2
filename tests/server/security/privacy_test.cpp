#include "core/base/limits.hpp"
#include "tests/e2e/http/line.hpp"
#include "tests/server/security/installation.hpp"
#include "tests/support/tiny_server.hpp"

#include <poll.h>

#include <algorithm>
#include <csignal>
#include <future>

/// What people wrote and what lets them in is in no log, however much is logged.
namespace phusa::test {
namespace {

constexpr const char* kNote = "xin-dung-ghi-lai-loi-nay";
constexpr const char* kName = "Tran-Thi-Bi-Mat";
constexpr const char* kPhoneNumber = "0912000111";
constexpr const char* kOwnAddress = "127.0.0.77";
constexpr std::size_t kBodyBytes = 200'000;     // nginx keeps it in a file
constexpr std::size_t kReplyBytes = 16u << 20;  // more than sockets and nginx's buffers hold
constexpr std::size_t kOfOneAddressMax = 100;   // limit_conn in phusa.conf
constexpr std::chrono::seconds kPatience{30};

/// A request that says kNote wherever its sender has a word; `body_bytes` are announced.
std::string noted(const std::string& method_and_path, std::size_t body_bytes = 0) {
  const std::string note = kNote;
  return method_and_path + "?unit=" + note + " HTTP/1.1\r\nHost: " + note + "\r\nReferer: http://" + note +
         "/\r\nCookie: " + note +
         "\r\nAuthorization: Basic dHJhbjpsb3R1cw==\r\nContent-Length: " + std::to_string(body_bytes) +
         "\r\nConnection: close\r\n\r\n";
}

/// Says it from kOwnAddress; the reply is listened for once `may_listen`, if any, is there.
void expect_heard(const std::string& heard, const Front& front, const std::string& request,
                  std::future<void> may_listen = {}) {
  Line line(front.address(), kOwnAddress);
  line.send(request);
  if (may_listen.valid()) {
    EXPECT_EQ(may_listen.wait_for(kPatience), std::future_status::ready);
  }
  line.listen_for(heard);
  EXPECT_EQ(line.heard(), heard);
}

/// One request more at work from kOwnAddress than nginx allows it.
void expect_one_too_many(const Front& front) {
  std::vector<Line> slow;
  for (std::size_t i = 0; i <= kOfOneAddressMax; ++i) {
    slow.emplace_back(front.address(), kOwnAddress).send(noted("POST /v1/sync", kBodyBytes) + kNote);
  }
  const auto refused = [](Line& line) {
    line.listen();
    return line.heard().starts_with("503");
  };
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::none_of(slow.begin(), slow.end(), refused)) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    ::poll(nullptr, 0, 20);  // yields between looks; the condition alone decides
  }
}

TEST(LogPrivacy, NoTokenCodeNoteNameOrNumberIsInAnyLogAtItsLoudest) {
  Office office;
  office.start({"--verbose"});
  const Front front(office);
  const std::string token = office.token();
  const std::string code = office.code("so_y_te");
  RemotePhone phone;
  phone.join(front.address(), code, {kName, kPhoneNumber, {}});
  for (int i = 0; i < 3; ++i) {
    phone.log(1, kNote);
    ASSERT_EQ(phone.sync(front.address()), "");
  }
  const std::string phone_token = to_hex(phone.phone().identity().token);
  const std::string header = "Authorization: Bearer " + token + "\r\n";
  // Everything that is there, rightly and wrongly asked.
  for (const char* path : {"/v1/totals?unit=so_y_te", "/v1/lines", "/v1/held", "/v1/status", "/", "/healthz",
                           "/v1/totals?colour=red", "/nothing"}) {
    talk(front.address(), get(path, header));
    talk(office.address(), get(path, header));
  }
  for (const std::string& address : {office.address(), front.address()}) {
    talk(address, get("/" + token));
    talk(address, get("/v1/" + token));
    talk(address, get("/v1/totals/" + code, header));
    talk(address, get("/v1/totals", "Authorization: Bearer " + token + "x\r\n"));
    talk(address, get("/v1/totals?unit=" + token, header));
    talk(address, post("/v1/" + phone_token, kNote, "text/plain"));
    talk(address, post("/v1/sync", std::string("PHS1") + kNote, std::string(wire::kContentType)));
    talk(address, post("/v1/enrol", std::string("PHS1") + code, std::string(wire::kContentType)));
    talk(address, post("/v1/sync", kNote, "text/plain"));
  }
  office.command({"devices", "list"});
  office.command({"devices", "revoke", phone.phone().identity().device.hex()});
  phone.log(2, kNote);
  std::ignore = phone.sync(front.address());
  office.command({"verify"});
  office.stop();
  const Outcome again = run({PHUSA_SERVER, "serve", "--data", (office.folder() / "nowhere").string()});
  std::map<std::string, std::string> logs = {{"server", read_whole(office.folder() / "server.log")},
                                             {"access", read_whole(front.folder() / "access.log")},
                                             {"error", read_whole(front.folder() / "error.log")},
                                             {"failed start", again.err}};
  EXPECT_NE(logs["server"].find("/v1/sync -> 200"), std::string::npos) << "the log was not at its loudest";
  EXPECT_NE(logs["access"].find("POST /v1/sync 200"), std::string::npos);
  EXPECT_NE(logs["access"].find("GET /v1/totals 200"), std::string::npos);
  EXPECT_NE(logs["access"].find("GET elsewhere 404"), std::string::npos);
  for (const auto& [name, log] : logs) {
    for (const std::string& secret : {token, code, std::string(kNote), std::string(kName),
                                      std::string(kPhoneNumber), phone_token, std::string("so_y_te")}) {
      EXPECT_EQ(log.find(secret), std::string::npos) << name << " holds " << secret << "\n" << log;
    }
  }
}

TEST(LogPrivacy, NginxNamesNoRequestAndNoAddressWhateverItKeepsInAFileOrTurnsAway) {
  Office office;
  office.start();
  Front front(office);
  const std::string body = kNote + std::string(kBodyBytes, 'x');
  expect_heard("415, closed", front, noted("POST /v1/sync", body.size()) + body);
  expect_heard("413, closed", front, noted("POST /v1/sync", limits::kRequestBytesMax + 1));
  expect_heard("403, closed", front, noted("GET /"));  // there is no list of who may
  std::ofstream(front.folder() / "phusa.htpasswd") << "tran:{PLAIN}tulip\n";
  expect_heard("401, closed", front, noted("GET /"));
  office.stop();
  {
    std::promise<void> sent;
    TinyServer large(
        [&](TinyConnection& connection) {
          connection.read_request();
          connection.send(http_ok("application/json", kNote + std::string(kReplyBytes, ' ')));
          sent.set_value();
        },
        static_cast<std::uint16_t>(office.port()));
    expect_heard("200, closed", front, noted("GET /v1/lines"), sent.get_future());
  }
  expect_heard("502, closed", front, noted("GET /v1/lines"));
  expect_one_too_many(front);
  front.process().signal(SIGQUIT);
  EXPECT_EQ(front.process().wait(), 0);
  const std::string access = read_whole(front.folder() / "access.log");
  for (const char* status : {"POST /v1/sync 415", "POST /v1/sync 413", "GET / 403", "GET / 401",
                             "GET /v1/lines 200", "GET /v1/lines 502", "POST /v1/sync 503"}) {
    EXPECT_NE(access.find(status), std::string::npos) << status << "\n" << access;
  }
  for (const auto& entry : std::filesystem::directory_iterator(front.folder())) {
    if (entry.path().extension() != ".log") continue;
    const std::string log = read_whole(entry.path());
    for (const char* told : {kNote, kOwnAddress, "/v1/sync?", "tran"}) {
      EXPECT_EQ(log.find(told), std::string::npos) << entry.path() << " holds " << told << "\n" << log;
    }
  }
}

}  // namespace
}  // namespace phusa::test
