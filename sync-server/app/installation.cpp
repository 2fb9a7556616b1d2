#include "sync-server/app/installation.hpp"

#include "core/journal/certificate.hpp"
#include "sync-server/access/persons.hpp"
#include "sync-server/access/server_keys.hpp"
#include "sync-server/app/file_io.hpp"
#include "sync-server/ledger/sqlite/sqlite_ledger.hpp"

#include <algorithm>

namespace phusa::app {
namespace {

Result<std::unique_ptr<ledger::Ledger>> open_ledger(const std::filesystem::path& data, Random& random) {
  ledger::SqliteOptions options;
  options.path = (data / kLedgerFile).string();
  options.counts_logs = true;
  return ledger::open_sqlite_ledger(options, random);
}

/// Opened without it, a folder that has keys would get an empty one.
Result<void> check_ledger_is_there(const std::filesystem::path& data) {
  const auto path = data / kLedgerFile;
  std::error_code error;
  if (std::filesystem::exists(path, error) || error) return {};
  return fail(ErrorCode::kNotFound, path.string() +
                                        " is missing, and the keys are there; bring it back into a new "
                                        "folder: phusa-server restore BACKUP --key FILE --keys " +
                                        (data / "keys").string() + " --data DIR");
}

/// Served, an old ledger under the log of a newer one would answer with totals that lack days, and phones
/// would take its newest entries for proof that the server has their work.
Result<void> check_log_fits(const std::filesystem::path& data) {
  const std::string path = (data / kLedgerFile).string();
  const auto fits = ledger::log_fits(path);
  if (fits && *fits) return {};
  if (!fits && fits.error().code != ErrorCode::kCorrupt) return fail(fits.error());
  const std::string restore =
      "Nothing was changed. Bring back a whole backup into a new folder: phusa-server restore BACKUP --key "
      "FILE --keys " +
      (data / "keys").string() + " --data DIR";
  if (!fits) {
    return fail(ErrorCode::kCorrupt, path + " and the log beside it are no ledger together (" +
                                         fits.error().context + "): was one copied back alone? " + restore);
  }
  return fail(ErrorCode::kCorrupt,
              path + "-wal is the log of a server that died, and seems to belong to another " + kLedgerFile +
                  ": was this one copied back alone? " + restore +
                  "; or, if this file is the one to go on with, move that log away: phones bring again what "
                  "it lacks");
}

/// With a view of its own: none may be open where the file is written anew.
Result<access::Identity> identity_in(ledger::Ledger& ledger) {
  PHUSA_ASSIGN(const auto snapshot, ledger.begin_read());
  return access::load_identity(*snapshot);
}

std::string name_of(const Founding& founding) {
  if (!founding.organisation_name.empty()) return founding.organisation_name;
  const auto& units = founding.catalogue.units;
  const auto root = std::find_if(units.begin(), units.end(), [](const Unit& unit) { return !unit.parent; });
  return root == units.end() ? std::string() : root->name;
}

Result<void> fill(const Founding& founding, const Clock& clock, Random& random) {
  PHUSA_ASSIGN(const auto made, access::make_server_keys(founding.data, random));
  PHUSA_ASSIGN(const auto ledger, open_ledger(founding.data, random));
  const ingest::EngineOptions options{made.root.public_key, made.keys.server};
  PHUSA_ASSIGN(const auto engine, ingest::Engine::start(options, *ledger, clock));
  access::Identity identity;
  identity.root_key = made.root.public_key;
  identity.organisation_name = name_of(founding);
  identity.server_certificate.serial = 1;
  identity.server_certificate.subject = made.keys.server.public_key;
  identity.server_certificate.is_server = true;
  identity.server_certificate.rank = Rank::kOffice;
  identity.server_certificate.issued_at = clock.wall();
  journal::sign_certificate(engine->organisation(), made.root, identity.server_certificate);
  Catalogue first = founding.catalogue;
  first.box_key = Bytes(made.keys.box.public_key.view());
  PHUSA_ASSIGN(const Bytes catalogue, ingest::catalogue_payload(options, first));
  return engine->write([&](ledger::Transaction& transaction) -> Result<void> {
    PHUSA_TRY(access::keep_identity(transaction, identity));
    PHUSA_TRY(engine->append_office(transaction, OfficeAct::kCatalogue, catalogue));
    return {};
  });
}

}  // namespace

Result<std::unique_ptr<Installation>> Installation::open(const std::filesystem::path& data,
                                                         const Clock& clock, Random& random) {
  // Before anything is made in a folder that is not ours.
  PHUSA_ASSIGN(const access::ServerKeys keys, access::load_server_keys(data));
  PHUSA_TRY(check_ledger_is_there(data));
  PHUSA_ASSIGN(FolderLock lock, FolderLock::take(data));
  PHUSA_TRY(check_log_fits(data));
  // A copy of the ledger that a killed command left is of no use, and no erasure would reach it.
  WorkFolder::remove_leftovers(data);
  access::remove_unnamed_secrets(data / "keys");
  std::unique_ptr<Installation> out(new Installation(data, std::move(lock), clock, random));
  PHUSA_ASSIGN(out->ledger_, open_ledger(data, random));
  PHUSA_ASSIGN(access::Identity identity, identity_in(*out->ledger_));
  if (identity.server_certificate.subject != keys.server.public_key) {
    return fail(ErrorCode::kConflict, "the key in " + (data / "keys/server").string() +
                                          " is not this ledger's; bring back the right one");
  }
  out->engine_options_ = {identity.root_key, keys.server, keys.opening_keys(), &random};
  PHUSA_ASSIGN(out->engine_, ingest::Engine::start(out->engine_options_, *out->ledger_, clock));
  out->enrolment_ = std::make_unique<access::Enrolment>(
      access::Enrolment::Parts{*out->engine_, clock, random, data, access::kSerialLeapMax}, keys,
      std::move(identity));
  // An older ledger may have come back, announced or not: before anybody reads it.
  PHUSA_ASSIGN(const access::ErasureList list, access::load_erasure_list(data));
  out->enrolment_->forget(list.persons);
  PHUSA_ASSIGN(out->erased_again_, access::erase_again(*out->engine_, *out->ledger_, list));
  return out;
}

Result<void> found_installation(const Founding& founding, const Clock& clock, Random& random) {
  PHUSA_ASSIGN(NewFolder folder, NewFolder::make(founding.data, "init needs a new folder"));
  PHUSA_TRY(fill(founding, clock, random));
  folder.keep();
  return {};
}

}  // namespace phusa::app
