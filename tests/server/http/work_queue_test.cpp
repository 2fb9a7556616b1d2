#include "sync-server/http/work_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace phusa::http {
namespace {

TEST(WorkQueue, DoesAllItTookBeforeItStops) {
  std::atomic<int> done = 0;
  WorkQueue queue(3, 1000);
  int taken = 0;
  for (int i = 0; i < 500; ++i) taken += queue.offer([&] { ++done; }) ? 1 : 0;
  queue.drain();
  EXPECT_EQ(taken, 500);
  EXPECT_EQ(done, 500);
  EXPECT_FALSE(queue.offer([] {}));
}

TEST(WorkQueue, RefusesInsteadOfGrowing) {
  WorkQueue queue(0, 2);
  EXPECT_TRUE(queue.offer([] {}));
  EXPECT_TRUE(queue.offer([] {}));
  EXPECT_FALSE(queue.offer([] {}));
}

}  // namespace
}  // namespace phusa::http
