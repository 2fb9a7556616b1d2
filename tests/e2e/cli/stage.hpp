#pragma once

#include "tests/support/process.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace phusa::test {

using Json = nlohmann::json;

/// English messages whatever the machine speaks; sanitizers are told nothing: both programs own all their
/// memory.
inline Environment plain_environment() {
  return {{"LC_ALL", "C.UTF-8"}, {"PHUSA_STORE", "/nonexistent/store"}};
}

/// One phone: the real program on a store of its own.
class PhoneProcess {
 public:
  explicit PhoneProcess(std::filesystem::path store) : store_(std::move(store)) {}

  const std::filesystem::path& store() const { return store_; }

  Outcome operator()(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {PHUSA_BIN, "--store", store_.string()});
    return run(arguments, plain_environment());
  }
  /// Standard output of a command that must succeed, without its last line break.
  std::string ok(std::vector<std::string> arguments) const {
    auto outcome = (*this)(arguments);
    EXPECT_EQ(outcome.status, 0) << testing::PrintToString(arguments) << "\n" << outcome.err;
    while (!outcome.out.empty() && outcome.out.back() == '\n') outcome.out.pop_back();
    return outcome.out;
  }
  Json json(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--format", "json"});
    return Json::parse(ok(std::move(arguments)), nullptr, false);
  }
  std::uint64_t count(const char* state) const { return json({"status"})[state].get<std::uint64_t>(); }
  /// The one total of an indicator, "" when there is none.
  std::string total(const std::string& indicator) const {
    const auto rows = json({"totals", "--indicator", indicator})["rows"];
    return rows.empty() ? "" : rows[0]["total"].get<std::string>();
  }

 private:
  std::filesystem::path store_;
};

/// A real server with the Cần Thơ organisation, on a port of its own; phones below the same temporary folder.
class Stage : public testing::Test {
 protected:
  void SetUp() override {
    const auto made = run({PHUSA_SERVER_BIN, "init", "--data", data().string(), "--org", PHUSA_ORGANISATION});
    ASSERT_EQ(made.status, 0) << made.err;
    start_server(free_port());
  }
  void TearDown() override {
    if (server_) {
      server_->signal(SIGTERM);
      server_->wait();
    }
  }

  void start_server(int port) {
    port_ = port;
    auto started = Process::start({PHUSA_SERVER_BIN, "serve", "--data", data().string(), "--listen",
                                   "127.0.0.1:" + std::to_string(port_)},
                                  folder_.path() / "server.log");
    ASSERT_TRUE(started.has_value());
    server_ = std::make_unique<Process>(std::move(*started));
    ASSERT_TRUE(server_->wait_for_output("listening on")) << server_->output();
  }

  static std::string root_unit() { return "doan_khoi"; }
  static std::string unit() { return "so_tai_chinh"; }

  std::filesystem::path data() const { return folder_.path() / "office"; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  std::string code_for(const std::string& unit, const std::string& role,
                       const std::vector<std::string>& more = {}) const {
    std::vector<std::string> command{PHUSA_SERVER_BIN, "enrol", "--data",   data().string(), "--unit", unit,
                                     "--role",         role,    "--format", "json"};
    command.insert(command.end(), more.begin(), more.end());
    const auto enrolled = run(command);
    EXPECT_EQ(enrolled.status, 0) << enrolled.err;
    return Json::parse(enrolled.out)["code"].get<std::string>();
  }
  PhoneProcess phone(const std::string& name) const { return PhoneProcess(folder_.path() / (name + ".db")); }
  PhoneProcess joined(const std::string& name, const std::string& unit,
                      const std::string& role = "volunteer") const {
    auto device = phone(name);
    const auto outcome = device({"join", url(), code_for(unit, role)});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return device;
  }
  std::filesystem::path write_file(const std::string& name, const std::string& text) const {
    const auto path = folder_.path() / name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  TemporaryFolder folder_;
  int port_ = 0;
  std::unique_ptr<Process> server_;
};

}  // namespace phusa::test
