#pragma once

#include "bindings/cli/language.hpp"

#include <string>
#include <string_view>

namespace phusa::cli {

/// The command-line library's sentence about a wrong line, in the person's language: it speaks English alone.
/// A sentence it does not know stands as it is, behind words that say what it is about.
std::string bad_use_words(const Tongue& tongue, std::string_view sentence);

}  // namespace phusa::cli
