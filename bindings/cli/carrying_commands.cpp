#include "bindings/cli/commands.hpp"
#include "bindings/cli/file_kind.hpp"
#include "bindings/cli/json.hpp"
#include "bindings/cli/table.hpp"
#include "bindings/cli/whole_file.hpp"
#include "core/base/limits.hpp"

#include <cstdio>
#include <memory>

namespace phusa::cli {
namespace {

constexpr std::size_t kFileBytesMax = limits::kHandOverFileBytesMax;

struct FileOut {
  std::string path;
  bool force = false;
};

/// What was done, for programs. A file on standard output leaves no room for it there.
void print_result(const Shell& shell, const Json& json, const Table& table, bool on_stderr = false) {
  if (shell.format == Format::kTable) return;
  std::fputs((shell.format == Format::kJson ? print_json(json) : table.csv()).c_str(),
             on_stderr ? stderr : stdout);
}

/// A row of counts under their names, and the same as JSON.
struct Counts {
  Json json;
  Table table;
  Counts() { table.rows.emplace_back(); }
  Counts& add(const char* field, const std::string& text) {
    json[field] = text;
    return add_cell(field, text, false);
  }
  Counts& add(const char* field, std::uint64_t number) {
    json[field] = number;
    return add_cell(field, std::to_string(number), true);
  }

 private:
  Counts& add_cell(const char* field, std::string text, bool is_number) {
    table.columns.push_back({field, field, is_number});
    table.rows.front().push_back(std::move(text));
    return *this;
  }
};

/// What was put into which file, in words.
std::string given_words(const Tongue& t, const std::string& name, const v1::HandOverReply& reply) {
  const auto changes = std::to_string(reply.changes());
  const auto bundles = std::to_string(reply.carried_bundles());
  if (reply.carried_bundles() == 0) return t.say("handover.done", {name, changes});
  if (reply.changes() == 0) return t.say("handover.passed_on", {name, bundles});
  return t.say("handover.done_with_others", {name, changes, bundles});
}

/// The file is on its disk: only now do its records count as handed over, so that whoever dies in between
/// still shows them as saved here.
Answer<void> note_handed_over(Door& door, const v1::HandOverReply& reply) {
  v1::HandedOverRequest request;
  request.set_contents(reply.contents());
  const auto noted = door.call<v1::Empty>(v1::METHOD_HANDED_OVER, request);
  if (!noted) return tl::unexpected(noted.error());
  return {};
}

/// Likewise: only now do these receipts no longer wait to be given back.
Answer<void> note_exported(Door& door, const v1::ReceiptsFile& reply) {
  v1::ReceiptsExportedRequest request;
  request.set_contents(reply.contents());
  const auto noted = door.call<v1::Empty>(v1::METHOD_RECEIPTS_EXPORTED, request);
  if (!noted) return tl::unexpected(noted.error());
  return {};
}

/// Nothing of others says nothing of one's own.
int report_nothing_given(const Shell& shell, Door& door, bool carried_only) {
  const auto& t = shell.tongue;
  shell.remark(t.say(carried_only ? "handover.nothing_carried" : "handover.nothing"));
  if (!carried_only) return kExitDone;
  const auto status = door.call<v1::StatusReply>(v1::METHOD_STATUS, v1::Empty());
  const auto own = status ? status->saved() + status->handed_over() : 0;
  if (own > 0) shell.remark(t.say("handover.own_waits", {std::to_string(own)}));
  return kExitDone;
}

int run_hand_over(const Shell& shell, const FileOut& out, const v1::HandOverRequest& request) {
  auto file = NewFile::open(out.path, out.force);
  if (!file) return shell.fail(file.error());
  auto door = open_store(shell, Access::kWrite);
  if (!door) return shell.fail(door.error());
  const auto reply = door->call<v1::HandOverReply>(v1::METHOD_HAND_OVER, request);
  if (!reply) return shell.fail(reply.error());
  const bool is_empty = reply->changes() == 0 && reply->carried_bundles() == 0;
  const auto on_disk = is_empty ? false : file->commit(reply->file());
  if (!on_disk) return shell.fail(on_disk.error());
  Counts counts;
  counts.add("file", is_empty ? "" : out.path)
      .add("changes", reply->changes())
      .add("carried_bundles", reply->carried_bundles())
      .add("left_changes", reply->left_changes())
      .add("left_bundles", reply->left_bundles());
  print_result(shell, counts.json, counts.table, file->is_standard_output());
  const auto& t = shell.tongue;
  if (is_empty) return report_nothing_given(shell, *door, request.carried_only());
  shell.remark(given_words(t, shell.output_name(out.path), *reply));
  if (!*on_disk) {
    shell.remark(t.say("handover.on_no_disk"));
  } else if (const auto noted = note_handed_over(*door, *reply); !noted) {
    return shell.fail("handover.not_noted", {shell.sentence(noted.error())});
  }
  if (reply->left_changes() + reply->left_bundles() > 0)
    shell.remark(t.say("handover.left_out",
                       {std::to_string(reply->left_changes()), std::to_string(reply->left_bundles())}));
  return kExitDone;
}

/// What came of one of several files.
struct FileDone {
  Counts counts;
  std::string words;  ///< for a person
  bool is_partly = false;
};
struct FileWork {
  std::string_view wanted;  ///< as GivenFile has it
  std::function<Answer<FileDone>(Door&, const Tongue&, const v1::FileBytes&)> take;
};

/// A file that cannot be taken keeps no other from it; the worst exit status is given.
int run_on_files(const Shell& shell, const std::vector<std::string>& paths, const FileWork& work) {
  auto door = open_store(shell, Access::kWrite);
  if (!door) return shell.fail(door.error());
  int status = kExitDone;
  Json all = Json::array();
  Table table;
  for (const auto& path : paths) {
    auto content = read_whole_file(path, kFileBytesMax);
    if (!content) {
      status = std::max(status, shell.fail_at(path, content.error()));
      continue;
    }
    v1::FileBytes request;
    request.set_content(*content);
    auto taken = work.take(*door, shell.tongue, request);
    if (!taken) {
      status = std::max(status, fail_on_file(shell, {path, *content, work.wanted}, taken.error()));
      continue;
    }
    auto& [counts, words, is_partly] = *taken;
    shell.remark(shell.input_name(path) + ": " + words);
    if (is_partly) status = std::max(status, kExitFailed);
    Json row;
    row["file"] = path;
    row.update(counts.json);
    all.push_back(std::move(row));
    counts.table.columns.insert(counts.table.columns.begin(), {"file", "file"});
    counts.table.rows.front().insert(counts.table.rows.front().begin(), path);
    table.columns = counts.table.columns;
    table.rows.push_back(counts.table.rows.front());
  }
  print_result(shell, all, table);
  return status;
}

int run_carry(const Shell& shell, const std::vector<std::string>& paths) {
  const FileWork work{
      "handover", [](Door& door, const Tongue& t, const v1::FileBytes& file) -> Answer<FileDone> {
        const auto reply = door.call<v1::CarryReply>(v1::METHOD_CARRY, file);
        if (!reply) return tl::unexpected(reply.error());
        Counts counts;
        counts.add("bundles", reply->bundles())
            .add("known", reply->known())
            .add("changes_seen", reply->changes_seen())
            .add("damaged", reply->damaged())
            .add("gave_way", reply->gave_way())
            .add("passed_on_gave_way", reply->passed_on_gave_way());
        std::string words = reply->bundles() == 0
                                ? t.say("carry.known", {std::to_string(reply->known())})
                                : t.say(reply->known() == 0 ? "carry.taken" : "carry.taken_partly",
                                        {std::to_string(reply->bundles()), std::to_string(reply->known())});
        if (reply->changes_seen() > 0)
          words += "; " + t.say("carry.seen", {std::to_string(reply->changes_seen())});
        if (reply->damaged() > 0) words += "; " + t.say("carry.damaged", {std::to_string(reply->damaged())});
        if (reply->gave_way() > 0)
          words += "; " + t.say("carry.gave_way", {std::to_string(reply->gave_way())});
        if (reply->passed_on_gave_way() > 0)
          words += "; " + t.say("carry.passed_on_gave_way", {std::to_string(reply->passed_on_gave_way())});
        return FileDone{std::move(counts), std::move(words), reply->damaged() > 0};
      }};
  return run_on_files(shell, paths, work);
}

/// What a file of receipts came to, in words.
std::string taken_words(const Tongue& t, const v1::ReceiptsReply& reply) {
  std::string out;
  const auto add = [&](const char* key, std::uint64_t number) {
    out += (out.empty() ? "" : "; ") + t.say(key, {std::to_string(number)});
  };
  const auto add_if = [&](const char* key, std::uint64_t number) {
    if (number > 0) add(key, number);
  };
  add_if("receipts.received", reply.received());
  add_if("receipts.held", reply.held());
  add_if("receipts.damaged", reply.damaged());
  add_if("receipts.forged", reply.forged());
  if (out.empty()) add("receipts.nothing_new", 0);
  add_if("receipts.passed_on", reply.passed_on());
  add_if("receipts.left_out", reply.left_out());
  return out;
}

int run_receipts_import(const Shell& shell, const std::vector<std::string>& paths) {
  const FileWork work{"receipts",
                      [](Door& door, const Tongue& t, const v1::FileBytes& file) -> Answer<FileDone> {
                        const auto reply = door.call<v1::ReceiptsReply>(v1::METHOD_RECEIPTS_IMPORT, file);
                        if (!reply) return tl::unexpected(reply.error());
                        Counts counts;
                        counts.add("received", reply->received())
                            .add("held", reply->held())
                            .add("passed_on", reply->passed_on())
                            .add("left_out", reply->left_out())
                            .add("damaged", reply->damaged())
                            .add("forged", reply->forged());
                        const bool is_partly = reply->left_out() + reply->damaged() + reply->forged() > 0;
                        return FileDone{std::move(counts), taken_words(t, *reply), is_partly};
                      }};
  return run_on_files(shell, paths, work);
}

int run_receipts_export(const Shell& shell, const FileOut& out) {
  auto file = NewFile::open(out.path, out.force);
  if (!file) return shell.fail(file.error());
  auto door = open_store(shell, Access::kWrite);
  if (!door) return shell.fail(door.error());
  const auto reply = door->call<v1::ReceiptsFile>(v1::METHOD_RECEIPTS_EXPORT, v1::Empty());
  if (!reply) return shell.fail(reply.error());
  const bool is_empty = reply->parcels() == 0;
  const auto on_disk = is_empty ? false : file->commit(reply->content());
  if (!on_disk) return shell.fail(on_disk.error());
  Counts counts;
  counts.add("file", is_empty ? "" : out.path).add("parcels", reply->parcels()).add("left", reply->left());
  print_result(shell, counts.json, counts.table, file->is_standard_output());
  const auto& t = shell.tongue;
  if (is_empty) {
    shell.remark(t.say("receipts.none"));
    return kExitDone;
  }
  shell.remark(t.say("receipts.exported", {shell.output_name(out.path), std::to_string(reply->parcels())}));
  if (!*on_disk) {
    shell.remark(t.say("receipts.on_no_disk"));
  } else if (const auto noted = note_exported(*door, *reply); !noted) {
    return shell.fail("receipts.not_noted", {shell.sentence(noted.error())});
  }
  if (reply->left() > 0) shell.remark(t.say("receipts.left", {std::to_string(reply->left())}));
  return kExitDone;
}

int run_receipts(const Shell& shell) {
  auto door = open_store(shell, Access::kRead);
  if (!door) return shell.fail(door.error());
  const auto status = door->call<v1::StatusReply>(v1::METHOD_STATUS, v1::Empty());
  if (!status) return shell.fail(status.error());
  Counts counts;
  counts.add("carried_bundles", status->carried_bundles())
      .add("receipts_to_return", status->receipts_to_return())
      .add("handed_over", status->handed_over())
      .add("handed_over_days", status->handed_over_days());
  print_result(shell, counts.json, counts.table);
  if (shell.format != Format::kTable) return kExitDone;
  const auto& t = shell.tongue;
  const auto line = [&](const char* key, std::uint64_t number) {
    std::printf("%s\n",
                t.say(key, {std::to_string(number), std::to_string(status->handed_over_days())}).c_str());
  };
  line("receipts.carried", status->carried_bundles());
  line("receipts.to_return", status->receipts_to_return());
  line("receipts.awaited", status->handed_over());
  return kExitDone;
}

std::shared_ptr<FileOut> add_file_out(CLI::App& command, const Tongue& t, const std::string& what) {
  auto out = std::make_shared<FileOut>();
  command.add_option("out", out->path, what)->required()->type_name("OUT");
  add_force_option(command, t, out->force);
  return out;
}

std::shared_ptr<std::vector<std::string>> add_files(CLI::App& command, const std::string& what) {
  auto paths = std::make_shared<std::vector<std::string>>();
  command.add_option("files", *paths, what)->required()->type_name("FILE");
  return paths;
}

void add_hand_over(CLI::App& app, const Tongue& t, Work& chosen) {
  auto* command =
      add_command(app, t, "handover",
                  t.pick("put what the centre does not have yet into a file for another phone to carry",
                         "ghi những gì trung tâm chưa nhận vào một tệp để gửi nhờ máy khác"),
                  "phusa handover hoa.phusa\n"
                  "phusa handover - > /media/usb/hoa.phusa\n"
                  "phusa handover --carried-only chuyen-tiep.phusa   # " +
                      t.pick("what others gave, nothing of one's own", "chỉ chuyển tiếp của người khác"));
  auto out = add_file_out(
      *command, t, t.pick("the file to write; - is standard output", "tệp cần ghi; - là đầu ra chuẩn"));
  auto request = std::make_shared<v1::HandOverRequest>();
  command->add_flag_function(
      "--carried-only", [request](std::int64_t) { request->set_carried_only(true); },
      t.pick("pass on what others gave, nothing of one's own",
             "chỉ chuyển tiếp những gì người khác gửi nhờ, không kèm của mình"));
  command->callback(
      [=, &chosen] { chosen = [=](const Shell& shell) { return run_hand_over(shell, *out, *request); }; });
}

void add_carry(CLI::App& app, const Tongue& t, Work& chosen) {
  auto* command = add_command(app, t, "carry",
                              t.pick("take along what others handed over; the next sync delivers it",
                                     "nhận mang hộ tệp của người khác; lần đồng bộ sau sẽ gửi đi"),
                              "phusa carry hoa.phusa minh.phusa\n"
                              "phusa carry /media/usb/*.phusa\n"
                              "phusa carry - < hoa.phusa");
  auto paths = add_files(
      *command, t.pick("hand-over files; - is standard input", "các tệp gửi nhờ; - là đầu vào chuẩn"));
  command->callback([=, &chosen] { chosen = [=](const Shell& shell) { return run_carry(shell, *paths); }; });
}

void add_receipts(CLI::App& app, const Tongue& t, Work& chosen) {
  auto* command = add_command(app, t, "receipts",
                              t.pick("receipts for what was handed over: what waits, give back, take in",
                                     "biên nhận cho những gì gửi nhờ: xem còn chờ gì, trả lại, nhận về"),
                              "phusa receipts\n"
                              "phusa receipts export bien-nhan.phusa   # " +
                                  t.pick("on the phone that carried", "trên máy đã mang hộ") +
                                  "\nphusa receipts import bien-nhan.phusa   # " +
                                  t.pick("on the phone that handed over", "trên máy đã gửi nhờ"));
  command->require_subcommand(0, 1);
  command->callback([command, &chosen] {
    if (command->get_subcommands().empty()) chosen = run_receipts;
  });
  auto* give = add_command(*command, t, "export",
                           t.pick("write the receipts of those whose files this phone carried",
                                  "ghi ra tệp biên nhận của những người đã gửi nhờ máy này"),
                           "phusa receipts export bien-nhan.phusa");
  auto out = add_file_out(
      *give, t, t.pick("the file to write; - is standard output", "tệp cần ghi; - là đầu ra chuẩn"));
  give->callback(
      [=, &chosen] { chosen = [=](const Shell& shell) { return run_receipts_export(shell, *out); }; });
  auto* take = add_command(*command, t, "import",
                           t.pick("take in receipts that came back; those of others are kept for them",
                                  "nhận biên nhận mang về; của người khác thì giữ lại để chuyển"),
                           "phusa receipts import bien-nhan.phusa");
  auto paths =
      add_files(*take, t.pick("receipt files; - is standard input", "các tệp biên nhận; - là đầu vào chuẩn"));
  take->callback(
      [=, &chosen] { chosen = [=](const Shell& shell) { return run_receipts_import(shell, *paths); }; });
}

}  // namespace

void add_carrying_commands(CLI::App& app, const Tongue& t, Work& chosen) {
  add_hand_over(app, t, chosen);
  add_carry(app, t, chosen);
  add_receipts(app, t, chosen);
}

}  // namespace phusa::cli
