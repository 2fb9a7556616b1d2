#include "sync-server/ingest/world.hpp"

#include "core/journal/certificate.hpp"
#include "core/wire/codec.hpp"
#include "sync-server/ingest/payloads.hpp"

#include <algorithm>

namespace phusa::ingest {
namespace {

void widen_validity(Validity& into, const Validity& other) {
  if (!into.from || !other.from) {
    into.from.reset();
  } else {
    into.from = std::min(*into.from, *other.from);
  }
  if (!into.until || !other.until) {
    into.until.reset();
  } else {
    into.until = std::max(*into.until, *other.until);
  }
}

template <class Row, class Same>
bool only_grows(const std::vector<Row>& before, const std::vector<Row>& after, Same same) {
  return after.size() >= before.size() &&
         std::equal(before.begin(), before.end(), after.begin(),
                    [&](const Row& a, const Row& b) { return a.code == b.code && same(a, b); });
}

}  // namespace

const KnownDevice::Grant* KnownDevice::grant(std::uint32_t serial) const {
  const auto at =
      std::find_if(grants.begin(), grants.end(), [&](const Grant& grant) { return grant.serial == serial; });
  return at == grants.end() ? nullptr : &*at;
}

Result<World> World::load(ledger::Snapshot& snapshot) {
  World world;
  PHUSA_ASSIGN(const auto catalogues, snapshot.catalogues());
  for (const ledger::CatalogueRow& row : catalogues) PHUSA_TRY(world.add_catalogue(row));
  PHUSA_ASSIGN(const auto devices, snapshot.devices());
  std::unordered_map<DeviceId, const ledger::DeviceRow*> rows;
  for (const ledger::DeviceRow& row : devices) rows.emplace(row.id, &row);
  PHUSA_ASSIGN(const auto grants, snapshot.grants());
  for (const ledger::GrantRow& grant : grants) {
    PHUSA_ASSIGN(const Certificate certificate, journal::decode_certificate(grant.certificate));
    const auto row = rows.find(grant.device);
    if (row == rows.end()) return fail(ErrorCode::kCorrupt, "a grant's device is not in the ledger");
    world.add_grant(*row->second, certificate);
  }
  PHUSA_ASSIGN(const auto revocations, snapshot.revocations());
  for (const ledger::RevocationRow& row : revocations) world.revoke(row.device, {row.last_good});
  for (const ledger::DeviceRow& row : devices) {
    if (row.revoked) world.revoke(row.id, {});
  }
  PHUSA_ASSIGN(const auto day, snapshot.meta(kDayComeKey));
  if (day) {
    PHUSA_ASSIGN(world.today_, read_day_payload(*day));
  }
  PHUSA_ASSIGN(const auto office, snapshot.newest_office_entry());
  if (office) world.set_office(office->number, office->hash);
  return world;
}

const Hash* World::catalogue_hash(std::uint32_t revision) const {
  return revision == 0 || revision > catalogue_hashes_.size() ? nullptr : &catalogue_hashes_[revision - 1];
}

Result<void> World::check_follows(const Catalogue& next) const {
  if (next.revision != newest_->revision + 1) {
    return fail(ErrorCode::kConflict, "catalogue revision " + std::to_string(next.revision) +
                                          " does not follow " + std::to_string(newest_->revision));
  }
  const auto any = [](const auto&, const auto&) { return true; };
  const bool grows =
      only_grows(newest_->units, next.units, any) && only_grows(newest_->clusters, next.clusters, any) &&
      only_grows(newest_->campaigns, next.campaigns, any) && only_grows(newest_->kinds, next.kinds, any) &&
      only_grows(newest_->indicators, next.indicators,
                 [](const Indicator& a, const Indicator& b) {
                   return a.decimals == b.decimals && a.unit == b.unit && a.per_event == b.per_event &&
                          a.nature == b.nature;
                 }) &&
      only_grows(newest_->labels, next.labels,
                 [](const Label& a, const Label& b) { return a.group == b.group; });
  if (!grows) {
    return fail(ErrorCode::kConflict,
                "a catalogue revision must keep every row of the one before, with its code; an indicator's "
                "measure, decimals, "
                "nature and per_event and a label's group never change");
  }
  return {};
}

Result<void> World::add_catalogue(const ledger::CatalogueRow& row) {
  PHUSA_ASSIGN(const Catalogue next, wire::decode_catalogue(row.encoded));
  if (next.revision != row.revision)
    return fail(ErrorCode::kConflict, "the catalogue inside has another revision");
  PHUSA_TRY(check_follows(next));
  widen(next);
  note_tree(next);
  newest_ = std::make_shared<const Catalogue>(next);
  catalogue_hashes_.push_back(row.hash);
  for (auto& [root, units] : ever_within_) units = subtree_ever(root);
  return {};
}

std::vector<bool> World::subtree_ever(std::string_view root) const {
  std::vector<bool> within(parents_ever_.size(), false);
  const auto root_no = newest_->unit(root);
  if (!root_no) return within;
  within[root_no->value] = true;
  // A child's number may be below its parent's, so pass over the units until nothing is added.
  for (bool grew = true; grew;) {
    grew = false;
    for (std::size_t unit = 0; unit < within.size(); ++unit) {
      if (within[unit]) continue;
      within[unit] = std::any_of(parents_ever_[unit].begin(), parents_ever_[unit].end(), [&](UnitNo parent) {
        return parent.value < within.size() && within[parent.value];
      });
      grew |= within[unit];
    }
  }
  return within;
}

void World::widen(const Catalogue& next) {
  Catalogue wide = next;
  for (std::size_t i = 0; i < standard_->units.size(); ++i)
    widen_validity(wide.units[i].validity, standard_->units[i].validity);
  for (std::size_t i = 0; i < standard_->campaigns.size(); ++i) {
    widen_validity(wide.campaigns[i].validity, standard_->campaigns[i].validity);
  }
  for (std::size_t i = 0; i < standard_->indicators.size(); ++i) {
    const auto& before = standard_->indicators[i].maximum;
    auto& maximum = wide.indicators[i].maximum;
    maximum = before && maximum ? std::optional(std::max(*before, *maximum)) : std::nullopt;
  }
  standard_ = std::make_shared<const Catalogue>(std::move(wide));
}

void World::note_tree(const Catalogue& next) {
  for (std::size_t i = 0; i < newest_->units.size(); ++i) {
    if (newest_->units[i].parent != next.units[i].parent) tree_revision_ = next.revision;
  }
  parents_ever_.resize(next.units.size());
  for (std::size_t i = 0; i < next.units.size(); ++i) {
    const auto& parent = next.units[i].parent;
    auto& ever = parents_ever_[i];
    if (parent && std::find(ever.begin(), ever.end(), *parent) == ever.end()) ever.push_back(*parent);
  }
}

const KnownDevice* World::device(const DeviceId& id) const {
  const auto at = devices_.find(id);
  return at == devices_.end() ? nullptr : &at->second;
}

void World::add_grant(const ledger::DeviceRow& row, const Certificate& certificate) {
  KnownDevice& device = devices_[row.id];
  device.key = row.key;
  device.person = row.person_no;
  device.grants.push_back({certificate.serial, certificate.rank, certificate.unit});
  roots_[row.person_no].push_back({certificate.unit, certificate.rank});
  if (!ever_within_.contains(certificate.unit))
    ever_within_.emplace(certificate.unit, subtree_ever(certificate.unit));
}

void World::revoke(const DeviceId& id, const std::set<Hash>& last_good) {
  const auto at = devices_.find(id);
  if (at == devices_.end()) return;
  at->second.revoked = true;
  at->second.last_good.insert(last_good.begin(), last_good.end());
}

ledger::PersonNo World::person_of(const DeviceId& id) const {
  const KnownDevice* known = device(id);
  return known == nullptr ? 0 : known->person;
}

std::optional<UnitNo> World::home_of(const DeviceId& id) const {
  const KnownDevice* known = device(id);
  return known == nullptr || known->grants.empty() ? std::nullopt : newest_->unit(known->grants.back().unit);
}

bool World::was_within(UnitNo unit, const std::string& root) const {
  auto at = ever_within_.find(root);
  return at != ever_within_.end() && unit.value < at->second.size() && at->second[unit.value];
}

bool World::may_log_for(const DeviceId& id, UnitNo unit) const {
  const auto roots = roots_.find(person_of(id));
  if (roots == roots_.end()) return false;
  return std::any_of(roots->second.begin(), roots->second.end(), [&](const Root& root) {
    return root.rank == Rank::kOffice || was_within(unit, root.unit);
  });
}

bool World::oversees(ledger::PersonNo person, UnitNo unit) const {
  const auto roots = roots_.find(person);
  if (person == 0 || roots == roots_.end()) return false;
  return std::any_of(roots->second.begin(), roots->second.end(), [&](const Root& root) {
    return root.rank == Rank::kOffice || (root.rank == Rank::kOfficer && was_within(unit, root.unit));
  });
}

}  // namespace phusa::ingest
