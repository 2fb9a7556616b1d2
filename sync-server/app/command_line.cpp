#include "sync-server/app/command_line.hpp"

#include "sync-server/app/backup.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>

namespace phusa::app {
namespace {

/// What CLI11 fills in before it is turned into Options.
struct Raw {
  Options options;
  std::string valid = "24h";
  std::string format = "table";
  std::string language;
};

CLI::App* add(CLI::App& parent, Raw& raw, Command command, const std::string& name, const std::string& about,
              const std::string& examples) {
  CLI::App* app = parent.add_subcommand(name, about);
  app->footer("Examples:\n" + examples);
  app->add_option("--data", raw.options.data, "the installation's folder (needed)")->type_name("DIR");
  app->add_option("--lang", raw.language, "vi or en (default: from LANG)")
      ->check(CLI::IsMember({"vi", "en"}));
  // Parents run after their subcommands.
  app->callback([&raw, command, app] {
    if (app->get_subcommands().empty()) raw.options.command = command;
  });
  return app;
}

void add_format(CLI::App* app, Raw& raw) {
  app->add_option("--format", raw.format, "table, json or csv")
      ->check(CLI::IsMember({"table", "json", "csv"}));
}

void add_running(CLI::App& app, Raw& raw) {
  Options& o = raw.options;
  CLI::App* init =
      add(app, raw, Command::kInit, "init", "Make an installation: keys, ledger, first catalogue",
          "  phusa-server init --data /srv/phusa --org ./doan-khoi --name 'Đoàn Khối Cần Thơ'");
  init->add_option("--org", o.org, "folder of CSV files that describe the organisation")
      ->required()
      ->type_name("DIR");
  init->add_option("--name", o.name, "the organisation's name (default: that of its first root unit)");
  CLI::App* serve =
      add(app, raw, Command::kServe, "serve", "Take in what phones send, until SIGTERM",
          "  phusa-server serve --data /srv/phusa\n"
          "  phusa-server serve --data /srv/phusa --listen 127.0.0.1:0     any free port, printed\n"
          "  phusa-server serve --data /srv/phusa --listen 0.0.0.0:8080 --exposed");
  serve->add_option("--listen", o.listen, "address and port (default 127.0.0.1:8080)")
      ->type_name("HOST:PORT");
  serve->add_flag("--verbose", o.verbose, "log each request: its path and the reply's status");
  serve->add_flag("--exposed", o.exposed,
                  "allow an address other than loopback; put a proxy with TLS before it");
}

void add_device_acts(CLI::App& devices, Raw& raw) {
  Options& o = raw.options;
  const std::string id = "its id, or the first 8 or more digits of it";
  CLI::App* revoke = add(devices, raw, Command::kDevicesRevoke, "revoke",
                         "Shut a device out: it reads nothing more, and what it sends from now on is held",
                         "  phusa-server devices revoke 3fa90c12 --data /srv/phusa\n"
                         "  phusa-server devices revoke 3fa90c12 --data /srv/phusa --preview\n"
                         "  phusa-server devices revoke 3fa90c12 --data /srv/phusa --good 9b1f...");
  revoke->add_option("device", o.device, id)->required();
  revoke->add_option("--good", o.good,
                     "hash of the last batch that counts, one for each journal (default: all that have "
                     "arrived). Named again later, it adds to what counts");
  revoke->add_flag("--preview", o.preview, "show what would be kept and what held, and do nothing");
  add_format(revoke, raw);
  CLI::App* accept = add(devices, raw, Command::kDevicesAccept, "accept",
                         "Let in a device that an officer vouched for too late, too often or without the "
                         "right to: what it sent counts",
                         "  phusa-server devices accept 3fa90c12 --data /srv/phusa");
  accept->add_option("device", o.device, id)->required();
  CLI::App* move = add(devices, raw, Command::kDevicesMove, "move",
                       "Give a device another unit or role; what it logged before is judged by its old one",
                       "  phusa-server devices move 3fa90c12 --data /srv/phusa --unit so_y_te\n"
                       "  phusa-server devices move 3fa90c12 --data /srv/phusa --role officer --vouches 20");
  move->add_option("device", o.device, id)->required();
  move->add_option("--unit", o.unit, "code of its new unit (default: as it is)");
  move->add_option("--role", o.role, "its new role (default: as it is)")
      ->check(CLI::IsMember({"volunteer", "officer", "office"}));
  move->add_option(
      "--vouches", o.vouches,
      "how many phones an officer may vouch for (default: as many as until now; 50 for a new officer)");
}

void add_person_acts(CLI::App& app, Raw& raw) {
  CLI::App* persons = app.add_subcommand("persons", "The people behind the devices");
  persons->require_subcommand(1);
  CLI::App* erase =
      add(*persons, raw, Command::kPersonsErase, "erase",
          "Erase a person's name, phone number and words (notes, places) for good; figures stay",
          "  phusa-server persons erase 3fa90c12 --data /srv/phusa --yes");
  erase
      ->add_option("device", raw.options.device,
                   "any of the person's devices: its id, or the first 8 or more digits of it")
      ->required();
  erase->add_flag("--yes", raw.options.yes, "do it: nothing brings the words back");
}

void add_people(CLI::App& app, Raw& raw) {
  Options& o = raw.options;
  CLI::App* enrol =
      add(app, raw, Command::kEnrol, "enrol", "Hand out a code that lets a phone in",
          "  phusa-server enrol --data /srv/phusa --unit so_y_te --role volunteer\n"
          "  phusa-server enrol --data /srv/phusa --unit so_y_te --role volunteer --uses 40 --valid 7d\n"
          "  phusa-server enrol --data /srv/phusa --unit doan_khoi --role office --format json\n"
          "  phusa-server enrol --data /srv/phusa --replaces 3fa90c12 --lost");
  enrol->add_option("--unit", o.unit, "code of the unit (needed without --replaces)");
  enrol->add_option("--role", o.role, "volunteer, officer or office (needed without --replaces)")
      ->check(CLI::IsMember({"volunteer", "officer", "office"}));
  enrol->add_option("--replaces", o.replaces,
                    "the device whose person gets a new phone: its records come along; unit and role stay "
                    "as they were unless given");
  enrol->add_flag("--lost", o.lost, "shut the replaced device out: what comes from it from now on is held");
  enrol->add_option("--vouches", o.vouches,
                    "how many phones an officer may vouch for (default 50; of a replaced officer as many as "
                    "until now)");
  enrol->add_option("--uses", o.uses, "how many phones may use it (default 1)");
  enrol->add_option("--valid", raw.valid, "how long: 90s, 30m, 24h, 7d (default 24h)");
  enrol->add_option("--url", o.url, "where phones reach the server, for the link");
  add_format(enrol, raw);
  enrol->require_subcommand(0, 1);
  add_format(add(*enrol, raw, Command::kEnrolList, "list", "Codes that still let phones in",
                 "  phusa-server enrol list --data /srv/phusa"),
             raw);
  add(*enrol, raw, Command::kEnrolRevoke, "revoke",
      "Let nobody else in by a code; whom it let in stays, until devices revoke",
      "  phusa-server enrol revoke 9b1f22c0 --data /srv/phusa\n"
      "  phusa-server enrol revoke 16HJD-2B6GX-... --data /srv/phusa")
      ->add_option("code", o.secret, "the code, or the first 8 or more digits of its id in enrol list")
      ->required();
  CLI::App* devices = app.add_subcommand("devices", "Phones and whose they are");
  devices->require_subcommand(1);
  add_format(add(*devices, raw, Command::kDevicesList, "list",
                 "All devices ever let in; 'copied' are those that two stores seal for",
                 "  phusa-server devices list --data /srv/phusa --format csv"),
             raw);
  add_device_acts(*devices, raw);
  CLI::App* token = add(app, raw, Command::kToken, "token", "Mint a bearer token of the JSON API",
                        "  phusa-server token --data /srv/phusa --name dashboard\n"
                        "  phusa-server token --data /srv/phusa --name so_y_te --unit so_y_te --format json");
  token->add_option("--name", o.name, "what it is for");
  token->add_option("--unit", o.unit, "sees this unit and those below it only");
  add_format(token, raw);
  token->require_subcommand(0, 1);
  add_format(
      add(*token, raw, Command::kTokenList, "list", "Tokens ever minted: what for, and which still read",
          "  phusa-server token list --data /srv/phusa"),
      raw);
  add(*token, raw, Command::kTokenRevoke, "revoke", "End a token: who holds it reads nothing more",
      "  phusa-server token revoke 9b1f22c0 --data /srv/phusa")
      ->add_option("token", o.secret, "the token, or the first 8 or more digits of its id in token list")
      ->required();
}

void add_figures(CLI::App& app, Raw& raw) {
  Options& o = raw.options;
  CLI::App* totals =
      add(app, raw, Command::kTotals, "totals", "Totals, the same as GET /v1/totals",
          "  phusa-server totals --data /srv/phusa\n"
          "  phusa-server totals --data /srv/phusa --by unit,indicator --campaign chu_nhat_xanh\n"
          "  phusa-server totals --data /srv/phusa --by label:level --from 2023-01-01 --to 31/3/2023\n"
          "  phusa-server totals --data /srv/phusa --indicator trees --lines");
  totals->add_option("--by", o.totals.by, "unit,indicator,campaign,kind,label:GROUP,month,review");
  totals->add_option("--unit", o.totals.unit, "this unit, those below it and those merged into it");
  totals->add_option("--indicator", o.totals.indicator, "this indicator only");
  totals->add_option("--campaign", o.totals.campaign, "this campaign and those below it");
  totals->add_option("--kind", o.totals.kind, "this kind of activity only");
  totals->add_option("--from", o.totals.from, "first day, yyyy-mm-dd or d/m/yyyy");
  totals->add_option("--to", o.totals.to, "last day");
  totals->add_option("--review", o.totals.review, "counted (default), confirmed, awaiting, returned or all");
  totals->add_option("--as-of", o.totals.as_of, "an earlier point, as a totals reply names it");
  totals->add_flag("--lines", o.lines, "the records behind the totals instead");
  add_format(totals, raw);
  add(app, raw, Command::kVerify, "verify", "Replay everything from the first entry and compare",
      "  phusa-server verify --data /srv/phusa");
}

void add_decisions(CLI::App& app, Raw& raw) {
  Options& o = raw.options;
  CLI::App* held = add(app, raw, Command::kHeldList, "held", "What arrived and is not counted, and why",
                       "  phusa-server held --data /srv/phusa\n"
                       "  phusa-server held accept 9b1f... 3 --data /srv/phusa");
  held->require_subcommand(0, 1);
  add_format(held, raw);
  for (const Command command : {Command::kHeldAccept, Command::kHeldRefuse}) {
    const bool accept = command == Command::kHeldAccept;
    CLI::App* decide = add(*held, raw, command, accept ? "accept" : "refuse",
                           accept ? "Merge a held change after all" : "Hold a change for good",
                           std::string("  phusa-server held ") + (accept ? "accept" : "refuse") +
                               " 9b1f... 3 --data /srv/phusa");
    decide->add_option("batch", o.batch, "hash of its batch, as held list shows it")->required();
    decide->add_option("index", o.index, "number of the change within the batch")->required();
  }
  add_format(add(*held, raw, Command::kHeldDevices, "devices",
                 "Of which device how much is held, and who has no room for more",
                 "  phusa-server held devices --data /srv/phusa"),
             raw);
  add_format(add(*held, raw, Command::kHeldRevisions, "revisions",
                 "Lost revisions of the catalogue that held batches name",
                 "  phusa-server held revisions --data /srv/phusa"),
             raw);
  CLI::App* revision =
      add(*held, raw, Command::kHeldAcceptRevision, "accept-revision",
          "Judge the batches of a lost revision under those that stand; numbers that it gave "
          "to other rows than the present one then count for these",
          "  phusa-server held accept-revision 7 --data /srv/phusa\n"
          "  phusa-server held accept-revision 7 --hash 9b1f --data /srv/phusa");
  revision->add_option("revision", o.revision, "its number, as held revisions shows it")->required();
  revision->add_option("--hash", o.hash, "the first digits of its hash, where two have the number");
  CLI::App* org = app.add_subcommand("org", "The organisation's catalogue");
  org->require_subcommand(1);
  CLI::App* apply = add(*org, raw, Command::kOrgApply, "apply",
                        "Show what a folder of CSV files would change, then apply it",
                        "  phusa-server org apply ./doan-khoi --data /srv/phusa\n"
                        "  phusa-server org apply ./doan-khoi --data /srv/phusa --yes");
  apply->add_option("org", o.org, "folder of CSV files")->required()->type_name("DIR");
  apply->add_flag("--yes", o.yes, "apply without asking");
  apply->add_option("--expect", o.expect, "apply only what was shown")->group("");
  add_format(apply, raw);
}

void add_keeping(CLI::App& app, Raw& raw) {
  Options& o = raw.options;
  CLI::App* keys = app.add_subcommand("keys", "Keys that phones seal bundles to");
  keys->require_subcommand(1);
  add_format(add(*keys, raw, Command::kKeysList, "list", "The present one, and old ones that still open",
                 "  phusa-server keys list --data /srv/phusa"),
             raw);
  add(*keys, raw, Command::kKeysRotate, "rotate",
      "Make a new one; phones get it with the catalogue, what was sealed to the old one still opens",
      "  phusa-server keys rotate --data /srv/phusa");
  CLI::App* make =
      add(app, raw, Command::kBackupKey, "backup-key",
          "Make the key pair that backups are sealed to; the secret half leaves the server",
          "  phusa-server backup-key office-backup     makes office-backup and office-backup.pub");
  make->add_option("file", o.file, "file for the secret half; the public half lies beside it in FILE.pub")
      ->required()
      ->type_name("FILE");
  CLI::App* backup = add(app, raw, Command::kBackup, "backup",
                         "Write everything but the server's keys into one encrypted file; phones go on",
                         "  phusa-server backup --data /srv/phusa --out /media/stick/phusa-0412 "
                         "--to office-backup.pub");
  backup->add_option("--out", o.file, "the backup, a new file")->required()->type_name("FILE");
  backup->add_option("--to", o.to, "the office's public key, or the .pub file that holds it")->required();
  CLI::App* restore =
      add(app, raw, Command::kRestore, "restore", "Make a new folder from a backup",
          "  phusa-server restore /media/stick/phusa-0412 --data /srv/phusa --key office-backup "
          "--keys /media/safe/keys");
  restore->add_option("file", o.file, "the backup")->required()->type_name("FILE");
  restore->add_option("--key", o.key, "file of the office's secret key")->required()->type_name("FILE");
  restore->add_option("--keys", o.keys, "folder with the server's keys, a copy of DIR/keys")
      ->type_name("DIR");
}

std::string absolute(const std::string& path, const Habits& habits) {
  return (std::filesystem::path(habits.folder) / path).lexically_normal().string();
}

/// One line, whatever CLI11 wrote.
std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

/// The subcommands named so far, for "try ... --help".
std::string path_of(const CLI::App& app) {
  for (const CLI::App* sub : app.get_subcommands()) {
    const std::string rest = path_of(*sub);
    return sub->get_name() + (rest.empty() ? "" : " " + rest);
  }
  return {};
}

/// What stands where a command should, if that is what is wrong with the line.
std::optional<std::string> unknown_command(const CLI::App& app, const CLI::Error& error) {
  const auto left = app.remaining(true);
  if (std::string_view(error.what()) != "A subcommand is required" || left.empty()) return std::nullopt;
  if (left.front().starts_with('-')) return std::nullopt;
  const std::string path = path_of(app);
  return (path.empty() ? "" : path + " ") + left.front();
}

}  // namespace

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  static const std::map<char, std::int64_t> units = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
  if (text.size() < 2 || !units.contains(text.back())) return std::nullopt;
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size() - 1, count);
  if (error != std::errc() || end != text.data() + text.size() - 1) return std::nullopt;
  return std::chrono::seconds(count * units.at(text.back()));
}

Habits own_habits() {
  std::error_code error;
  return {std::filesystem::current_path(error).string(), chosen_language({})};
}

ParsedLine parse_command_line(const std::vector<std::string>& args, const Habits& habits) {
  Raw raw;
  CLI::App app("Phù Sa: the office's server. Phones record offline, this gathers and adds up.",
               "phusa-server");
  app.set_version_flag("--version", "phusa-server " PHUSA_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Examples:\n  phusa-server init --data /srv/phusa --org ./doan-khoi\n"
      "  phusa-server serve --data /srv/phusa\n"
      "  phusa-server enrol --data /srv/phusa --unit so_y_te --role volunteer\n"
      "  phusa-server totals --data /srv/phusa --by unit,indicator\n"
      "While a server serves, the other commands reach it through its data folder.");
  add_running(app, raw);
  add_people(app, raw);
  add_person_acts(app, raw);
  add_figures(app, raw);
  add_decisions(app, raw);
  add_keeping(app, raw);
  const auto language = [&] { return raw.language.empty() ? habits.language : language_of(raw.language); };
  const auto bad_use = [&](const std::string& what) {
    raw.options.language = language();
    const std::string path = path_of(app);
    const std::string hint = say(raw.options.language, Say::kTryHelp, path.empty() ? "" : " " + path);
    return ParsedLine{std::nullopt, 2, "", "phusa-server: " + one_line(what) + "; " + one_line(hint) + "\n"};
  };
  try {
    app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
  } catch (const CLI::CallForHelp&) {
    const CLI::App* named = &app;
    while (!named->get_subcommands().empty()) named = named->get_subcommands().front();
    return {std::nullopt, 0, named->help(), ""};
  } catch (const CLI::CallForVersion& version) {
    return {std::nullopt, 0, std::string(version.what()) + "\n", ""};
  } catch (const CLI::Error& error) {
    const auto unknown = unknown_command(app, error);
    return bad_use(unknown ? say(language(), Say::kUnknownCommand, *unknown) : error.what());
  }
  if (raw.options.data.empty() && raw.options.command != Command::kBackupKey)
    return bad_use("--data DIR is needed: the folder that init made");
  if (raw.options.command == Command::kEnrol && raw.options.replaces.empty() &&
      (raw.options.unit.empty() || raw.options.role.empty())) {
    return bad_use("--unit and --role are needed, or --replaces DEVICE");
  }
  if (raw.options.lines && !raw.options.totals.as_of.empty())
    return bad_use("--lines shows records as they stand now; it does not go with --as-of");
  const auto valid = parse_duration(raw.valid);
  if (!valid) return bad_use("--valid '" + raw.valid + "' is not a time such as 90s, 30m, 24h or 7d");
  raw.options.valid = *valid;
  raw.options.format = raw.format == "json"  ? Format::kJson
                       : raw.format == "csv" ? Format::kCsv
                                             : Format::kTable;
  raw.options.language = language();
  raw.options.data = absolute(raw.options.data, habits);
  for (std::string* path : {&raw.options.org, &raw.options.file, &raw.options.key, &raw.options.keys}) {
    if (!path->empty()) *path = absolute(*path, habits);
  }
  if (!raw.options.to.empty() && !is_backup_key(raw.options.to))
    raw.options.to = absolute(raw.options.to, habits);
  return {std::move(raw.options), 0, "", ""};
}

}  // namespace phusa::app
