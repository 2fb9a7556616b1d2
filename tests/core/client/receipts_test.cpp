#include "core/client/receipts.hpp"

#include "core/base/limits.hpp"
#include "core/client/hand_over.hpp"
#include "core/client/point.hpp"
#include "tests/core/client/phone_fixture.hpp"

namespace phusa::test {
namespace {

using ReceiptsTest = PhoneTest;

// Over the point that the server has not been asked about since, or over one of another history, they would
// hide a restore.
TEST_F(ReceiptsTest, ThePointsOfThoseThatOthersBringAreAskedAboutEachByItself) {
  SeededRandom others_random(2);
  const auto carrier = open_phone(folder_.file("carrier"), clock_, others_random);
  office_.join(*carrier);
  const auto load = [&] {
    return *phone_->load_outbox(limits::kRequestTargetBytes, limits::kBatchesPerRequestMax);
  };
  const auto bring_receipts = [&](std::int64_t count) {
    log(count);
    ASSERT_TRUE(HandOver(*carrier).carry(HandOver(*phone_).give(false)->file));
    office_.sync(*carrier, Office::Echo::kNothing);
    ASSERT_EQ(Receipts(*phone_).take(Receipts(*carrier).give()->file)->received, 1u);
  };
  log(30);
  office_.sync(*phone_, Office::Echo::kNothing);
  const auto before = load().outbox.furthest;
  ASSERT_TRUE(before);
  bring_receipts(40);
  bring_receipts(50);
  const auto asked = load();
  EXPECT_EQ(asked.outbox.furthest, before);
  ASSERT_EQ(asked.outbox.seen.size(), 2u) << "they may be of two histories";
  EXPECT_EQ(asked.outbox.seen[0].position, before->position + 1);
  bring_receipts(60);
  ASSERT_TRUE(phone_->apply_reply({}, asked));
  ASSERT_EQ(load().outbox.seen.size(), 1u) << "of which the server was not asked yet";
  EXPECT_EQ(load().outbox.furthest, asked.outbox.seen[1]);
  Phone::Sent delivery = load();
  delivery.asked_to_read = false;
  ASSERT_TRUE(phone_->apply_reply({}, delivery));
  EXPECT_TRUE(load().outbox.seen.empty()) << "who only delivers is told of a restore too";
}

}  // namespace
}  // namespace phusa::test
