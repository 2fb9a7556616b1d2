#pragma once

#include "tests/server/access/organisation.hpp"
#include "tests/server/http/raw_client.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <optional>

namespace phusa::test {

/// An installation in a folder of its own, its server a real process that can be started and stopped.
class ServerProcessTest : public ::testing::Test {
 protected:
  void SetUp() override;

  /// One command to its end: `phusa-server ARGS --data DIR`.
  Outcome server(std::vector<std::string> args) const;
  void start();
  /// SIGTERM; the exit status.
  int stop();

  std::string new_token(const std::string& unit = {}) const;
  RawReply ask(const std::string& path, const std::string& token) const;

  std::filesystem::path data() const { return folder_.path() / "data"; }

  TemporaryFolder folder_;
  Organisation organisation_;
  std::optional<Process> process_;
  std::string address_;  ///< 127.0.0.1:PORT of the running server
};

}  // namespace phusa::test
