#include "core/base/error.hpp"

#include "core/base/result.hpp"

#include <gtest/gtest.h>

#include <set>

namespace phusa {
namespace {

TEST(Error, EveryCodeHasItsOwnName) {
  std::set<std::string_view> names;
  for (int code = 1; code <= static_cast<int>(kErrorCodeLast); ++code) {
    const auto name = error_name(static_cast<ErrorCode>(code));
    EXPECT_NE(name, "unknown") << code;
    EXPECT_TRUE(names.insert(name).second) << name;
  }
  EXPECT_EQ(error_name(static_cast<ErrorCode>(0)), "unknown");
  EXPECT_EQ(error_name(static_cast<ErrorCode>(200)), "unknown");
}

TEST(Error, WhatNobodyButThePersonCanMendIsNotRetried) {
  for (const ErrorCode code :
       {ErrorCode::kInvalidArgument, ErrorCode::kForbidden, ErrorCode::kUnauthorized, ErrorCode::kCorrupt,
        ErrorCode::kUnsupportedVersion, ErrorCode::kLimitExceeded, ErrorCode::kRevoked}) {
    EXPECT_FALSE(is_retryable(code)) << error_name(code);
  }
  for (const ErrorCode code :
       {ErrorCode::kBusy, ErrorCode::kNetwork, ErrorCode::kUnavailable, ErrorCode::kDiskFull,
        ErrorCode::kHeldFull}) {
    EXPECT_TRUE(is_retryable(code)) << error_name(code);
  }
}

Result<int> half(int value) {
  if (value % 2 != 0) return fail(ErrorCode::kInvalidArgument, "odd");
  return value / 2;
}

Result<int> quarter(int value) {
  PHUSA_ASSIGN(const int once, half(value));
  PHUSA_TRY(half(once));
  return once / 2;
}

TEST(Result, MacrosPassTheErrorOn) {
  EXPECT_EQ(quarter(8), 2);
  EXPECT_EQ(quarter(6).error().context, "odd");
  EXPECT_EQ(quarter(7).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace phusa
