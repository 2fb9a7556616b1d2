#pragma once

#include "core/wire/codec.hpp"
#include "tests/e2e/http/office.hpp"
#include "tests/e2e/http/remote_phone.hpp"
#include "tests/server/http/raw_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>

namespace phusa::test {

inline RawReply ask(const Office& office, const std::string& path, const std::string& token) {
  return talk(office.address(), get(path, "Authorization: Bearer " + token + "\r\n"));
}

inline std::string read_whole(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// Every file of the installation but its keys.
inline std::map<std::string, std::string> files_of(const Office& office) {
  std::map<std::string, std::string> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(office.data())) {
    const bool is_key = entry.path().parent_path().filename() == "keys";
    if (entry.is_regular_file() && !is_key) out[entry.path().filename().string()] = read_whole(entry.path());
  }
  return out;
}

inline RawReply post_exchange(const std::string& address, const std::string& path, const Bytes& body,
                              const std::string& headers = {}) {
  return talk(address, "POST " + path + " HTTP/1.1\r\nHost: phusa\r\nContent-Type: " +
                           std::string(wire::kContentType) + "\r\n" + headers +
                           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}

}  // namespace phusa::test
