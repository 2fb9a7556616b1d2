#include "tests/sim/plan.hpp"

namespace phusa::sim {
namespace {

struct Kindness {
  Kind kind;
  const char* name;
  std::uint32_t weight;  ///< where this kind happens at all
  std::uint32_t worlds;  ///< in how many worlds of a thousand it does
};

constexpr Kindness kKinds[] = {
    {Kind::kLog, "log", 200, 1000},
    {Kind::kEdit, "edit", 140, 950},
    {Kind::kRetract, "retract", 25, 600},
    {Kind::kRestoreRecord, "restore record", 20, 500},
    {Kind::kReview, "review", 40, 500},
    {Kind::kMoveRecord, "move record", 50, 500},
    {Kind::kNote, "note", 20, 500},
    {Kind::kSync, "sync", 160, 1000},
    {Kind::kStep, "step", 120, 600},
    {Kind::kReplay, "late replay", 40, 400},
    {Kind::kTogether, "together", 25, 300},
    {Kind::kReopenPhone, "reopen phone", 25, 500},
    {Kind::kPhoneCrashSoon, "phone crash soon", 40, 450},
    {Kind::kPhoneCrashNow, "phone crash now", 15, 300},
    {Kind::kPhoneDiskFull, "phone disk full", 15, 200},
    {Kind::kPhoneDiskFails, "phone disk fails", 20, 200},
    {Kind::kPhoneDiskHeals, "phone disk heals", 15, 400},
    {Kind::kPhoneBackup, "phone backup", 40, 450},
    {Kind::kPhoneRestored, "phone restored", 30, 450},
    {Kind::kPhoneCopied, "phone copied", 12, 350},
    {Kind::kPhoneClock, "phone clock", 20, 500},
    {Kind::kPhoneLost, "phone lost", 8, 150},
    {Kind::kServerCrashSoon, "server crash soon", 35, 450},
    {Kind::kServerCrashNow, "server crash now", 12, 300},
    {Kind::kServerRestart, "server restart", 10, 300},
    {Kind::kServerDiskFull, "server disk full", 12, 200},
    {Kind::kServerDiskFails, "server disk fails", 15, 200},
    {Kind::kServerDiskHeals, "server disk heals", 15, 400},
    {Kind::kServerBackup, "server backup", 30, 450},
    {Kind::kServerRestored, "server restored", 25, 450},
    {Kind::kTimePasses, "time passes", 40, 700},
    {Kind::kMoveUnit, "move unit", 12, 300},
    {Kind::kOpenCode, "open code", 25, 400},
    {Kind::kRevoke, "revoke", 8, 200},
    {Kind::kDecide, "decide", 8, 150},
    {Kind::kEnrol, "enrol", 6, 250},
    {Kind::kFrozen, "frozen request", 10, 250},
    {Kind::kHandOver, "hand over", 40, 400},
    {Kind::kCarry, "carry", 50, 400},
    {Kind::kReceipts, "receipts", 40, 400},
    {Kind::kForge, "forge", 12, 250},
    {Kind::kVouch, "vouch", 45, 550},
    {Kind::kAcceptDevice, "accept device", 35, 550},
    {Kind::kMoveDevice, "move device", 15, 350},
    {Kind::kLeave, "leave", 20, 250},
    {Kind::kRotateKey, "rotate box key", 15, 350},
    {Kind::kSignAgain, "sign again", 15, 300},
    {Kind::kDieInCommit, "die in a commit", 10, 250},
    {Kind::kSwitchProgram, "switch program", 60, 250},
    {Kind::kErrand, "errand", 15, 300},
};
static_assert(sizeof kKinds / sizeof kKinds[0] == static_cast<std::size_t>(Kind::kCount));

std::uint32_t rate(Dice& dice, std::uint32_t worlds, std::uint32_t most) {
  const bool happens = dice.chance(worlds);
  const auto how_often = static_cast<std::uint32_t>(dice.below(most)) + 1;
  return happens ? how_often : 0;
}

}  // namespace

const char* name_of(Kind kind) {
  return kKinds[static_cast<std::size_t>(kind)].name;
}

Plan make_plan(std::uint64_t seed, Worlds worlds) {
  Plan plan;
  plan.seed = seed;
  plan.guarded = worlds.guarded;
  Dice dice(seed, "climate");
  Climate& climate = plan.climate;
  climate.phones = 1 + static_cast<std::uint32_t>(dice.weighted({10, 20, 30, 20, 10, 5, 3, 2}));
  climate.request_lost = rate(dice, 350, 300);
  climate.reply_lost = rate(dice, 450, 300);
  climate.reply_cut = rate(dice, 300, 200);
  climate.request_cut = rate(dice, 200, 200);
  climate.doubled = rate(dice, 350, 300);
  climate.delayed = rate(dice, 300, 300);
  climate.portal = rate(dice, 150, 150);
  climate.push_only = rate(dice, 400, 700);
  climate.page_bytes = dice.chance(400) ? 60 + static_cast<std::uint32_t>(dice.below(400)) : 0;
  climate.acquainted = dice.chance(700);
  climate.verify = seed % 8 == 0;
  std::vector<std::uint32_t> weights;
  for (const Kindness& kind : kKinds) weights.push_back(dice.chance(kind.worlds) ? kind.weight : 0);
  // The office may accept a forged edit like any held one: then it counts, and the oracle would not know.
  if (weights[static_cast<std::size_t>(Kind::kForge)] > 0)
    weights[static_cast<std::size_t>(Kind::kDecide)] = 0;
  Dice events(seed, "events");
  const std::uint64_t count = worlds.brief ? 12 + dice.below(30) : 20 + dice.below(80);
  for (std::uint64_t i = 0; i < count; ++i) {
    Event event;
    event.kind = kKinds[events.weighted(weights)].kind;
    event.who = static_cast<std::uint32_t>(events.below(1 << 20));
    event.dice = events.u64();
    plan.events.push_back(event);
  }
  return plan;
}

}  // namespace phusa::sim
