#include "core/base/day.hpp"
#include "core/base/local_time.hpp"
#include "sync-server/access/persons.hpp"
#include "sync-server/app/commands.hpp"
#include "sync-server/app/device_acts.hpp"
#include "sync-server/app/json_line.hpp"
#include "sync-server/app/listing.hpp"
#include "sync-server/app/terminal_code.hpp"

#include <algorithm>
#include <optional>

namespace phusa::app {
namespace {

std::string link_of(const Options& options, const Surroundings& surroundings, const std::string& code) {
  std::string url = options.url;
  if (url.empty())
    url = "http://" + (surroundings.address.empty() ? std::string("127.0.0.1:8080") : surroundings.address);
  while (url.ends_with('/')) url.pop_back();
  // Behind the hash: what a browser does not send, and a proxy does not log.
  return url + "/#" + code;
}

/// The offer as asked for; what is left out of a replacement is as it was.
Result<access::Offer> offer_of(const Options& options, Installation& installation) {
  access::Offer offer;
  offer.unit = options.unit;
  offer.uses = options.uses;
  offer.valid = options.valid;
  offer.vouches = options.vouches;
  if (!options.role.empty()) {
    PHUSA_ASSIGN(offer.rank, parse_rank(options.role));
  }
  if (options.replaces.empty()) return offer;
  PHUSA_ASSIGN(const auto snapshot, installation.ledger().begin_read());
  PHUSA_ASSIGN(const auto device, find_device(*snapshot, options.replaces));
  offer.replaces = device.key;
  if (options.unit.empty()) offer.unit = device.unit;
  if (options.role.empty()) offer.rank = device.rank;
  return offer;
}

Result<access::Ticket> issue(const Options& options, Installation& installation) {
  PHUSA_ASSIGN(const access::Offer offer, offer_of(options, installation));
  if (options.lost && !offer.replaces)
    return fail(ErrorCode::kInvalidArgument, "--lost says of the phone behind --replaces that it is lost");
  PHUSA_ASSIGN(const access::Ticket ticket, installation.enrolment().issue(offer));
  if (options.lost) PHUSA_TRY(revoke_if_not_yet(installation, device_id_of(*offer.replaces)));
  return ticket;
}

}  // namespace

Outcome run_enrol(const Options& options, Installation& installation, const Surroundings& surroundings) {
  const auto ticket = issue(options, installation);
  if (!ticket) return failed(options.language, ticket.error());
  const access::Offer& offer = ticket->offer;
  const std::string role(rank_name(offer.rank));
  const std::string code = journal::format_enrolment_code(ticket->code);
  const std::string link = link_of(options, surroundings, code);
  const std::string expires = format_time(ticket->expires_at);
  Outcome out;
  switch (options.format) {
    case Format::kJson: {
      const nlohmann::ordered_json json = {{"code", code}, {"link", link},       {"unit", offer.unit},
                                           {"role", role}, {"uses", offer.uses}, {"expires", expires}};
      out.out = json_line(json);
      break;
    }
    case Format::kCsv:
      out.out = as_csv({{{"code"}, {"link"}, {"unit"}, {"role"}, {"uses"}, {"expires"}},
                        {{code, link, offer.unit, role, std::to_string(offer.uses), expires}}});
      break;
    case Format::kTable:
      out.out = say(options.language, Say::kEnrolCode, code, link);
      if (surroundings.terminal) out.out += qr_in_text(link);
      out.out += say(options.language, Say::kEnrolFacts, text_of(options.language, word_of(offer.rank)),
                     offer.unit, offer.uses, local_time(expires));
      if (offer.replaces)
        out.out += say(options.language, Say::kReplaces, device_id_of(*offer.replaces).hex());
      break;
  }
  return out;
}

Outcome run_persons_erase(const Options& options, Installation& installation) {
  if (!options.yes) {
    return failed(options.language,
                  {ErrorCode::kInvalidArgument,
                   "erasing a person's words cannot be undone; add --yes if that is meant"});
  }
  std::optional<ledger::DeviceRow> device;
  {
    const auto snapshot = installation.ledger().begin_read();
    if (!snapshot) return failed(options.language, snapshot.error());
    auto found = find_known_device(**snapshot, options.device);
    if (!found) return failed(options.language, found.error());
    device = *std::move(found);
  }
  const auto erased =
      access::erase_person(installation.engine(), installation.ledger(), installation.data(), device->id);
  if (const auto list = access::load_erasure_list(installation.data()))
    installation.enrolment().forget(list->persons);
  if (!erased) return failed(options.language, erased.error());
  return {0,
          say(options.language, Say::kErased, erased->batches, erased->records,
              (installation.data() / "keys" / access::kErasureListFile).string()),
          "", ""};
}

}  // namespace phusa::app
