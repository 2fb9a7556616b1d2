#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace phusa::cli {

/// One sentence in both languages, by the key that errors and states travel under.
struct Message {
  std::string_view key;
  std::string_view english;
  std::string_view vietnamese;
};

/// Those about files and the command line itself; the rest stand in messages.cpp.
std::span<const Message> file_messages();
std::vector<Message> all_messages();

/// nullptr for an unknown key.
const Message* find_message(std::string_view key);

}  // namespace phusa::cli
