#include "bindings/cli/commands.hpp"
#include "bindings/cli/import_plan.hpp"
#include "bindings/cli/json.hpp"
#include "bindings/cli/log_warnings.hpp"
#include "bindings/cli/progress_bar.hpp"
#include "bindings/cli/system_words.hpp"
#include "bindings/cli/table.hpp"
#include "bindings/cli/whole_file.hpp"
#include "core/base/clock.hpp"
#include "core/base/limits.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>

namespace phusa::cli {
namespace {

struct ImportOptions {
  std::string path;
  bool check = false;
  v1::Alike alike = v1::ALIKE_ASK;
  NumberStyle numbers = NumberStyle::kUnsaid;
};

tl::expected<std::string, ImportError> read_file(const Tongue& tongue, const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return tl::unexpected(ImportError{
        0, {}, errno == ENOENT ? "import.not_found" : "import.unreadable", {system_words(tongue, errno)}});
  }
  if (S_ISDIR(status.st_mode)) return tl::unexpected(ImportError{0, {}, "import.is_folder", {}});
  std::ifstream file(path, std::ios::binary);
  if (!file) return tl::unexpected(ImportError{0, {}, "import.unreadable", {system_words(tongue, errno)}});
  std::string bytes(limits::kImportBytesMax + 1,
                    '\0');  // one more than allowed, also from a pipe of unknown length
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  // Half a file must not be imported as if it were the whole.
  if (file.bad())
    return tl::unexpected(ImportError{0, {}, "import.unreadable", {system_words(tongue, errno)}});
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

/// "figures.csv:12: trees: ..." - as compilers write it, so that editors can jump there.
std::string error_line(const Shell& shell, const std::string& path, const ImportError& error,
                       const std::string& sentence) {
  std::string out = path + ":";
  if (error.line > 0) out += std::to_string(error.line) + ":";
  if (!error.column.empty()) out += " " + shell.tongue.say("import.column", {error.column}) + ":";
  return out + " " + sentence;
}

int report_errors(const Shell& shell, const std::string& path,
                  const std::vector<std::pair<ImportError, std::string>>& errors) {
  const auto shown = std::min(errors.size(), limits::kImportErrorsShownMax);
  for (std::size_t i = 0; i < shown; ++i) {
    shell.remark(error_line(shell, path, errors[i].first, errors[i].second));
  }
  if (shown < errors.size())
    shell.remark(shell.tongue.say("import.more_errors", {std::to_string(errors.size() - shown)}));
  return shell.fail("import.nothing_done", {path, std::to_string(errors.size())});
}

int report_errors(const Shell& shell, const std::string& path, std::vector<ImportError> errors) {
  std::stable_sort(errors.begin(), errors.end(),
                   [](const auto& a, const auto& b) { return a.line < b.line; });
  std::vector<std::pair<ImportError, std::string>> said;
  for (auto& error : errors) {
    auto sentence = shell.tongue.say(error.key, error.args);
    said.emplace_back(std::move(error), std::move(sentence));
  }
  return report_errors(shell, path, said);
}

int report_refused(const Shell& shell, const std::string& path, const ImportPlan& plan,
                   const v1::LogReply& reply) {
  std::vector<std::pair<ImportError, std::string>> said;
  for (const auto& error : reply.errors()) said.emplace_back(locate(plan, error), shell.sentence(error));
  return report_errors(shell, path, said);
}

/// "2 = 5F3A-1, 7 = 5F3A-2, ...": lines and the records that they are or say.
std::string alike_lines(const ImportPlan& plan, const std::vector<const v1::AlikeItem*>& items) {
  constexpr std::size_t kShown = 3;
  std::string out;
  for (std::size_t i = 0; i < items.size() && i < kShown; ++i) {
    const auto item = static_cast<int>(items[i]->item());
    if (i > 0) out += ", ";
    out += std::to_string(plan.request.lines(item - 1)) + " = " + items[i]->id();
  }
  return items.size() > kShown ? out + ", ..." : out;
}

/// Only people know whether lines that say what records say are these.
int report_doubt(const Shell& shell, const std::string& path, const ImportPlan& plan,
                 const v1::LogReply& reply) {
  std::vector<const v1::AlikeItem*> items;
  for (const v1::AlikeItem& item : reply.alike()) items.push_back(&item);
  return shell.fail("import.in_doubt", {path, std::to_string(items.size()),
                                        std::to_string(plan.request.items_size()), alike_lines(plan, items)});
}

Json report_json(const ImportOptions& options, const ImportPlan& plan, const v1::LogReply& reply) {
  Json out;
  out["lines"] = plan.request.items_size();
  out["logged"] = reply.logged();
  out["already"] = options.check ? 0 : reply.alike_size();
  out["checked_only"] = options.check;
  out["ids"] = std::vector<std::string>(reply.ids().begin(), reply.ids().end());
  return out;
}

std::string done_sentence(const Tongue& t, const ImportOptions& options, const ImportPlan& plan,
                          const v1::LogReply& reply) {
  const std::string lines = std::to_string(plan.request.items_size());
  if (reply.imported_before()) return t.say("import.file_again", {lines});
  if (reply.alike_size() == plan.request.items_size()) return t.say("import.nothing_new", {lines});
  if (options.check) return t.say("import.checked", {lines});
  return t.say(reply.alike_size() > 0 ? "import.done_partly" : "import.done",
               {std::to_string(reply.logged()), std::to_string(reply.alike_size())});
}

int report_done(const Shell& shell, const ImportOptions& options, const ImportPlan& plan,
                const v1::LogReply& reply) {
  if (shell.format == Format::kJson) {
    std::fputs(print_json(report_json(options, plan, reply)).c_str(), stdout);
  } else if (shell.format == Format::kCsv && !options.check) {
    Table table;
    table.columns = {{"line", "line"}, {"id", "id"}};
    for (int i = 0; i < reply.ids_size() && i < plan.request.lines_size(); ++i) {
      table.rows.push_back({std::to_string(plan.request.lines(i)), reply.ids(i)});
    }
    std::fputs(table.csv().c_str(), stdout);
  }
  const auto& t = shell.tongue;
  if (plan.without_day > 0 && (options.check || reply.logged() > 0) && !reply.imported_before())
    shell.remark(t.say("import.without_day", {std::to_string(plan.without_day)}));
  shell.remark(done_sentence(t, options, plan, reply));
  std::vector<const v1::AlikeItem*> retracted;
  for (const v1::AlikeItem& item : reply.alike()) {
    if (item.retracted()) retracted.push_back(&item);
  }
  if (!retracted.empty())
    shell.remark(t.say("import.retracted", {std::to_string(retracted.size()), alike_lines(plan, retracted)}));
  return kExitDone;
}

/// How many new lines the centre will hold, and why the first of them. They are in order otherwise.
void warn_of_holds(const Shell& shell, Door& door, const ImportPlan& plan, const v1::LogReply& reply,
                   const v1::CatalogueReply& catalogue) {
  const auto status = door.call<v1::StatusReply>(v1::METHOD_STATUS, v1::Empty());
  if (!status) return;
  const Day today = local_day(SystemClock().wall());
  std::set<int> known;
  for (const v1::AlikeItem& item : reply.alike()) known.insert(static_cast<int>(item.item()) - 1);
  std::size_t count = 0;
  std::vector<std::string> first;
  for (int i = 0; i < plan.request.items_size(); ++i) {
    if (known.contains(i)) continue;
    auto content = plan.request.items(i);
    if (content.unit().empty()) content.set_unit(status->unit());
    const auto warnings = log_warnings(shell.tongue, content, *status, catalogue, today);
    if (warnings.empty()) continue;
    if (count++ == 0) first = {std::to_string(plan.request.lines(i)), warnings.front()};
  }
  if (count > 0)
    shell.remark(shell.tongue.say("import.will_be_held", {std::to_string(count), first[0], first[1]}));
}

int import_bytes(const Shell& shell, const ImportOptions& options, const std::string& bytes) {
  ProgressBar bar(shell.terminal, shell.tongue);
  bar.show(shell.tongue.say("import.reading", {options.path}));
  const auto file = parse_csv(bytes);
  if (!file) {
    bar.clear();
    return report_errors(shell, options.path, std::vector{file.error()});
  }
  auto door = open_store(shell, Access::kWrite);
  bar.clear();
  if (!door) return shell.fail(door.error());
  auto catalogue = door->call<v1::CatalogueReply>(v1::METHOD_CATALOGUE, v1::Empty());
  if (!catalogue) return shell.fail(catalogue.error());
  auto plan = plan_import(*file, bytes, *catalogue, options.numbers);
  if (!plan) return report_errors(shell, options.path, std::move(plan.error()));
  plan->request.set_check_only(options.check);
  plan->request.set_alike(options.alike);
  bar.show(shell.tongue.say("import.writing", {std::to_string(plan->request.items_size())}));
  auto reply = door->call<v1::LogReply>(v1::METHOD_LOG, plan->request);
  bar.clear();
  if (!reply) return shell.fail(reply.error());
  if (reply->errors_size() > 0) return report_refused(shell, options.path, *plan, *reply);
  if (reply->in_doubt()) return report_doubt(shell, options.path, *plan, *reply);
  const auto status = report_done(shell, options, *plan, *reply);
  warn_of_holds(shell, *door, *plan, *reply, *catalogue);
  return status;
}

int run_import(const Shell& shell, ImportOptions options) {
  if (options.path == kDash) {
    const auto bytes = read_whole_file(options.path, limits::kImportBytesMax);
    if (!bytes) return shell.fail(bytes.error());
    options.path = shell.tongue.pick("standard input", "đầu vào chuẩn");
    return import_bytes(shell, options, *bytes);
  }
  const auto bytes = read_file(shell.tongue, options.path);
  if (!bytes) return report_errors(shell, options.path, std::vector{bytes.error()});
  return import_bytes(shell, options, *bytes);
}

}  // namespace

void add_import_command(CLI::App& app, const Tongue& t, Work& chosen) {
  auto* command = add_command(
      app, t, "import",
      t.pick(
          "log the lines of a CSV file, all or none; asks where they say what records here say",
          "nhập các dòng của tệp CSV, tất cả hoặc không dòng nào; hỏi lại khi có dòng giống bản ghi đã có"),
      "phusa import bao-cao.csv --check\n"
      "phusa import bao-cao.csv --numbers vi\n"
      "phusa import bao-cao.csv --alike same\n"
      "phusa import - < bao-cao.csv\n\n" +
          t.pick("columns: ref,date,until,unit,kind,campaign,place,note,event,partners,labels "
                 "and indicators, in any order, "
                 "in Vietnamese or English; a;b for several; blank is not zero",
                 "các cột: ref,date,until,unit,kind,campaign,place,note,event,partners,labels và "
                 "các chỉ tiêu, thứ tự tùy ý, "
                 "tên tiếng Việt hoặc tiếng Anh; a;b khi có nhiều; ô trống không phải là số 0") +
          "\n\n" +
          t.pick("the very same file counts once. A list that grew: --alike same logs only the lines that no "
                 "record here says. A line that was changed is a new one: use phusa edit instead",
                 "cùng một tệp chỉ tính một lần. Danh sách dài thêm: --alike same chỉ ghi những dòng chưa có "
                 "bản ghi nào giống. Dòng đã sửa là dòng mới: muốn sửa bản ghi, dùng phusa edit"));
  auto options = std::make_shared<ImportOptions>();
  command
      ->add_option("file", options->path, t.pick("the file; - is standard input", "tệp; - là đầu vào chuẩn"))
      ->required()
      ->type_name("FILE.csv");
  command->add_flag("--check", options->check,
                    t.pick("only say what is wrong, log nothing", "chỉ kiểm tra, không ghi gì"));
  command
      ->add_option_function<std::string>(
          "--alike",
          [options](const std::string& word) {
            options->alike = word == "same" ? v1::ALIKE_SAME : v1::ALIKE_OTHERS;
          },
          t.pick("lines that say what a record here says: same = left out; others = other activities, "
                 "logged too",
                 "dòng giống hệt một bản ghi đã có: same = bỏ qua; others = hoạt động khác, vẫn ghi"))
      ->type_name("same|others")
      ->check(one_of({"same", "others"}));
  add_numbers_option(*command, t, options->numbers);
  command->callback(
      [=, &chosen] { chosen = [options](const Shell& shell) { return run_import(shell, *options); }; });
}

}  // namespace phusa::cli
