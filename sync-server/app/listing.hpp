#pragma once

#include "sync-server/app/command_line.hpp"

#include <string>
#include <vector>

namespace phusa::app {

/// Rows for people or for programs.
struct Listing {
  struct Column {
    std::string name;        ///< key in JSON, header in CSV
    bool is_number = false;  ///< set right
  };
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
};

/// Aligned columns, headings first, in a person's words and with local times (words.hpp).
std::string as_table(const Listing& listing, Language language);
/// RFC 4180, with a header.
std::string as_csv(const Listing& listing);
/// An array of objects; every value a string.
std::string as_json(const Listing& listing);
/// `language` is for people alone: JSON and CSV are the same in all.
std::string rendered(const Listing& listing, Format format, Language language);

}  // namespace phusa::app
