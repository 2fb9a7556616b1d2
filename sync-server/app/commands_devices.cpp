#include "core/journal/certificate.hpp"
#include "sync-server/app/commands.hpp"
#include "sync-server/app/device_acts.hpp"
#include "sync-server/app/listing.hpp"
#include "sync-server/app/short_id.hpp"
#include "sync-server/ingest/introduction.hpp"
#include "sync-server/ingest/revocation.hpp"

#include <algorithm>
#include <set>

namespace phusa::app {
namespace {

Result<DeviceId> named_device(const std::set<DeviceId>& ids, const std::string& text) {
  return only_one(ids, text, "device", "devices list");
}

/// Who vouched for the device and which one it replaces, as its certificate says.
std::vector<std::string> origin_of(const Certificate& certificate, const PublicKey& server) {
  return {certificate.issuer == server ? "" : short_id(device_id_of(certificate.issuer)),
          certificate.predecessor ? short_id(journal::predecessor_id(*certificate.predecessor)) : ""};
}

using Forked = std::set<PublicKey>;

std::string yes_if(bool is_so) {
  return is_so ? "yes" : "";
}

Result<void> add_let_in(ledger::Snapshot& snapshot, const PublicKey& server, const Forked& forked,
                        Listing& listing) {
  PHUSA_ASSIGN(const auto devices, snapshot.devices());
  for (const auto& device : devices) {
    PHUSA_ASSIGN(const auto person, snapshot.person(device.person));
    PHUSA_ASSIGN(const auto grants, snapshot.grants_of(device.id));
    std::vector<std::string> origin{"", ""};
    if (!grants.empty()) {
      PHUSA_ASSIGN(const Certificate first, journal::decode_certificate(grants.front().certificate));
      origin = origin_of(first, server);
    }
    listing.rows.push_back(
        {device.id.hex(), device.unit, std::string(rank_name(device.rank)), person ? person->name : "",
         person ? person->phone : "", format_time(device.enrolled_at),
         device.last_seen == WallTime{} ? "" : format_time(device.last_seen), yes_if(device.revoked),
         origin[0], origin[1], "", yes_if(forked.contains(device.key))});
  }
  return {};
}

Result<void> add_in_doubt(ledger::Snapshot& snapshot, const PublicKey& server, const Forked& forked,
                          Listing& listing) {
  PHUSA_ASSIGN(const auto doubts, snapshot.doubts());
  for (const auto& doubt : doubts) {
    PHUSA_ASSIGN(const Certificate certificate, journal::decode_certificate(doubt.certificate));
    PHUSA_ASSIGN(const auto person, snapshot.person(ingest::person_of_vouched(certificate.subject)));
    const auto origin = origin_of(certificate, server);
    PHUSA_ASSIGN(const bool revoked, is_revoked(snapshot, doubt.device));
    listing.rows.push_back({doubt.device.hex(), certificate.unit, std::string(rank_name(certificate.rank)),
                            person ? person->name : "", person ? person->phone : "", "", "", yes_if(revoked),
                            origin[0], origin[1], std::string(hold_name(doubt.reason)),
                            yes_if(forked.contains(certificate.subject))});
  }
  return {};
}

Result<Listing> list_devices(Installation& installation) {
  PHUSA_ASSIGN(const auto snapshot, installation.ledger().begin_read());
  Listing listing;
  listing.columns = {{"device"},    {"unit"},    {"role"},       {"name"},     {"phone"}, {"enrolled"},
                     {"last_seen"}, {"revoked"}, {"vouched_by"}, {"replaces"}, {"doubt"}, {"forked"}};
  const PublicKey& server = installation.engine_options().server_key.public_key;
  PHUSA_ASSIGN(const auto keys, snapshot->forked_devices());
  const Forked forked(keys.begin(), keys.end());
  PHUSA_TRY(add_let_in(*snapshot, server, forked, listing));
  PHUSA_TRY(add_in_doubt(*snapshot, server, forked, listing));
  return listing;
}

/// What a revocation is to name, and what it does to each batch that has arrived.
struct RevocationPlan {
  ledger::DeviceRow device;
  bool is_in_doubt = false;
  std::size_t stood_in = 0;  ///< devices whose certificate was by this one
  std::vector<ingest::LastGood> last_good;
  std::vector<ingest::BatchFate> fates;
};

Result<std::vector<ingest::LastGood>> named_good(ledger::Snapshot& snapshot, const PublicKey& device,
                                                 const std::vector<std::string>& hashes) {
  std::vector<ingest::LastGood> good;
  for (const std::string& text : hashes) {
    const auto raw = from_hex(text);
    const auto hash = raw ? Hash::from(*raw) : Result<Hash>(fail(raw.error()));
    if (!hash)
      return fail(ErrorCode::kInvalidArgument, "--good '" + text + "' is not a batch's hash of 64 digits");
    PHUSA_ASSIGN(const auto entry, snapshot.entry_by_hash(*hash));
    if (!entry || entry->device_key != device) {
      return fail(ErrorCode::kNotFound,
                  "no batch of this device has the hash " + text + "; --preview shows those that arrived");
    }
    good.push_back({entry->journal, *hash});
  }
  return good;
}

Result<RevocationPlan> plan_revocation(ledger::Snapshot& snapshot, const Options& options) {
  RevocationPlan plan;
  PHUSA_ASSIGN(plan.device, find_known_device(snapshot, options.device));
  PHUSA_ASSIGN(const auto let_in, snapshot.device(plan.device.id));
  plan.is_in_doubt = !let_in;
  if (!options.good.empty()) {
    PHUSA_ASSIGN(plan.last_good, named_good(snapshot, plan.device.key, options.good));
  } else if (!plan.device.revoked) {
    PHUSA_ASSIGN(plan.last_good, ingest::last_batches(snapshot, plan.device.key));
  } else if (!options.preview) {
    return fail(ErrorCode::kConflict,
                "this device is revoked already; --good HASH adds to what of it counts");
  }
  std::set<Hash> good;
  for (const ingest::LastGood& batch : plan.last_good) good.insert(batch.batch);
  PHUSA_ASSIGN(const auto before, snapshot.revocations());
  for (const ledger::RevocationRow& row : before) {
    if (row.device == plan.device.id) good.insert(row.last_good);
  }
  PHUSA_ASSIGN(plan.fates, ingest::fates_under(snapshot, plan.device.key, good));
  return plan;
}

Result<RevocationPlan> revoke(Installation& installation, const Options& options) {
  if (options.preview) {
    PHUSA_ASSIGN(const auto snapshot, installation.ledger().begin_read());
    return plan_revocation(*snapshot, options);
  }
  RevocationPlan plan;
  const auto work = [&](ledger::Transaction& transaction) -> Result<void> {
    PHUSA_ASSIGN(plan, plan_revocation(transaction, options));
    PHUSA_TRY(installation.engine().append_office(transaction, OfficeAct::kRevoke,
                                                  ingest::revoke_payload(plan.device.id, plan.last_good)));
    return {};
  };
  PHUSA_TRY(installation.engine().write(work));
  PHUSA_ASSIGN(plan.stood_in, installation.enrolment().stand_in_for(plan.device.id));
  return plan;
}

Listing listing_of(const std::vector<ingest::BatchFate>& fates) {
  Listing listing;
  listing.columns = {{"journal"}, {"number", true}, {"batch"}, {"received_at"}, {"changes", true}, {"fate"}};
  for (const ingest::BatchFate& fate : fates) {
    listing.rows.push_back({fate.batch.journal.hex(), std::to_string(fate.batch.number),
                            fate.batch.hash.hex(), format_time(fate.batch.received_at),
                            std::to_string(fate.changes), fate.is_kept ? "kept" : "held"});
  }
  return listing;
}

std::string summary_of(const std::vector<ingest::BatchFate>& fates, Language language) {
  std::uint64_t batches[2] = {0, 0};
  std::uint64_t changes[2] = {0, 0};
  for (const ingest::BatchFate& fate : fates) {
    ++batches[fate.is_kept];
    changes[fate.is_kept] += fate.changes;
  }
  return say(language, Say::kFates, batches[1], changes[1], batches[0], changes[0]);
}

Say what_counts_after(const RevocationPlan& plan, const Options& options) {
  if (plan.is_in_doubt) return Say::kRevokedInDoubt;
  return options.good.empty() ? Say::kRevoked : Say::kRevokedUpTo;
}

Result<Certificate> move(Installation& installation, const Options& options) {
  ledger::DeviceRow device;
  {
    PHUSA_ASSIGN(const auto snapshot, installation.ledger().begin_read());
    PHUSA_ASSIGN(device, find_device(*snapshot, options.device));
  }
  Rank rank = device.rank;
  if (!options.role.empty()) {
    PHUSA_ASSIGN(rank, parse_rank(options.role));
  }
  return installation.enrolment().move(device.id, options.unit.empty() ? device.unit : options.unit, rank,
                                       options.vouches);
}

Result<DeviceId> find_in_doubt(ledger::Snapshot& snapshot, const std::string& text) {
  std::set<DeviceId> in_doubt;
  PHUSA_ASSIGN(const auto doubts, snapshot.doubts());
  for (const ledger::DoubtRow& doubt : doubts) in_doubt.insert(doubt.device);
  auto found = named_device(in_doubt, text);
  if (found || found.error().code != ErrorCode::kNotFound) return found;
  PHUSA_ASSIGN(const auto let_in, find_device(snapshot, text));
  return fail(ErrorCode::kConflict,
              "device " + let_in.id.hex() + " is in no doubt; there is nothing to accept of it");
}

Result<DeviceId> accept(Installation& installation, const Options& options) {
  DeviceId device;
  {
    PHUSA_ASSIGN(const auto snapshot, installation.ledger().begin_read());
    PHUSA_ASSIGN(device, find_in_doubt(*snapshot, options.device));
  }
  PHUSA_TRY(installation.enrolment().accept(device));
  return device;
}

}  // namespace

Result<ledger::DeviceRow> find_device(ledger::Snapshot& snapshot, const std::string& text) {
  PHUSA_ASSIGN(const auto devices, snapshot.devices());
  std::set<DeviceId> ids;
  for (const auto& device : devices) ids.insert(device.id);
  PHUSA_ASSIGN(const DeviceId id, named_device(ids, text));
  PHUSA_ASSIGN(const auto device, snapshot.device(id));
  return *device;
}

Result<ledger::DeviceRow> find_known_device(ledger::Snapshot& snapshot, const std::string& text) {
  std::set<DeviceId> ids;
  PHUSA_ASSIGN(const auto devices, snapshot.devices());
  for (const ledger::DeviceRow& device : devices) ids.insert(device.id);
  PHUSA_ASSIGN(const auto doubts, snapshot.doubts());
  for (const ledger::DoubtRow& doubt : doubts) ids.insert(doubt.device);
  PHUSA_ASSIGN(const DeviceId id, named_device(ids, text));
  PHUSA_ASSIGN(const auto device, snapshot.device(id));
  if (device) return *device;
  const auto doubt = std::find_if(doubts.begin(), doubts.end(),
                                  [&](const ledger::DoubtRow& row) { return row.device == id; });
  PHUSA_ASSIGN(const Certificate certificate, journal::decode_certificate(doubt->certificate));
  ledger::DeviceRow out;
  out.id = id;
  out.key = certificate.subject;
  PHUSA_ASSIGN(out.revoked, is_revoked(snapshot, id));
  return out;
}

Result<void> revoke_if_not_yet(Installation& installation, const DeviceId& device) {
  const auto work = [&](ledger::Transaction& transaction) -> Result<void> {
    PHUSA_ASSIGN(const auto row, transaction.device(device));
    if (!row || row->revoked) return {};
    PHUSA_ASSIGN(const auto last_good, ingest::last_batches(transaction, row->key));
    PHUSA_TRY(installation.engine().append_office(transaction, OfficeAct::kRevoke,
                                                  ingest::revoke_payload(device, last_good)));
    return {};
  };
  PHUSA_TRY(installation.engine().write(work));
  PHUSA_TRY(installation.enrolment().stand_in_for(device));
  return {};
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

Outcome run_devices_list(const Options& options, Installation& installation) {
  const auto listing = list_devices(installation);
  if (!listing) return failed(options.language, listing.error());
  return {0, rendered(*listing, options.format, options.language), "", ""};
}

Outcome run_devices_revoke(const Options& options, Installation& installation) {
  const auto plan = revoke(installation, options);
  if (!plan) return failed(options.language, plan.error());
  Outcome out;
  if (options.format != Format::kTable) {
    out.out = rendered(listing_of(plan->fates), options.format, options.language);
    return out;
  }
  if (!plan->fates.empty() && (options.preview || !options.good.empty()))
    out.out = as_table(listing_of(plan->fates), options.language);
  out.out += summary_of(plan->fates, options.language);
  out.out += options.preview
                 ? say(options.language, Say::kNothingDone)
                 : say(options.language, what_counts_after(*plan, options), plan->device.id.hex());
  if (plan->stood_in != 0) out.out += say(options.language, Say::kStoodIn, plan->stood_in);
  return out;
}

Outcome run_devices_accept(const Options& options, Installation& installation) {
  const auto device = accept(installation, options);
  if (!device) return failed(options.language, device.error());
  return {0, say(options.language, Say::kDeviceAccepted, device->hex()), "", ""};
}

Outcome run_devices_move(const Options& options, Installation& installation) {
  const auto certificate = move(installation, options);
  if (!certificate) return failed(options.language, certificate.error());
  return {0,
          say(options.language, Say::kMoved, device_id_of(certificate->subject).hex(),
              text_of(options.language, word_of(certificate->rank)), certificate->unit),
          "", ""};
}

}  // namespace phusa::app
