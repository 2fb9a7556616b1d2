#include "tests/server/security/installation.hpp"

#include <csignal>

/// What people wrote and what lets them in is in no log, however much is logged.
namespace phusa::test {
namespace {

constexpr const char* kNote = "xin-dung-ghi-lai-loi-nay";
constexpr const char* kName = "Tran-Thi-Bi-Mat";
constexpr const char* kPhoneNumber = "0912000111";

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

}  // namespace
}  // namespace phusa::test
