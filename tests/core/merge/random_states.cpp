#include "tests/core/merge/random_states.hpp"

#include <algorithm>

namespace phusa::merge::test {
namespace {

std::vector<std::string> some_values(FieldKey field) {
  if (field == FieldKey(FieldKind::kUnit))
    return {"", value::of_number(0), value::of_number(1), value::of_number(2)};
  if (field == FieldKey(FieldKind::kNote)) return {"", leaf(0, "a"), leaf(1, "a"), leaf(0, "b")};
  if (field == FieldKey(FieldKind::kRetracted)) return {"", value::of_retraction({})};
  if (field == FieldKey(FieldKind::kReview)) {
    return {"", value::of_review({ReviewState::kConfirmed, {}, ""}),
            value::of_review({ReviewState::kReturned, {}, "?"})};
  }
  return {"", value::of_amount({0, Qualifier::kExact}), value::of_amount({5, Qualifier::kExact}),
          value::of_amount({-5, Qualifier::kMore})};
}

std::string text_of(FieldKey field, const Bytes& value) {
  if (!field.is_personal() || value.empty()) return {};
  return value == leaf(0, "b") ? "b" : "a";
}

}  // namespace

DeviceId device(std::uint8_t n) {
  DeviceId id;
  id.bytes[0] = n;
  return id;
}

Bytes leaf(std::uint8_t salt, std::string_view text) {
  const Hash hash = hash_of(Bytes(1, static_cast<char>(salt)) + Bytes(text));
  return Bytes(hash.view().substr(0, 16));
}

std::vector<FieldKey> some_fields() {
  return {FieldKind::kUnit,
          FieldKind::kNote,
          FieldKind::kRetracted,
          FieldKind::kReview,
          FieldKey::value_of(IndicatorNo{0}),
          FieldKey::value_of(IndicatorNo{7})};
}

rc::Gen<Version> any_version(FieldKey field) {
  return rc::gen::exec([field] {
    Version version;
    version.counts.office = *rc::gen::weightedElement<std::uint32_t>({{5, 0}, {1, 1}});
    version.counts.officer = *rc::gen::inRange<std::uint32_t>(0, 3);
    version.counts.volunteer = *rc::gen::inRange<std::uint32_t>(0, 4);
    version.device = device(*rc::gen::inRange<std::uint8_t>(1, 4));
    version.value = *rc::gen::elementOf(some_values(field));
    return version;
  });
}

rc::Gen<Node> any_node(FieldKey field) {
  return rc::gen::exec([field] {
    Node node;
    node.version = *any_version(field);
    node.text = text_of(field, node.version.value);
    for (int left = *rc::gen::inRange(0, 4); left > 0; --left)
      node.names.push_back(name_of(field, *any_version(field)));
    std::sort(node.names.begin(), node.names.end());
    node.names.erase(std::unique(node.names.begin(), node.names.end()), node.names.end());
    return node;
  });
}

rc::Gen<Change> any_change() {
  return rc::gen::exec([] {
    Change change;
    change.record = record();
    change.logged_at = WallTime(std::chrono::seconds(*rc::gen::inRange<std::int64_t>(-10, 2'000'000'000)));
    const DeviceId author = device(*rc::gen::inRange<std::uint8_t>(1, 4));
    for (const FieldKey field : some_fields()) {
      if (*rc::gen::inRange(0, 3) == 0) continue;
      change.edits.push_back({field, *any_node(field)});
      change.edits.back().node.version.device = author;
    }
    return change;
  });
}

rc::Gen<std::vector<Change>> any_changes() {
  // Only the number of changes grows with the test's size: small ranges would stand still at their lower end.
  const auto change = rc::gen::resize(rc::kNominalSize, any_change());
  return rc::gen::scale(0.2, rc::gen::container<std::vector<Change>>(change));
}

RecordId record() {
  return {device(1), 77, 3};
}

RecordState joined(const std::vector<Change>& changes) {
  RecordState state;
  state.id = record();
  for (const Change& change : changes) join(state, change);
  return state;
}

}  // namespace phusa::merge::test
