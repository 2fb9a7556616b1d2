#include "bindings/cli/commands.hpp"
#include "bindings/cli/content_options.hpp"
#include "bindings/cli/log_warnings.hpp"
#include "bindings/cli/records_output.hpp"
#include "core/base/clock.hpp"

#include <cstdio>
#include <memory>

namespace phusa::cli {
namespace {

/// It is saved already: whatever goes wrong here is not worth a word.
void warn_of_holds(const Shell& shell, Door& door, const std::vector<std::string>& ids,
                   const JustSaid& said) {
  v1::RecordRefs refs;
  for (const auto& id : ids) refs.add_ids(id);
  const auto records = door.call<v1::RecordsReply>(v1::METHOD_SHOW, refs);
  const auto status = door.call<v1::StatusReply>(v1::METHOD_STATUS, v1::Empty());
  const auto catalogue = door.call<v1::CatalogueReply>(v1::METHOD_CATALOGUE, v1::Empty());
  if (!records || !status || !catalogue) return;
  const Day today = local_day(SystemClock().wall());
  for (const auto& record : records->records()) {
    for (const auto& words : log_warnings(shell.tongue, record.content(), *status, *catalogue, today, said))
      shell.remark(words);
  }
}

int run_log(const Shell& shell, const ContentOptions& options) {
  auto content = make_content(options, false);
  if (!content) return shell.bad_use(content.error().key, content.error().args);
  auto door = open_store(shell, Access::kWrite);
  if (!door) return shell.fail(door.error());
  v1::LogRequest request;
  *request.add_items() = std::move(*content);
  auto reply = door->call<v1::LogReply>(v1::METHOD_LOG, request);
  if (!reply) return shell.fail(reply.error());
  if (reply->errors_size() > 0) {
    auto error = reply->errors(0);
    error.set_item(0);  // there was one
    return shell.fail(error);
  }
  for (const auto& id : reply->ids()) std::printf("%s\n", id.c_str());
  shell.remark(shell.tongue.say("logged"));
  warn_of_holds(shell, *door, {reply->ids().begin(), reply->ids().end()}, {});
  return kExitDone;
}

/// Prints the records as they are now: in a table for people only where there is something to see.
int show_changed(const Shell& shell, const std::vector<v1::RecordView>& records, std::string_view words) {
  if (shell.format == Format::kTable) {
    for (const auto& record : records) {
      shell.remark(record.id() + ": " + shell.tongue.say(words, {state_words(shell.tongue, record)}));
    }
  } else {
    std::fputs(format_records(shell, records).c_str(), stdout);
  }
  return kExitDone;
}

int run_edit(const Shell& shell, const std::string& id, const ContentOptions& options) {
  auto content = make_content(options, true);
  if (!content) return shell.bad_use(content.error().key, content.error().args);
  if (content->ByteSizeLong() == 0) return shell.bad_use("edit_changes_nothing");
  auto door = open_store(shell, Access::kWrite);
  if (!door) return shell.fail(door.error());
  v1::EditRequest request;
  request.set_id(id);
  *request.mutable_content() = std::move(*content);
  auto record = door->call<v1::RecordView>(v1::METHOD_EDIT, request);
  if (!record) return shell.fail(record.error());
  const int status = show_changed(shell, {*record}, "edited");
  warn_of_holds(shell, *door, {id}, said_by_edit(request.content()));
  return status;
}

int run_on_records(const Shell& shell, v1::Method method, const std::vector<std::string>& ids,
                   std::string_view words) {
  auto door = open_store(shell, Access::kWrite);
  if (!door) return shell.fail(door.error());
  v1::RecordRefs request;
  for (const auto& id : ids) request.add_ids(id);
  auto reply = door->call<v1::RecordsReply>(method, request);
  if (!reply) return shell.fail(reply.error());
  return show_changed(shell, {reply->records().begin(), reply->records().end()}, words);
}

int run_review(const Shell& shell, const std::vector<std::string>& ids, const std::string& state,
               const std::string& reason) {
  auto door = open_store(shell, Access::kWrite);
  if (!door) return shell.fail(door.error());
  v1::ReviewRequest request;
  for (const auto& id : ids) request.add_ids(id);
  request.set_state(state);
  request.set_reason(reason);
  auto reply = door->call<v1::RecordsReply>(v1::METHOD_REVIEW, request);
  if (!reply) return shell.fail(reply.error());
  return show_changed(shell, {reply->records().begin(), reply->records().end()}, "reviewed");
}

void add_log(CLI::App& app, const Tongue& t, Work& chosen) {
  auto* command = add_command(
      app, t, "log",
      t.pick("log an activity on this phone; prints its id",
             "ghi một hoạt động vào máy này; in ra mã bản ghi"),
      "phusa log --kind tree_planting trees=1000\n"
      "phusa log --kind tree_planting --campaign chu_nhat_xanh --date 5/2/2023 --place 'xã Nhơn Ái' "
      "trees=1000\n"
      "phusa log --kind gift_giving --date 2023-03-20 --until 2023-03-22 gifts=more:61 gift_value=139500000\n"
      "phusa log --kind road --numbers vi road_km=12,5");
  auto options = std::make_shared<ContentOptions>();
  command
      ->add_option_function<std::string>(
          "--kind", [options](const std::string& given) { options->kind = given; },
          t.pick("kind of activity (see: phusa catalogue kinds)",
                 "loại hoạt động (xem: phusa catalogue kinds)"))
      ->type_name("CODE")
      ->required();
  add_content_options(*command, t, *options);
  command->callback(
      [options, &chosen] { chosen = [options](const Shell& shell) { return run_log(shell, *options); }; });
}

void add_edit(CLI::App& app, const Tongue& t, Work& chosen) {
  auto* command =
      add_command(app, t, "edit",
                  t.pick("change a record; only what is given changes, an empty value makes it blank",
                         "sửa một bản ghi; chỉ đổi những gì nêu ra, để trống là xóa giá trị"),
                  "phusa edit 7KQ3M9TA2B4C5-12 trees=1050\n"
                  "phusa edit 7KQ3M9TA2B4C5-12 --date 2023-02-05 --note ''\n"
                  "phusa edit 7KQ3M9TA2B4C5-12 trees= gifts=30");
  auto options = std::make_shared<ContentOptions>();
  auto id = std::make_shared<std::string>();
  command->add_option("id", *id, t.pick("the record", "mã bản ghi"))->required()->type_name("ID");
  command
      ->add_option_function<std::string>(
          "--kind", [options](const std::string& given) { options->kind = given; },
          t.pick("kind of activity", "loại hoạt động"))
      ->type_name("CODE");
  add_content_options(*command, t, *options);
  command->callback(
      [=, &chosen] { chosen = [=](const Shell& shell) { return run_edit(shell, *id, *options); }; });
}

void add_on_records(CLI::App& app, const Tongue& t, Work& chosen, v1::Method method, const std::string& name,
                    const std::string& what, std::string_view examples, std::string_view words) {
  auto* command = add_command(app, t, name, what, examples);
  auto ids = std::make_shared<std::vector<std::string>>();
  command->add_option("ids", *ids, t.pick("the records", "mã các bản ghi"))->required()->type_name("ID");
  command->callback([=, &chosen] {
    chosen = [=](const Shell& shell) { return run_on_records(shell, method, *ids, words); };
  });
}

void add_review(CLI::App& app, const Tongue& t, Work& chosen, const std::string& name,
                const std::string& state, const std::string& what, std::string_view examples) {
  auto* command = add_command(app, t, name, what, examples);
  auto ids = std::make_shared<std::vector<std::string>>();
  auto reason = std::make_shared<std::string>();
  command->add_option("ids", *ids, t.pick("the records", "mã các bản ghi"))->required()->type_name("ID");
  if (state == "returned") {
    command->add_option("--reason", *reason, t.pick("what to put right", "cần sửa điều gì"))
        ->required()
        ->type_name("TEXT");
  }
  command->callback(
      [=, &chosen] { chosen = [=](const Shell& shell) { return run_review(shell, *ids, state, *reason); }; });
}

}  // namespace

void add_record_commands(CLI::App& app, const Tongue& t, Work& chosen) {
  add_log(app, t, chosen);
  add_edit(app, t, chosen);
  add_on_records(app, t, chosen, v1::METHOD_RETRACT, "retract",
                 t.pick("take records back: they stay visible, but no longer count",
                        "rút lại bản ghi: vẫn xem được nhưng không tính nữa"),
                 "phusa retract 7KQ3M9TA2B4C5-12", "retracted");
  add_on_records(app, t, chosen, v1::METHOD_RESTORE, "restore",
                 t.pick("bring retracted records back", "khôi phục bản ghi đã rút"),
                 "phusa restore 7KQ3M9TA2B4C5-12", "restored");
  add_review(app, t, chosen, "confirm", "confirmed",
             t.pick("confirm records (officers)", "xác nhận bản ghi (cán bộ)"),
             "phusa confirm 7KQ3M9TA2B4C5-12 7KQ3M9TA2B4C5-13");
  add_review(app, t, chosen, "return", "returned",
             t.pick("return records with a reason (officers)", "trả lại bản ghi kèm lý do (cán bộ)"),
             "phusa return 7KQ3M9TA2B4C5-12 --reason 'thiếu ngày thực hiện'");
}

}  // namespace phusa::cli
