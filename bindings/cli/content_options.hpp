#pragma once

#include "bindings/cli/language.hpp"
#include "bindings/cli/numbers.hpp"
#include "proto/phusa/v1/client.pb.h"

#include <CLI/App.hpp>

#include <optional>
#include <string>
#include <vector>

namespace phusa::cli {

/// The options of `log` and `edit` that make up a record's content.
struct ContentOptions {
  std::optional<std::string> unit, kind, day, last_day, event, place, note;
  std::optional<std::vector<std::string>> campaigns, labels, partners, members;
  std::optional<bool> event_header, highlight;
  std::vector<std::string> values;  ///< INDICATOR=VALUE
  NumberStyle numbers = NumberStyle::kUnsaid;
};

void add_content_options(CLI::App& command, const Tongue& tongue, ContentOptions& options);

/// Text to NFC, figures read. In an edit an empty value means blank; a new record must not hold one.
tl::expected<v1::Content, FigureError> make_content(const ContentOptions& options, bool blanks_allowed);

}  // namespace phusa::cli
