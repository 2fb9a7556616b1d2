#include "core/model/record.hpp"

#include <algorithm>

namespace phusa {

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
