#include "core/merge/admission.hpp"

#include "core/base/limits.hpp"

#include <algorithm>

namespace phusa::merge {
namespace {

bool is_admitted(const Register* reg, const VersionName& name) {
  if (reg == nullptr) return false;
  return std::any_of(reg->nodes.begin(), reg->nodes.end(), [&](const Node& node) {
    return node.version.counts == name.counts && node.version.device == name.device &&
           name_of(reg->field, node.version) == name;
  });
}

bool counts_follow(const Node& node, Rank rank) {
  Counts seen;  // of the greatest version named, wherever it stands: a peer need not sort
  for (const VersionName& name : node.names) seen = std::max(seen, name.counts);
  const Counts& own = node.version.counts;
  for (const Rank other : {Rank::kVolunteer, Rank::kOfficer, Rank::kOffice}) {
    if (other > rank && own.of(other) != seen.of(other)) return false;
    if (other < rank && own.of(other) != 0) return false;
  }
  return own.of(rank) > seen.of(rank) && own.of(rank) - seen.of(rank) <= limits::kOwnCountStepMax &&
         own.of(rank) <= limits::kCountMax;
}

// Counted by device, so that nobody can fill a field and shut the others out of it.
bool is_full_for(const Register& reg, const Version& version) {
  const auto is_there = [&](const Node& node) { return node.version == version; };
  if (std::any_of(reg.nodes.begin(), reg.nodes.end(), is_there)) return false;
  const auto own = std::count_if(reg.nodes.begin(), reg.nodes.end(),
                                 [&](const Node& node) { return node.version.device == version.device; });
  return static_cast<std::size_t>(own) >= limits::kNodesPerFieldMax;
}

// A version beside its value and its names, as it lies in memory, and a name; the codec writes neither longer.
constexpr std::size_t kVersionOverhead = 128;
constexpr std::size_t kNameBytes = 36;

std::size_t bytes_of(FieldKey field, const Node& node) {
  const bool has_text = field.is_personal() && !node.version.value.empty();
  return kVersionOverhead + node.version.value.size() + (has_text ? limits::kTextBytesMax + 2 : 0) +
         node.names.size() * kNameBytes;
}

/// What the edit adds to the register: of a version that is there already, the names that are not.
std::size_t growth_by(const Register* reg, const FieldEdit& edit) {
  if (reg == nullptr) return bytes_of(edit.field, edit.node);
  const auto there = std::find_if(reg->nodes.begin(), reg->nodes.end(),
                                  [&](const Node& node) { return node.version == edit.node.version; });
  if (there == reg->nodes.end()) return bytes_of(edit.field, edit.node);
  const auto is_new = [&](const VersionName& name) {
    return !std::binary_search(there->names.begin(), there->names.end(), name);
  };
  const auto added = std::count_if(edit.node.names.begin(), edit.node.names.end(), is_new);
  return static_cast<std::size_t>(added) * kNameBytes;
}

// By device, too, and over the whole record: few versions may be long, and fields be many.
bool has_room_for(const RecordState& state, const Change& change, const DeviceId& device) {
  std::size_t growth = 0;
  for (const FieldEdit& edit : change.edits) growth += growth_by(state.find(edit.field), edit);
  return growth == 0 || version_bytes(state, device) + growth <= limits::kVersionBytesMax;
}

HoldReason judge_rights(const RecordState& state, const Change& change, const Author& author) {
  if (author.rank == Rank::kVolunteer) {
    const bool reviews = std::any_of(change.edits.begin(), change.edits.end(), [](const FieldEdit& edit) {
      return edit.field == FieldKey(FieldKind::kReview);
    });
    if (reviews) return HoldReason::kRankTooLow;
    return author.owns_record ? HoldReason::kNone : HoldReason::kNotYours;
  }
  if (author.owns_record || author.oversees_owner || author.rank == Rank::kOffice) return HoldReason::kNone;
  // Any unit the record ever had counts, but not one this very author put there without the right to.
  const Register* units = state.find(FieldKind::kUnit);
  const bool overseen = units != nullptr && std::any_of(units->nodes.begin(), units->nodes.end(), [&](const Node& node) {
    const auto unit = value::number(node.version.value);
    return unit && node.version.device != author.device && author.oversees(UnitNo{*unit});
  });
  return overseen ? HoldReason::kNone : HoldReason::kOutsideScope;
}

}  // namespace

HoldReason judge(const RecordState& state, const Change& change, const Author& author) {
  if (const HoldReason rights = judge_rights(state, change, author); rights != HoldReason::kNone) return rights;
  for (const FieldEdit& edit : change.edits) {
    const Register* reg = state.find(edit.field);
    for (const VersionName& name : edit.node.names) {
      if (!is_admitted(reg, name)) return HoldReason::kMissingVersion;
    }
    if (!counts_follow(edit.node, author.rank)) return HoldReason::kForgedCounts;
    if (reg != nullptr && reg->nodes.size() >= limits::kNodesPerFieldMax && is_full_for(*reg, edit.node.version)) {
      return HoldReason::kTooManyVersions;
    }
  }
  return has_room_for(state, change, author.device) ? HoldReason::kNone : HoldReason::kTooManyVersions;
}

std::size_t version_bytes(const RecordState& state, const DeviceId& device) {
  std::size_t bytes = 0;
  for (const Register& reg : state.registers) {
    for (const Node& node : reg.nodes) {
      if (node.version.device == device) bytes += bytes_of(reg.field, node);
    }
  }
  return bytes;
}

}  // namespace phusa::merge
