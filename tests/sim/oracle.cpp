#include "tests/sim/oracle.hpp"

#include "core/journal/personal.hpp"
#include "core/wire/facts.hpp"
#include "tests/sim/trace.hpp"

#include <algorithm>

namespace phusa::sim {
namespace {

bool is_content(FieldKey field) {
  return !field.is_personal() && field != FieldKey(FieldKind::kReview) &&
         field != FieldKey(FieldKind::kRetracted);
}

const Bytes& value_of(FieldKey field, const Node& node) {
  return field.is_personal() ? node.text : node.version.value;
}

bool grants(const Wish& wish, const Bytes& value) {
  return wish.value ? *wish.value == value : !value.empty();
}

const Node* front(const std::optional<RecordState>& state, FieldKey field) {
  const Register* reg = state ? state->find(field) : nullptr;
  return reg == nullptr || reg->nodes.empty() ? nullptr : &reg->nodes.front();
}

}  // namespace

IntentKey key_of(const RecordId& record, FieldKey field, const Node& node) {
  return {record, field, node.version.counts, node.version.device, value_of(field, node)};
}

void Oracle::expect_granted(const Wishes& wishes, const RecordId& record, const Layers* before,
                            const Layers& after) {
  std::optional<RecordState> shown;
  if (before != nullptr) shown = displayed(*before);
  for (const Wish& wish : wishes) {
    const auto grants_it = [&](const Node* node) {
      return grants(wish, node == nullptr ? Bytes() : value_of(wish.field, *node));
    };
    const Node* kept = front(after.pending, wish.field);
    // Where it was so before, nothing is to be saved; what is not sealed yet may have lost to it.
    if (!(kept != nullptr && grants_it(kept)) && !grants_it(front(shown, wish.field))) {
      throw LawBroken(1, "record " + format_ref(ref_of(record)) + " was saved without field " +
                             std::to_string(wish.field.code) + " as it was given");
    }
  }
  if (!after.pending) return;
  RecordState news = *after.pending;
  std::erase_if(news.registers, [&](const Register& reg) {
    const Node* was = before == nullptr ? nullptr : front(before->pending, reg.field);
    return reg.nodes.empty() || (was != nullptr && key_of(record, reg.field, *was) ==
                                                       key_of(record, reg.field, reg.nodes.front()));
  });
  expect_wished(wishes, news);
}

void Oracle::expect_wished(const Wishes& wishes, const RecordState& news) {
  for (const Register& reg : news.registers) {
    const auto is_it = [&](const Wish& wish) {
      return wish.field == reg.field && grants(wish, value_of(reg.field, reg.nodes.front()));
    };
    if (!std::any_of(wishes.begin(), wishes.end(), is_it)) {
      throw LawBroken(1, "record " + format_ref(ref_of(news.id)) + " was kept with field " +
                             std::to_string(reg.field.code) + " that nobody gave");
    }
  }
}

IntentId Oracle::add(const IntentKey& key, Intent intent) {
  intent.settles = intent.names;
  const auto known = by_key_.find(key);
  if (known != by_key_.end()) {  // two copies of a phone did the very same
    Intent& same = intents_[known->second];
    std::erase_if(same.settles, [&](IntentId id) { return !intent.settles.contains(id); });
    for (Intents Intent::*set : {&Intent::beats, &Intent::names, &Intent::coalesced}) {
      (same.*set).insert((intent.*set).begin(), (intent.*set).end());
    }
    return known->second;
  }
  const auto id = static_cast<IntentId>(intents_.size());
  intents_.push_back(std::move(intent));
  by_key_.emplace(key, id);
  return id;
}

void Oracle::note_act(const RecordId& record, const Layers* before, const Layers& after,
                      const DeviceId& device, Rank rank, Intents& saved) {
  if (!after.pending) return;
  const RecordState shown = before == nullptr ? RecordState{record, {}, {}} : displayed(*before);
  std::map<FieldKey, IntentId> saw;
  for (const Register& reg : shown.registers) {
    if (reg.nodes.empty() || !is_content(reg.field)) continue;
    saw[reg.field] = get(key_of(record, reg.field, reg.nodes.front()), "what a phone shows");
  }
  for (const Register& reg : after.pending->registers) {
    if (reg.nodes.empty()) continue;
    const IntentKey key = key_of(record, reg.field, reg.nodes.front());
    const Node* waiting = before == nullptr ? nullptr : front(before->pending, reg.field);
    if (waiting != nullptr && key_of(record, reg.field, *waiting) == key) continue;
    Intent intent{record, reg.field, key.value, device, rank, {}, {}, {}, {}, saw};
    if (const Register* seen = shown.find(reg.field); seen != nullptr && !seen->nodes.empty()) {
      const IntentId top = get(key_of(record, reg.field, seen->nodes.front()), "what a phone shows");
      intent.beats.insert(top);
      const bool is_own_draft = waiting != nullptr && key_of(record, reg.field, *waiting) ==
                                                          key_of(record, reg.field, seen->nodes.front());
      if (!is_own_draft) intent.names.insert(top);
      if (rank > Rank::kVolunteer) {
        for (const Node* rival : conflicts(*seen))
          intent.names.insert(get(key_of(record, reg.field, *rival), "a conflict"));
      }
    }
    if (waiting != nullptr) {
      const IntentId draft = get(key_of(record, reg.field, *waiting), "a draft");
      intent.coalesced.insert(draft);
      intent.beats.insert(draft);
      const Intent& before_it = intents_[draft];
      intent.names.insert(before_it.names.begin(), before_it.names.end());
    }
    if (before != nullptr) {
      const Node* own = front(before->own, reg.field);
      const Register* base = before->base ? before->base->find(reg.field) : nullptr;
      if (own == nullptr && base != nullptr) {
        const auto at = std::find_if(base->nodes.begin(), base->nodes.end(),
                                     [&](const Node& node) { return node.version.device == device; });
        if (at != base->nodes.end()) own = &*at;
      }
      if (own != nullptr) intent.names.insert(get(key_of(record, reg.field, *own), "an own edit"));
    }
    intent.beats.insert(intent.names.begin(), intent.names.end());
    if (const auto known = by_key_.find(key); known != by_key_.end()) {
      intent.beats.erase(known->second);
      intent.names.erase(known->second);
      intent.coalesced.erase(known->second);
    }
    saved.insert(add(key, std::move(intent)));
  }
}

const Intents& Oracle::read_batch(const wire::BatchOnWire& on_wire, const DeviceId& device) {
  const auto [at, is_new] = batches_.try_emplace(on_wire.batch.signature.hex());
  if (!is_new) return at->second;
  const auto personal = wire::unpack_personal(on_wire.batch.personal);
  if (!personal) throw LawBroken(3, "a phone sealed a personal part that cannot be read");
  const std::vector<Leaf> leaves = journal::leaves_of(personal->salt, personal->texts);
  const auto changes = wire::unpack_facts(on_wire.batch.facts, device, leaves, personal->texts);
  if (!changes) throw LawBroken(3, "a phone sealed facts that cannot be read");
  for (const Change& change : *changes) {
    for (const FieldEdit& edit : change.edits) {
      const IntentId id = get(key_of(change.record, edit.field, edit.node), "a sealed batch");
      at->second.insert(id);
      sealed_.insert(id);
      if (edit.field.is_personal()) leaves_[id].insert(edit.node.version.value);
    }
  }
  return at->second;
}

void Oracle::learn_batch(const wire::BatchOnWire& on_wire, const DeviceId& device) {
  const auto changes = wire::unpack_facts(on_wire.batch.facts, device, {}, {});
  if (!changes) throw LawBroken(12, "a frozen batch cannot be read any more: " + changes.error().context);
  for (const Change& change : *changes) {
    for (const FieldEdit& edit : change.edits) {
      const IntentKey key = key_of(change.record, edit.field, edit.node);
      Intent intent{change.record, edit.field, key.value, device, Rank::kVolunteer, {}, {}, {}, {}, {}};
      for (IntentId id = 0; id < intents_.size(); ++id) {
        const Intent& before = intents_[id];
        if (before.record != change.record || before.field != edit.field || before.device != device) continue;
        if (edit.node.names.empty() || before.value == key.value) continue;
        intent.names.insert(id);
        intent.beats.insert(id);
      }
      add(key, std::move(intent));
    }
  }
  read_batch(on_wire, device);
}

void Oracle::note_forged(const RecordId& record, FieldKey field, const Node& node) {
  const IntentKey key = key_of(record, field, node);
  forged_.insert(
      add(key, Intent{record, field, key.value, key.device, Rank::kVolunteer, {}, {}, {}, {}, {}}));
}

bool Oracle::has_two_leaves(IntentId id) const {
  const auto at = leaves_.find(id);
  return at != leaves_.end() && at->second.size() > 1;
}

std::optional<IntentId> Oracle::find(const IntentKey& key) const {
  const auto at = by_key_.find(key);
  return at == by_key_.end() ? std::nullopt : std::optional(at->second);
}

IntentId Oracle::get(const IntentKey& key, const std::string& where) const {
  const auto id = find(key);
  if (!id) {
    throw LawBroken(10, where + " holds an edit that nobody made: record " + format_ref(ref_of(key.record)) +
                            " field " + std::to_string(key.field.code) + " value " + to_hex(key.value));
  }
  return *id;
}

std::string Oracle::describe(IntentId id) const {
  const Intent& intent = intents_[id];
  std::string out = "#" + std::to_string(id) + " (record " + format_ref(ref_of(intent.record)) + ", field " +
                    std::to_string(intent.field.code) + ", value " + to_hex(intent.value) + ", device " +
                    intent.device.hex().substr(0, 6);
  if (!intent.beats.empty()) {
    out += ", over";
    for (const IntentId other : intent.beats) out += " #" + std::to_string(other);
  }
  return out + ")";
}

}  // namespace phusa::sim
