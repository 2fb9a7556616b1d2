#include "core/model/record.hpp"

#include <algorithm>

namespace phusa {
namespace {

bool same_value(FieldKey field, const Node& a, const Node& b) {
  return a.version.value == b.version.value || (field.is_personal() && !a.text.empty() && a.text == b.text);
}

}  // namespace

std::uint32_t Counts::of(Rank rank) const { return const_cast<Counts*>(this)->of(rank); }

std::uint32_t& Counts::of(Rank rank) {
  switch (rank) {
    case Rank::kVolunteer: return volunteer;
    case Rank::kOfficer: return officer;
    case Rank::kOffice: return office;
  }
  return volunteer;
}

VersionName name_of(FieldKey field, const Version& version) {
  VersionName name{version.counts, version.device, 0};
  if (version.value.empty()) return name;
  name.value_hash = field.is_personal() ? ByteReader(version.value).u32() : short_hash_of(version.value);
  return name;
}

bool is_named(const Register& reg, const Version& version) {
  if (std::all_of(reg.nodes.begin(), reg.nodes.end(), [](const Node& node) { return node.names.empty(); })) return false;
  const VersionName name = name_of(reg.field, version);
  return std::any_of(reg.nodes.begin(), reg.nodes.end(), [&](const Node& node) {
    return std::binary_search(node.names.begin(), node.names.end(), name);
  });
}

std::vector<const Node*> conflicts(const Register& reg) {
  std::vector<VersionName> named;  // gathered once: a hostile field may hold thousands of versions
  for (const Node& node : reg.nodes) named.insert(named.end(), node.names.begin(), node.names.end());
  std::sort(named.begin(), named.end());
  std::vector<const Node*> out;
  for (std::size_t i = 1; i < reg.nodes.size(); ++i) {
    const Node& node = reg.nodes[i];
    if (same_value(reg.field, node, reg.nodes.front())) continue;
    if (!std::binary_search(named.begin(), named.end(), name_of(reg.field, node.version))) out.push_back(&node);
  }
  return out;
}

const Register* RecordState::find(FieldKey field) const {
  const auto at = std::lower_bound(registers.begin(), registers.end(), field,
                                   [](const Register& r, FieldKey key) { return r.field < key; });
  return at != registers.end() && at->field == field ? &*at : nullptr;
}

Register& RecordState::at(FieldKey field) {
  const auto at = std::lower_bound(registers.begin(), registers.end(), field,
                                   [](const Register& r, FieldKey key) { return r.field < key; });
  if (at != registers.end() && at->field == field) return *at;
  return *registers.insert(at, Register{field, {}});
}

}  // namespace phusa
