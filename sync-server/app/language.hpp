#pragma once

#include "core/base/error.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace phusa::app {

enum class Language : std::uint8_t { kEnglish = 0, kVietnamese = 1 };

/// "vi", "en", or a locale such as "vi_VN.UTF-8"; anything else is English.
Language language_of(std::string_view text);
/// `flag` when given, else LC_ALL, LC_MESSAGES or LANG, whichever is set first.
Language chosen_language(std::string_view flag);

/// Everything this program says to people in the office beside figures and errors' details.
enum class Say : std::uint8_t {
  kInitDone,
  kListening,
  kExposed,
  kEnrolCode,
  kEnrolFacts,
  kRoleVolunteer,
  kRoleOfficer,
  kRoleOffice,
  kTokenOnce,
  kTokenRevoked,
  kCodeRevoked,
  kNothingToApply,
  kApplied,
  kNotApplied,
  kAskApply,
  kAdded,
  kChanged,
  kClosed,
  kReopened,
  kKept,
  kPassedOver,
  kProblems,
  kVerified,
  kDifferences,
  kNothingHeld,
  kAccepted,
  kRefused,
  kRevisionAccepted,
  kRevoked,
  kRevokedUpTo,
  kRevokedInDoubt,
  kStoodIn,
  kFates,
  kNothingDone,
  kDeviceAccepted,
  kMoved,
  kErased,
  kErasedAgain,
  kCompactionOwed,
  kErasuresUnknown,
  kReplaces,
  kKeyRotated,
  kKeyUnknown,
  kBackupKeyMade,
  kBackedUp,
  kRestored,
  kKeysMissing,
  kNoFigures,
  kAsOf,
  kOutputLost,
  kTokenUnseen,
  kCodeUnseen,
  kUnknownCommand,
  kTryHelp,
};

std::string_view text_of(Language language, Say what);

template <class... Args>
std::string say(Language language, Say what, const Args&... args) {
  return fmt::format(fmt::runtime(text_of(language, what)), args...);
}

/// One line for standard error. Errors travel as codes: the code is told in the reader's language, the
/// details follow as they are.
std::string describe(Language language, const Error& error);

}  // namespace phusa::app
