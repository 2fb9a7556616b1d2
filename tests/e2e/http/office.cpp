#include "tests/e2e/http/office.hpp"

#include "tests/e2e/http/line.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>

namespace phusa::test {
namespace {

constexpr std::chrono::seconds kStartPatience{20};
const Environment kEnvironment = {{"LC_ALL", "C.UTF-8"}};

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// Each text stands in the shipped file once, or the test would be of another file.
void replace_once(std::string& text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  ASSERT_EQ(text.find(from, at + 1), std::string::npos) << from << " stands twice";
  text.replace(at, from.size(), to);
}

}  // namespace

Office::Office(const std::string& units) {
  if (!units.empty()) {
    organisation_.write("units.csv", "code,name,kind,parent,from,until,successors,contact\n" + units);
    organisation_.write("clusters.csv", "");
  }
  const Outcome made =
      run({PHUSA_SERVER, "init", "--data", data().string(), "--org", organisation_.path().string()},
          kEnvironment);
  EXPECT_EQ(made.status, 0) << made.err;
}

void Office::start(const std::vector<std::string>& options) {
  if (port_ == 0) port_ = free_port();
  std::vector<std::string> argv{PHUSA_SERVER, "serve", "--data", data().string(), "--listen", address()};
  argv.insert(argv.end(), options.begin(), options.end());
  auto started = Process::start(argv, folder() / "server.log", kEnvironment);
  ASSERT_TRUE(started) << started.error().context;
  process_ = std::make_unique<Process>(*std::move(started));
  ASSERT_TRUE(process_->wait_for_output(" info serving ")) << process_->output();
}

void Office::stop() {
  process_->signal(SIGTERM);
  EXPECT_EQ(process_->wait(), 0) << process_->output();
  process_.reset();
}

void Office::limit_descriptors(unsigned descriptors_max) const {
  const rlimit limit{descriptors_max, descriptors_max};
  ASSERT_EQ(::prlimit(process_->pid(), RLIMIT_NOFILE, &limit, nullptr), 0);
}

std::string Office::command(std::vector<std::string> args) const {
  args.insert(args.begin(), PHUSA_SERVER);
  args.insert(args.end(), {"--data", data().string()});
  const Outcome outcome = run(args, kEnvironment);
  EXPECT_EQ(outcome.status, 0) << testing::PrintToString(args) << "\n" << outcome.out << outcome.err;
  return outcome.out;
}

std::string Office::code(const std::string& unit, const std::string& role) const {
  return nlohmann::json::parse(command({"enrol", "--unit", unit, "--role", role, "--format", "json"}))
      .value("code", "");
}

std::string Office::token() const {
  return nlohmann::json::parse(command({"token", "--format", "json"})).value("token", "");
}

void Front::write_configuration(const std::filesystem::path& folder, int port, int server_port,
                                const Changes& changes) {
  const std::filesystem::path shipped = PHUSA_NGINX_DIR;
  const std::string at = folder.string();
  std::string main = read_file(shipped / "nginx.conf");
  const bool is_root = ::geteuid() == 0;  // else nginx stays who started it
  replace_once(main, "user www-data;", is_root ? "user root;" : "");
  replace_once(main, "/run/nginx.pid", at + "/pid");
  replace_once(main, "/var/log/nginx/error.log", at + "/error.log");
  std::string places = "http {";
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    places += std::string("\n  ") + kind + "_temp_path " + at + "/" + kind + ";";
  }
  replace_once(main, "http {", places);
  std::string site = read_file(shipped / "phusa.conf");
  replace_once(site, "server 127.0.0.1:8080 ", "server 127.0.0.1:" + std::to_string(server_port) + " ");
  replace_once(site, "\n  listen 80;", "\n  listen 127.0.0.1:" + std::to_string(port) + ";");
  replace_once(site, "/var/log/nginx/phusa.log", at + "/access.log");
  replace_once(site, "/var/log/nginx/error.log", at + "/error.log");
  replace_once(site, "auth_basic_user_file /etc/nginx/", "auth_basic_user_file " + at + "/");
  for (const auto& [from, to] : changes) replace_once(site, from, to);
  std::ofstream(folder / "nginx.conf", std::ios::binary) << main;
  std::ofstream(folder / "phusa.conf", std::ios::binary) << site;
}

Front::Front(const Office& office, const Changes& changes) : port_(free_port()) {
  write_configuration(folder(), port_, office.port(), changes);
  const std::string at = folder().string();
  auto started = Process::start({"nginx", "-p", at, "-c", at + "/nginx.conf", "-g", "daemon off;"},
                                folder() / "nginx.log");
  EXPECT_TRUE(started);
  if (started) process_ = std::make_unique<Process>(*std::move(started));
  const auto deadline = std::chrono::steady_clock::now() + kStartPatience;
  while (!Line(address()).is_open() && process_->is_running() &&
         std::chrono::steady_clock::now() < deadline) {
    ::poll(nullptr, 0, 5);  // yields between looks; the condition alone decides
  }
  EXPECT_TRUE(process_->is_running()) << process_->output();
}

}  // namespace phusa::test
