#pragma once

#include "tests/e2e/http/cases.hpp"
#include "tests/e2e/http/line.hpp"
#include "tests/e2e/http/office.hpp"
#include "tests/e2e/http/remote_phone.hpp"

#include <gtest/gtest.h>

namespace phusa::test {

/// A real server, and a phone that has joined it.
class HttpStage : public testing::Test {
 protected:
  void SetUp() override;
  /// Everything that was logged is there once, and `verify` agrees.
  void TearDown() override;

  /// The next record's exchange, as the bytes that a phone would send.
  Bytes log_and_ask();
  /// That exchange, properly, through `address`, and then the total: nothing lost, nothing counted twice.
  void expect_sync(const std::string& address, const Bytes& body);
  void expect_sync(const std::string& address) { expect_sync(address, log_and_ask()); }
  std::string total(const std::string& address) const;
  /// Opens the connection of a case and says what it says.
  static Line say(const HttpCase& c, const std::string& address, const Bytes& sync);

  Office office_;
  RemotePhone phone_;
  std::string token_;
  std::int64_t logged_ = 0;
};

}  // namespace phusa::test
