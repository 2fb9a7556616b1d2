#include "core/base/limits.hpp"
#include "core/wire/compression.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace phusa::wire {
namespace {

// Law 12: what comes in compressed grows to what its reader allows, or is refused before it grows.
RC_GTEST_PROP(Growth, WhatIsUnpackedEndsAtItsReadersLimit, ()) {
  const auto plain_bytes = *rc::gen::inRange<std::size_t>(0, 4 * limits::kPagePlainBytesMax);
  const auto allowed = *rc::gen::inRange<std::size_t>(0, 4 * limits::kPagePlainBytesMax);
  const Bytes plain(plain_bytes, *rc::gen::element('\0', 'a', '\xff'));
  const auto unpacked = decompress(compress(plain), allowed);
  RC_ASSERT(unpacked.has_value() == (plain_bytes <= allowed));
  if (unpacked) {
    RC_ASSERT(*unpacked == plain);
  } else {
    RC_ASSERT(unpacked.error().code == ErrorCode::kLimitExceeded);
  }
}

}  // namespace
}  // namespace phusa::wire
