#pragma once

#include "tests/sim/dice.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace phusa::sim {

/// What can happen. The order is part of what a seed means.
enum class Kind : std::uint8_t {
  kLog,
  kEdit,
  kRetract,
  kRestoreRecord,
  kReview,
  kMoveRecord,
  kNote,
  kSync,
  kStep,
  kReplay,
  kTogether,
  kReopenPhone,
  kPhoneCrashSoon,
  kPhoneCrashNow,
  kPhoneDiskFull,
  kPhoneDiskFails,
  kPhoneDiskHeals,
  kPhoneBackup,
  kPhoneRestored,
  kPhoneCopied,
  kPhoneClock,
  kPhoneLost,
  kServerCrashSoon,
  kServerCrashNow,
  kServerRestart,
  kServerDiskFull,
  kServerDiskFails,
  kServerDiskHeals,
  kServerBackup,
  kServerRestored,
  kTimePasses,
  kMoveUnit,
  kOpenCode,
  kRevoke,
  kDecide,
  kEnrol,
  kFrozen,
  kHandOver,
  kCarry,
  kReceipts,
  kForge,
  kVouch,
  kAcceptDevice,
  kMoveDevice,
  kLeave,
  kRotateKey,
  kSignAgain,
  kDieInCommit,
  kSwitchProgram,
  kErrand,
  kCount
};
const char* name_of(Kind kind);

/// One thing that happens. What it draws comes from its own dice, so that leaving another event out changes
/// nothing else about this one.
struct Event {
  Kind kind = Kind::kLog;
  std::uint32_t who = 0;  ///< which phone, modulo how many there are then
  std::uint64_t dice = 0;
};

/// How hostile a world is. Each seed has a random mix: some faults not at all, some often.
struct Climate {
  std::uint32_t phones = 3;
  std::uint32_t request_lost = 0;  ///< per thousand exchanges, as all below
  std::uint32_t reply_lost = 0;
  std::uint32_t reply_cut = 0;
  std::uint32_t request_cut = 0;
  std::uint32_t doubled = 0;
  std::uint32_t delayed = 0;
  std::uint32_t portal = 0;
  std::uint32_t push_only = 0;   ///< syncs that only deliver
  std::uint32_t page_bytes = 0;  ///< what phones ask for at most; 0: the server's own limit
  bool acquainted = false;       ///< everybody knows a record of everybody in scope before the first event
  bool verify = false;           ///< replay the ledger at the end
};

/// One crash at one write or sync, for trying them all.
struct PlannedCrash {
  int phone = -1;        ///< or the server
  std::uint64_t at = 0;  ///< which write or sync from when it was there, from 1
  bool power_loss = true;
  std::uint64_t fate = 0;  ///< of what was not synced: another number, other dice
};

/// Which worlds seeds mean.
struct Worlds {
  bool brief = false;  ///< fewer events: for builds with sanitizers
  /// The server guards its log and leaps with certificate numbers, as phusa-server does. Off, published
  /// digests of before there was either still hold.
  bool guarded = false;
};

struct Plan {
  std::uint64_t seed = 0;
  bool guarded = false;  ///< as in Worlds
  Climate climate;
  std::vector<std::string> people;  ///< "volunteer a1", ...; empty: drawn
  std::optional<PlannedCrash> crash;
  std::vector<Event> events;
};

/// The plan of a seed.
Plan make_plan(std::uint64_t seed, Worlds worlds);

}  // namespace phusa::sim
