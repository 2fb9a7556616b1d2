#include "bindings/cli/commands.hpp"
#include "bindings/cli/records_output.hpp"

#include <cstdio>
#include <memory>

namespace phusa::cli {
namespace {

int run_list(const Shell& shell, const v1::ListRequest& request) {
  auto door = open_store(shell, Access::kRead);
  if (!door) return shell.fail(door.error());
  auto reply = door->call<v1::RecordsReply>(v1::METHOD_LIST, request);
  if (!reply) return shell.fail(reply.error());
  const std::vector<v1::RecordView> records(reply->records().begin(), reply->records().end());
  std::fputs(format_records(shell, records).c_str(), stdout);
  if (reply->found() > records.size()) {
    shell.remark(
        shell.tongue.say("list_cut", {std::to_string(records.size()), std::to_string(reply->found())}));
  }
  return kExitDone;
}

int run_show(const Shell& shell, const std::string& id) {
  auto door = open_store(shell, Access::kRead);
  if (!door) return shell.fail(door.error());
  v1::RecordRefs request;
  request.add_ids(id);
  auto reply = door->call<v1::RecordsReply>(v1::METHOD_SHOW, request);
  if (!reply) return shell.fail(reply.error());
  if (reply->records_size() == 0) return shell.fail("unknown_record", {id});
  std::fputs(format_record(shell, reply->records(0)).c_str(), stdout);
  return kExitDone;
}

int run_history(const Shell& shell, const std::string& id) {
  auto door = open_store(shell, Access::kRead);
  if (!door) return shell.fail(door.error());
  v1::RecordRefs request;
  request.add_ids(id);
  auto reply = door->call<v1::HistoryReply>(v1::METHOD_HISTORY, request);
  if (!reply) return shell.fail(reply.error());
  std::fputs(format_history(shell, *reply).c_str(), stdout);
  return kExitDone;
}

void add_list(CLI::App& app, const Tongue& t, Work& chosen) {
  auto* command =
      add_command(app, t, "list", t.pick("list the records on this phone", "liệt kê các bản ghi trên máy"),
                  "phusa list\n"
                  "phusa list --campaign chu_nhat_xanh --from 2023-02-01 --to 2023-03-31\n"
                  "phusa list --state held\n"
                  "phusa list --format json");
  auto request = std::make_shared<v1::ListRequest>();
  const auto text = [&](const char* name, const std::string& what, const char* type,
                        std::string* (v1::ListRequest::*field)()) {
    return command
        ->add_option_function<std::string>(
            name, [request, field](const std::string& given) { *((*request).*field)() = given; }, what)
        ->type_name(type);
  };
  text("--unit",
       t.pick("this unit, those below it and those merged into it",
              "đơn vị này, cấp dưới và các đơn vị đã sáp nhập vào"),
       "CODE", &v1::ListRequest::mutable_unit);
  text("--indicator", t.pick("with a figure of this indicator", "có số liệu của chỉ tiêu này"), "CODE",
       &v1::ListRequest::mutable_indicator);
  text("--campaign", t.pick("of this campaign", "thuộc đợt, chiến dịch này"), "CODE",
       &v1::ListRequest::mutable_campaign);
  text("--kind", t.pick("of this kind", "thuộc loại này"), "CODE", &v1::ListRequest::mutable_kind);
  text("--from", t.pick("from this day on", "từ ngày"), "DAY", &v1::ListRequest::mutable_from);
  text("--to", t.pick("up to this day", "đến ngày"), "DAY", &v1::ListRequest::mutable_to);
  text("--state", "saved|handed_over|received|counted|held|returned|confirmed", "STATE",
       &v1::ListRequest::mutable_state)
      ->check(one_of({"saved", "handed_over", "received", "counted", "held", "returned", "confirmed"}));
  command->add_flag_function(
      "--retracted", [request](std::int64_t) { request->set_retracted(true); },
      t.pick("retracted ones too", "kể cả bản ghi đã rút"));
  command->add_flag_function(
      "--conflicts", [request](std::int64_t) { request->set_conflicts_only(true); },
      t.pick("only those with versions to decide between", "chỉ những bản ghi có nhiều phiên bản cần chọn"));
  command
      ->add_option_function<std::uint32_t>(
          "--limit", [request](const std::uint32_t& n) { request->set_limit(n); },
          t.pick("at most so many", "nhiều nhất bấy nhiêu"))
      ->type_name("N");
  command->callback(
      [=, &chosen] { chosen = [request](const Shell& shell) { return run_list(shell, *request); }; });
}

void add_on_record(CLI::App& app, const Tongue& t, Work& chosen, const std::string& name,
                   const std::string& what, std::string_view examples,
                   int (*run)(const Shell&, const std::string&)) {
  auto* command = add_command(app, t, name, what, examples);
  auto id = std::make_shared<std::string>();
  command->add_option("id", *id, t.pick("the record", "mã bản ghi"))->required()->type_name("ID");
  command->callback([=, &chosen] { chosen = [=](const Shell& shell) { return run(shell, *id); }; });
}

}  // namespace

void add_reading_commands(CLI::App& app, const Tongue& t, Work& chosen) {
  add_list(app, t, chosen);
  add_on_record(app, t, chosen, "show", t.pick("show one record", "xem một bản ghi"),
                "phusa show 7KQ3M9TA2B4C5-12\nphusa show 7KQ3M9TA2B4C5-12 --format json", run_show);
  add_on_record(app, t, chosen, "history",
                t.pick("every version of a record's fields, newest first",
                       "mọi phiên bản của một bản ghi, mới nhất trước"),
                "phusa history 7KQ3M9TA2B4C5-12", run_history);
}

}  // namespace phusa::cli
