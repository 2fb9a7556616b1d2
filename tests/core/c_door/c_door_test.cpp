#include "bindings/c/phusa.h"
#include "core/base/error.hpp"
#include "proto/phusa/v1/client.pb.h"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace phusa {
namespace {

class CDoorTest : public ::testing::Test {
 protected:
  ~CDoorTest() override { phusa_close(handle_); }
  int open(const std::string& name, std::uint32_t version = PHUSA_API_VERSION) {
    v1::OpenRequest request;
    request.set_path(folder_.file(name));
    request.set_client_version(version);
    const std::string bytes = request.SerializeAsString();
    return phusa_open(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), &handle_, &out_);
  }

  test::TemporaryFolder folder_;
  phusa_handle* handle_ = nullptr;
  phusa_buffer out_{};
};

TEST_F(CDoorTest, OpensCallsAndFrees) {
  ASSERT_EQ(open("phone"), 0);
  ASSERT_EQ(phusa_call(handle_, v1::METHOD_STATUS, nullptr, 0, &out_), 0);
  v1::StatusReply reply;
  EXPECT_TRUE(reply.ParseFromArray(out_.data, static_cast<int>(out_.size)));
  EXPECT_EQ(reply.device().size(), 32u);
  phusa_free(&out_);
  EXPECT_EQ(out_.data, nullptr);
  EXPECT_EQ(phusa_next_event(handle_, &out_), 0);
  EXPECT_EQ(out_.size, 0u);
}

TEST_F(CDoorTest, ACallerOfAnotherVersionGetsNoHandle) {
  EXPECT_EQ(open("phone", PHUSA_API_VERSION + 1), static_cast<int>(ErrorCode::kUnsupportedVersion));
  EXPECT_EQ(handle_, nullptr);
  v1::ErrorReply error;
  EXPECT_TRUE(error.ParseFromArray(out_.data, static_cast<int>(out_.size)));
  EXPECT_FALSE(error.message().empty());
  phusa_free(&out_);
}

TEST_F(CDoorTest, NullsAndUnknownNumbersAreErrorsNotCrashes) {
  EXPECT_NE(phusa_call(nullptr, v1::METHOD_STATUS, nullptr, 0, &out_), 0);
  phusa_free(&out_);
  EXPECT_NE(phusa_open(nullptr, 0, &handle_, &out_), 0);
  phusa_free(&out_);
  ASSERT_EQ(open("phone"), 0);
  EXPECT_EQ(phusa_call(handle_, 4711, nullptr, 0, &out_), static_cast<int>(ErrorCode::kUnimplemented));
  phusa_free(&out_);
  EXPECT_EQ(phusa_call(handle_, v1::METHOD_STATUS, nullptr, 0, nullptr), 0);
  phusa_close(nullptr);
  phusa_cancel(nullptr);
  phusa_free(nullptr);
}

TEST_F(CDoorTest, OneHandleServesSeveralThreads) {
  ASSERT_EQ(open("phone"), 0);
  std::vector<std::thread> threads;
  std::atomic<int> failures = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) {
        phusa_buffer out{};
        if (phusa_call(handle_, v1::METHOD_STATUS, nullptr, 0, &out) != 0) ++failures;
        phusa_free(&out);
        phusa_cancel(handle_);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace phusa
