#include "core/base/day.hpp"
#include "core/base/local_time.hpp"
#include "sync-server/access/erasure_list.hpp"
#include "sync-server/access/server_keys.hpp"
#include "sync-server/app/box_keys.hpp"
#include "sync-server/app/commands.hpp"
#include "sync-server/app/listing.hpp"
#include "sync-server/http/totals_request.hpp"

#include <algorithm>

namespace phusa::app {
namespace {

Result<Listing> list_keys(Installation& installation) {
  PHUSA_ASSIGN(const auto files, access::box_key_files(installation.data()));
  const Bytes present = installation.engine().catalogue()->box_key;
  Listing listing;
  listing.columns = {{"key"}, {"file"}, {"in_use"}};
  for (const access::BoxKeyFile& file : files) {
    listing.rows.push_back({journal::box_key_id_of(file.key.public_key).hex(), "keys/" + file.name,
                            file.key.public_key.view() == present ? "yes" : ""});
  }
  return listing;
}

}  // namespace

Outcome run_keys_list(const Options& options, Installation& installation) {
  const auto listing = list_keys(installation);
  if (!listing) return failed(options.language, listing.error());
  return {0, rendered(*listing, options.format, options.language), "", ""};
}

Outcome run_keys_rotate(const Options& options, Installation& installation) {
  const auto rotated = rotate_box_key(installation);
  if (!rotated) return failed(options.language, rotated.error());
  return {0,
          say(options.language, Say::kKeyRotated, rotated->key.hex(), rotated->revision,
              (installation.data() / "keys").string()),
          "", ""};
}

Outcome run_backup(const Options& options, Installation& installation, const Surroundings& surroundings) {
  const auto to = read_backup_key(options.to);
  if (!to) return failed(options.language, to.error());
  const auto facts = write_backup(installation, options.file, *to, surroundings.progress);
  if (!facts) return failed(options.language, facts.error());
  return {
      0,
      say(options.language, Say::kBackedUp, facts->point.position, http::format_point(facts->point),
          local_time(format_time(facts->taken_at)), options.file, (installation.data() / "keys").string()),
      "", ""};
}

Outcome run_backup_key(const Options& options, Random& random) {
  const auto key = make_backup_key(options.file, random);
  if (!key) return failed(options.language, key.error());
  return {0, say(options.language, Say::kBackupKeyMade, format_backup_key(*key), options.file), "", ""};
}

Outcome run_restore(const Options& options, Random& random, const Progress& progress) {
  const auto key = load_backup_secret(options.key);
  if (!key) return failed(options.language, key.error());
  const auto facts = restore_backup({options.file, options.data, *key, options.keys}, random, progress);
  if (!facts) return failed(options.language, facts.error());
  Outcome out;
  out.out = say(options.language, Say::kRestored, options.data, facts->point.position,
                http::format_point(facts->point), local_time(format_time(facts->taken_at)));
  const std::filesystem::path data = options.data;
  std::error_code error;
  if (!std::filesystem::exists(data / "keys" / access::kErasureListFile, error))
    out.out += say(options.language, Say::kErasuresUnknown);
  if (!options.keys.empty()) {
    // Opened once, so that what was erased does not lie on this disk until somebody serves it.
    SystemClock clock;
    const auto opened = Installation::open(data, clock, random);
    if (!opened) return failed(options.language, opened.error());
    if (const auto& again = (*opened)->erased_again(); again.batches + again.records > 0)
      out.out += say(options.language, Say::kErasedAgain, again.batches, again.records);
    if (const auto& owed = (*opened)->erased_again().compaction_owed)
      out.out += say(options.language, Say::kCompactionOwed, owed->context);
  }
  if (options.keys.empty()) out.out += say(options.language, Say::kKeysMissing, options.data);
  return out;
}

}  // namespace phusa::app
