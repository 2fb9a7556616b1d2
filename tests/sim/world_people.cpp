#include "core/client/leaving.hpp"
#include "core/client/vouching.hpp"
#include "core/journal/certificate.hpp"
#include "tests/sim/world.hpp"

/// Who comes, moves, takes another's place and leaves.
namespace phusa::sim {

/// Somebody who has not joined: a phone that was given up, or a new one; nullptr: there are enough.
SimPhone* World::newcomer(Dice& dice) {
  std::vector<SimPhone*> waiting;
  for (const auto& phone : phones_) {
    if (!phone->lost && !phone->memory.joined && phone->start() && !phone->is_joined())
      waiting.push_back(phone.get());
  }
  if (!waiting.empty() && (phones_.size() >= kPhonesMax || dice.chance(700)))
    return waiting[dice.below(waiting.size())];
  return phones_.size() < kPhonesMax ? &add_phone() : nullptr;
}

/// Often a lost phone's device, but people take also what still works, or is not theirs, out of use.
std::optional<DeviceId> World::some_predecessor(const SimPhone* but, Dice& dice) {
  std::vector<DeviceId> lost;
  std::vector<DeviceId> all;
  for (const auto& phone : phones_) {
    if (phone.get() == but || !people_.knows(phone->device)) continue;
    all.push_back(phone->device);
    if (phone->lost) lost.push_back(phone->device);
  }
  if (all.empty()) return std::nullopt;
  if (!lost.empty() && dice.chance(600)) return lost[dice.below(lost.size())];
  return all[dice.below(all.size())];
}

/// An officer's phone lets a new one in, both without a network.
void World::vouch(SimPhone& officer, Dice& dice) {
  if (!ready(officer) || officer.rank() == Rank::kVolunteer) return;
  SimPhone* newcomer = this->newcomer(dice);
  if (newcomer == nullptr || !newcomer->start()) return;
  newcomer->disk().took_a_fault();
  const auto request = Vouching(newcomer->phone()).request({"Nguyễn Văn A", "", std::nullopt});
  if (!note_hand(*newcomer, "asks to be let in", request ? std::nullopt : std::optional(request.error())))
    return;
  Vouching::Offer offer;
  const Catalogue& catalogue = *officer.phone().catalogue();
  if (const auto own = catalogue.unit(officer.phone().identity().unit); own && dice.chance(700)) {
    const auto units = catalogue.subtree(*own);
    offer.unit = catalogue.units[units[dice.below(units.size())].value].code;
  }
  const auto predecessor = dice.chance(350) ? some_predecessor(newcomer, dice) : std::nullopt;
  if (predecessor) offer.replaces = predecessor->hex();
  const bool will_forget = dice.chance(150) && !officer.disk().is_crash_armed();
  const SimDisk::Image before = will_forget ? officer.disk().image() : SimDisk::Image();
  officer.disk().took_a_fault();
  const auto vouched = Vouching(officer.phone()).vouch(*request, offer);
  if (!note_hand(officer, "vouches", vouched ? std::nullopt : std::optional(vouched.error()))) {
    if (!vouched && vouched.error().code == ErrorCode::kLimitExceeded)
      trace_.mark("an officer's phone has no voucher left");
    return;
  }
  trace_.fault("phone vouched for");
  if (predecessor) trace_.mark("a phone takes another's place by voucher");
  const auto welcome = wire::decode_welcome(vouched->welcome);
  if (!welcome) throw LawBroken(12, "a welcome cannot be read: " + welcome.error().context);
  const auto certificate = journal::decode_certificate(welcome->certificates.front());
  if (!certificate) throw LawBroken(12, "a voucher cannot be read: " + certificate.error().context);
  people_.add(*certificate);
  if (will_forget) {
    trace_.fault("officer's phone forgets a voucher");
    officer.stop();
    officer.disk().put_back(before);
    was_restored_.insert(officer.device);
  }
  if (dice.chance(80) && !office_rests_) revoke(officer);
  // Some never find their way back to whom they are for, some only next season.
  if (dice.chance(100)) return;
  take_welcome(*newcomer, vouched->welcome, dice);
  if (!newcomer->is_joined() || !dice.chance(400)) return;
  // The officer goes to town and takes along what was done that day.
  log(*newcomer, dice);
  hand_over(*newcomer, dice);
  carry_file(officer, dice, true);
}

void World::take_welcome(SimPhone& phone, const Bytes& welcome, Dice& dice) {
  if (dice.chance(60)) {
    trace_.mark("a season passes before a vouched phone is used");
    time_.pass(std::chrono::days(60 + dice.below(60)));
  }
  phone.disk().took_a_fault();
  phone.close_other_program();
  const auto joined = Vouching(phone.phone()).join(welcome);
  if (!note_hand(phone, "joins by voucher", joined ? std::nullopt : std::optional(joined.error()))) return;
  phone.note_joined();
}

/// The office takes somebody in whom it was asked to doubt.
void World::accept_device(Dice& dice) {
  if (!server_.start()) return;
  std::vector<DeviceId> in_doubt;
  {
    const auto snapshot = server_.ledger().begin_read();
    if (!snapshot) return;
    const auto doubts = (*snapshot)->doubts();
    if (!doubts || doubts->empty()) return;
    for (const ledger::DoubtRow& doubt : *doubts) in_doubt.push_back(doubt.device);
  }
  const DeviceId device = in_doubt[dice.below(in_doubt.size())];
  trace_.mark("a device in doubt is accepted");
  accepted_.insert(device);
  office_acts("accepts a device", [&]() -> Result<void> {
    PHUSA_TRY(server_.enrolment().accept(device));
    return {};
  });
}

void World::move_device(SimPhone& phone, Dice& dice) {
  const DeviceId device = phone.device;
  if (!people_.knows(device)) return;
  static constexpr const char* kUnits[] = {"a1", "a2", "b1", "a", "b"};
  const std::string unit = kUnits[dice.below(5)];
  const auto rank = dice.chance(400) ? Rank::kOfficer : Rank::kVolunteer;
  trace_.fault("device moved");
  const Rank before = people_.of(device).back().rank;
  if (rank < before) trace_.mark("an officer is demoted");
  const auto vouches = static_cast<std::uint32_t>(1 + dice.below(3));
  office_acts("moves a device", [&]() -> Result<void> {
    PHUSA_TRY(server_.enrolment().move(device, unit, rank, vouches));
    return {};
  });
  note_certificates(device);
}

/// What the office has signed for the device, as far as the ledger says: an act that failed may have
/// happened.
void World::note_certificates(const DeviceId& device) {
  read_ledger([&](ledger::Snapshot& snapshot) {
    const auto grants = snapshot.grants_of(device);
    if (!grants) return false;
    for (const ledger::GrantRow& row : *grants) {
      if (const auto certificate = journal::decode_certificate(row.certificate)) people_.add(*certificate);
    }
    return true;
  });
}

/// A phone is given back. It may go only when nothing is on it alone.
void World::leave(SimPhone& phone) {
  if (!ready(phone) || phones_.size() < 2) return;
  phone.close_other_program();
  phone.disk().took_a_fault();
  const Intents saved = phone.memory.saved;
  const DeviceId device = phone.device;
  phone.memory.leaving = true;
  const auto left = Leaving(phone.phone()).leave(false);
  const bool faulted = phone.disk().took_a_fault();
  trace_.line(phone.name() + " leaves: " + (left ? "done" : std::string(error_name(left.error().code))));
  if (!left && !faulted && left.error().code != ErrorCode::kConflict)
    throw LawBroken(7, "leaving fails without a fault: " + left.error().context);
  if (phone.disk().is_dead()) return phone.bury_if_dead();
  if (!left && left.error().code == ErrorCode::kConflict) {
    phone.memory.leaving = false;
    trace_.mark("a phone may not leave yet");
    return;
  }
  // With a fault in it, opening the store anew tells whether it is gone.
  phone.stop();
  if (!phone.start()) return;
  if (phone.memory.joined) return;
  trace_.fault("phone left");
  was_restored_.insert(device);
  Intents replaced;
  for (const IntentId id : saved) {
    const Intents& drafts = oracle_.intent(id).coalesced;
    replaced.insert(drafts.begin(), drafts.end());
  }
  for (const IntentId id : saved) {
    if (replaced.contains(id) || handed_.contains(id) || server_.ever_acknowledged.contains(id)) continue;
    throw LawBroken(9, "a phone left with what is nowhere else: " + oracle_.describe(id));
  }
}

bool World::was_vouched_for(const DeviceId& device) const {
  const auto& own = people_.of(device);
  return std::any_of(own.begin(), own.end(), [](const Certificate& certificate) {
    return certificate.issuer != office_keys().server.public_key;
  });
}

/// What the ledger says at the end: only that can be counted or read by.
void World::see_who_is_let_in(ledger::Snapshot& snapshot) {
  standing_ = People();
  doubts_.clear();
  const auto grants = snapshot.grants();
  const auto doubts = snapshot.doubts();
  if (!grants || !doubts) throw LawBroken(2, "the grants cannot be read");
  for (const ledger::GrantRow& row : *grants) {
    const auto certificate = journal::decode_certificate(row.certificate);
    if (!certificate) throw LawBroken(2, "a grant cannot be read: " + certificate.error().context);
    standing_.add(*certificate);
  }
  for (const ledger::DoubtRow& row : *doubts) doubts_.emplace(std::pair(row.device, row.serial), row);
  standing_.settle(catalogues_);
  if (!office_rests_) return;
  shut_out_.clear();
  for (const auto& phone : phones_) {
    if (is_revoked_at_server(phone->device)) shut_out_.insert(phone->device);
  }
}

}  // namespace phusa::sim
