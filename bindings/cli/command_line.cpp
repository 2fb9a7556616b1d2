#include "bindings/cli/bad_use.hpp"
#include "bindings/cli/commands.hpp"
#include "bindings/cli/table.hpp"
#include "core/base/standard_output.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <map>
#include <memory>
#include <optional>

namespace phusa::cli {
namespace {

using Arguments = std::vector<std::string>;
using Environment = std::function<const char*(const char*)>;

/// The language has to be known before the first word of help is written, so --lang is looked for by hand.
Language find_language(const Arguments& arguments, const Environment& environment) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto& argument = arguments[i];
    std::optional<Language> language;
    if (argument == "--lang" && i + 1 < arguments.size()) language = parse_language(arguments[i + 1]);
    if (argument.rfind("--lang=", 0) == 0) language = parse_language(argument.substr(7));
    if (language) return *language;
  }
  return language_of_environment(environment);
}

/// CLI11 takes `--note=` for an option whose value follows; what is meant is an empty value.
Arguments split_empty_values(const Arguments& arguments) {
  Arguments out;
  for (const auto& argument : arguments) {
    if (argument.size() > 3 && argument.rfind("--", 0) == 0 && argument.find('=') == argument.size() - 1) {
      out.push_back(argument.substr(0, argument.size() - 1));
      out.emplace_back();
    } else {
      out.push_back(argument);
    }
  }
  return out;
}

std::string default_store(const Environment& environment) {
  if (const char* store = environment("PHUSA_STORE"); store != nullptr && *store != '\0') return store;
  const char* home = environment("HOME");
  return std::string(home == nullptr ? "." : home) + "/.phusa/phone.db";
}

std::shared_ptr<CLI::Formatter> make_formatter(const Tongue& t) {
  auto formatter = std::make_shared<CLI::Formatter>();
  formatter->column_width(28);
  if (t.language() == Language::kVietnamese) {
    formatter->label("Usage", "Cách dùng");
    formatter->label("Positionals", "Tham số");
    formatter->label("OPTIONS", "TÙY CHỌN");
    formatter->label("SUBCOMMAND", "LỆNH");
    formatter->label("REQUIRED", "BẮT BUỘC");
  }
  return formatter;
}

void add_shared_options(CLI::App& app, const Tongue& t, Shell& shell, std::string& lang) {
  static const std::map<std::string, Format> formats{
      {"table", Format::kTable}, {"json", Format::kJson}, {"csv", Format::kCsv}};
  app.add_option("--store", shell.store,
                 t.pick("this phone's file (default: $PHUSA_STORE, else ~/.phusa/phone.db)",
                        "tệp dữ liệu của máy này (mặc định: $PHUSA_STORE, nếu không có: ~/.phusa/phone.db)"))
      ->type_name("FILE");
  app.add_option_function<std::string>(
         "--format", [&shell](const std::string& name) { shell.format = formats.at(name); },
         t.pick("how to print (default: table)", "cách in (mặc định: table)"))
      ->type_name("table|json|csv")
      ->check(one_of({"table", "json", "csv"}));
  app.add_option("--lang", lang,
                 t.pick("language of messages (default: by LC_ALL or LANG)",
                        "ngôn ngữ (mặc định: theo LC_ALL hoặc LANG)"))
      ->type_name("vi|en")
      ->check(one_of({"vi", "en"}));
  app.set_version_flag("--version", std::string("phusa ") + phusa_version(),
                       t.pick("print the version", "in phiên bản"));
  app.set_help_flag("-h,--help", t.pick("print this help", "in hướng dẫn này"));
}

/// What stands where a command should, if that is what is wrong with the line.
std::optional<std::string> unknown_command(const CLI::App& app, const CLI::ParseError& error) {
  const auto left = app.remaining(true);
  if (std::string_view(error.what()) != "A subcommand is required" || left.empty()) return std::nullopt;
  if (left.front().rfind('-', 0) == 0) return std::nullopt;
  return one_line(left.front());
}

/// What was wrong with the line, in one sentence.
int report_bad_use(const Tongue& t, const CLI::App& app, const CLI::ParseError& error) {
  std::string command = "phusa";
  for (auto chosen = app.get_subcommands(); !chosen.empty(); chosen = chosen.front()->get_subcommands())
    command += " " + chosen.front()->get_name();
  const auto unknown = unknown_command(app, error);
  const auto words = unknown ? t.say("use.unknown_command", {*unknown}) : bad_use_words(t, error.what());
  std::fprintf(stderr, "phusa: %s. %s\n", words.c_str(), t.say("use.see_help", {command}).c_str());
  return kExitBadUse;
}

}  // namespace

CLI::Validator one_of(const std::vector<std::string>& words) {
  CLI::Validator validator = CLI::IsMember(words);
  return validator.description("");
}

CLI::App* add_command(CLI::App& app, const Tongue& t, const std::string& name, const std::string& what,
                      std::string_view examples) {
  auto* command = app.add_subcommand(name, what);
  command->option_defaults()->group(t.pick("Options", "Tùy chọn"));
  command->group(t.pick("Commands", "Các lệnh"));
  command->fallthrough();  // --store, --format and --lang may stand behind the command, too
  std::string indented = t.pick("Examples:", "Ví dụ:") + "\n  ";
  for (const char c : examples) indented += c == '\n' ? "\n  " : std::string(1, c);
  command->footer(indented);
  command->set_help_flag("-h,--help", t.pick("print this help", "in hướng dẫn này"));
  return command;
}

void add_yes_option(CLI::App& command, const Tongue& t, bool& yes) {
  command.add_flag("--yes", yes, t.pick("do it without asking", "làm luôn, không hỏi lại"));
}

void add_force_option(CLI::App& command, const Tongue& t, bool& force) {
  command.add_flag("--force", force, t.pick("replace the file if there is one", "ghi đè nếu tệp đã có"));
}

void add_insecure_option(CLI::App& command, const Tongue& t, std::function<void(bool)> take) {
  command.add_flag_function(
      "--insecure", [take = std::move(take)](std::int64_t n) { take(n > 0); },
      t.pick("also over plain http, now and later: on a network of your own",
             "chấp nhận http không mã hóa, lần này và về sau: chỉ trong mạng riêng"));
}

void add_numbers_option(CLI::App& command, const Tongue& t, NumberStyle& style) {
  static const std::map<std::string, NumberStyle> styles{{"plain", NumberStyle::kPlain},
                                                         {"vi", NumberStyle::kVietnamese}};
  command
      .add_option_function<std::string>(
          "--numbers", [&style](const std::string& name) { style = styles.at(name); },
          t.pick("how figures are written: 1234.5 or 1.234,5", "cách viết số: 1234.5 hay 1.234,5"))
      ->type_name("plain|vi")
      ->check(one_of({"plain", "vi"}));
}

std::vector<std::string> split_items(const std::vector<std::string>& given, std::string_view separators) {
  std::vector<std::string> items;
  for (const auto& text : given) {
    for (std::size_t at = 0; at <= text.size();) {
      const auto end = std::min(text.find_first_of(separators, at), text.size());
      const auto first = text.find_first_not_of(" \t", at);
      if (first != std::string::npos && first < end) {
        const auto last = text.find_last_not_of(" \t", end - 1);
        items.push_back(text.substr(first, last - first + 1));
      }
      at = end + 1;
    }
  }
  return items;
}

namespace {

int run_line(Shell& shell, Arguments arguments, const Environment& environment, const Audience& audience) {
  try {
    shell.tongue = Tongue(find_language(arguments, environment));
    shell.store = default_store(environment);
    shell.terminal = audience.terminal;
    shell.ask = audience.ask;
    const auto& t = shell.tongue;

    CLI::App app(
        t.pick("phusa: log volunteer work on this phone, offline; sync when there is a network",
               "phusa: ghi hoạt động tình nguyện ngay trên máy, không cần mạng; có mạng thì đồng bộ"),
        "phusa");
    app.formatter(make_formatter(t));
    app.option_defaults()->group(t.pick("Options", "Tùy chọn"));
    std::string lang;
    Work chosen;
    add_shared_options(app, t, shell, lang);
    add_joining_commands(app, t, chosen);
    add_network_commands(app, t, chosen);
    add_status_command(app, t, chosen);
    add_record_commands(app, t, chosen);
    add_reading_commands(app, t, chosen);
    add_office_commands(app, t, chosen);
    add_import_command(app, t, chosen);
    add_carrying_commands(app, t, chosen);
    app.require_subcommand(1);
    app.footer(t.pick("Examples:", "Ví dụ:") +
               "\n  phusa join https://phusa.example.vn K7QP-2MXT-9VRC\n  phusa log --kind tree_planting "
               "trees=1000\n"
               "  phusa sync\n  phusa totals --by unit\n\n" +
               t.pick("phusa COMMAND --help tells more of a command.",
                      "phusa LỆNH --help: hướng dẫn của từng lệnh."));
    try {
      auto reversed = split_empty_values(arguments);
      std::reverse(reversed.begin(), reversed.end());  // CLI11 takes them from the back
      app.parse(std::move(reversed));
    } catch (const CLI::Success& success) {
      return app.exit(success);  // --help, --version
    } catch (const CLI::ParseError& error) {
      return report_bad_use(t, app, error);
    }
    return chosen(shell);
  } catch (const std::exception& error) {
    return shell.fail(make_error(ErrorCode::kInternal, "", error.what()));
  }
}

}  // namespace

int run_command_line(Arguments arguments, const Environment& environment, const Audience& audience) {
  Shell shell;
  const int exit = run_line(shell, std::move(arguments), environment, audience);
  if (flush_standard_output().empty()) return exit;
  const int failed = shell.fail("output_lost");
  return exit == kExitDone ? failed : exit;
}

}  // namespace phusa::cli
