#include "tests/core/merge/world.hpp"

#include "tests/core/merge/random_states.hpp"

#include <algorithm>
#include <ostream>

namespace phusa::merge::test {
namespace {

constexpr std::size_t kPhonesMax = 8;

std::vector<FieldKey> fields() {
  return {FieldKind::kNote, FieldKey::value_of(IndicatorNo{0})};
}

/// What the server tells phones of a version: of a leaf no more than names need.
Node as_sent_down(FieldKey field, Node node) {
  node.names.clear();
  if (field.is_personal() && !node.version.value.empty()) {
    node.version.value = node.version.value.substr(0, 4) + Bytes(12, '\0');
  }
  return node;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Step& step) {
  static constexpr const char* kNames[] = {"edit", "seal", "deliver", "pull", "copy"};
  return out << kNames[static_cast<int>(step.act)] << "(" << step.who << "," << step.what << ")";
}

rc::Gen<History> any_history() {
  const auto act = rc::gen::weightedElement<Act>(
      {{8, Act::kEdit}, {4, Act::kSeal}, {6, Act::kDeliver}, {5, Act::kPull}, {1, Act::kCopy}});
  // Only the history's length grows with the test's size.
  const auto step = rc::gen::resize(
      rc::kNominalSize,
      rc::gen::build<Step>(rc::gen::set(&Step::act, act),
                           rc::gen::set(&Step::who, rc::gen::inRange<std::uint32_t>(0, kPhonesMax)),
                           rc::gen::set(&Step::what, rc::gen::inRange<std::uint32_t>(0, 64))));
  return rc::gen::container<History>(step);
}

Server::Server() {
  state.id = record();
}

void Server::receive(const SealedChange& change) {
  held.push_back(change);
  settle();
}

void Server::absorb(const Server& other) {
  join(state, other.state);
  held.insert(held.end(), other.held.begin(), other.held.end());
  settle();
}

void Server::settle() {
  for (bool moved = true; moved;) {
    moved = false;
    for (auto at = held.begin(); at != held.end();) {
      if (judge(state, at->change, at->author) != HoldReason::kNone) {
        ++at;
        continue;
      }
      join(state, at->change);
      at = held.erase(at);
      moved = true;
    }
  }
}

const Node* World::Field::displayed() const {
  const Node* shown = nullptr;
  // Of equal versions the one that others know counts: so pending comes last.
  for (const auto* node : {&base, &own, &pending}) {
    if (*node && (shown == nullptr || shown->version < (*node)->version)) shown = &**node;
  }
  return shown;
}

bool World::Field::shows_pending() const {
  return pending && displayed() == &*pending;
}

void World::Field::note_display(FieldKey key) {
  const Node* shown = displayed();
  if (shown == nullptr) return;
  greatest_seen = std::max(greatest_seen, shown->version.counts);
  if (!shows_pending()) seen.insert(name_of(key, shown->version));
}

World::World(bool remembers) : remembers_(remembers) {
  const Rank ranks[] = {Rank::kVolunteer, Rank::kVolunteer, Rank::kOfficer, Rank::kOffice};
  for (std::uint8_t i = 0; i < std::size(ranks); ++i) phones_.push_back({device(i + 1), ranks[i], {}});
}

Author World::author_of(const Phone& phone) const {
  return {phone.device, phone.rank, true, true, [](UnitNo) { return true; }};
}

void World::edit(Phone& phone, std::uint32_t what) {
  const FieldKey key = fields()[what % fields().size()];
  Field& field = phone.fields[key];
  const std::uint32_t choice = what / 2 % 4;
  Bytes value;
  std::string text;
  if (key.is_personal()) {
    text = choice == 0 ? "" : std::string(choice, 'x');
  } else if (choice != 0) {
    value = value::of_amount({choice, Qualifier::kExact});
  }
  field.note_display(key);
  field.greatest_before_edit = field.greatest_seen;
  const Node* shown = field.displayed();
  const bool known = shown != nullptr && !field.shows_pending();
  if (known) field.overwritten.insert(name_of(key, shown->version));
  const auto node =
      make_edit(key, phone.rank, phone.device,
                {shown, known, field.pending ? &*field.pending : nullptr, field.last_sealed}, value, text);
  RC_ASSERT(node.has_value());
  field.pending = *node;
  field.note_display(key);
}

void World::seal(Phone& phone) {
  SealedChange out;
  out.author = author_of(phone);
  out.change.record = record();
  out.change.logged_at = WallTime(std::chrono::seconds(sealed.size()));
  for (auto& [key, field] : phone.fields) {
    if (!field.pending) continue;
    Node node = *field.pending;
    if (!node.text.empty()) node.version.value = leaf(static_cast<std::uint8_t>(salts_++), node.text);
    out.change.edits.push_back({key, node});
    out.edits.push_back({key, node, field.seen, field.overwritten, field.greatest_before_edit});
    field.own = node;
    field.last_sealed = name_of(key, node.version);
    field.seen.insert(*field.last_sealed);
    field.overwritten.clear();
    field.pending.reset();
    field.note_display(key);
  }
  if (!out.change.edits.empty()) sealed.push_back(std::move(out));
}

void World::pull(Phone& phone) {
  for (const Register& reg : server.state.registers) {
    Field& field = phone.fields[reg.field];
    field.base = as_sent_down(reg.field, reg.nodes.front());
    if (field.own && name_of(reg.field, field.own->version) == name_of(reg.field, field.base->version)) {
      field.own.reset();
      if (!remembers_) field.last_sealed.reset();
    }
    field.note_display(reg.field);
  }
}

void World::play(const History& history) {
  for (const Step& step : history) {
    Phone& phone = phones_[step.who % phones_.size()];
    switch (step.act) {
      case Act::kEdit:
        edit(phone, step.what);
        break;
      case Act::kSeal:
        seal(phone);
        break;
      case Act::kDeliver:
        if (!sealed.empty()) server.receive(sealed[step.what % sealed.size()]);
        break;
      case Act::kPull:
        pull(phone);
        break;
      case Act::kCopy:
        if (phones_.size() < kPhonesMax) phones_.push_back(Phone(phone));
        break;
    }
  }
}

void World::finish() {
  for (Phone& phone : phones_) seal(phone);
  for (const SealedChange& change : sealed) server.receive(change);
  for (Phone& phone : phones_) pull(phone);
}

std::map<DeviceId, std::size_t> World::phones_by_device() const {
  std::map<DeviceId, std::size_t> out;
  for (const Phone& phone : phones_) ++out[phone.device];
  return out;
}

bool World::all_phones_show_the_winner() const {
  for (const Phone& phone : phones_) {
    for (const Register& reg : server.state.registers) {
      const auto at = phone.fields.find(reg.field);
      if (at == phone.fields.end()) return false;
      const Node* shown = at->second.displayed();
      if (shown == nullptr ||
          name_of(reg.field, shown->version) != name_of(reg.field, reg.nodes.front().version))
        return false;
      if (shown->text != reg.nodes.front().text || at->second.pending) return false;
    }
  }
  return true;
}

}  // namespace phusa::merge::test
