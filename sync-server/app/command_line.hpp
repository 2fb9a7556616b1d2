#pragma once

#include "sync-server/app/language.hpp"
#include "sync-server/http/totals_request.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace phusa::app {

enum class Format : std::uint8_t { kTable, kJson, kCsv };

enum class Command : std::uint8_t {
  kInit,
  kServe,
  kEnrol,
  kEnrolList,
  kEnrolRevoke,
  kDevicesList,
  kDevicesRevoke,
  kDevicesAccept,
  kDevicesMove,
  kPersonsErase,
  kOrgApply,
  kVerify,
  kTotals,
  kHeldList,
  kHeldAccept,
  kHeldRefuse,
  kHeldDevices,
  kHeldRevisions,
  kHeldAcceptRevision,
  kToken,
  kTokenList,
  kTokenRevoke,
  kKeysList,
  kKeysRotate,
  kBackup,
  kBackupKey,
  kRestore,
};

/// A command line that was understood. Paths are absolute, so that a serving process can act on it.
struct Options {
  Command command = Command::kVerify;
  std::string data;
  std::string org;
  std::string name;
  std::string listen = "127.0.0.1:8080";
  bool exposed = false;
  bool verbose = false;
  std::string unit;
  std::string role;
  std::uint32_t uses = 1;
  std::chrono::seconds valid = std::chrono::hours(24);
  std::string url;
  std::string device;
  std::string replaces;                  ///< of `enrol`: a device
  bool lost = false;                     ///< of `enrol`: the replaced device is revoked
  std::optional<std::uint32_t> vouches;  ///< of `enrol` and `devices move`
  std::vector<std::string> good;         ///< of `devices revoke`: last good batches
  bool preview = false;                  ///< of `devices revoke`: show, do nothing
  std::string secret;  ///< of `enrol revoke` and `token revoke`: a code or token, or its id
  std::string batch;
  std::uint32_t index = 0;
  std::uint32_t revision = 0;  ///< of `held accept-revision`
  std::string hash;            ///< likewise: the beginning of the revision's hash
  http::TotalsRequest totals;
  bool lines = false;
  bool yes = false;
  std::string expect;  ///< of `org apply`: the draft that was shown
  std::string file;    ///< of `backup`, `restore` and `backup-key`
  std::string to;      ///< of `backup`: the office's public key, or its file
  std::string key;     ///< of `restore`: the file of the office's secret key
  std::string keys;    ///< of `restore`: a folder with the server's keys
  Format format = Format::kTable;
  Language language = Language::kEnglish;
};

/// Either options, or what to print and exit with: help (0) or one line of what is wrong with the use (2).
struct ParsedLine {
  std::optional<Options> options;
  int exit = 0;
  std::string out;
  std::string err;
};

/// What a command line means by itself: where it was typed, and in which language its writer reads.
struct Habits {
  std::string folder;  ///< relative paths start here
  Language language = Language::kEnglish;
};

/// Those of this process.
Habits own_habits();

/// `args` without the program's name.
ParsedLine parse_command_line(const std::vector<std::string>& args, const Habits& habits);

/// `90s`, `30m`, `24h`, `7d`
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

}  // namespace phusa::app
