#include "core/client/hand_over.hpp"
#include "core/client/receipts.hpp"
#include "core/sync/hand_over_file.hpp"
#include "tests/sim/world.hpp"

/// Files that go from hand to hand: bundles on their way to the server, receipts on their way back.
namespace phusa::sim {

/// Whether an error of a hand-over needs no fault to explain it.
bool World::note_hand(SimPhone& phone, const char* what, const std::optional<Error>& error) {
  const bool faulted = phone.disk().took_a_fault();
  trace_.line(phone.name() + " " + what + ": " + (error ? std::string(error_name(error->code)) : "done"));
  if (error && !faulted && (error->code == ErrorCode::kIo || error->code == ErrorCode::kInternal))
    throw LawBroken(9, std::string(what) + " fails without a fault: " + error->context);
  const bool died = phone.disk().is_dead();
  phone.bury_if_dead();
  return !error && !died;
}

void World::hand_over(SimPhone& phone, Dice& dice) {
  if (!ready(phone)) return;
  phone.disk().took_a_fault();
  auto given = HandOver(phone.phone()).give(dice.chance(150));
  if (!note_hand(phone, "hands over", given ? std::nullopt : std::optional(given.error()))) return;
  if (dice.chance(80)) return trace_.fault("hand-over file never written");
  HandFile file{std::move(given->file), {}};
  const auto bundles = read_hand_over_file(file.bytes);
  if (!bundles) throw LawBroken(9, "a hand-over file cannot be read: " + bundles.error().context);
  for (const Bytes& bundle : *bundles) {
    const Intents inside = server_.intents_of(bundle, oracle_);
    file.intents.insert(inside.begin(), inside.end());
    handed_.insert(inside.begin(), inside.end());
  }
  if (given->changes + given->carried_bundles > 0) files_.push_back(std::move(file));
  if (given->carried_bundles > 0) trace_.mark("a carrier passes bundles on");
  const auto noted = HandOver(phone.phone()).note_given(given->contents);
  note_hand(phone, "notes what it handed over", noted ? std::nullopt : std::optional(noted.error()));
}

void World::carry_file(SimPhone& phone, Dice& dice, bool newest) {
  if (files_.empty() || !ready(phone)) return;
  HandFile& file = newest ? files_.back() : files_[dice.below(files_.size())];
  Bytes bytes = file.bytes;
  const bool altered = dice.chance(100);
  if (altered) {
    trace_.fault("hand-over file altered");
    if (dice.chance(500)) {
      bytes.resize(dice.below(bytes.size()));
    } else {
      bytes[dice.below(bytes.size())] ^= static_cast<char>(1 + dice.below(255));
    }
  }
  phone.disk().took_a_fault();
  const auto taken = HandOver(phone.phone()).carry(bytes);
  const auto error = taken ? std::nullopt : std::optional(taken.error());
  if (!note_hand(phone, "carries", error)) return;
  trace_.fault("bundle carried");
  if (!altered && taken->bundles > 0) phone.memory.carried.insert(file.intents.begin(), file.intents.end());
}

/// The whole way at once: handed over, taken along, delivered, and the receipts brought back.
void World::errand(SimPhone& phone, Dice& dice) {
  if (phones_.size() < 2 || !ready(phone)) return;
  SimPhone& carrier = *phones_[dice.below(phones_.size())];
  if (&carrier == &phone || !ready(carrier)) return;
  log(phone, dice);
  hand_over(phone, dice);
  carry_file(carrier, dice, true);
  sync(carrier, dice);
  if (write_receipts(carrier)) read_receipts(phone, receipts_.back());
}

/// A carrier writes down its receipts; somebody else, or the phone itself, reads some file of receipts.
void World::pass_receipts(SimPhone& phone, Dice& dice) {
  if (dice.chance(500)) {
    write_receipts(phone);
  } else if (!receipts_.empty()) {
    read_receipts(phone, receipts_[dice.below(receipts_.size())]);
  }
}

/// Whether there is a new file of them.
bool World::write_receipts(SimPhone& phone) {
  if (!ready(phone)) return false;
  phone.disk().took_a_fault();
  auto given = Receipts(phone.phone()).give();
  if (!note_hand(phone, "writes receipts", given ? std::nullopt : std::optional(given.error()))) return false;
  if (given->parcels == 0) return false;
  receipts_.push_back(std::move(given->file));
  const auto noted = Receipts(phone.phone()).note_given(given->contents);
  note_hand(phone, "notes what receipts it wrote", noted ? std::nullopt : std::optional(noted.error()));
  return true;
}

void World::read_receipts(SimPhone& phone, const Bytes& file) {
  if (!ready(phone)) return;
  phone.disk().took_a_fault();
  const auto taken = Receipts(phone.phone()).take(file);
  if (!note_hand(phone, "reads receipts", taken ? std::nullopt : std::optional(taken.error()))) return;
  if (taken->received > 0) trace_.mark("a receipt came back by hand");
  if (taken->passed_on > 0) trace_.mark("a receipt is passed on");
}

}  // namespace phusa::sim
