#pragma once

#include <span>
#include <string_view>

namespace phusa::cli {

/// One sentence in both languages, by the key that errors and states travel under.
struct Message {
  std::string_view key;
  std::string_view english;
  std::string_view vietnamese;
};

std::span<const Message> all_messages();

/// nullptr for an unknown key.
const Message* find_message(std::string_view key);

}  // namespace phusa::cli
