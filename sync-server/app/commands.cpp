#include "sync-server/app/commands.hpp"

#include "sync-server/access/catalogue_draft.hpp"

namespace phusa::app {

Outcome failed(Language language, const Error& error) {
  std::string line = describe(language, error);
  for (char& c : line) {
    if (c == '\n') c = ' ';
  }
  return {error.code == ErrorCode::kInvalidArgument ? 2 : 1, "", line + "\n", ""};
}

Outcome run_init(const Options& options, const Clock& clock, Random& random) {
  const auto draft = access::draft_catalogue(options.org, nullptr, local_day(clock.wall()));
  if (!draft.problems.empty()) {
    Outcome out{1, "", "", ""};
    for (const access::Problem& problem : draft.problems) out.err += access::format_problem(problem) + "\n";
    out.err += "phusa-server: " + say(options.language, Say::kProblems, draft.problems.size()) + "\n";
    return out;
  }
  const auto founded = found_installation({options.data, options.name, draft.catalogue}, clock, random);
  if (!founded) return failed(options.language, founded.error());
  Outcome out;
  for (const std::string& file : draft.passed_over) out.err += say(options.language, Say::kPassedOver, file);
  out.out = say(options.language, Say::kInitDone, options.data, draft.catalogue.units.size());
  return out;
}

Outcome run_command(const Options& options, Installation& installation, const Surroundings& surroundings) {
  switch (options.command) {
    case Command::kEnrol:
      return run_enrol(options, installation, surroundings);
    case Command::kEnrolList:
      return run_enrol_list(options, installation);
    case Command::kEnrolRevoke:
      return run_enrol_revoke(options, installation);
    case Command::kDevicesList:
      return run_devices_list(options, installation);
    case Command::kDevicesRevoke:
      return run_devices_revoke(options, installation);
    case Command::kDevicesAccept:
      return run_devices_accept(options, installation);
    case Command::kDevicesMove:
      return run_devices_move(options, installation);
    case Command::kPersonsErase:
      return run_persons_erase(options, installation);
    case Command::kOrgApply:
      return run_org_apply(options, installation);
    case Command::kVerify:
      return run_verify(options, installation);
    case Command::kTotals:
      return run_totals(options, installation);
    case Command::kHeldList:
      return run_held_list(options, installation);
    case Command::kHeldAccept:
    case Command::kHeldRefuse:
      return run_held_decide(options, installation);
    case Command::kHeldDevices:
      return run_held_devices(options, installation);
    case Command::kHeldRevisions:
      return run_held_revisions(options, installation);
    case Command::kHeldAcceptRevision:
      return run_held_accept_revision(options, installation);
    case Command::kToken:
      return run_token(options, installation);
    case Command::kTokenList:
      return run_token_list(options, installation);
    case Command::kTokenRevoke:
      return run_token_revoke(options, installation);
    case Command::kKeysList:
      return run_keys_list(options, installation);
    case Command::kKeysRotate:
      return run_keys_rotate(options, installation);
    case Command::kBackup:
      return run_backup(options, installation, surroundings);
    case Command::kBackupKey:
    case Command::kRestore:
    case Command::kInit:
    case Command::kServe:
      break;
  }
  return failed(options.language,
                {ErrorCode::kInvalidArgument, "this command does not go through a running server"});
}

}  // namespace phusa::app
