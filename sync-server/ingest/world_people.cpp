#include "core/base/limits.hpp"
#include "sync-server/ingest/world.hpp"

#include <algorithm>

namespace phusa::ingest {

const KnownDevice::Grant* KnownDevice::newest() const {
  const Grant* newest = nullptr;
  for (const Grant& grant : grants) {
    if (newest == nullptr || grant.issued_at >= newest->issued_at) newest = &grant;
  }
  return newest;
}

std::vector<DeviceId> World::join_persons() {
  std::vector<DeviceId> changed;
  std::erase_if(waiting_, [&](const Succession& succession) {
    if (!may_join(succession)) return false;
    const auto joined =
        join(devices_.at(succession.device).person, devices_.at(succession.predecessor).person);
    changed.insert(changed.end(), joined.begin(), joined.end());
    return true;
  });
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  return changed;
}

std::vector<DeviceId> World::devices_of(const DeviceId& id) const {
  std::vector<DeviceId> found;
  const ledger::PersonNo person = person_of(id);
  if (person == 0) return found;
  for (const auto& [other, device] : devices_) {
    if (leader_of(device.person) == person) found.push_back(other);
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool World::may_join(const Succession& succession) const {
  const KnownDevice* predecessor = device(succession.predecessor);
  if (predecessor == nullptr || device(succession.device) == nullptr) return false;
  if (succession.issuer == server_) return true;
  return std::any_of(predecessor->grants.begin(), predecessor->grants.end(), [&](const auto& grant) {
    return may_vouch(succession.issuer, Rank::kVolunteer, grant.unit);
  });
}

std::vector<DeviceId> World::stand_in(const DeviceId& unseen, ledger::PersonNo person) {
  if (devices_.contains(unseen)) return {};
  const auto [at, is_first] = stand_ins_.emplace(unseen, person);
  return is_first ? std::vector{unseen} : join(at->second, person);
}

ledger::PersonNo World::leader_of(ledger::PersonNo person) const {
  const auto at = leaders_.find(person);
  return at == leaders_.end() ? person : at->second;
}

std::vector<DeviceId> World::join(ledger::PersonNo one, ledger::PersonNo other) {
  const ledger::PersonNo first = std::min(leader_of(one), leader_of(other));
  const ledger::PersonNo second = std::max(leader_of(one), leader_of(other));
  if (first == second) return {};
  std::vector<DeviceId> changed;
  for (const auto& [id, device] : devices_) {
    if (leader_of(device.person) == second) changed.push_back(id);
  }
  for (const auto& [id, stand_in] : stand_ins_) {
    if (leader_of(stand_in) == second) changed.push_back(id);
  }
  for (auto& [person, leader] : leaders_) {
    if (leader == second) leader = first;
  }
  leaders_[second] = first;
  const auto moved = std::move(roots_[second]);
  roots_.erase(second);
  roots_[first].insert(roots_[first].end(), moved.begin(), moved.end());
  return changed;
}

void World::add_doubt(const Doubt& doubt) {
  doubts_[{device_id_of(doubt.certificate.subject), doubt.certificate.serial}] = doubt;
}

const Doubt* World::doubt(const DeviceId& id, std::uint32_t serial) const {
  const auto at = doubts_.find({id, serial});
  return at == doubts_.end() ? nullptr : &at->second;
}

DeviceId World::answerable(const DeviceId& issuer) const {
  DeviceId at = issuer;
  for (std::size_t i = 0; i < limits::kChainMax; ++i) {
    if (device(at) != nullptr) return at;
    const auto doubt = doubts_.lower_bound({at, 0});
    if (doubt == doubts_.end() || doubt->first.first != at) return at;
    at = device_id_of(doubt->second.certificate.issuer);
  }
  return at;
}

std::vector<const Doubt*> World::doubts_below(const DeviceId& answerable_device) const {
  std::vector<const Doubt*> out;
  for (const auto& [id, doubt] : doubts_) {
    if (is_revoked(id.first)) continue;
    if (answerable(device_id_of(doubt.certificate.issuer)) == answerable_device) out.push_back(&doubt);
  }
  return out;
}

std::size_t World::doubts_of(const DeviceId& id) const {
  const auto first = doubts_.lower_bound({id, 0});
  return static_cast<std::size_t>(std::distance(
      first, std::find_if(first, doubts_.end(), [&](const auto& d) { return d.first.first != id; })));
}

bool World::was_within(std::string_view unit, const std::string& root) const {
  const auto no = newest_->unit(unit);
  return no && was_within(*no, root);
}

bool World::may_vouch(const DeviceId& issuer, Rank rank, std::string_view unit) const {
  const KnownDevice* known = device(issuer);
  if (known == nullptr) return false;
  return std::any_of(known->grants.begin(), known->grants.end(), [&](const KnownDevice::Grant& grant) {
    if (grant.rank <= rank) return false;
    return grant.rank == Rank::kOffice ? newest_->unit(unit).has_value() : was_within(unit, grant.unit);
  });
}

std::uint32_t World::vouched_by(const DeviceId& issuer, const DeviceId& but) const {
  const auto is_by_issuer = [&](const KnownDevice::Grant& grant) { return grant.issuer == issuer; };
  const auto count = std::count_if(devices_.begin(), devices_.end(), [&](const auto& item) {
    const auto& grants = item.second.grants;
    return item.first != but && std::any_of(grants.begin(), grants.end(), is_by_issuer);
  });
  return static_cast<std::uint32_t>(count);
}

std::uint32_t World::vouches_of(const DeviceId& issuer) const {
  std::uint32_t most = 0;
  const KnownDevice* known = device(issuer);
  if (known == nullptr) return most;
  for (const KnownDevice::Grant& grant : known->grants) {
    // An issuer other than the server cannot give more than the server would.
    const bool by_server = grant.issuer == server_;
    most = std::max(most, by_server ? grant.uses : std::min(grant.uses, limits::kVouchUsesDefault));
  }
  return most;
}

bool World::oversees_device(ledger::PersonNo person, const DeviceId& id) const {
  const KnownDevice* known = device(id);
  if (known == nullptr) return false;
  return std::any_of(known->grants.begin(), known->grants.end(), [&](const KnownDevice::Grant& grant) {
    const auto unit = newest_->unit(grant.unit);
    return unit && oversees(person, *unit);
  });
}

}  // namespace phusa::ingest
