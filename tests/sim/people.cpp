#include "tests/sim/people.hpp"

#include "core/journal/certificate.hpp"
#include "tests/sim/sim_server.hpp"

#include <algorithm>

namespace phusa::sim {
namespace {

bool is_by_office(const Certificate& certificate) {
  return certificate.issuer == office_keys().server.public_key;
}

}  // namespace

bool was_within(std::uint32_t unit, const std::string& root, const std::vector<Catalogue>& catalogues) {
  const auto to = catalogues.back().unit(root);
  if (!to) return false;
  std::set<std::uint32_t> reached{unit};
  for (bool grew = true; grew;) {
    grew = false;
    for (const Catalogue& catalogue : catalogues) {
      for (const std::uint32_t at : std::set<std::uint32_t>(reached)) {
        if (at >= catalogue.units.size() || !catalogue.units[at].parent) continue;
        grew |= reached.insert(catalogue.units[at].parent->value).second;
      }
    }
  }
  return reached.contains(to->value);
}

void People::add(const Certificate& certificate) {
  const DeviceId device = device_id_of(certificate.subject);
  std::vector<Certificate>& own = certificates_[device];
  if (std::find(own.begin(), own.end(), certificate) != own.end()) return;
  own.push_back(certificate);
  std::stable_sort(own.begin(), own.end(),
                   [](const auto& a, const auto& b) { return a.issued_at < b.issued_at; });
  if (certificate.predecessor) wish_joined(device, journal::predecessor_id(*certificate.predecessor));
}

const std::vector<Certificate>& People::of(const DeviceId& device) const {
  static const std::vector<Certificate> none;
  const auto at = certificates_.find(device);
  return at == certificates_.end() ? none : at->second;
}

bool People::may_be_one_person(const DeviceId& one, const DeviceId& other) const {
  std::set<DeviceId> reached{one};
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& [a, b] : wishes_) {
      if (reached.contains(a)) grew |= reached.insert(b).second;
      if (reached.contains(b)) grew |= reached.insert(a).second;
    }
  }
  return reached.contains(other);
}

bool People::may_vouch(const DeviceId& officer, const std::string& unit,
                       const std::vector<Catalogue>& catalogues) const {
  const auto no = catalogues.back().unit(unit);
  const auto& own = of(officer);
  return no && std::any_of(own.begin(), own.end(), [&](const Certificate& certificate) {
           if (certificate.rank == Rank::kVolunteer) return false;
           return certificate.rank == Rank::kOffice || was_within(no->value, certificate.unit, catalogues);
         });
}

void People::settle(const std::vector<Catalogue>& catalogues) {
  leaders_.clear();
  for (const auto& [device, certificates] : certificates_) {
    for (const Certificate& certificate : certificates) {
      if (!certificate.predecessor) continue;
      const DeviceId predecessor = journal::predecessor_id(*certificate.predecessor);
      const auto& before = of(predecessor);
      const bool may_say =
          is_by_office(certificate) ||
          std::any_of(before.begin(), before.end(), [&](const Certificate& of_predecessor) {
            return may_vouch(device_id_of(certificate.issuer), of_predecessor.unit, catalogues);
          });
      if (before.empty() || !may_say) continue;
      const DeviceId from = leader_of(device);
      const DeviceId to = leader_of(predecessor);
      if (from != to) leaders_[from] = to;
    }
  }
}

DeviceId People::leader_of(const DeviceId& device) const {
  DeviceId at = device;
  for (auto next = leaders_.find(at); next != leaders_.end(); next = leaders_.find(at)) at = next->second;
  return at;
}

bool People::is_one_person(const DeviceId& one, const DeviceId& other) const {
  return leader_of(one) == leader_of(other);
}

bool People::reaches(const DeviceId& device, std::uint32_t unit, Rank at_least,
                     const std::vector<Catalogue>& catalogues) const {
  for (const auto& [other, certificates] : certificates_) {
    if (!is_one_person(device, other)) continue;
    for (const Certificate& certificate : certificates) {
      if (certificate.rank < at_least) continue;
      if (certificate.rank == Rank::kOffice || was_within(unit, certificate.unit, catalogues)) return true;
    }
  }
  return false;
}

}  // namespace phusa::sim
