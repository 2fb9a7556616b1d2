#include "bindings/cli/commands.hpp"
#include "bindings/cli/json.hpp"
#include "bindings/cli/network.hpp"
#include "bindings/cli/table.hpp"
#include "core/base/local_time.hpp"

#include <cstdio>
#include <memory>

namespace phusa::cli {
namespace {

/// `waiting`: bundles of others that still lie here.
Json finished_json(const v1::Finished& finished, std::uint64_t waiting) {
  const auto& p = finished.progress();
  Json out;
  out["ok"] = finished.ok();
  out["sent"] = p.sent();
  out["received"] = p.received();
  out["held"] = finished.held();
  out["delivered_bundles"] = finished.delivered_bundles();
  out["unreadable_bundles"] = finished.unreadable_bundles();
  out["waiting_bundles"] = waiting;
  out["bytes_up"] = p.bytes_up();
  out["bytes_down"] = p.bytes_down();
  out["forked"] = finished.forked();
  if (!finished.ok()) {
    out["error"] = error_name(static_cast<ErrorCode>(finished.error().code()));
    out["retryable"] = finished.retryable();
  }
  return out;
}

bool is_of_revoked(const NetworkOutcome& outcome) {
  return !outcome.finished.ok() &&
         outcome.finished.error().code() == static_cast<std::uint32_t>(ErrorCode::kRevoked);
}

/// What there was to send went, and yet nothing of it counts: whoever holds the phone must hear what to do.
int report_revoked(const Shell& shell, const Answer<v1::StatusReply>& status) {
  if (!status || status->revoked_since().empty()) return shell.fail("code.revoked");
  const auto waiting = status->held() + status->saved() + status->handed_over();
  return shell.fail("sync.revoked",
                    {local_time(status->revoked_since()), std::to_string(waiting), status->device()});
}

/// What became of the bundles of others; who gave one that was damaged has to hear of it from whoever carried
/// it.
void report_bundles(const Shell& shell, const v1::Finished& finished, const Answer<v1::StatusReply>& status) {
  const auto& t = shell.tongue;
  if (finished.delivered_bundles() > 0 && status)
    shell.remark(t.say("sync.delivered", {std::to_string(finished.delivered_bundles()),
                                          std::to_string(status->receipts_to_return())}));
  if (finished.unreadable_bundles() > 0)
    shell.fail("sync.unreadable", {std::to_string(finished.unreadable_bundles())});
  if (finished.ok() && status && status->carried_bundles() > 0)
    shell.remark(t.say("sync.bundles_wait", {std::to_string(status->carried_bundles())}));
}

/// What somebody should know of a sync that came to its end, unless it was said already.
void report_note(const Shell& shell, const v1::Finished& finished) {
  const bool is_of_bundles = finished.unreadable_bundles() > 0 &&
                             finished.error().code() == static_cast<std::uint32_t>(ErrorCode::kCorrupt);
  if (finished.ok() && finished.has_error() && !is_of_bundles) shell.fail(finished.error());
}

/// A failed sync never sounds like a success, and says what is still safe here.
int report_failed_sync(const Shell& shell, Door& door, const NetworkOutcome& outcome) {
  const auto status = status_of(door);
  if (shell.format == Format::kJson)
    std::fputs(print_json(finished_json(outcome.finished, status ? status->carried_bundles() : 0)).c_str(),
               stdout);
  const bool cancelled = outcome.finished.error().code() == static_cast<std::uint32_t>(ErrorCode::kCancelled);
  const auto why = network_sentence(shell, outcome);
  shell.fail(cancelled ? "sync.cancelled" : "sync.failed", {why});
  report_bundles(shell, outcome.finished, status);
  if (status) {
    const auto waiting = status->saved() + status->handed_over();
    const auto* key = waiting > 0                    ? "sync.still_here"
                      : status->unsent_batches() > 0 ? "sync.changes_still_here"
                                                     : "sync.nothing_waits";
    shell.remark(shell.tongue.say(key, {std::to_string(waiting)}));
  }
  return kExitFailed;
}

int report_sync(const Shell& shell, Door& door, const NetworkOutcome& outcome) {
  const bool revoked = is_of_revoked(outcome);
  if (!outcome.finished.ok() && !revoked) return report_failed_sync(shell, door, outcome);
  const auto status = status_of(door);
  const auto& finished = outcome.finished;
  const auto& p = finished.progress();
  switch (shell.format) {
    case Format::kJson:
      std::fputs(print_json(finished_json(finished, status ? status->carried_bundles() : 0)).c_str(), stdout);
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
      if (revoked && p.sent() == 0 && finished.delivered_bundles() == 0) break;
      std::printf("%s\n",
                  shell.tongue
                      .say("sync.done", {std::to_string(p.sent()), std::to_string(p.received()),
                                         std::to_string(p.bytes_up()), std::to_string(p.bytes_down())})
                      .c_str());
      break;
  }
  report_bundles(shell, finished, status);
  if (revoked) return report_revoked(shell, status);
  if (finished.held() > 0) shell.remark(shell.tongue.say("sync.held", {std::to_string(finished.held())}));
  if (finished.forked()) shell.remark(shell.tongue.say("sync.forked"));
  report_note(shell, finished);
  return finished.unreadable_bundles() > 0 ? kExitFailed : kExitDone;
}

int run_sync(const Shell& shell, const v1::SyncStartRequest& request) {
  auto door = open_store(shell, Access::kWrite);
  if (!door) return shell.fail(door.error());
  auto transport = make_transport();
  if (!transport) return shell.fail(transport.error());
  if (auto started = door->call<v1::Empty>(v1::METHOD_SYNC_START, request); !started)
    return shell.fail(started.error());
  if (const auto status = status_of(*door)) warn_if_unprotected(shell, status->server());
  auto outcome = run_network(*door, **transport, shell);
  if (!outcome) return shell.fail(outcome.error());
  return report_sync(shell, *door, *outcome);
}

}  // namespace

void add_network_commands(CLI::App& app, const Tongue& t, Work& chosen) {
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
  add_insecure_option(*sync, t, [request](bool said) { request->set_insecure(said); });
  sync->add_flag_function(
      "--retry", [request](std::int64_t) { request->set_keep_trying(true); },
      t.pick("keep trying, ever more patiently, until it is done", "cứ thử lại, thưa dần, cho đến khi xong"));
  sync->callback(
      [=, &chosen] { chosen = [request](const Shell& shell) { return run_sync(shell, *request); }; });
}

}  // namespace phusa::cli
