#pragma once

#include "sync-server/app/language.hpp"

#include <string>
#include <string_view>

namespace phusa::app {

/// A column's heading for people; programs read its name.
std::string column_title(Language language, std::string_view column);

/// What people read in a cell of that column: times as clocks in Việt Nam show them, reasons and roles in
/// words, figures in groups of three digits. Anything it does not know stays as it is.
std::string cell_words(Language language, std::string_view column, const std::string& cell);

}  // namespace phusa::app
