#include "tests/server/app/server_process.hpp"

#include <csignal>

namespace phusa::test {

void ServerProcessTest::SetUp() {
  const Outcome made = server({"init", "--org", organisation_.path().string()});
  ASSERT_EQ(made.status, 0) << made.err;
}

Outcome ServerProcessTest::server(std::vector<std::string> args) const {
  args.insert(args.begin(), PHUSA_SERVER);
  args.insert(args.end(), {"--data", data().string()});
  return run(args, {{"LC_ALL", "C.UTF-8"}});
}

void ServerProcessTest::start() {
  auto started = Process::start({PHUSA_SERVER, "serve", "--data", data().string(), "--listen", "127.0.0.1:0"},
                                folder_.path() / "server.log", {{"LC_ALL", "C.UTF-8"}});
  ASSERT_TRUE(started) << started.error().context;
  process_.emplace(*std::move(started));
  ASSERT_TRUE(process_->wait_for_output("listening on http://")) << process_->output();
  ASSERT_TRUE(process_->wait_for_output(" info serving ")) << process_->output();
  const std::string output = process_->output();
  const std::size_t at = output.find("listening on http://") + 20;
  address_ = output.substr(at, output.find('\n', at) - at);
}

int ServerProcessTest::stop() {
  process_->signal(SIGTERM);
  const int status = process_->wait();
  process_.reset();
  return status;
}

std::string ServerProcessTest::new_token(const std::string& unit) const {
  std::vector<std::string> args{"token", "--format", "json"};
  if (!unit.empty()) args.insert(args.end(), {"--unit", unit});
  const Outcome made = server(args);
  EXPECT_EQ(made.status, 0) << made.err;
  return nlohmann::json::parse(made.out).value("token", "");
}

RawReply ServerProcessTest::ask(const std::string& path, const std::string& token) const {
  return talk(address_, get(path, token.empty() ? "" : "Authorization: Bearer " + token + "\r\n"));
}

}  // namespace phusa::test
