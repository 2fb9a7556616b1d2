#include "bindings/cli/commands.hpp"
#include "bindings/cli/file_kind.hpp"
#include "bindings/cli/json.hpp"
#include "bindings/cli/network.hpp"
#include "bindings/cli/table.hpp"
#include "bindings/cli/whole_file.hpp"
#include "core/base/limits.hpp"

#include <cstdio>
#include <memory>

namespace phusa::cli {
namespace {

constexpr std::size_t kRequestFileBytesMax = limits::kRequestBytesMax;
constexpr std::size_t kWelcomeFileBytesMax = limits::kReplyBytesMax;

bool is_address(const std::string& text) {
  return text.find("://") != std::string::npos;
}

/// So much of a device's id as two people read to each other, in groups.
std::string fingerprint(const std::string& device) {
  constexpr std::size_t kDigits = 16;
  constexpr std::size_t kGroup = 4;
  std::string out;
  for (std::size_t i = 0; i < device.size() && i < kDigits; ++i) {
    if (i > 0 && i % kGroup == 0) out += '-';
    out += device[i];
  }
  return out;
}

/// What people are shown as a device's id, whole: a prefix could be another's.
bool is_device(const std::string& text) {
  constexpr std::size_t kDigits = 32;
  return text.size() == kDigits && text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

/// Fields and their values, for programs.
void print_fields(const Shell& shell, const Json& fields, bool on_stderr = false) {
  std::string out;
  if (shell.format == Format::kJson) out = print_json(fields);
  if (shell.format == Format::kCsv) {
    Table table;
    table.rows.emplace_back();
    for (const auto& [field, value] : fields.items()) {
      table.columns.push_back({field, field});
      table.rows.front().push_back(value.is_string() ? value.get<std::string>() : value.dump());
    }
    out = table.csv();
  }
  std::fputs(out.c_str(), on_stderr ? stderr : stdout);
}

int report_joined(const Shell& shell, Door& door) {
  auto status = status_of(door);
  if (!status) return shell.fail(status.error());
  print_fields(shell, {{"device", status->device()},
                       {"organisation", status->organisation()},
                       {"unit", status->unit()},
                       {"role", status->role()},
                       {"server", status->server()}});
  shell.remark(shell.tongue.say(
      "joined", {status->unit(), shell.tongue.say("rank." + status->role()), status->organisation()}));
  return kExitDone;
}

int run_join_with_code(const Shell& shell, const v1::JoinRequest& request) {
  auto door = open_store(shell, Access::kCreate);
  if (!door) return shell.fail(door.error());
  auto transport = make_transport();
  if (!transport) return shell.fail(transport.error());
  if (auto started = door->call<v1::Empty>(v1::METHOD_JOIN_START, request); !started)
    return shell.fail(started.error());
  warn_if_unprotected(shell, request.url());
  auto outcome = run_network(*door, **transport, shell);
  if (!outcome) return shell.fail(outcome.error());
  if (!outcome->finished.ok()) return shell.fail("join.failed", {network_sentence(shell, *outcome)});
  return report_joined(shell, *door);
}

/// A phone without a store has asked nobody: no file can be its welcome.
int report_nothing_asked(const Shell& shell, const std::string& path, const std::string& content) {
  const int status =
      kind_of_file(content) == FileKind::kJoining
          ? shell.fail("join.welcome_for_nobody", {shell.input_name(path)})
          : fail_on_file(shell, {path, content, "welcome"}, make_error(ErrorCode::kCorrupt, ""));
  shell.remark(shell.tongue.say("join.nothing_asked"));
  return status;
}

int run_join_with_welcome(const Shell& shell, const std::string& path) {
  auto content = read_whole_file(path, kWelcomeFileBytesMax);
  if (!content) return shell.fail(content.error());
  auto door = open_store(shell, Access::kWrite);
  if (!door && door.error().code() == static_cast<std::uint32_t>(ErrorCode::kNotFound))
    return report_nothing_asked(shell, path, *content);
  if (!door) return shell.fail(door.error());
  v1::FileBytes request;
  request.set_content(*content);
  const auto reply = door->call<v1::JoinedReply>(v1::METHOD_JOIN_WELCOME, request);
  if (!reply) return fail_on_file(shell, {path, *content, "welcome"}, reply.error());
  return report_joined(shell, *door);
}

/// The office's link holds the code behind its '#', where no server sees it.
v1::JoinRequest without_link(v1::JoinRequest request) {
  const auto hash = request.url().find('#');
  if (!is_address(request.url()) || hash == std::string::npos) return request;
  if (request.code().empty()) request.set_code(request.url().substr(hash + 1));
  request.set_url(request.url().substr(0, hash));
  return request;
}

int run_join(const Shell& shell, const v1::JoinRequest& given) {
  const auto request = without_link(given);
  if (!request.replaces().empty() && !is_device(request.replaces()))
    return shell.bad_use("not_a_device", {request.replaces()});
  if (!request.code().empty()) return run_join_with_code(shell, request);
  if (is_address(request.url())) return shell.bad_use("join.without_code", {request.url()});
  if (!request.name().empty() || !request.phone().empty() || !request.replaces().empty() ||
      request.insecure())
    return shell.bad_use("join.welcome_says_it");
  return run_join_with_welcome(shell, request.url());
}

struct EnrolRequestOptions {
  std::string out;
  bool force = false;
  v1::EnrolRequestRequest request;
};

int run_enrol_request(const Shell& shell, const EnrolRequestOptions& options) {
  auto file = NewFile::open(options.out, options.force);
  if (!file) return shell.fail(file.error());
  auto door = open_store(shell, Access::kCreate);
  if (!door) return shell.fail(door.error());
  const auto reply = door->call<v1::FileBytes>(v1::METHOD_ENROL_REQUEST, options.request);
  if (!reply) return shell.fail(reply.error());
  const auto status = status_of(*door);
  if (!status) return shell.fail(status.error());
  if (auto written = file->commit(reply->content()); !written) return shell.fail(written.error());
  print_fields(shell, {{"file", options.out}, {"device", status->device()}, {"name", options.request.name()}},
               file->is_standard_output());
  shell.remark(shell.tongue.say("enrol_request.done",
                                {shell.output_name(options.out), fingerprint(status->device())}));
  return kExitDone;
}

struct VouchOptions {
  std::string request_path;
  std::string out;
  bool force = false;
  bool yes = false;
  v1::VouchRequest request;
};

int run_vouch(const Shell& shell, VouchOptions options) {
  if (const auto& replaced = options.request.replaces(); !replaced.empty() && !is_device(replaced))
    return shell.bad_use("not_a_device", {replaced});
  auto content = read_whole_file(options.request_path, kRequestFileBytesMax);
  if (!content) return shell.fail(content.error());
  if (!options.yes && !shell.ask) return shell.bad_use("ask.nobody");
  auto file = NewFile::open(options.out, options.force);
  if (!file) return shell.fail(file.error());
  auto door = open_store(shell, Access::kWrite);
  if (!door) return shell.fail(door.error());
  options.request.set_request(*content);
  options.request.set_check_only(true);
  const auto asked = door->call<v1::VouchReply>(v1::METHOD_VOUCH, options.request);
  if (!asked) return fail_on_file(shell, {options.request_path, *content, "request"}, asked.error());
  if (!options.yes &&
      !shell.is_agreed("vouch.ask", {asked->name(), asked->unit(), fingerprint(asked->device())}))
    return shell.fail("vouch.not_done");
  options.request.set_check_only(false);
  const auto reply = door->call<v1::VouchReply>(v1::METHOD_VOUCH, options.request);
  if (!reply) return shell.fail_at(options.request_path, reply.error());
  if (auto written = file->commit(reply->welcome()); !written) return shell.fail(written.error());
  print_fields(shell,
               {{"file", options.out},
                {"device", reply->device()},
                {"name", reply->name()},
                {"unit", reply->unit()},
                {"left", reply->left()}},
               file->is_standard_output());
  shell.remark(shell.tongue.say("vouch.done", {shell.output_name(options.out), reply->name(), reply->unit(),
                                               fingerprint(reply->device()), std::to_string(reply->left())}));
  return kExitDone;
}

struct LeaveOptions {
  bool yes = false;
  v1::LeaveRequest request;
};

int run_leave(const Shell& shell, const LeaveOptions& options) {
  auto door = open_store(shell, Access::kWrite);
  if (!door) return shell.fail(door.error());
  const auto status = status_of(*door);
  if (!status) return shell.fail(status.error());
  if (shell.ask && !options.yes) {
    auto check = options.request;
    check.set_check_only(true);
    const auto asked = door->call<v1::LeaveReply>(v1::METHOD_LEAVE, check);
    if (!asked) return shell.fail(asked.error());
    if (!shell.is_agreed("leave.ask",
                         {status->organisation(), std::to_string(asked->given_up()),
                          std::to_string(asked->carried_bundles()), std::to_string(asked->receipts()),
                          std::to_string(status->handed_over())}))
      return shell.fail("leave.not_done");
  }
  const auto reply = door->call<v1::LeaveReply>(v1::METHOD_LEAVE, options.request);
  if (!reply) return shell.fail(reply.error());
  print_fields(shell, {{"organisation", status->organisation()},
                       {"given_up", reply->given_up()},
                       {"carried_bundles", reply->carried_bundles()},
                       {"receipts", reply->receipts()},
                       {"handed_over", status->handed_over()}});
  const auto& t = shell.tongue;
  shell.remark(t.say("leave.done", {status->organisation()}));
  const auto say_if = [&](std::uint64_t number, const char* key) {
    if (number > 0) shell.remark(t.say(key, {std::to_string(number)}));
  };
  say_if(reply->given_up(), "leave.given_up");
  say_if(reply->carried_bundles(), "leave.given_up_bundles");
  say_if(reply->receipts(), "leave.given_up_receipts");
  say_if(status->handed_over(), "leave.handed_over");
  return kExitDone;
}

/// An option whose text goes straight into a field of a message.
template <class Message>
CLI::Option* add_field(CLI::App& command, const char* name, std::shared_ptr<Message> message,
                       std::string* (Message::*field)(), const std::string& what, const char* type = "TEXT") {
  return command
      .add_option_function<std::string>(
          name, [message, field](const std::string& given) { *((*message).*field)() = given; }, what)
      ->type_name(type);
}

/// A part of a command's options, kept alive with the whole.
template <class Whole, class Part>
std::shared_ptr<Part> part_of(const std::shared_ptr<Whole>& whole, Part& part) {
  return {whole, &part};
}

std::string name_words(const Tongue& t) {
  return t.pick("your name, for the office alone", "họ tên, chỉ văn phòng biết");
}
std::string phone_words(const Tongue& t) {
  return t.pick("your phone number, for the office alone", "số điện thoại, chỉ văn phòng biết");
}
std::string replaces_words(const Tongue& t) {
  return t.pick("the lost or old phone that this one takes the place of (the office knows its id)",
                "mã máy cũ hoặc đã mất mà máy này thay thế (văn phòng có mã)");
}

void add_join(CLI::App& app, const Tongue& t, Work& chosen) {
  auto* join = add_command(
      app, t, "join",
      t.pick("enrol this phone, with a code from the office or a welcome file from a unit officer",
             "ghi danh máy này, bằng mã của văn phòng hoặc giấy ghi danh của cán bộ đoàn"),
      "phusa join https://phusa.example.vn K7QP-2MXT-9VRC --name 'Nguyễn Văn An' --phone 0901234567\n"
      "phusa join https://phusa.example.vn/#K7QP-2MXT-9VRC --name 'Nguyễn Văn An'        # " +
          t.pick("the office's link", "liên kết của văn phòng") +
          "\nphusa join https://phusa.example.vn K7QP-2MXT-9VRC --replaces 3fa90c12be70d144c5de1f0277ab9e06\n"
          "phusa join an.giay-ghi-danh        # " +
          t.pick("no network needed", "không cần mạng"));
  auto request = std::make_shared<v1::JoinRequest>();
  add_field(
      *join, "where", request, &v1::JoinRequest::mutable_url,
      t.pick("address of the server or the office's link, or a welcome file (- is standard input)",
             "địa chỉ máy chủ hoặc liên kết của văn phòng, hoặc tệp giấy ghi danh (- là đầu vào chuẩn)"),
      "URL|FILE")
      ->required();
  add_field(*join, "code", request, &v1::JoinRequest::mutable_code,
            t.pick("the code, as it was given; with an address", "mã ghi danh, đi cùng địa chỉ"), "CODE");
  add_field(*join, "--name", request, &v1::JoinRequest::mutable_name, name_words(t));
  add_field(*join, "--phone", request, &v1::JoinRequest::mutable_phone, phone_words(t));
  add_field(*join, "--replaces", request, &v1::JoinRequest::mutable_replaces, replaces_words(t), "DEVICE");
  add_insecure_option(*join, t, [request](bool said) { request->set_insecure(said); });
  join->callback(
      [=, &chosen] { chosen = [request](const Shell& shell) { return run_join(shell, *request); }; });
}

void add_enrol_request(CLI::App& app, const Tongue& t, Work& chosen) {
  auto* command = add_command(app, t, "enrol-request",
                              t.pick("no network: ask a unit officer, by a file, to let this phone in",
                                     "không có mạng: viết đơn xin ghi danh ra tệp, đưa cho cán bộ đoàn"),
                              "phusa enrol-request an.don --name 'Nguyễn Văn An' --phone 0901234567");
  auto options = std::make_shared<EnrolRequestOptions>();
  command
      ->add_option("out", options->out,
                   t.pick("the file to write; - is standard output", "tệp cần ghi; - là đầu ra chuẩn"))
      ->required()
      ->type_name("OUT");
  auto request = part_of(options, options->request);
  add_field(*command, "--name", request, &v1::EnrolRequestRequest::mutable_name,
            t.pick("your name, for the officer and the office", "họ tên, cho cán bộ đoàn và văn phòng biết"))
      ->required();
  add_field(*command, "--phone", request, &v1::EnrolRequestRequest::mutable_phone,
            t.pick("your phone number", "số điện thoại"));
  add_force_option(*command, t, options->force);
  command->callback([=, &chosen] {
    chosen = [options](const Shell& shell) { return run_enrol_request(shell, *options); };
  });
}

void add_vouch(CLI::App& app, const Tongue& t, Work& chosen) {
  auto* command = add_command(
      app, t, "vouch",
      t.pick("let a phone in without a network: sign a welcome for its request (officers)",
             "bảo lãnh cho một máy ghi danh khi không có mạng: ký giấy ghi danh theo đơn (cán bộ)"),
      "phusa vouch an.don --out an.giay-ghi-danh\n"
      "phusa vouch an.don --out an.giay-ghi-danh --unit so_y_te_huyet_hoc --yes\n"
      "phusa vouch an.don --out an.giay-ghi-danh --replaces 3fa90c12be70d144c5de1f0277ab9e06");
  auto options = std::make_shared<VouchOptions>();
  command
      ->add_option("request", options->request_path,
                   t.pick("the request that the new phone wrote; - is standard input",
                          "đơn xin ghi danh của máy mới; - là đầu vào chuẩn"))
      ->required()
      ->type_name("REQUEST");
  command
      ->add_option("--out", options->out,
                   t.pick("where to write the welcome; - is standard output",
                          "tệp giấy ghi danh cần ghi; - là đầu ra chuẩn"))
      ->required()
      ->type_name("WELCOME");
  auto request = part_of(options, options->request);
  add_field(
      *command, "--unit", request, &v1::VouchRequest::mutable_unit,
      t.pick("the unit it belongs to (default: your own)", "đơn vị của máy (mặc định: đơn vị của mình)"),
      "CODE");
  add_field(*command, "--replaces", request, &v1::VouchRequest::mutable_replaces, replaces_words(t),
            "DEVICE");
  add_yes_option(*command, t, options->yes);
  add_force_option(*command, t, options->force);
  command->callback(
      [=, &chosen] { chosen = [options](const Shell& shell) { return run_vouch(shell, *options); }; });
}

void add_leave(CLI::App& app, const Tongue& t, Work& chosen) {
  auto* command =
      add_command(app, t, "leave",
                  t.pick("take everything off this phone, so that somebody else can join with it",
                         "xóa mọi dữ liệu khỏi máy này, để người khác ghi danh bằng máy"),
                  "phusa leave\n"
                  "phusa leave --even-if-unsent     # " +
                      t.pick("gives up what exists nowhere else", "bỏ cả những gì chưa có ở đâu khác"));
  auto options = std::make_shared<LeaveOptions>();
  command->add_flag_function(
      "--even-if-unsent", [options](std::int64_t) { options->request.set_even_if_unsent(true); },
      t.pick("give up what was neither received nor handed over, one's own and others'",
             "bỏ cả những gì trung tâm chưa nhận và chưa gửi nhờ, của mình và của người khác"));
  add_yes_option(*command, t, options->yes);
  command->callback(
      [=, &chosen] { chosen = [options](const Shell& shell) { return run_leave(shell, *options); }; });
}

}  // namespace

void add_joining_commands(CLI::App& app, const Tongue& t, Work& chosen) {
  add_join(app, t, chosen);
  add_enrol_request(app, t, chosen);
  add_vouch(app, t, chosen);
  add_leave(app, t, chosen);
}

}  // namespace phusa::cli
