#pragma once

#include "bindings/cli/shell.hpp"

#include <CLI/App.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace phusa::cli {

/// What the chosen command does, once the whole line was understood.
using Work = std::function<int(const Shell&)>;

// Each adds its commands to `app`; the one that was typed leaves its work in `chosen`.
void add_record_commands(CLI::App& app, const Tongue& tongue,
                         Work& chosen);  // log edit retract restore confirm return
void add_reading_commands(CLI::App& app, const Tongue& tongue, Work& chosen);  // list show history
void add_network_commands(CLI::App& app, const Tongue& tongue, Work& chosen);  // sync
void add_status_command(CLI::App& app, const Tongue& tongue, Work& chosen);
void add_joining_commands(CLI::App& app, const Tongue& tongue,
                          Work& chosen);  // join enrol-request vouch leave
void add_carrying_commands(CLI::App& app, const Tongue& tongue, Work& chosen);  // handover carry receipts
void add_office_commands(CLI::App& app, const Tongue& tongue, Work& chosen);    // totals catalogue
void add_import_command(CLI::App& app, const Tongue& tongue, Work& chosen);

/// A subcommand with its examples below its help.
CLI::App* add_command(CLI::App& app, const Tongue& tongue, const std::string& name, const std::string& what,
                      std::string_view examples);

/// The option takes one of these words; help names them elsewhere already.
CLI::Validator one_of(const std::vector<std::string>& words);

/// "--numbers plain|vi"
void add_numbers_option(CLI::App& command, const Tongue& tongue, NumberStyle& style);

/// "a;b" and repeated options alike: items without blanks around them, none empty.
std::vector<std::string> split_items(const std::vector<std::string>& given,
                                     std::string_view separators = ";");

/// "--yes": do it without asking.
void add_yes_option(CLI::App& command, const Tongue& tongue, bool& yes);
/// "--force": a file of that name may be replaced.
void add_force_option(CLI::App& command, const Tongue& tongue, bool& force);
/// "--insecure": also over plain http to another machine.
void add_insecure_option(CLI::App& command, const Tongue& tongue, std::function<void(bool)> take);

/// Who sits before the program.
struct Audience {
  bool terminal = false;  ///< progress may be drawn
  Ask ask;
};

/// The whole command line of `phusa`; gives the exit status. Never throws.
int run_command_line(std::vector<std::string> arguments,
                     const std::function<const char*(const char*)>& get_environment,
                     const Audience& audience);

}  // namespace phusa::cli
