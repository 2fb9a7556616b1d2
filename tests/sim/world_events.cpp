#include "tests/sim/world.hpp"

namespace phusa::sim {
namespace {

constexpr std::uint32_t kUnits = 6;

Day day_of(Dice& dice) {
  const Day march(std::chrono::year(2026) / 3 / 1);
  switch (dice.below(20)) {
    case 0:
      return Day(std::chrono::year(1999) / 5 / 5);  // implausible
    case 1:
      return march - std::chrono::days(1 + dice.below(20));  // before a campaign opened
    case 2:
      return march + std::chrono::days(16 + dice.below(40));  // may not have come yet
    default:
      return march + std::chrono::days(dice.below(15));
  }
}

}  // namespace

bool World::ready(SimPhone& phone) {
  if (!phone.start()) return false;
  phone.resolve(oracle_);
  return phone.is_joined();
}

std::optional<RecordId> World::some_record(SimPhone& phone, Dice& dice) {
  const auto& own = phone.memory.logged;
  if (!own.empty() && dice.chance(350)) return own[dice.below(own.size())];
  if (records_.empty()) return std::nullopt;
  // People argue about few records.
  if (dice.chance(500)) return records_[dice.below(std::min<std::size_t>(records_.size(), 3))];
  return records_[dice.below(records_.size())];
}

FieldValue World::some_value(Dice& dice) {
  switch (dice.below(10)) {
    case 0:
      return {FieldKey::value_of(IndicatorNo{1}),
              value::of_amount({static_cast<std::int64_t>(dice.below(5)), Qualifier::kMore})};
    case 1:
      return {FieldKind::kCampaigns, value::of_numbers({static_cast<std::uint32_t>(dice.below(3))})};
    case 2:
      return {FieldKind::kDay, value::of_day(day_of(dice))};
    case 3:
      return {FieldKey::value_of(IndicatorNo{0}),
              dice.chance(300) ? Bytes() : value::of_amount({2'000'000, Qualifier::kExact})};
    default:
      return {FieldKey::value_of(IndicatorNo{0}), value::of_amount({next_value_++, Qualifier::kExact})};
  }
}

void World::log(SimPhone& phone, Dice& dice) {
  const Catalogue& catalogue = *phone.phone().catalogue();
  const auto own = catalogue.unit(phone.phone().identity().unit);
  std::vector<UnitNo> units = own ? catalogue.subtree(*own) : std::vector<UnitNo>{UnitNo{0}};
  UnitNo unit = units[dice.below(units.size())];
  if (dice.chance(70)) unit = UnitNo{static_cast<std::uint32_t>(dice.below(kUnits))};
  Draft draft{{FieldKind::kUnit, value::of_number(unit.value)},
              {FieldKind::kKind, value::of_number(static_cast<std::uint32_t>(dice.below(2)))},
              {FieldKind::kDay, value::of_day(day_of(dice))},
              {FieldKey::value_of(IndicatorNo{0}), value::of_amount({next_value_++, Qualifier::kExact})}};
  if (dice.chance(200))
    draft.push_back({FieldKind::kCampaigns, value::of_numbers({static_cast<std::uint32_t>(dice.below(3))})});
  if (dice.chance(150)) draft.push_back({FieldKind::kNote, "lời " + std::to_string(next_value_++)});
  if (dice.chance(100))
    draft.push_back({FieldKind::kLabels, value::of_numbers({0, static_cast<std::uint32_t>(dice.below(2))})});
  const RecordId id = phone.phone().id_of_draft(1);
  Wishes wishes;
  for (const FieldValue& field : draft) wishes.push_back({field.field, field.value});
  phone.act(id, oracle_, "logs", wishes, [&]() -> Result<void> {
    PHUSA_ASSIGN(const auto ids, phone.phone().log({&draft, 1}));
    if (ids.size() != 1 || ids.front() != id) throw LawBroken(1, "a record has another id than was said");
    return {};
  });
  phone.memory.logged.push_back(id);
  records_.push_back(id);
}

void World::edit(SimPhone& phone, Dice& dice, Kind kind) {
  const auto id = some_record(phone, dice);
  if (!id) return;
  Phone& real = phone.phone();
  const auto act = [&](const char* what, const Wish& wish, const std::function<Result<void>()>& work) {
    phone.act(*id, oracle_, what, {wish}, work);
  };
  const auto set = [&](const char* what, const FieldValue& field) {
    act(what, {field.field, field.value}, [&] { return real.edit(*id, {field}); });
  };
  const std::vector<RecordId> ids{*id};
  switch (kind) {
    case Kind::kRetract:
      return act("retracts", {FieldKind::kRetracted, std::nullopt}, [&] { return real.retract(ids); });
    case Kind::kRestoreRecord:
      return act("restores", {FieldKind::kRetracted, Bytes()}, [&] { return real.restore(ids); });
    case Kind::kReview: {
      if (phone.rank() == Rank::kVolunteer) return;
      const auto state = static_cast<ReviewState>(dice.below(3));
      return act("reviews", {FieldKind::kReview, std::nullopt}, [&] { return real.review(ids, state, ""); });
    }
    case Kind::kMoveRecord: {
      const auto unit = static_cast<std::uint32_t>(dice.chance(30) ? 77 : dice.below(kUnits));
      return set("moves", {FieldKind::kUnit, value::of_number(unit)});
    }
    case Kind::kNote:
      return set("notes", {FieldKind::kNote, "lời " + std::to_string(next_value_++)});
    default:
      return set("edits", some_value(dice));
  }
}

void World::happen(const Event& event) {
  Dice dice(event.dice);
  SimPhone& one = phone(event.who);
  switch (event.kind) {
    case Kind::kLog:
      if (ready(one)) log(one, dice);
      return;
    case Kind::kEdit:
    case Kind::kRetract:
    case Kind::kRestoreRecord:
    case Kind::kReview:
    case Kind::kMoveRecord:
    case Kind::kNote:
      if (ready(one)) edit(one, dice, event.kind);
      return;
    case Kind::kSync:
      return sync(one, dice);
    case Kind::kStep:
      return step(one, dice);
    case Kind::kReplay:
      return replay(dice);
    case Kind::kTogether:
      return together(dice);
    case Kind::kHandOver:
      return hand_over(one, dice);
    case Kind::kCarry:
      return carry_file(one, dice, false);
    case Kind::kReceipts:
      return pass_receipts(one, dice);
    case Kind::kForge:
      return forge(one, dice);
    case Kind::kDieInCommit:
      return die_in_commit(one, dice);
    case Kind::kSwitchProgram:
      if (!ready(one)) return;
      trace_.fault("another program over a phone's store");
      return one.switch_program();
    case Kind::kErrand:
      return errand(one, dice);
    case Kind::kSignAgain:
      return sign_again(one, dice);
    case Kind::kVouch:
      return vouch(one, dice);
    case Kind::kLeave:
      return leave(one);
    case Kind::kTimePasses:
      time_.pass(std::chrono::hours(dice.below(72)));
      return;
    case Kind::kMoveUnit:
    case Kind::kOpenCode:
    case Kind::kRevoke:
    case Kind::kDecide:
    case Kind::kEnrol:
    case Kind::kFrozen:
    case Kind::kAcceptDevice:
    case Kind::kMoveDevice:
    case Kind::kRotateKey:
      return office_event(event, dice);
    case Kind::kReopenPhone:
    case Kind::kPhoneCrashSoon:
    case Kind::kPhoneCrashNow:
    case Kind::kPhoneDiskFull:
    case Kind::kPhoneDiskFails:
    case Kind::kPhoneDiskHeals:
    case Kind::kPhoneBackup:
    case Kind::kPhoneRestored:
    case Kind::kPhoneCopied:
    case Kind::kPhoneClock:
    case Kind::kPhoneLost:
      return phone_event(event, one, dice);
    case Kind::kServerCrashSoon:
    case Kind::kServerCrashNow:
    case Kind::kServerRestart:
    case Kind::kServerDiskFull:
    case Kind::kServerDiskFails:
    case Kind::kServerDiskHeals:
    case Kind::kServerBackup:
    case Kind::kServerRestored:
      return server_event(event, dice);
    case Kind::kCount:
      return;
  }
}

/// The process dies while it saves, the owner opens the program and sees what was kept, and then the battery
/// falls out.
void World::die_in_commit(SimPhone& phone, Dice& dice) {
  if (!ready(phone) || phone.disk().is_crash_armed()) return;
  log(phone, dice);
  if (!ready(phone)) return;
  const std::uint64_t before = phone.disk().mutations();
  log(phone, dice);
  if (!ready(phone)) return;
  // The next one writes about as much, and ends with the sync.
  const std::uint64_t writes = std::max<std::uint64_t>(phone.disk().mutations() - before, 2);
  phone.disk().crash_at(writes - (dice.chance(300) ? 1 : 0), Crash::kProcessDies);
  log(phone, dice);
  if (phone.is_up()) return;
  trace_.fault("phone dies in a commit, and again");
  if (!ready(phone)) return;
  phone.disk().crash_now(Crash::kPowerLoss);
  phone.bury_if_dead();
}

void World::phone_event(const Event& event, SimPhone& phone, Dice& dice) {
  const auto how = dice.chance(600) ? Crash::kPowerLoss : Crash::kProcessDies;
  if (phone.lost) return;
  switch (event.kind) {
    case Kind::kReopenPhone:
      phone.stop();
      phone.bury_if_dead();
      return;
    case Kind::kPhoneCrashSoon:
      if (!phone.disk().is_crash_armed()) {
        trace_.fault(how == Crash::kPowerLoss ? "phone loses power at a write"
                                              : "phone's process dies at a write");
        phone.disk().crash_at(1 + dice.below(60), how);
      }
      return;
    case Kind::kPhoneCrashNow:
      trace_.fault(how == Crash::kPowerLoss ? "phone loses power" : "phone's process dies");
      phone.disk().crash_now(how);
      return phone.bury_if_dead();
    case Kind::kPhoneDiskFull:
      trace_.fault("phone's disk is full");
      return phone.disk().fill_up(dice.below(40'000));
    case Kind::kPhoneDiskFails:
      trace_.fault("phone's disk fails");
      return phone.disk().fail_io(static_cast<SimDisk::Io>(dice.below(3)), 1 + dice.below(30));
    case Kind::kPhoneDiskHeals:
      return phone.disk().heal();
    case Kind::kPhoneBackup:
      if (phone.disk().is_dead()) return;
      if (dice.chance(500)) phone.stop();
      if (phone.disk().is_dead()) return;
      if (phone.memory.joined && !phone.memory.leaving)
        phone_backups_[phone.number()].push_back({phone.disk().image(), phone.memory, phone.device});
      return;
    case Kind::kPhoneRestored: {
      auto& backups = phone_backups_[phone.number()];
      if (backups.empty()) return;
      trace_.fault("phone restored from a backup");
      phone.stop();
      const PhoneBackup& backup = backups[dice.below(backups.size())];
      phone.disk().put_back(backup.image);
      was_restored_.insert({phone.device, backup.device});
      phone.memory = backup.memory;
      phone.device = backup.device;
      return;
    }
    case Kind::kPhoneCopied: {
      if (phones_.size() >= kPhonesMax || phone.disk().is_dead()) return;
      if (!phone.memory.joined || phone.memory.leaving) return;
      if (dice.chance(500)) phone.stop();
      if (phone.disk().is_dead()) return;
      trace_.fault("phone copied");
      SimPhone& copy = add_phone();
      copy.disk().put_back(phone.disk().image());
      copy.memory = phone.memory;
      copy.device = phone.device;
      copy.is_copied = phone.is_copied = true;
      return;
    }
    case Kind::kPhoneClock: {
      trace_.fault("phone's clock jumps");
      const auto days = static_cast<std::int64_t>(dice.below(7301)) - 3650;
      return phone.clock().set_offset(dice.chance(300) ? std::chrono::days(0) : std::chrono::days(days));
    }
    case Kind::kPhoneLost: {
      const auto alive =
          std::count_if(phones_.begin(), phones_.end(), [](const auto& p) { return !p->lost; });
      if (alive < 2) return;
      trace_.fault("phone lost");
      phone.stop();
      phone.lost = true;
      was_restored_.insert(phone.device);
      return;
    }
    default:
      return;
  }
}

void World::server_event(const Event& event, Dice& dice) {
  const auto how = dice.chance(600) ? Crash::kPowerLoss : Crash::kProcessDies;
  switch (event.kind) {
    case Kind::kServerCrashSoon:
      if (!server_.disk().is_crash_armed()) {
        trace_.fault(how == Crash::kPowerLoss ? "server loses power at a write"
                                              : "server's process dies at a write");
        server_.disk().crash_at(1 + dice.below(80), how);
      }
      return;
    case Kind::kServerCrashNow:
      trace_.fault(how == Crash::kPowerLoss ? "server loses power" : "server's process dies");
      server_.disk().crash_now(how);
      return server_.bury_if_dead();
    case Kind::kServerRestart:
      server_.stop();
      return server_.bury_if_dead();
    case Kind::kServerDiskFull:
      trace_.fault("server's disk is full");
      return server_.disk().fill_up(dice.below(120'000));
    case Kind::kServerDiskFails:
      trace_.fault("server's disk fails");
      return server_.disk().fail_io(static_cast<SimDisk::Io>(dice.below(3)), 1 + dice.below(40));
    case Kind::kServerDiskHeals:
      return server_.disk().heal();
    case Kind::kServerBackup:
      if (server_.disk().is_dead()) return;
      if (dice.chance(500)) server_.stop();
      if (server_.disk().is_dead()) return;
      server_backups_.push_back({server_.disk().image(), server_.knows});
      return;
    case Kind::kServerRestored: {
      if (server_backups_.empty()) return;
      const ServerBackup& backup = server_backups_[dice.below(server_backups_.size())];
      if (backup.knows.acts != server_.knows.acts) {
        // Phones bring back what they saw of it. Until they have, an office that went on would number its
        // acts anew.
        trace_.fault("server restored to before acts of the office");
        office_rests_ = true;
      }
      trace_.fault("server restored, unannounced");
      server_.stop();
      server_.disk().put_back(backup.image);
      server_.knows = backup.knows;
      server_was_restored_ = true;
      if (office_rests_ && dice.chance(400)) {
        // Nobody at the office noticed: the next revision may have the number of one that was lost.
        office_goes_on_ = true;
        open_code(dice);
      }
      return;
    }
    default:
      return;
  }
}

}  // namespace phusa::sim
