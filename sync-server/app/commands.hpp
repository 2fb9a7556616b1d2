#pragma once

#include "sync-server/app/backup.hpp"
#include "sync-server/app/command_line.hpp"
#include "sync-server/app/installation.hpp"

#include <string>

namespace phusa::app {

/// What a command leaves: exit status and both outputs, whole.
struct Outcome {
  int exit = 0;
  std::string out;
  std::string err;
  std::string confirm;  ///< of `org apply` without --yes: what --expect needs to apply just what was shown
};

/// What a command knows of where it runs.
struct Surroundings {
  bool terminal = false;   ///< its output goes to one
  std::string address;     ///< where the server listens; empty when none serves
  Progress progress = {};  ///< for whoever waits; empty: nobody watches
};

/// One line on standard error; exit status 2 for bad use, 1 for failure.
Outcome failed(Language language, const Error& error);

/// `init`, which needs no installation.
Outcome run_init(const Options& options, const Clock& clock, Random& random);

/// Every other command but `serve`. Thread-safe as far as the installation is: a serving process calls it for
/// those who come through the socket.
Outcome run_command(const Options& options, Installation& installation, const Surroundings& surroundings);

// By room of the manual: commands_*.cpp
Outcome run_enrol(const Options& options, Installation& installation, const Surroundings& surroundings);
Outcome run_enrol_list(const Options& options, Installation& installation);
Outcome run_enrol_revoke(const Options& options, Installation& installation);
Outcome run_devices_list(const Options& options, Installation& installation);
Outcome run_devices_revoke(const Options& options, Installation& installation);
Outcome run_devices_accept(const Options& options, Installation& installation);
Outcome run_devices_move(const Options& options, Installation& installation);
Outcome run_persons_erase(const Options& options, Installation& installation);
Outcome run_token(const Options& options, Installation& installation);
Outcome run_token_list(const Options& options, Installation& installation);
Outcome run_token_revoke(const Options& options, Installation& installation);
Outcome run_org_apply(const Options& options, Installation& installation);
Outcome run_totals(const Options& options, Installation& installation);
Outcome run_verify(const Options& options, Installation& installation);
Outcome run_held_list(const Options& options, Installation& installation);
Outcome run_held_devices(const Options& options, Installation& installation);
Outcome run_held_revisions(const Options& options, Installation& installation);
Outcome run_held_accept_revision(const Options& options, Installation& installation);
Outcome run_held_decide(const Options& options, Installation& installation);
Outcome run_keys_list(const Options& options, Installation& installation);
Outcome run_keys_rotate(const Options& options, Installation& installation);
Outcome run_backup(const Options& options, Installation& installation, const Surroundings& surroundings);
/// These need no installation.
Outcome run_backup_key(const Options& options, Random& random);
Outcome run_restore(const Options& options, Random& random, const Progress& progress);

}  // namespace phusa::app
