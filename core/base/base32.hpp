#pragma once

#include <optional>
#include <string_view>

/// Crockford's base 32, for what people read aloud and type.
namespace phusa {

inline constexpr std::string_view kBase32Digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Either case, O for 0, I or L for 1; nullopt for what is no digit.
std::optional<unsigned> base32_value(char digit);

}  // namespace phusa
