#pragma once

#include "core/model/batch.hpp"
#include "core/model/catalogue.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace phusa::sim {

/// Who was let in, by whom, for which units, and who took whose place: as the office and its officers said
/// it. A plain book of certificates; what may be read or logged for follows from it and the catalogues.
class People {
 public:
  /// A certificate that the office or an officer's phone signed. The same again changes nothing.
  void add(const Certificate& certificate);
  /// Two devices of one person, as somebody wished: whether that counts is seen at the end.
  void wish_joined(const DeviceId& one, const DeviceId& other) { wishes_.emplace_back(one, other); }

  /// In the order of issue; the last is the one that holds.
  const std::vector<Certificate>& of(const DeviceId& device) const;
  bool knows(const DeviceId& device) const { return certificates_.contains(device); }
  const std::map<DeviceId, std::vector<Certificate>>& all() const { return certificates_; }
  /// Whether anybody wished, step by step, that both are one person's.
  bool may_be_one_person(const DeviceId& one, const DeviceId& other) const;

  /// Joins persons as their successions and the rights of those who vouched for them have it.
  void settle(const std::vector<Catalogue>& catalogues);
  /// Once settled.
  bool is_one_person(const DeviceId& one, const DeviceId& other) const;
  /// Whether a certificate of the device's person reaches the unit under the tree of any revision; of a
  /// volunteer too, or of officers and the office alone.
  bool reaches(const DeviceId& device, std::uint32_t unit, Rank at_least,
               const std::vector<Catalogue>& catalogues) const;
  /// Whether a certificate of this very device gives it the right to vouch for a volunteer of the unit.
  bool may_vouch(const DeviceId& officer, const std::string& unit,
                 const std::vector<Catalogue>& catalogues) const;

 private:
  DeviceId leader_of(const DeviceId& device) const;

  std::map<DeviceId, std::vector<Certificate>> certificates_;
  std::vector<std::pair<DeviceId, DeviceId>> wishes_;
  std::map<DeviceId, DeviceId> leaders_;
};

/// Whether the unit lay below the root in any revision, mixing them on the way.
bool was_within(std::uint32_t unit, const std::string& root, const std::vector<Catalogue>& catalogues);

}  // namespace phusa::sim
