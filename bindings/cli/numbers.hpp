#pragma once

#include <tl/expected.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace phusa::cli {

/// How figures are written: 1234.5, or 1.234,5 as on Vietnamese paper. Unsaid: plain, but what could be read
/// either way ("1.234", "1,234") is refused, since a figure wrong by a thousand is worse than a question.
enum class NumberStyle { kUnsaid, kPlain, kVietnamese };

/// A figure as client.proto wants it: plain decimal text and a qualifier ("", "more", "nearly").
struct Figure {
  std::string amount;  ///< empty: blank
  std::string qualifier;

  friend bool operator==(const Figure&, const Figure&) = default;
};

/// Why a figure was not understood: a key of messages.cpp and what to fill in.
struct FigureError {
  std::string key;
  std::vector<std::string> args;
};

/// "1000", "12.5", "more:61", "hơn 61", ">61", "gần 1.500" (Vietnamese style), "" (blank; a qualifier needs a
/// figure).
tl::expected<Figure, FigureError> parse_figure(std::string_view text, NumberStyle style);

/// "1930" as people read it: "1.930" in Vietnamese, "1,930" in English. Anything that is no number stays as
/// it is.
std::string group_digits(std::string_view plain, bool vietnamese);

}  // namespace phusa::cli
