#include "tests/e2e/http/stage.hpp"

#include "core/wire/codec.hpp"
#include "tests/server/http/raw_client.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace phusa::test {
namespace {

std::string filled(std::string bytes, const Bytes& sync) {
  char hex[20];
  std::snprintf(hex, sizeof hex, "%zx", sync.size());
  const std::pair<std::string, std::string> places[] = {
      {"{SYNC}", sync}, {"{N}", std::to_string(sync.size())}, {"{X}", hex}};
  for (const auto& [name, value] : places) {
    for (auto at = bytes.find(name); at != std::string::npos; at = bytes.find(name, at + value.size())) {
      bytes.replace(at, name.size(), value);
    }
  }
  return bytes;
}

}  // namespace

void HttpStage::SetUp() {
  office_.start();
  token_ = office_.token();
  phone_.join(office_.address(), office_.code("so_y_te"));
}

void HttpStage::TearDown() {
  EXPECT_EQ(total(office_.address()), std::to_string(logged_));
  office_.command({"verify"});
}

Bytes HttpStage::log_and_ask() {
  phone_.log(1);
  ++logged_;
  return phone_.body();
}

void HttpStage::expect_sync(const std::string& address, const Bytes& body) {
  const RawReply reply = talk(address, post("/v1/sync", body, std::string(wire::kContentType)));
  EXPECT_EQ(reply.status, 200) << reply.head << reply.body;
  EXPECT_EQ(phone_.take(reply.status, reply.body, address), "");
  EXPECT_EQ(total(address), std::to_string(logged_));
}

std::string HttpStage::total(const std::string& address) const {
  const RawReply reply = talk(address, get("/v1/totals", "Authorization: Bearer " + token_ + "\r\n"));
  const auto json = nlohmann::json::parse(reply.body, nullptr, false);
  if (!json.is_object() || !json.contains("rows")) return "no totals: " + reply.head;
  return json["rows"].empty() ? "0" : json["rows"][0].value("total", "");
}

Line HttpStage::say(const HttpCase& c, const std::string& address, const Bytes& sync) {
  Line line(address);
  const std::string bytes = filled(c.bytes, sync);
  c.drips ? line.drip(bytes) : line.send(bytes);
  switch (c.then) {
    case Then::kListens:
    case Then::kStalls:
      break;
    case Then::kStopsSaying:
      line.shut_down_sending();
      break;
    case Then::kLeaves:
      line.close();
      break;
    case Then::kResets:
      line.reset();
      break;
    case Then::kContinues:
      if (std::string(c.through_nginx).starts_with("100")) line.listen_for("100", std::chrono::seconds(1));
      if (line.heard() == "100") line.send(sync);
      break;
  }
  return line;
}

}  // namespace phusa::test
