// The office's JSON API from the query string to the JSON: totals, the lines behind them, what is held, the
// status. The first byte picks the path.
#include "sync-server/access/api_token.hpp"
#include "sync-server/http/routes.hpp"
#include "tests/fuzz/office.hpp"
#include "tests/fuzz/target.hpp"

#include <nlohmann/json.hpp>

#include <array>

using namespace phusa;

namespace {

struct Desk {
  fuzz::Office office;
  http::Routes routes{{office.server().engine(), office.server().ledger(), office.enrolment()}};
  std::array<std::string, 2> tokens = {token(std::nullopt), token("a")};

  std::string token(const std::optional<std::string>& unit) {
    test::SeededRandom random(unit ? 21 : 22);
    const auto minted = access::mint_api_token(office.server().engine(), {"desk", unit},
                                               office.server().clock().wall(), random);
    fuzz::expect(minted.has_value(), "a token can be had");
    return *minted;
  }
};

constexpr std::array<const char*, 5> kPaths = {"/v1/totals", "/v1/lines", "/v1/held", "/v1/status", "/"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static Desk desk;  // reading changes nothing
  http::Request request;
  request.method = "GET";
  request.path = kPaths[data[0] % kPaths.size()];
  request.query = std::string(fuzz::view_of(data + 1, size - 1));
  request.authorization = "Bearer " + desk.tokens[(data[0] / kPaths.size()) % 2];
  request.accept_language = "vi";
  request.remote = "127.0.0.1";
  const http::Reply reply = desk.routes.handle(request);
  fuzz::expect(reply.status < 500, "no query is the server's fault");
  if (reply.content_type == "application/json")
    fuzz::expect(nlohmann::json::accept(reply.body), "every answer is JSON");
  return 0;
}
