#include "core/client/layers.hpp"

#include "core/merge/state_codec.hpp"

#include <algorithm>

namespace phusa {
namespace {

constexpr std::size_t kLeafStart = 4;

void lay_over(RecordState& below, const RecordState& above) {
  for (const Register& reg : above.registers) {
    if (reg.nodes.empty()) continue;
    Register& seen = below.at(reg.field);
    const Node& node = reg.nodes.front();
    if (seen.nodes.empty() || node.version > seen.nodes.front().version) {
      if (!seen.nodes.empty() && is_same_version(reg.field, node.version, seen.nodes.front().version))
        continue;
      seen.nodes.insert(seen.nodes.begin(), node);
    }
  }
  if (above.logged_at && (!below.logged_at || *above.logged_at < *below.logged_at))
    below.logged_at = above.logged_at;
}

RecordState overlay(const Layers& layers, bool with_own) {
  RecordState out = layers.base.value_or(RecordState{layers.id, {}, {}});
  if (with_own && layers.own) lay_over(out, *layers.own);
  if (layers.pending) lay_over(out, *layers.pending);
  return out;
}

}  // namespace

std::string_view stage_name(Stage stage) {
  switch (stage) {
    case Stage::kSaved:
      return "saved";
    case Stage::kHandedOver:
      return "handed_over";
    case Stage::kReceived:
      return "received";
    case Stage::kCounted:
      return "counted";
    case Stage::kHeld:
      return "held";
    case Stage::kReturned:
      return "returned";
    case Stage::kConfirmed:
      return "confirmed";
  }
  return "saved";
}

Result<Layers> decode_layers(const RecordId& id, const store::RecordRows& rows) {
  Layers out;
  out.id = id;
  if (rows.base != nullptr) {
    PHUSA_ASSIGN(out.base, merge::decode_state(id, rows.base->state));
    out.hold = rows.base->hold;
    out.held_change = rows.base->held_change;
  }
  if (rows.own != nullptr) {
    PHUSA_ASSIGN(out.own, merge::decode_state(id, rows.own->state));
    out.own_hold = rows.own->hold;
    out.own_batch = rows.own->batch;
  }
  if (rows.pending != nullptr) {
    PHUSA_ASSIGN(out.pending, merge::decode_state(id, *rows.pending));
  }
  return out;
}

bool is_same_version(FieldKey field, const Version& a, const Version& b) {
  if (a.counts != b.counts || a.device != b.device) return false;
  if (!field.is_personal()) return a.value == b.value;
  return a.value.empty() == b.value.empty() && a.value.substr(0, kLeafStart) == b.value.substr(0, kLeafStart);
}

RecordState displayed(const Layers& layers) {
  return overlay(layers, true);
}
RecordState displayed_without_own(const Layers& layers) {
  return overlay(layers, false);
}

bool prune_own(RecordState& own, const RecordState& base) {
  std::erase_if(own.registers, [&](const Register& reg) {
    const Node* winner = merge::winner(base, reg.field);
    return reg.nodes.empty() ||
           (winner != nullptr && is_same_version(reg.field, reg.nodes.front().version, winner->version));
  });
  return !own.registers.empty();
}

bool own_shows(const Layers& layers) {
  if (!layers.own) return false;
  return std::any_of(layers.own->registers.begin(), layers.own->registers.end(), [&](const Register& reg) {
    if (reg.nodes.empty()) return false;
    const Node* winner = layers.base ? merge::winner(*layers.base, reg.field) : nullptr;
    const Version& version = reg.nodes.front().version;
    return winner == nullptr ||
           (version > winner->version && !is_same_version(reg.field, version, winner->version));
  });
}

bool own_waits(const Layers& layers) {
  return layers.own_hold != HoldReason::kNone && (own_shows(layers) || !holds_batch(layers.own_hold));
}

HoldReason shown_hold(const Layers& layers) {
  if (own_waits(layers)) {
    // A batch that waited whole may have been opened since: what a page says of a single change is newer.
    const bool is_newer = holds_batch(layers.own_hold) && layers.held_change != HoldReason::kNone;
    return is_newer ? layers.held_change : layers.own_hold;
  }
  return layers.hold != HoldReason::kNone ? layers.hold : layers.held_change;
}

Stage stage_of(const Layers& layers, const RecordState& shown, Delivery own) {
  if (layers.pending) return Stage::kSaved;
  const bool shows = own_shows(layers);
  if (layers.own_hold == HoldReason::kNone && shows) {
    switch (own) {
      case Delivery::kSealed:
        return Stage::kSaved;
      case Delivery::kHandedOver:
        return Stage::kHandedOver;
      case Delivery::kAcknowledged:
        return Stage::kReceived;
    }
  }
  // A change that was refused for good waits for nothing, and the record counts without it.
  const bool change_waits =
      layers.held_change != HoldReason::kNone && layers.held_change != HoldReason::kRefusedByOffice;
  if (own_waits(layers) || layers.hold != HoldReason::kNone || change_waits) return Stage::kHeld;
  switch (merge::review_state(shown)) {
    case ReviewState::kAwaiting:
      return Stage::kCounted;
    case ReviewState::kConfirmed:
      return Stage::kConfirmed;
    case ReviewState::kReturned:
      return Stage::kReturned;
  }
  return Stage::kCounted;
}

void cut_leaves(RecordState& base) {
  for (Register& reg : base.registers) {
    if (!reg.field.is_personal()) continue;
    for (Node& node : reg.nodes) {
      if (node.version.value.size() > kLeafStart) node.version.value.resize(kLeafStart);
    }
  }
}

Rank rank_of(const Counts& counts) {
  if (counts.volunteer != 0) return Rank::kVolunteer;
  return counts.officer != 0 ? Rank::kOfficer : Rank::kOffice;
}

}  // namespace phusa
