#include "sync-server/app/terminal_code.hpp"

#include <qrencode.h>

namespace phusa::app {

std::string qr_in_text(const std::string& text) {
  constexpr int kQuietZone = 2;
  QRcode* code = QRcode_encodeString(text.c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1);
  if (!code) return {};
  const auto dark = [&](int x, int y) {
    if (x < 0 || y < 0 || x >= code->width || y >= code->width) return false;
    return (code->data[y * code->width + x] & 1) != 0;
  };
  std::string out;
  for (int y = -kQuietZone; y < code->width + kQuietZone; y += 2) {
    for (int x = -kQuietZone; x < code->width + kQuietZone; ++x) {
      // Light modules are drawn: terminals are dark more often than not, and readers want dark on light.
      const bool upper = !dark(x, y);
      const bool lower = !dark(x, y + 1);
      out += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
    }
    out += '\n';
  }
  QRcode_free(code);
  return out;
}

}  // namespace phusa::app
