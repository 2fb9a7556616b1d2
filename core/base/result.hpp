#pragma once

#include "core/base/error.hpp"

#include <tl/expected.hpp>

#include <string>
#include <utility>

namespace phusa {

/// A value or an Error. Nothing throws across a room; whoever calls must look.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

/// `return fail(ErrorCode::kCorrupt, "batch header is short");`
inline tl::unexpected<Error> fail(ErrorCode code, std::string context) {
  return tl::unexpected<Error>(Error{code, std::move(context)});
}

inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace phusa

#define PHUSA_CONCAT_INNER(a, b) a##b
#define PHUSA_CONCAT(a, b) PHUSA_CONCAT_INNER(a, b)

/// Returns the error of `expr` from the enclosing function, else goes on.
#define PHUSA_TRY(expr)                                                        \
  do {                                                                         \
    if (auto phusa_try_ = (expr); !phusa_try_) {                               \
      return ::phusa::fail(std::move(phusa_try_).error());                     \
    }                                                                          \
  } while (false)

/// `PHUSA_ASSIGN(auto page, read_page(n));` declares `page`, or returns the error.
#define PHUSA_ASSIGN(declaration, expr) PHUSA_ASSIGN_INNER(PHUSA_CONCAT(phusa_result_, __LINE__), declaration, expr)
#define PHUSA_ASSIGN_INNER(temp, declaration, expr)                            \
  auto temp = (expr);                                                          \
  if (!temp) return ::phusa::fail(std::move(temp).error());                    \
  declaration = std::move(*temp)
