#pragma once

#include "tests/e2e/cli/stage.hpp"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <set>

namespace phusa::test {

/// How often a phone may sync, once the faults are over, until nothing of it is left unsent.
inline constexpr int kSyncsToDrain = 3;

using Trees = std::map<std::string, std::int64_t>;  ///< by record

/// A phone of the field and all that it ever said was saved on it.
struct FieldPhone {
  PhoneProcess device;
  Trees saved;
  /// The trees of acts of which nobody knows whether they happened: each counts once or not at all.
  std::multiset<std::int64_t> in_doubt = {};
};

/// Real programs in a bad world. The choices of a run come from one seed, which is printed; processes add
/// chance of their own, so a seed repeats a story, not a trace.
class Field : public Stage {
 protected:
  void SetUp() override {
    Stage::SetUp();
    if (const char* given = std::getenv("PHUSA_CHAOS_SEED")) seed_ = std::strtoull(given, nullptr, 10);
    random_.seed(seed_);
    std::cout << "seed " << seed_ << " (PHUSA_CHAOS_SEED)" << std::endl;
  }

  std::uint64_t below(std::uint64_t end) { return random_() % end; }

  FieldPhone field_phone(const std::string& name) { return {joined(name, unit()), {}}; }

  static std::vector<std::string> log_trees(std::int64_t trees) {
    return {"log", "--kind", "tree_planting", "--date", "5/2/2023", "trees=" + std::to_string(trees)};
  }
  /// Logs and remembers; an empty id when the phone said that it could not.
  std::string log(FieldPhone& phone, std::int64_t trees, const std::vector<std::string>& wrapper = {}) {
    std::vector<std::string> argv = wrapper;
    const auto command = phone_command(phone, log_trees(trees));
    argv.insert(argv.end(), command.begin(), command.end());
    const Outcome outcome = run(argv, environment());
    EXPECT_TRUE(outcome.status == 0 || outcome.status == 1) << outcome.status << ": " << outcome.err;
    return note_said(phone, outcome.out, trees);
  }
  /// The same where a fault may strike after it was saved and before that was said.
  std::string log_in_doubt(FieldPhone& phone, std::int64_t trees, const std::vector<std::string>& wrapper) {
    auto id = log(phone, trees, wrapper);
    if (id.empty()) phone.in_doubt.insert(trees);
    return id;
  }
  /// An id counts as said once its line is whole.
  static std::string note_said(FieldPhone& phone, const std::string& out, std::int64_t trees) {
    const auto end = out.find('\n');
    if (end == std::string::npos || out.find(' ') < end) return {};
    phone.saved[out.substr(0, end)] = trees;
    return out.substr(0, end);
  }
  struct ImportFile {
    std::filesystem::path path;
    std::vector<std::int64_t> trees;
  };
  ImportFile write_import(std::size_t rows) {
    // Each file has a name in it: two that are alike to the byte are one.
    const std::string name = std::to_string(files_ + 1) + ".";
    std::string text = "ref,kind,date,trees\n";
    ImportFile out;
    for (std::size_t row = 0; row < rows; ++row) {
      out.trees.push_back(static_cast<std::int64_t>(1 + below(900)));
      text +=
          name + std::to_string(row) + ",tree_planting,2023-02-05," + std::to_string(out.trees.back()) + "\n";
    }
    out.path = write_file("import" + std::to_string(++files_) + ".csv", text);
    return out;
  }
  static void note_imported(FieldPhone& phone, const ImportFile& file, const Json& imported) {
    ASSERT_EQ(imported["ids"].size(), file.trees.size());
    for (std::size_t row = 0; row < file.trees.size(); ++row)
      phone.saved[imported["ids"][row].get<std::string>()] = file.trees[row];
  }
  /// Logs many at once, from a file.
  void import(FieldPhone& phone, std::size_t rows) {
    const ImportFile file = write_import(rows);
    note_imported(phone, file, phone.device.json({"import", file.path.string(), "--alike", "others"}));
  }

  std::vector<std::string> phone_command(const FieldPhone& phone,
                                         const std::vector<std::string>& arguments) const {
    std::vector<std::string> argv = {PHUSA_BIN, "--store", phone.device.store().string()};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return argv;
  }
  /// As everywhere, and no leak check: it cannot run beside a tracer, and a process that was stopped is not
  /// done.
  static Environment environment() {
    Environment out = plain_environment();
    out["ASAN_OPTIONS"] = "detect_leaks=0:verify_asan_link_order=0";
    return out;
  }
  Process start(const std::vector<std::string>& argv, const Environment& more = {}) {
    Environment all = environment();
    for (const auto& [name, value] : more) all[name] = value;
    auto started =
        Process::start(argv, folder_.path() / ("process" + std::to_string(++files_) + ".log"), all);
    EXPECT_TRUE(started.has_value());
    return std::move(*started);
  }

  /// The ids of what the phone shows, and their trees.
  static Trees shown(const PhoneProcess& device, bool acknowledged_only = false) {
    Trees out;
    for (const Json& record : device.json({"list"})) {
      if (acknowledged_only && record["state"] == "saved") continue;
      const auto id = record["id"].get<std::string>();
      EXPECT_FALSE(out.contains(id)) << id << " is listed twice";
      out[id] = std::stoll(record["values"].value("trees", "0"));
    }
    return out;
  }

  /// No stuck queue: nothing is left to send after a few syncs.
  static void drain(const PhoneProcess& device) {
    for (int sync = 1; sync <= kSyncsToDrain; ++sync) {
      const Outcome outcome = device({"sync"});
      EXPECT_EQ(outcome.status, 0) << "sync " << sync << " of " << device.store() << ": " << outcome.err;
      if (outcome.status == 0 && device.count("saved") == 0) return;
    }
    ADD_FAILURE() << device.store() << " still has " << device.count("saved") << " records to send";
  }

  std::string server_total() const {
    const Outcome outcome = run(
        {PHUSA_SERVER_BIN, "totals", "--data", data().string(), "--indicator", "trees", "--format", "json"},
        plain_environment());
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const Json rows = Json::parse(outcome.out, nullptr, false)["rows"];
    return rows.empty() ? "0" : rows[0]["total"].get<std::string>();
  }
  void expect_verified() const {
    const Outcome outcome = run({PHUSA_SERVER_BIN, "verify", "--data", data().string()}, plain_environment());
    EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  }

  /// What they all said they saved: one record once, however many phones saved it.
  static Trees all_saved(const std::vector<FieldPhone*>& phones);
  static std::int64_t sum_of(const Trees& records) {
    std::int64_t sum = 0;
    for (const auto& [id, trees] : records) sum += trees;
    return sum;
  }

  /// The laws from the outside, after the faults: every phone drains; whatever a phone said it saved is
  /// there, at the phone and at the office, once, and nothing else but what is in doubt; the totals are the
  /// sum of it; verify agrees.
  void expect_laws(const std::vector<FieldPhone*>& phones, const PhoneProcess& office) const;

  /// Copies the server's folder as it lies on the disk, as a nightly job would.
  void stop_server() {
    server_->signal(SIGTERM);
    EXPECT_EQ(server_->wait(), 0);
    server_.reset();
  }
  void back_up_server() {
    stop_server();
    std::filesystem::copy(data(), folder_.path() / "last night", std::filesystem::copy_options::recursive);
    start_server(port_);
  }
  /// Nobody tells the server that it is of last night.
  void put_last_night_back() {
    stop_server();
    std::filesystem::remove_all(data());
    std::filesystem::rename(folder_.path() / "last night", data());
    start_server(port_);
  }

  void kill_server() {
    server_->signal(SIGKILL);
    server_->wait();
    server_.reset();
  }

  std::uint64_t seed_ = 20260322;
  std::mt19937_64 random_;
  int files_ = 0;
};

/// Lets a moment of chance pass: when a fault strikes, never how long something takes.
inline void strike_after(std::chrono::microseconds moment) {
  const timespec span{moment.count() / 1'000'000, moment.count() % 1'000'000 * 1000};
  ::nanosleep(&span, nullptr);
}

class Stopwatch {
 public:
  std::uint64_t us() const {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start_)
            .count());
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace phusa::test
