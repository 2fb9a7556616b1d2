#include "core/base/text.hpp"

#include <utf8proc.h>

#include <cstdlib>

namespace phusa {

Result<std::string> to_nfc(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::kInvalidArgument, "text holds a NUL character");
  }
  utf8proc_uint8_t* mapped = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &mapped,
                                 static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  if (size < 0) return fail(ErrorCode::kInvalidArgument, "text is not UTF-8");
  std::string out(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size));
  std::free(mapped);
  return out;
}

namespace {

// U+0001 to U+02FF and U+1E00 to U+1EFF: all that Vietnamese needs. None of these combines with another or
// has another normal form, so text made of them alone is NFC. Every record that arrives is asked.
bool is_plain_latin(std::string_view text) {
  // char is unsigned on ARM: without the cast comparisons would differ there.
  const auto byte = [&](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : std::uint8_t{0};
  };
  const auto is_continuation = [&](std::size_t at) { return (byte(at) & 0xc0) == 0x80; };
  for (std::size_t at = 0; at < text.size();) {
    const std::uint8_t lead = byte(at);
    if (lead >= 0x01 && lead < 0x80) {
      at += 1;
    } else if (lead >= 0xc2 && lead <= 0xcb && is_continuation(at + 1)) {
      at += 2;
    } else if (lead == 0xe1 && byte(at + 1) >= 0xb8 && byte(at + 1) <= 0xbb && is_continuation(at + 2)) {
      at += 3;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

bool is_nfc(std::string_view text) {
  if (is_plain_latin(text)) return true;
  const auto normal = to_nfc(text);
  return normal && *normal == text;
}

}  // namespace phusa
