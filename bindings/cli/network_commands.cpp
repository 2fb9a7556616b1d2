#include "bindings/cli/commands.hpp"
#include "bindings/cli/json.hpp"
#include "bindings/cli/local_time.hpp"
#include "bindings/cli/network.hpp"
#include "bindings/cli/table.hpp"

#include <cstdio>
#include <memory>

namespace phusa::cli {
namespace {

Answer<v1::StatusReply> status_of(Door& door) {
  return door.call<v1::StatusReply>(v1::METHOD_STATUS, v1::Empty());
}

/// Why the network did not carry it, in the person's words: what the transport saw says more than "no
/// network".
std::string network_sentence(const Shell& shell, const NetworkOutcome& outcome) {
  const auto& error = outcome.finished.error();
  const bool is_network = error.code() == static_cast<std::uint32_t>(ErrorCode::kNetwork);
  const auto key = "network." + std::string(failure_name(outcome.last_failure));
  return is_network && shell.tongue.knows(key) ? shell.tongue.say(key) : shell.sentence(error);
}

void warn_if_unprotected(const Shell& shell, const std::string& url) {
  if (is_unprotected(url)) shell.remark(shell.tongue.say("unprotected", {url}));
}

Json finished_json(const v1::Finished& finished) {
  const auto& p = finished.progress();
  Json out;
  out["ok"] = finished.ok();
  out["sent"] = p.sent();
  out["received"] = p.received();
  out["held"] = finished.held();
  out["bytes_up"] = p.bytes_up();
  out["bytes_down"] = p.bytes_down();
  out["forked"] = finished.forked();
  if (!finished.ok()) {
    out["error"] = error_name(static_cast<ErrorCode>(finished.error().code()));
    out["retryable"] = finished.retryable();
  }
  return out;
}

/// A failed sync never sounds like a success, and says what is still safe here.
int report_failed_sync(const Shell& shell, Door& door, const NetworkOutcome& outcome) {
  if (shell.format == Format::kJson) std::fputs(print_json(finished_json(outcome.finished)).c_str(), stdout);
  const bool cancelled = outcome.finished.error().code() == static_cast<std::uint32_t>(ErrorCode::kCancelled);
  const auto why = network_sentence(shell, outcome);
  shell.fail(cancelled ? "sync.cancelled" : "sync.failed", {why});
  if (const auto status = status_of(door)) {
    const auto waiting = status->saved() + status->handed_over();
    const auto* key = waiting > 0                    ? "sync.still_here"
                      : status->unsent_batches() > 0 ? "sync.changes_still_here"
                                                     : "sync.nothing_waits";
    shell.remark(shell.tongue.say(key, {std::to_string(waiting)}));
  }
  return kExitFailed;
}

int report_sync(const Shell& shell, Door& door, const NetworkOutcome& outcome) {
  if (!outcome.finished.ok()) return report_failed_sync(shell, door, outcome);
  const auto& finished = outcome.finished;
  const auto& p = finished.progress();
  switch (shell.format) {
    case Format::kJson:
      std::fputs(print_json(finished_json(finished)).c_str(), stdout);
      break;
    case Format::kCsv: {
      Table table;
      for (const char* field : {"sent", "received", "held", "bytes_up", "bytes_down"})
        table.columns.push_back({field, field});
      table.rows = {{std::to_string(p.sent()), std::to_string(p.received()), std::to_string(finished.held()),
                     std::to_string(p.bytes_up()), std::to_string(p.bytes_down())}};
      std::fputs(table.csv().c_str(), stdout);
      break;
    }
    case Format::kTable:
      std::printf("%s\n",
                  shell.tongue
                      .say("sync.done", {std::to_string(p.sent()), std::to_string(p.received()),
                                         std::to_string(p.bytes_up()), std::to_string(p.bytes_down())})
                      .c_str());
      break;
  }
  if (finished.held() > 0) shell.remark(shell.tongue.say("sync.held", {std::to_string(finished.held())}));
  if (finished.forked()) shell.remark(shell.tongue.say("sync.forked"));
  return kExitDone;
}

int run_sync(const Shell& shell, const v1::SyncStartRequest& request) {
  auto door = open_store(shell, Access::kWrite);
  if (!door) return shell.fail(door.error());
  auto transport = make_transport();
  if (!transport) return shell.fail(transport.error());
  if (const auto status = status_of(*door)) warn_if_unprotected(shell, status->server());
  if (auto started = door->call<v1::Empty>(v1::METHOD_SYNC_START, request); !started)
    return shell.fail(started.error());
  auto outcome = run_network(*door, **transport, shell);
  if (!outcome) return shell.fail(outcome.error());
  return report_sync(shell, *door, *outcome);
}

int run_join(const Shell& shell, const v1::JoinRequest& request) {
  auto door = open_store(shell, Access::kCreate);
  if (!door) return shell.fail(door.error());
  auto transport = make_transport();
  if (!transport) return shell.fail(transport.error());
  warn_if_unprotected(shell, request.url());
  if (auto started = door->call<v1::Empty>(v1::METHOD_JOIN_START, request); !started)
    return shell.fail(started.error());
  auto outcome = run_network(*door, **transport, shell);
  if (!outcome) return shell.fail(outcome.error());
  if (!outcome->finished.ok()) return shell.fail("join.failed", {network_sentence(shell, *outcome)});
  auto status = status_of(*door);
  if (!status) return shell.fail(status.error());
  if (shell.format == Format::kJson) {
    Json out;
    out["device"] = status->device();
    out["organisation"] = status->organisation();
    out["unit"] = status->unit();
    out["role"] = status->role();
    out["server"] = status->server();
    std::fputs(print_json(out).c_str(), stdout);
  } else {
    shell.remark(shell.tongue.say(
        "joined", {status->unit(), shell.tongue.say("rank." + status->role()), status->organisation()}));
  }
  return kExitDone;
}

struct Count {
  const char* field;
  std::uint64_t number;
};

std::vector<Count> counts_of(const v1::StatusReply& s) {
  return {{"saved", s.saved()},        {"handed_over", s.handed_over()},
          {"received", s.received()},  {"counted", s.counted()},
          {"held", s.held()},          {"returned", s.returned()},
          {"confirmed", s.confirmed()}};
}

std::string status_json(const v1::StatusReply& s) {
  Json out;
  for (const auto& [field, number] : counts_of(s)) out[field] = number;
  out["retracted"] = s.retracted();
  out["conflicts"] = s.conflicts();
  out["unsent_batches"] = s.unsent_batches();
  out["unsent_days"] = s.unsent_days();
  out["last_sync"] = s.last_sync();
  out["joined"] = s.joined();
  out["organisation"] = s.organisation();
  out["unit"] = s.unit();
  out["role"] = s.role();
  out["device"] = s.device();
  out["server"] = s.server();
  out["catalogue_revision"] = s.catalogue_revision();
  out["forked"] = s.forked();
  out["last_error"] = s.last_error();
  return print_json(out);
}

std::string status_csv(const v1::StatusReply& s) {
  Table table;
  table.rows.emplace_back();
  for (const auto& [field, number] : counts_of(s)) {
    table.columns.push_back({field, field, true});
    table.rows.front().push_back(std::to_string(number));
  }
  return table.csv();
}

std::string status_words(const Tongue& t, const v1::StatusReply& s) {
  Table table;
  table.columns = {{t.say("column.state"), "state"}, {t.say("column.records"), "records", true}};
  for (const auto& [field, number] : counts_of(s)) {
    table.rows.push_back({t.say("state." + std::string(field)), std::to_string(number)});
  }
  table.rows.push_back({t.say("state.retracted"), std::to_string(s.retracted())});
  auto out = table.aligned();
  if (s.conflicts() > 0) out += t.say("status.conflicts", {std::to_string(s.conflicts())}) + "\n";
  if (s.unsent_days() > 0) out += t.say("status.unsent_days", {std::to_string(s.unsent_days())}) + "\n";
  if (s.forked()) out += t.say("sync.forked") + "\n";
  if (!s.joined()) return out + t.say("status.not_joined") + "\n";
  out += t.say("status.joined", {s.unit(), t.say("rank." + s.role()), s.organisation(), s.server()}) + "\n";
  out += s.last_sync().empty() ? t.say("status.never_synced")
                               : t.say("status.last_sync", {local_time(s.last_sync())});
  return out + "\n";
}

int run_status(const Shell& shell) {
  auto door = open_store(shell, Access::kRead);
  if (!door) return shell.fail(door.error());
  auto status = status_of(*door);
  if (!status) return shell.fail(status.error());
  std::string out;
  switch (shell.format) {
    case Format::kJson:
      out = status_json(*status);
      break;
    case Format::kCsv:
      out = status_csv(*status);
      break;
    case Format::kTable:
      out = status_words(shell.tongue, *status);
      break;
  }
  std::fputs(out.c_str(), stdout);
  return kExitDone;
}

}  // namespace

void add_network_commands(CLI::App& app, const Tongue& t, Work& chosen) {
  auto* join = add_command(
      app, t, "join",
      t.pick("enrol this phone with a code from the office", "ghi danh máy này bằng mã do văn phòng cấp"),
      "phusa join https://phusa.example.vn K7QP-2MXT-9VRC --name 'Nguyễn Văn An' --phone 0901234567");
  auto enrol = std::make_shared<v1::JoinRequest>();
  const auto text = [&](const char* name, const std::string& what, const char* type,
                        std::string* (v1::JoinRequest::*field)()) {
    return join
        ->add_option_function<std::string>(
            name, [enrol, field](const std::string& given) { *((*enrol).*field)() = given; }, what)
        ->type_name(type);
  };
  text("url", t.pick("address of the server", "địa chỉ máy chủ"), "URL", &v1::JoinRequest::mutable_url)
      ->required();
  text("code", t.pick("the code, as it was given", "mã ghi danh"), "CODE", &v1::JoinRequest::mutable_code)
      ->required();
  text("--name", t.pick("your name, for the office alone", "họ tên, chỉ văn phòng biết"), "TEXT",
       &v1::JoinRequest::mutable_name);
  text("--phone", t.pick("your phone number, for the office alone", "số điện thoại, chỉ văn phòng biết"),
       "TEXT", &v1::JoinRequest::mutable_phone);
  join->callback([=, &chosen] { chosen = [enrol](const Shell& shell) { return run_join(shell, *enrol); }; });

  auto* sync = add_command(
      app, t, "sync",
      t.pick("send what is saved here, fetch what is new", "đồng bộ: gửi những gì đã lưu, nhận những gì mới"),
      "phusa sync\n"
      "phusa sync --push-only\n"
      "phusa sync --retry        # " +
          t.pick("keep trying until it is done", "thử lại cho đến khi xong"));
  auto request = std::make_shared<v1::SyncStartRequest>();
  sync->add_flag_function(
      "--push-only", [request](std::int64_t) { request->set_push_only(true); },
      t.pick("only send", "chỉ gửi"));
  sync->add_flag_function(
      "--retry", [request](std::int64_t) { request->set_keep_trying(true); },
      t.pick("keep trying, ever more patiently, until it is done", "cứ thử lại, thưa dần, cho đến khi xong"));
  sync->callback(
      [=, &chosen] { chosen = [request](const Shell& shell) { return run_sync(shell, *request); }; });

  auto* status = add_command(
      app, t, "status",
      t.pick("what is saved, received, counted, held", "đã lưu, đã nhận, đã tính, chờ xử lý bao nhiêu"),
      "phusa status\nphusa status --format json");
  status->callback([&chosen] { chosen = run_status; });
}

}  // namespace phusa::cli
