#pragma once

#include <string>

namespace phusa {

/// Flushes standard output. Nothing when all that was printed is where it was to go, or its reader has gone
/// and wants no more (`... | head`); else why it is not, in the system's words.
std::string flush_standard_output();

}  // namespace phusa
