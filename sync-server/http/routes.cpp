#include "sync-server/http/routes.hpp"

#include "core/wire/codec.hpp"
#include "sync-server/access/api_token.hpp"
#include "sync-server/http/office_json.hpp"
#include "sync-server/http/office_status.hpp"
#include "sync-server/http/query_string.hpp"
#include "sync-server/http/totals_request.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace phusa::http {
namespace {

constexpr std::uint32_t kRetryAfterSeconds = 5;
constexpr std::size_t kLinesPerPage = 500;
constexpr std::size_t kLinesPerPageMax = 5'000;
constexpr std::string_view kJson = "application/json";

Reply refusal(int status, const Error& error, std::uint32_t retry_after_s = 0) {
  return {status, std::string(wire::kContentType), wire::encode_refusal({error, retry_after_s}),
          retry_after_s};
}

/// What keeps the server from reading or writing is not the asker's trouble, and its words would be taken for
/// the phone's own disk. Damage is the asker's only where it is the request that cannot be read.
Error as_told_outside(const Error& error, bool is_request_good) {
  const bool is_ours = error.code == ErrorCode::kDiskFull || error.code == ErrorCode::kIo ||
                       (error.code == ErrorCode::kCorrupt && is_request_good);
  if (!is_ours) return error;
  return {
      ErrorCode::kUnavailable,
      "the server cannot read or write its ledger at the moment; nothing is lost: what was sent stays on the "
      "phone and goes again"};
}

Reply refusal(const Error& trouble, bool is_request_good, std::uint32_t retry_after_s = 0) {
  const Error error = as_told_outside(trouble, is_request_good);
  const bool again = error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kBusy;
  return refusal(http_status(error.code), error,
                 again && retry_after_s == 0 ? kRetryAfterSeconds : retry_after_s);
}

/// Nothing in a question of this kind can be damaged but what the ledger has.
Reply json_error(const Error& error) {
  const int status = error.code == ErrorCode::kCorrupt ? 500 : http_status(error.code);
  return {status, std::string(kJson), error_json(error) + "\n", 0};
}

/// A captive portal, a browser or a scanner speaks otherwise.
std::optional<Reply> refuse_form(const Request& request) {
  const std::string type = request.content_type.substr(0, request.content_type.find(';'));
  if (type != wire::kContentType) {
    return refusal(
        415, {ErrorCode::kInvalidArgument, "the content type must be " + std::string(wire::kContentType)});
  }
  if (!wire::is_body(request.body))
    return refusal(400, {ErrorCode::kCorrupt, "the body does not start as Phù Sa's do"});
  return std::nullopt;
}

using Parameters = std::map<std::string, std::string>;

/// Every parameter is known, each once; an unknown one is named.
Result<Parameters> read_parameters(const Request& request, const std::vector<std::string_view>& known) {
  PHUSA_ASSIGN(const auto pairs, parse_query_string(request.query));
  Parameters out;
  for (const auto& [name, value] : pairs) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      std::string list;
      for (const std::string_view item : known) list += (list.empty() ? "" : ", ") + std::string(item);
      return fail(ErrorCode::kInvalidArgument,
                  "unknown parameter '" + name + "'; " +
                      (list.empty() ? "there are none here" : "known are " + list));
    }
    if (!out.emplace(name, value).second)
      return fail(ErrorCode::kInvalidArgument, "parameter '" + name + "' stands twice");
  }
  return out;
}

TotalsRequest totals_request_of(Parameters& p) {
  return {p["by"],   p["unit"], p["indicator"], p["campaign"], p["kind"],
          p["from"], p["to"],   p["review"],    p["as_of"]};
}

/// One JSON request, its token checked.
struct Asked {
  const Request& request;
  ledger::Snapshot& snapshot;
  const Catalogue& catalogue;
  const std::string& organisation;
  access::ApiScope scope;

  Result<std::optional<UnitNo>> root() const {
    if (!scope.unit) return std::optional<UnitNo>();
    const auto no = catalogue.unit(*scope.unit);
    if (!no) return fail(ErrorCode::kForbidden, "the unit of this token is not known");
    return no;
  }
};

Result<std::string> totals_reply(const Asked& asked) {
  PHUSA_ASSIGN(auto parameters, read_parameters(asked.request, {"by", "unit", "indicator", "campaign", "kind",
                                                                "from", "to", "review", "as_of"}));
  PHUSA_ASSIGN(const auto query,
               resolve(totals_request_of(parameters), asked.catalogue, asked.scope.unit, asked.snapshot));
  PHUSA_ASSIGN(const auto table, totals::query(asked.snapshot, asked.catalogue, query));
  return totals_json(table, query, asked.catalogue);
}

Result<std::uint64_t> whole_number(const std::string& text, const char* name, std::uint64_t fallback,
                                   std::uint64_t max) {
  if (text.empty()) return fallback;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value <= max) return value;
  return fail(ErrorCode::kInvalidArgument,
              std::string(name) + ": '" + text + "' is not a whole number up to " + std::to_string(max));
}

Result<std::string> lines_reply(const Asked& asked) {
  PHUSA_ASSIGN(auto parameters, read_parameters(asked.request, {"unit", "indicator", "campaign", "kind",
                                                                "from", "to", "review", "after", "limit"}));
  PHUSA_ASSIGN(const auto query,
               resolve(totals_request_of(parameters), asked.catalogue, asked.scope.unit, asked.snapshot));
  PHUSA_ASSIGN(const auto after, whole_number(parameters["after"], "after", 0, UINT64_MAX));
  PHUSA_ASSIGN(const auto limit, whole_number(parameters["limit"], "limit", kLinesPerPage, kLinesPerPageMax));
  if (limit == 0) return fail(ErrorCode::kInvalidArgument, "limit: at least 1");
  PHUSA_ASSIGN(const auto page, totals::lines(asked.snapshot, asked.catalogue, query, after, limit));
  return lines_json(asked.snapshot, page, asked.catalogue);
}

Result<std::string> held_reply(const Asked& asked) {
  PHUSA_TRY(read_parameters(asked.request, {}));
  PHUSA_ASSIGN(const auto root, asked.root());
  PHUSA_ASSIGN(const auto items, list_held(asked.snapshot, asked.catalogue, root));
  return held_json(items);
}

Result<std::string> status_reply(const Asked& asked) {
  PHUSA_TRY(read_parameters(asked.request, {}));
  PHUSA_ASSIGN(const auto root, asked.root());
  PHUSA_ASSIGN(const auto view,
               read_status(asked.snapshot, asked.catalogue, asked.organisation, root, false));
  return status_json(view);
}

using JsonRoute = Result<std::string> (*)(const Asked&);

const std::map<std::string_view, JsonRoute>& json_routes() {
  static const std::map<std::string_view, JsonRoute> routes = {{"/v1/totals", totals_reply},
                                                               {"/v1/lines", lines_reply},
                                                               {"/v1/held", held_reply},
                                                               {"/v1/status", status_reply}};
  return routes;
}

}  // namespace

int http_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kCorrupt:
    case ErrorCode::kUnsupportedVersion:
    case ErrorCode::kNetwork:  // a request that was cut on its way
      return 400;
    case ErrorCode::kUnauthorized:
      return 401;
    case ErrorCode::kForbidden:
    case ErrorCode::kRevoked:
      return 403;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kConflict:
      return 409;
    case ErrorCode::kLimitExceeded:
      return 413;
    case ErrorCode::kBusy:
    case ErrorCode::kDiskFull:
    case ErrorCode::kUnavailable:
    case ErrorCode::kHeldFull:
    case ErrorCode::kCancelled:
      return 503;
    case ErrorCode::kIo:
    case ErrorCode::kUnexpectedReply:
    case ErrorCode::kUnimplemented:
    case ErrorCode::kInternal:
      return 500;
  }
  return 500;
}

Reply Routes::handle(const Request& request) const {
  const bool is_exchange = request.path == "/v1/sync" || request.path == "/v1/enrol";
  const bool is_page = request.path == "/" || request.path.empty() || request.path == "/healthz";
  if (!is_exchange && !is_page && !json_routes().contains(request.path)) {
    return {404, "text/plain; charset=utf-8", "there is no such page\n", 0};
  }
  if (request.method != (is_exchange ? "POST" : "GET")) {
    return {405, "text/plain; charset=utf-8", std::string("use ") + (is_exchange ? "POST" : "GET") + "\n", 0};
  }
  if (request.path == "/v1/sync") return sync(request);
  if (request.path == "/v1/enrol") return enrol(request);
  if (request.path == "/healthz") return {200, "text/plain; charset=utf-8", "ok\n", 0};
  return is_page ? page(request) : json(request);
}

Reply Routes::sync(const Request& request) const {
  if (auto refused = refuse_form(request)) return *std::move(refused);
  auto reply = parts_.engine.sync(request.body);
  if (!reply) return refusal(reply.error(), wire::decode_sync_request(request.body).has_value());
  return {200, std::string(wire::kContentType), *std::move(reply), 0};
}

Reply Routes::enrol(const Request& request) const {
  if (auto refused = refuse_form(request)) return *std::move(refused);
  std::uint32_t wait_s = 0;
  auto reply = parts_.enrolment.redeem(request.body, request.remote, wait_s);
  if (!reply && wait_s != 0) return refusal(429, reply.error(), wait_s);
  if (!reply) return refusal(reply.error(), wire::decode_enrol_request(request.body).has_value());
  return {200, std::string(wire::kContentType), *std::move(reply), 0};
}

Reply Routes::json(const Request& request) const {
  auto snapshot = parts_.ledger.begin_read();
  if (!snapshot) return json_error(snapshot.error());
  auto scope = access::check_api_token(**snapshot, request.authorization);
  if (!scope) return json_error(scope.error());
  const auto catalogue = parts_.engine.catalogue_of(**snapshot);
  if (!catalogue) return json_error(catalogue.error());
  const Asked asked{request, **snapshot, **catalogue, parts_.enrolment.identity().organisation_name,
                    *std::move(scope)};
  const auto reply = json_routes().at(request.path)(asked);
  if (!reply) return json_error(reply.error());
  return {200, std::string(kJson), *reply + "\n", 0};
}

Reply Routes::page(const Request& request) const {
  auto snapshot = parts_.ledger.begin_read();
  if (!snapshot) return json_error(snapshot.error());
  const auto catalogue = parts_.engine.catalogue_of(**snapshot);
  if (!catalogue) return json_error(catalogue.error());
  const auto view =
      read_status(**snapshot, **catalogue, parts_.enrolment.identity().organisation_name, std::nullopt, true);
  if (!view) return json_error(view.error());
  return {200, "text/html; charset=utf-8",
          web::status_page(*view, web::prefers_english(request.accept_language)), 0};
}

}  // namespace phusa::http
