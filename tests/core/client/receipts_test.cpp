#include "core/client/receipts.hpp"

#include "core/base/limits.hpp"
#include "core/client/hand_over.hpp"
#include "core/client/point.hpp"
#include "tests/core/client/phone_fixture.hpp"

namespace phusa::test {
namespace {

using ReceiptsTest = PhoneTest;

// Written over the point that the server has not been asked about since, theirs would hide a restore.
TEST_F(ReceiptsTest, ThePointOfThoseThatOthersBringWaitsUntilTheOneBeforeWasHeld) {
  SeededRandom others_random(2);
  const auto carrier = open_phone(folder_.file("carrier"), clock_, others_random);
  office_.join(*carrier);
  const auto load = [&] {
    return *phone_->load_outbox(limits::kRequestTargetBytes, limits::kBatchesPerRequestMax);
  };
  const auto asked_about = [&] { return load().outbox.furthest; };
  log(30);
  office_.sync(*phone_, Office::Echo::kNothing);
  const auto before = asked_about();
  ASSERT_TRUE(before);
  log(40);
  ASSERT_TRUE(HandOver(*carrier).carry(HandOver(*phone_).give(false)->file));
  office_.sync(*carrier, Office::Echo::kNothing);
  ASSERT_EQ(Receipts(*phone_).take(Receipts(*carrier).give()->file)->received, 1u);
  EXPECT_EQ(asked_about(), before);
  // Held: by a page whose cursor lies beyond.
  wire::SyncReply page;
  page.cursor = write_point({before->position + 100, TransactionTag{{1}}});  // and what only the server reads
  ASSERT_TRUE(phone_->apply_reply(page, load()));
  const auto after = asked_about();
  ASSERT_TRUE(after) << "though the cursor lies beyond it";
  EXPECT_EQ(after->position, before->position + 1);
  ASSERT_TRUE(phone_->apply_reply(page, load()));
  EXPECT_FALSE(asked_about()) << "once";
}

}  // namespace
}  // namespace phusa::test
