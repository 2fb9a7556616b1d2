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

/// Whether `after` keeps every row of `before` in its place.
bool extends(const Catalogue& before, const Catalogue& after) {
  const auto any = [](const auto&, const auto&) { return true; };
  return only_grows(before.units, after.units, any) && only_grows(before.clusters, after.clusters, any) &&
         only_grows(before.campaigns, after.campaigns, any) && only_grows(before.kinds, after.kinds, any) &&
         only_grows(before.indicators, after.indicators,
                    [](const Indicator& a, const Indicator& b) {
                      return a.decimals == b.decimals && a.unit == b.unit && a.per_event == b.per_event &&
                             a.nature == b.nature;
                    }) &&
         only_grows(before.labels, after.labels,
                    [](const Label& a, const Label& b) { return a.group == b.group; });
}

}  // namespace

const KnownDevice::Grant* KnownDevice::grant(std::uint32_t serial) const {
  const auto at =
      std::find_if(grants.begin(), grants.end(), [&](const Grant& grant) { return grant.serial == serial; });
  return at == grants.end() ? nullptr : &*at;
}

Result<World> World::load(ledger::Snapshot& snapshot, const PublicKey& server_key) {
  World world(server_key);
  PHUSA_ASSIGN(const auto catalogues, snapshot.catalogues());
  // Each was compared with the newest of its day, so each is the beginning of the newest, but perhaps not of
  // the next.
  for (auto row = catalogues.rbegin(); row != catalogues.rend(); ++row) PHUSA_TRY(world.add_catalogue(*row));
  PHUSA_ASSIGN(const auto accepted, snapshot.accepted_revisions());
  for (const ledger::AcceptedRevisionRow& row : accepted) world.accept_revision(row.revision, row.hash);
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
  PHUSA_ASSIGN(const auto doubts, snapshot.doubts());
  for (const ledger::DoubtRow& row : doubts) {
    PHUSA_ASSIGN(Certificate certificate, journal::decode_certificate(row.certificate));
    world.add_doubt({row.reason, std::move(certificate)});
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
  const auto at = revisions_.find(revision);
  return at == revisions_.end() ? nullptr : &at->second.hash;
}

bool World::has_catalogue(std::uint32_t revision, const Hash& hash) const {
  const Hash* stands = catalogue_hash(revision);
  return (stands != nullptr && *stands == hash) || accepted_.contains({revision, hash});
}

Result<Catalogue> World::check_catalogue(const ledger::CatalogueRow& row) const {
  PHUSA_ASSIGN(Catalogue next, wire::decode_catalogue(row.encoded));
  if (next.revision != row.revision || row.revision == 0)
    return fail(ErrorCode::kConflict, "the catalogue inside has another revision");
  if (catalogue_hash(row.revision) != nullptr) {
    return fail(ErrorCode::kConflict,
                "there is a catalogue revision " + std::to_string(row.revision) + " already");
  }
  const bool is_newer = next.revision > newest_->revision;
  if (!extends(is_newer ? *newest_ : next, is_newer ? next : *newest_)) {
    return fail(ErrorCode::kConflict,
                "a catalogue revision must keep every row of the one before, with its code; an indicator's "
                "measure, decimals, "
                "nature and per_event and a label's group never change");
  }
  return next;
}

Result<void> World::add_catalogue(const ledger::CatalogueRow& row) {
  PHUSA_ASSIGN(const Catalogue next, check_catalogue(row));
  const bool is_newer = next.revision > newest_->revision;
  widen(is_newer ? next : *newest_, is_newer ? *standard_ : next);
  if (is_newer) newest_ = std::make_shared<const Catalogue>(next);
  note_tree(row.hash, next);
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

void World::widen(const Catalogue& newest, const Catalogue& other) {
  // Of the standard so far nothing is lost: it is at least as wide as any revision it came from.
  Catalogue wide = newest;
  for (const Catalogue* ever : {standard_.get(), &other}) {
    for (std::size_t i = 0; i < ever->units.size(); ++i)
      widen_validity(wide.units[i].validity, ever->units[i].validity);
    for (std::size_t i = 0; i < ever->campaigns.size(); ++i)
      widen_validity(wide.campaigns[i].validity, ever->campaigns[i].validity);
    for (std::size_t i = 0; i < ever->indicators.size(); ++i) {
      const auto& before = ever->indicators[i].maximum;
      auto& maximum = wide.indicators[i].maximum;
      maximum = before && maximum ? std::optional(std::max(*before, *maximum)) : std::nullopt;
    }
  }
  standard_ = std::make_shared<const Catalogue>(std::move(wide));
}

void World::note_tree(const Hash& hash, const Catalogue& next) {
  Revision& revision = revisions_[next.revision];
  revision.hash = hash;
  if (parents_ever_.size() < next.units.size()) parents_ever_.resize(next.units.size());
  for (std::size_t i = 0; i < next.units.size(); ++i) {
    const auto& parent = next.units[i].parent;
    revision.parents.push_back(parent);
    auto& ever = parents_ever_[i];
    if (parent && std::find(ever.begin(), ever.end(), *parent) == ever.end()) ever.push_back(*parent);
  }
  tree_revision_ = 0;
  const Revision* before = nullptr;
  for (const auto& [number, after] : revisions_) {
    const std::size_t both = before == nullptr ? 0 : std::min(before->parents.size(), after.parents.size());
    if (!std::equal(after.parents.begin(), after.parents.begin() + static_cast<std::ptrdiff_t>(both),
                    before == nullptr ? after.parents.begin() : before->parents.begin()))
      tree_revision_ = number;
    before = &after;
  }
}

const KnownDevice* World::device(const DeviceId& id) const {
  const auto at = devices_.find(id);
  return at == devices_.end() ? nullptr : &at->second;
}

std::vector<DeviceId> World::add_grant(const ledger::DeviceRow& row, const Certificate& certificate) {
  const bool is_new = !devices_.contains(row.id);
  KnownDevice& device = devices_[row.id];
  stand_ins_.erase(row.id);
  if (const auto early = revoked_early_.find(row.id); early != revoked_early_.end()) {
    device.revoked = true;
    device.last_good.merge(early->second);
    revoked_early_.erase(early);
  }
  device.key = row.key;
  device.person = row.person_no;
  device.grants.push_back({certificate.serial, certificate.rank, certificate.unit, certificate.issued_at,
                           device_id_of(certificate.issuer), certificate.uses});
  doubts_.erase({row.id, certificate.serial});
  roots_[leader_of(row.person_no)].push_back({certificate.unit, certificate.rank});
  if (!ever_within_.contains(certificate.unit))
    ever_within_.emplace(certificate.unit, subtree_ever(certificate.unit));
  if (certificate.predecessor) {
    waiting_.push_back(
        {row.id, journal::predecessor_id(*certificate.predecessor), device_id_of(certificate.issuer)});
  }
  std::vector<DeviceId> changed = join_persons();
  if (certificate.predecessor && device_id_of(certificate.issuer) == server_) {
    const auto more = stand_in(journal::predecessor_id(*certificate.predecessor), row.person_no);
    changed.insert(changed.end(), more.begin(), more.end());
  }
  if (is_new && std::find(changed.begin(), changed.end(), row.id) == changed.end()) changed.push_back(row.id);
  return changed;
}

void World::revoke(const DeviceId& id, const std::set<Hash>& last_good) {
  const auto at = devices_.find(id);
  if (at == devices_.end()) {
    revoked_early_[id].insert(last_good.begin(), last_good.end());
    return;
  }
  at->second.revoked = true;
  at->second.last_good.insert(last_good.begin(), last_good.end());
}

bool World::is_revoked(const DeviceId& id, const std::set<Hash>& last_good) const {
  const auto known = devices_.find(id);
  const auto early = revoked_early_.find(id);
  const std::set<Hash>* good = nullptr;
  if (known != devices_.end() && known->second.revoked) good = &known->second.last_good;
  if (early != revoked_early_.end()) good = &early->second;
  return good != nullptr && std::includes(good->begin(), good->end(), last_good.begin(), last_good.end());
}

ledger::PersonNo World::person_of(const DeviceId& id) const {
  if (const KnownDevice* known = device(id)) return leader_of(known->person);
  const auto stand_in = stand_ins_.find(id);
  return stand_in == stand_ins_.end() ? 0 : leader_of(stand_in->second);
}

std::optional<UnitNo> World::home_of(const DeviceId& id) const {
  const KnownDevice* known = device(id);
  const KnownDevice::Grant* grant = known == nullptr ? nullptr : known->newest();
  return grant == nullptr ? std::nullopt : newest_->unit(grant->unit);
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
