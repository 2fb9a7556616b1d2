#include "core/client/receipts.hpp"

#include "core/base/limits.hpp"
#include "core/client/hand_over.hpp"
#include "tests/core/client/phone_fixture.hpp"

namespace phusa::test {
namespace {

using ReceiptsTest = PhoneTest;

// Written over the point that the server has not been asked about since, theirs would hide a restore.
TEST_F(ReceiptsTest, ThePointOfThoseThatOthersBringWaitsUntilTheOneBeforeWasHeld) {
  SeededRandom others_random(2);
  const auto carrier = open_phone(folder_.file("carrier"), clock_, others_random);
  office_.join(*carrier);
  const auto asked_about = [&] {
    return phone_->load_outbox(limits::kRequestTargetBytes, limits::kBatchesPerRequestMax)->outbox.furthest;
  };
  log(30);
  office_.sync(*phone_, Office::Echo::kNothing);
  const auto before = asked_about();
  ASSERT_TRUE(before);
  log(40);
  ASSERT_TRUE(HandOver(*carrier).carry(HandOver(*phone_).give(false)->file));
  office_.sync(*carrier, Office::Echo::kNothing);
  ASSERT_EQ(Receipts(*phone_).take(Receipts(*carrier).give()->file)->received, 1u);
  EXPECT_EQ(asked_about(), before);
  office_.sync(*phone_, Office::Echo::kNothing);
  const auto after = asked_about();
  ASSERT_TRUE(after);
  EXPECT_GT(after->position, before->position);
}

}  // namespace
}  // namespace phusa::test
