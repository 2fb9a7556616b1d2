#include "bindings/cli/commands.hpp"
#include "bindings/cli/json.hpp"
#include "bindings/cli/network.hpp"
#include "bindings/cli/table.hpp"
#include "core/base/local_time.hpp"

#include <cstdio>

namespace phusa::cli {
namespace {

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
  out["handed_over_days"] = s.handed_over_days();
  out["carried_bundles"] = s.carried_bundles();
  out["receipts_to_return"] = s.receipts_to_return();
  out["vouches_left"] = s.vouches_left();
  out["last_sync"] = s.last_sync();
  out["joined"] = s.joined();
  out["organisation"] = s.organisation();
  out["unit"] = s.unit();
  out["role"] = s.role();
  out["device"] = s.device();
  out["server"] = s.server();
  out["catalogue_revision"] = s.catalogue_revision();
  out["forked"] = s.forked();
  out["revoked_since"] = s.revoked_since();
  out["last_error"] = s.last_error();
  return print_json(out);
}

std::string status_csv(const v1::StatusReply& s) {
  Table table;
  table.rows.emplace_back();
  auto counts = counts_of(s);
  counts.insert(counts.end(), {{"handed_over_days", s.handed_over_days()},
                               {"carried_bundles", s.carried_bundles()},
                               {"receipts_to_return", s.receipts_to_return()},
                               {"vouches_left", s.vouches_left()}});
  for (const auto& [field, number] : counts) {
    table.columns.push_back({field, field, true});
    table.rows.front().push_back(std::to_string(number));
  }
  return table.csv();
}

/// What a person should do something about, a line each.
std::string things_to_do(const Tongue& t, const v1::StatusReply& s) {
  std::string out;
  const auto say_if = [&](std::uint64_t number, const char* key, std::uint64_t also = 0) {
    if (number > 0) out += t.say(key, {std::to_string(number), std::to_string(also)}) + "\n";
  };
  say_if(s.conflicts(), "status.conflicts");
  say_if(s.unsent_days(), "status.unsent_days");
  say_if(s.handed_over(), s.handed_over_days() == 0 ? "status.handed_over_today" : "status.handed_over",
         s.handed_over_days());
  say_if(s.carried_bundles(), "status.carried");
  say_if(s.receipts_to_return(), "status.receipts");
  if (s.role() == "officer") say_if(s.vouches_left(), "status.vouches_left");
  if (s.forked()) out += t.say("sync.forked") + "\n";
  if (!s.revoked_since().empty()) {
    const auto waiting = s.held() + s.saved() + s.handed_over();
    out += t.say("status.revoked", {local_time(s.revoked_since()), std::to_string(waiting)}) + "\n";
  }
  return out;
}

std::string status_words(const Tongue& t, const v1::StatusReply& s) {
  Table table;
  table.columns = {{t.say("column.state"), "state"}, {t.say("column.records"), "records", true}};
  for (const auto& [field, number] : counts_of(s)) {
    table.rows.push_back({t.say("state." + std::string(field)), std::to_string(number)});
  }
  table.rows.push_back({t.say("state.retracted"), std::to_string(s.retracted())});
  auto out = table.aligned() + things_to_do(t, s) + t.say("status.device", {s.device()}) + "\n";
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

void add_status_command(CLI::App& app, const Tongue& t, Work& chosen) {
  auto* status = add_command(app, t, "status",
                             t.pick("what is saved, handed over, received, counted, held",
                                    "đã lưu, đã gửi nhờ, đã nhận, đã tính, chờ xử lý bao nhiêu"),
                             "phusa status\nphusa status --format json");
  status->callback([&chosen] { chosen = run_status; });
}

}  // namespace phusa::cli
