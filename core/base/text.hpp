#pragma once

#include "core/base/result.hpp"

#include <string>
#include <string_view>

namespace phusa {

/// Text as people typed it -> NFC. Bytes that are not UTF-8, or that hold a NUL, are kInvalidArgument.
Result<std::string> to_nfc(std::string_view text);

/// Whether `text` is UTF-8 without NUL and already NFC: what may stand in a record.
bool is_nfc(std::string_view text);

}  // namespace phusa
