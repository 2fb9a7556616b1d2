#include "core/journal/certificate.hpp"
#include "sync-server/app/commands.hpp"
#include "sync-server/app/device_acts.hpp"
#include "sync-server/app/listing.hpp"
#include "sync-server/ingest/held_loads.hpp"

#include <algorithm>

namespace phusa::app {
namespace {

constexpr std::size_t kShortDevice = 8;
/// Of a revision's hash: nobody confuses two that the office has to tell apart.
constexpr std::size_t kShortHash = 16;

/// The unit of a device that was let in or is in doubt.
Result<std::string> unit_of(ledger::Snapshot& snapshot, const DeviceId& id) {
  PHUSA_ASSIGN(const auto device, snapshot.device(id));
  if (device) return device->unit;
  PHUSA_ASSIGN(const auto doubts, snapshot.doubts());
  for (const ledger::DoubtRow& doubt : doubts) {
    if (doubt.device != id) continue;
    PHUSA_ASSIGN(const Certificate certificate, journal::decode_certificate(doubt.certificate));
    return certificate.unit;
  }
  return std::string();
}

Result<Listing> list_devices(Installation& installation) {
  PHUSA_ASSIGN(const auto snapshot, installation.ledger().begin_read());
  PHUSA_ASSIGN(const auto held,
               ingest::held_by_device(*snapshot, installation.engine_options().server_key.public_key));
  Listing listing;
  listing.columns = {
      {"device"},        {"unit"},        {"revoked"},    {"batches", true},       {"bytes", true},
      {"changes", true}, {"share", true}, {"vouched_by"}, {"officer_share", true}, {"full"}};
  for (const ingest::HeldOfDevice& row : held) {
    const DeviceId id = device_id_of(row.key);
    PHUSA_ASSIGN(const std::string unit, unit_of(*snapshot, id));
    PHUSA_ASSIGN(const bool revoked, is_revoked(*snapshot, id));
    const bool full = row.percent >= 100 || row.officer_percent >= 100;
    listing.rows.push_back({id.hex(), unit, revoked ? "yes" : "", std::to_string(row.load.batches),
                            std::to_string(row.load.bytes), std::to_string(row.load.changes),
                            std::to_string(row.percent),
                            row.officer ? row.officer->hex().substr(0, kShortDevice) : "",
                            row.officer ? std::to_string(row.officer_percent) : "", full ? "yes" : ""});
  }
  return listing;
}

Result<Listing> list_revisions(Installation& installation) {
  PHUSA_ASSIGN(const auto snapshot, installation.ledger().begin_read());
  PHUSA_ASSIGN(const auto lost,
               ingest::lost_revisions(*snapshot, installation.engine_options().server_key.public_key));
  Listing listing;
  listing.columns = {{"revision", true}, {"hash"},          {"contradicted"},
                     {"batches", true},  {"changes", true}, {"devices", true}};
  for (const ingest::LostRevision& row : lost) {
    listing.rows.push_back({std::to_string(row.revision), row.hash.hex().substr(0, kShortHash),
                            row.is_contradicted ? "yes" : "", std::to_string(row.batches),
                            std::to_string(row.changes), std::to_string(row.devices)});
  }
  return listing;
}

Result<ingest::LostRevision> accept_revision(const Options& options, Installation& installation) {
  ingest::LostRevision accepted;
  const auto work = [&](ledger::Transaction& transaction) -> Result<void> {
    PHUSA_ASSIGN(const auto lost,
                 ingest::lost_revisions(transaction, installation.engine_options().server_key.public_key));
    std::vector<ingest::LostRevision> meant;
    std::copy_if(lost.begin(), lost.end(), std::back_inserter(meant), [&](const ingest::LostRevision& row) {
      return row.revision == options.revision && row.hash.hex().starts_with(options.hash);
    });
    if (meant.empty()) {
      return fail(ErrorCode::kNotFound,
                  "no batch is held for this revision; see phusa-server held revisions");
    }
    if (meant.size() > 1) {
      return fail(ErrorCode::kInvalidArgument,
                  "more than one lost revision has this number; name the one that is meant with --hash");
    }
    accepted = meant.front();
    PHUSA_TRY(installation.engine().append_office(
        transaction, OfficeAct::kAcceptRevision, ingest::revision_payload(accepted.revision, accepted.hash)));
    return {};
  };
  PHUSA_TRY(installation.engine().write(work));
  return accepted;
}

Outcome shown(const Options& options, const Result<Listing>& listing) {
  if (!listing) return failed(options.language, listing.error());
  if (options.format == Format::kTable && listing->rows.empty())
    return {0, say(options.language, Say::kNothingHeld), "", ""};
  return {0, rendered(*listing, options.format, options.language), "", ""};
}

}  // namespace

Result<bool> is_revoked(ledger::Snapshot& snapshot, const DeviceId& device) {
  PHUSA_ASSIGN(const auto row, snapshot.device(device));
  if (row) return row->revoked;
  PHUSA_ASSIGN(const auto revocations, snapshot.revocations());
  return std::any_of(revocations.begin(), revocations.end(),
                     [&](const ledger::RevocationRow& revocation) { return revocation.device == device; });
}

Outcome run_held_devices(const Options& options, Installation& installation) {
  return shown(options, list_devices(installation));
}

Outcome run_held_revisions(const Options& options, Installation& installation) {
  return shown(options, list_revisions(installation));
}

Outcome run_held_accept_revision(const Options& options, Installation& installation) {
  const auto accepted = accept_revision(options, installation);
  if (!accepted) return failed(options.language, accepted.error());
  return {0,
          say(options.language, Say::kRevisionAccepted, accepted->revision,
              accepted->hash.hex().substr(0, kShortHash), accepted->batches, accepted->changes),
          "", ""};
}

}  // namespace phusa::app
