#include "core/merge/merge.hpp"

#include "core/base/day.hpp"

#include <algorithm>

namespace phusa::merge {
namespace {

// A set, whatever a peer sent: the state must not remember in which order names came.
void make_set(std::vector<VersionName>& names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

void unite_names(std::vector<VersionName>& into, const std::vector<VersionName>& other) {
  if (other.empty()) return;
  into.insert(into.end(), other.begin(), other.end());
  make_set(into);
}

bool is_content(FieldKey field) {
  return !field.is_personal() && field != FieldKey(FieldKind::kReview) &&
         field != FieldKey(FieldKind::kRetracted);
}

}  // namespace

bool join(Register& into, Node node) {
  const auto at = std::lower_bound(into.nodes.begin(), into.nodes.end(), node.version,
                                   [](const Node& n, const Version& version) { return n.version > version; });
  if (at == into.nodes.end() || at->version != node.version) {
    make_set(node.names);
    into.nodes.insert(at, std::move(node));
    return true;
  }
  const std::size_t names_before = at->names.size();
  const bool had_text = !at->text.empty();
  unite_names(at->names, node.names);
  if (!had_text) at->text = std::move(node.text);
  return at->names.size() != names_before || had_text == at->text.empty();
}

bool join(RecordState& into, const Change& change) {
  bool learnt = false;
  if (change.record.device == into.id.device) {
    // The record's own device logs it: edits by others bring no earlier time.
    const bool own = !change.edits.empty() &&
                     std::all_of(change.edits.begin(), change.edits.end(), [&](const FieldEdit& edit) {
                       return edit.node.version.device == into.id.device;
                     });
    const WallTime logged_at = within_calendar(change.logged_at);
    if (own && (!into.logged_at || logged_at < *into.logged_at)) {
      into.logged_at = logged_at;
      learnt = true;
    }
  }
  for (const FieldEdit& edit : change.edits) learnt |= join(into.at(edit.field), edit.node);
  return learnt;
}

void join(RecordState& into, const RecordState& other) {
  if (other.logged_at && (!into.logged_at || *other.logged_at < *into.logged_at))
    into.logged_at = other.logged_at;
  for (const Register& reg : other.registers) {
    Register& mine = into.at(reg.field);
    for (const Node& node : reg.nodes) join(mine, node);
  }
}

const Node* winner(const RecordState& state, FieldKey field) {
  const Register* reg = state.find(field);
  return reg == nullptr || reg->nodes.empty() ? nullptr : &reg->nodes.front();
}

BytesView winning_value(const RecordState& state, FieldKey field) {
  const Node* node = winner(state, field);
  if (node == nullptr) return {};
  return field.is_personal() ? BytesView(node->text) : BytesView(node->version.value);
}

ContentDigest content_digest(const RecordState& state) {
  Bytes message("phusa/content/1\0", 16);
  for (const Register& reg : state.registers) {
    if (reg.nodes.empty() || !is_content(reg.field)) continue;
    const VersionName name = name_of(reg.field, reg.nodes.front().version);
    put_u32(message, reg.field.code);
    put_u32(message, name.counts.office);
    put_u32(message, name.counts.officer);
    put_u32(message, name.counts.volunteer);
    message.append(name.device.view());
    put_u32(message, name.value_hash);
  }
  const Hash hash = hash_of(message);
  return *ContentDigest::from(hash.view().substr(0, ContentDigest::kSize));
}

bool is_retracted(const RecordState& state) {
  return !winning_value(state, FieldKind::kRetracted).empty();
}

bool is_retraction_outdated(const RecordState& state) {
  const auto retraction = value::retraction(winning_value(state, FieldKind::kRetracted));
  return retraction && retraction->saw != content_digest(state);
}

ReviewState review_state(const RecordState& state) {
  const auto review = value::review(winning_value(state, FieldKind::kReview));
  if (!review || review->saw != content_digest(state)) return ReviewState::kAwaiting;
  return review->state;
}

bool is_review_outdated(const RecordState& state) {
  const auto review = value::review(winning_value(state, FieldKind::kReview));
  return review && review->state != ReviewState::kAwaiting && review->saw != content_digest(state);
}

}  // namespace phusa::merge
