#include "core/base/day.hpp"
#include "sync-server/access/api_token.hpp"
#include "sync-server/app/commands.hpp"
#include "sync-server/app/listing.hpp"
#include "sync-server/app/terminal_code.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace phusa::app {
namespace {

constexpr std::size_t kDevicePrefixMin = 8;

std::string link_of(const Options& options, const Surroundings& surroundings, const std::string& code) {
  std::string url = options.url;
  if (url.empty())
    url = "http://" + (surroundings.address.empty() ? std::string("127.0.0.1:8080") : surroundings.address);
  while (url.ends_with('/')) url.pop_back();
  // Behind the hash: what a browser does not send, and a proxy does not log.
  return url + "/#" + code;
}

Say word_of(Rank rank) {
  switch (rank) {
    case Rank::kVolunteer:
      return Say::kRoleVolunteer;
    case Rank::kOfficer:
      return Say::kRoleOfficer;
    case Rank::kOffice:
      break;
  }
  return Say::kRoleOffice;
}

Result<ledger::DeviceRow> find_device(ledger::Snapshot& snapshot, const std::string& text) {
  PHUSA_ASSIGN(const auto devices, snapshot.devices());
  std::vector<ledger::DeviceRow> found;
  for (const auto& device : devices) {
    if (device.id.hex().starts_with(text)) found.push_back(device);
  }
  if (text.size() < kDevicePrefixMin) {
    return fail(ErrorCode::kInvalidArgument,
                "name a device by at least 8 digits of its id; see phusa-server devices list");
  }
  if (found.empty())
    return fail(ErrorCode::kNotFound, "no device '" + text + "'; see phusa-server devices list");
  if (found.size() > 1)
    return fail(ErrorCode::kInvalidArgument,
                "more than one device starts with '" + text + "'; give more digits");
  return found.front();
}

Result<Listing> list_devices(ledger::Snapshot& snapshot) {
  Listing listing;
  listing.columns = {{"device"}, {"unit"},     {"role"},      {"name"},
                     {"phone"},  {"enrolled"}, {"last_seen"}, {"revoked"}};
  PHUSA_ASSIGN(const auto devices, snapshot.devices());
  for (const auto& device : devices) {
    PHUSA_ASSIGN(const auto person, snapshot.person(device.person));
    listing.rows.push_back(
        {device.id.hex(), device.unit, std::string(rank_name(device.rank)), person ? person->name : "",
         person ? person->phone : "", format_time(device.enrolled_at),
         device.last_seen == WallTime{} ? "" : format_time(device.last_seen), device.revoked ? "yes" : ""});
  }
  return listing;
}

Result<DeviceId> revoke(Installation& installation, const std::string& text) {
  DeviceId id;
  const auto work = [&](ledger::Transaction& transaction) -> Result<void> {
    PHUSA_ASSIGN(const auto device, find_device(transaction, text));
    if (device.revoked) return fail(ErrorCode::kConflict, "this device is revoked already");
    id = device.id;
    PHUSA_ASSIGN(const auto last_good, ingest::last_batches(transaction, device.key));
    PHUSA_TRY(installation.engine().append_office(transaction, OfficeAct::kRevoke,
                                                  ingest::revoke_payload(id, last_good)));
    return {};
  };
  PHUSA_TRY(installation.engine().write(work));
  return id;
}

}  // namespace

Outcome run_enrol(const Options& options, Installation& installation, const Surroundings& surroundings) {
  const auto rank = parse_rank(options.role);
  if (!rank) return failed(options.language, rank.error());
  const auto ticket = installation.enrolment().issue({options.unit, *rank, options.uses, options.valid});
  if (!ticket) return failed(options.language, ticket.error());
  const std::string code = journal::format_enrolment_code(ticket->code);
  const std::string link = link_of(options, surroundings, code);
  const std::string expires = format_time(ticket->expires_at);
  Outcome out;
  switch (options.format) {
    case Format::kJson: {
      const nlohmann::ordered_json json = {{"code", code},         {"link", link},
                                           {"unit", options.unit}, {"role", options.role},
                                           {"uses", options.uses}, {"expires", expires}};
      out.out = json.dump() + "\n";
      break;
    }
    case Format::kCsv:
      out.out = as_csv({{{"code"}, {"link"}, {"unit"}, {"role"}, {"uses"}, {"expires"}},
                        {{code, link, options.unit, options.role, std::to_string(options.uses), expires}}});
      break;
    case Format::kTable:
      out.out = say(options.language, Say::kEnrolCode, code, link);
      if (surroundings.terminal) out.out += qr_in_text(link);
      out.out += say(options.language, Say::kEnrolFacts, text_of(options.language, word_of(*rank)),
                     options.unit, options.uses, expires);
      break;
  }
  return out;
}

Outcome run_devices_list(const Options& options, Installation& installation) {
  const auto snapshot = installation.ledger().begin_read();
  if (!snapshot) return failed(options.language, snapshot.error());
  const auto listing = list_devices(**snapshot);
  if (!listing) return failed(options.language, listing.error());
  return {0, rendered(*listing, options.format), "", ""};
}

Outcome run_devices_revoke(const Options& options, Installation& installation) {
  const auto id = revoke(installation, options.device);
  if (!id) return failed(options.language, id.error());
  return {0, say(options.language, Say::kRevoked, id->hex()), "", ""};
}

Outcome run_token(const Options& options, Installation& installation) {
  access::ApiScope scope{options.name, std::nullopt};
  if (!options.unit.empty()) scope.unit = options.unit;
  const auto token = access::mint_api_token(installation.engine(), scope, installation.clock().wall(),
                                            installation.random());
  if (!token) return failed(options.language, token.error());
  Outcome out;
  switch (options.format) {
    case Format::kJson:
      out.out =
          nlohmann::ordered_json{{"token", *token}, {"name", options.name}, {"unit", options.unit}}.dump() +
          "\n";
      break;
    case Format::kCsv:
      out.out = as_csv({{{"token"}, {"name"}, {"unit"}}, {{*token, options.name, options.unit}}});
      break;
    case Format::kTable:
      out.out = say(options.language, Say::kTokenOnce, *token);
      break;
  }
  return out;
}

}  // namespace phusa::app
