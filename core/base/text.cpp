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

bool is_nfc(std::string_view text) {
  // char is unsigned on ARM: without the cast every byte would pass there.
  if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) > 0; }))
    return true;
  const auto normal = to_nfc(text);
  return normal && *normal == text;
}

}  // namespace phusa
