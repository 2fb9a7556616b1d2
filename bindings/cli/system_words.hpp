#pragma once

#include "bindings/cli/language.hpp"

#include <string>

namespace phusa::cli {

/// Why the system did not read or write, and what helps, for an errno that people meet; of any other the
/// system's own words in brackets.
std::string system_words(const Tongue& tongue, int number);

}  // namespace phusa::cli
