#include "sync-server/app/box_keys.hpp"

#include "sync-server/access/server_keys.hpp"
#include "sync-server/ingest/office_offers.hpp"

#include <algorithm>

namespace phusa::app {
namespace {

Result<std::uint32_t> publish(Installation& installation, const journal::BoxKey& key) {
  PHUSA_ASSIGN(const auto snapshot, installation.ledger().begin_read());
  PHUSA_ASSIGN(const auto newest, installation.engine().catalogue_of(*snapshot));
  Catalogue next = *newest;
  PHUSA_ASSIGN(next.revision, ingest::next_revision(*snapshot));
  next.box_key = Bytes(key.view());
  PHUSA_ASSIGN(const Bytes payload, ingest::catalogue_payload(installation.engine_options(), next));
  PHUSA_TRY(installation.engine().append_office(OfficeAct::kCatalogue, payload));
  return next.revision;
}

}  // namespace

Result<RotatedKey> rotate_box_key(Installation& installation) {
  PHUSA_ASSIGN(const auto made, access::add_box_key(installation.data(), installation.random()));
  // Before the first phone can seal to it. A key that is then not published hurts nobody.
  installation.engine().add_opening_key(journal::opening_key_of(made));
  PHUSA_ASSIGN(const std::uint32_t revision, publish(installation, made.public_key));
  return RotatedKey{journal::box_key_id_of(made.public_key), revision};
}

Result<std::optional<journal::BoxKeyId>> publish_box_key(Installation& installation) {
  PHUSA_ASSIGN(const auto files, access::box_key_files(installation.data()));
  const Bytes present = installation.engine().catalogue()->box_key;
  if (present.empty()) {
    PHUSA_TRY(publish(installation, files.back().key.public_key));
    return std::optional<journal::BoxKeyId>();
  }
  const bool is_here = std::any_of(files.begin(), files.end(), [&](const access::BoxKeyFile& file) {
    return file.key.public_key.view() == present;
  });
  PHUSA_ASSIGN(const auto key, journal::BoxKey::from(present));
  return is_here ? std::optional<journal::BoxKeyId>() : std::optional(journal::box_key_id_of(key));
}

}  // namespace phusa::app
