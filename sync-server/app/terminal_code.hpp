#pragma once

#include <string>

namespace phusa::app {

/// A QR code of `text` in half blocks, dark on light, as a terminal shows it; empty when it is too long.
std::string qr_in_text(const std::string& text);

}  // namespace phusa::app
