#include "core/net/transport.hpp"

#include <gtest/gtest.h>

namespace phusa {
namespace {

TEST(Transport, ThisMachineIsKnownByItsNames) {
  for (const char* url : {"http://localhost/", "http://LOCALHOST:8080", "http://127.0.0.1:1/v1/sync",
                          "http://127.1.2.3", "http://[::1]:8080/", "https://user@localhost/x"}) {
    EXPECT_TRUE(is_loopback(url)) << url;
  }
}

TEST(Transport, OtherMachinesCannotPassForThisOne) {
  for (const char* url :
       {"http://localhost.example.vn/", "http://127.0.0.1.example.vn", "http://127.0.0.1@example.vn/",
        "http://example.vn/localhost", "http://example.vn?127.0.0.1", "http://1270.0.0.1/", "", "http://"}) {
    EXPECT_FALSE(is_loopback(url)) << url;
  }
}

TEST(Transport, OnlyPlainHttpToElsewhereIsUnprotected) {
  EXPECT_TRUE(is_unprotected("http://phusa.example.vn"));
  EXPECT_TRUE(is_unprotected("HTTP://phusa.example.vn"));
  EXPECT_FALSE(is_unprotected("https://phusa.example.vn"));
  EXPECT_FALSE(is_unprotected("http://127.0.0.1:8080"));
}

}  // namespace
}  // namespace phusa
