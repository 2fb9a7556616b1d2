#include "tests/sim/sim_disk.hpp"

#include "tests/sim/sim_node.hpp"

#include <algorithm>

namespace phusa::sim {
namespace {

constexpr std::size_t kSector = 512;

void apply(std::string& to, const SimDisk::Node::Change& change, std::size_t from, std::size_t until) {
  SimDisk::Node::put(to, change.at + from, std::string_view(change.bytes).substr(from, until - from));
}

}  // namespace

/// How much of what was not synced this power loss keeps, per thousand.
struct SimDisk::Fate {
  std::uint32_t whole_kept = 0;
  std::uint32_t torn = 0;
  std::uint32_t names_settled = 500;  ///< files made or deleted since the last sync

  static Fate draw(Dice& dice);
  void keep_some(Node& node, Dice& dice) const;
};

SimDisk::Fate SimDisk::Fate::draw(Dice& dice) {
  switch (dice.below(4)) {
    case 0:
      return {0, 0};
    case 1:
      return {1000, 0};
    case 2:
      return {500, 0};
    default:
      return {static_cast<std::uint32_t>(dice.below(1001)), 400};
  }
}

void SimDisk::Fate::keep_some(Node& node, Dice& dice) const {
  for (const Node::Change& change : node.unsynced) {
    if (change.is_truncation) {
      if (dice.chance(whole_kept)) node.medium.resize(std::min(node.medium.size(), change.at));
      continue;
    }
    const bool is_torn = dice.chance(torn);
    const bool kept = dice.chance(whole_kept);
    for (std::size_t from = 0; from < change.bytes.size();) {
      const std::size_t until =
          std::min(change.bytes.size(), (change.at + from) / kSector * kSector + kSector - change.at);
      if (is_torn ? dice.chance(500) : kept) apply(node.medium, change, from, until);
      from = until;
    }
  }
}

void SimDisk::Node::put(std::string& content, std::size_t at, std::string_view bytes) {
  if (content.size() < at) content.resize(at, '\0');
  content.replace(at, std::min(bytes.size(), content.size() - at), bytes);
}

void SimDisk::Node::sync() {
  for (const Change& change : unsynced) {
    if (change.is_truncation) {
      medium.resize(std::min(medium.size(), change.at));
    } else {
      apply(medium, change, 0, change.bytes.size());
    }
  }
  unsynced.clear();
  is_on_medium = true;
}

SimDisk::SimDisk(std::string folder) : folder_(std::move(folder)) {
  Registry::instance().add(*this);
}
SimDisk::~SimDisk() {
  Registry::instance().remove(*this);
}

void SimDisk::crash_at(std::uint64_t mutation, Crash how) {
  const std::lock_guard guard(mutex_);
  crash_at_ = mutations_ + mutation;
  how_ = how;
}

void SimDisk::crash_now(Crash how) {
  const std::lock_guard guard(mutex_);
  dead_ = true;
  met_fault_ = true;
  how_ = how;
}

bool SimDisk::begin_mutation(bool& last) {
  last = false;
  if (dead_) return false;
  if (++mutations_ < crash_at_) return true;
  dead_ = true;
  met_fault_ = true;
  last = true;
  return false;
}

void SimDisk::fail_io(Io what, std::uint64_t n) {
  const std::lock_guard guard(mutex_);
  io_failures_[static_cast<int>(what)] = n;
}

void SimDisk::break_io(Io what) {
  const std::lock_guard guard(mutex_);
  is_io_broken_[static_cast<int>(what)] = true;
}

bool SimDisk::fails(Io what) {
  const int index = static_cast<int>(what);
  ++io_counts_[index];
  if (is_io_broken_[index]) met_fault_ = true;
  if (is_io_broken_[index]) return true;
  std::uint64_t& left = io_failures_[index];
  if (left == kNever) return false;
  if (left > 1) {
    --left;
    return false;
  }
  left = kNever;
  met_fault_ = true;
  return true;
}

void SimDisk::heal() {
  const std::lock_guard guard(mutex_);
  bytes_left_ = kNever;
  crash_at_ = kNever;
  for (std::uint64_t& failure : io_failures_) failure = kNever;
  for (bool& is_broken : is_io_broken_) is_broken = false;
}

bool SimDisk::is_faulty() const {
  const std::lock_guard guard(mutex_);
  return dead_ || bytes_left_ != kNever || crash_at_ != kNever ||
         std::any_of(std::begin(io_failures_), std::end(io_failures_),
                     [](std::uint64_t n) { return n != kNever; }) ||
         std::any_of(std::begin(is_io_broken_), std::end(is_io_broken_), [](bool broken) { return broken; });
}

bool SimDisk::took_a_fault() {
  const std::lock_guard guard(mutex_);
  return std::exchange(met_fault_, false);
}

void SimDisk::recover(Dice& dice) {
  const std::lock_guard guard(mutex_);
  const Fate fate = Fate::draw(dice);
  if (how_ == Crash::kPowerLoss) lose_power(fate, dice);
  dead_ = false;
  crash_at_ = kNever;
}

void SimDisk::recover_what_was_synced() {
  const std::lock_guard guard(mutex_);
  Dice nothing_to_draw(0);
  lose_power({0, 0, 0}, nothing_to_draw);
  dead_ = false;
  crash_at_ = kNever;
}

void SimDisk::lose_power(const Fate& fate, Dice& dice) {
  for (auto at = nodes_.begin(); at != nodes_.end();) {
    Node& node = *at->second;
    fate.keep_some(node, dice);
    node.unsynced.clear();
    const bool exists = node.is_on_medium || dice.chance(fate.names_settled);
    node.now = node.medium;
    node.is_on_medium = true;
    node.shared_memory.clear();
    at = exists ? std::next(at) : nodes_.erase(at);
  }
  for (auto& [name, content] : ghosts_) {
    if (nodes_.contains(name) || !dice.chance(1000 - fate.names_settled)) continue;
    auto node = std::make_shared<Node>();
    node->now = node->medium = std::move(content);
    node->is_on_medium = true;
    nodes_.emplace(name, std::move(node));
  }
  ghosts_.clear();
}

SimDisk::Image SimDisk::image() const {
  const std::lock_guard guard(mutex_);
  Image out;
  for (const auto& [name, node] : nodes_) out.emplace(name, node->now);
  return out;
}

void SimDisk::put_back(const Image& image) {
  const std::lock_guard guard(mutex_);
  nodes_.clear();
  ghosts_.clear();
  for (const auto& [name, content] : image) {
    auto node = std::make_shared<Node>();
    node->now = node->medium = content;
    node->is_on_medium = true;
    nodes_.emplace(name, std::move(node));
  }
  dead_ = false;
}

SimDisk::Registry& SimDisk::Registry::instance() {
  static Registry registry;
  return registry;
}

void SimDisk::Registry::add(SimDisk& disk) {
  register_vfs();
  const std::lock_guard guard(mutex);
  disks[disk.folder()] = &disk;
}

void SimDisk::Registry::remove(SimDisk& disk) {
  const std::lock_guard guard(mutex);
  disks.erase(disk.folder());
}

SimDisk* SimDisk::Registry::find(const std::string& path) {
  const std::lock_guard guard(mutex);
  const auto at = disks.find(path.substr(0, path.rfind('/')));
  return at == disks.end() ? nullptr : at->second;
}

}  // namespace phusa::sim
