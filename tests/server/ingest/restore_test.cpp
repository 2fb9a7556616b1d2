#include "tests/server/ingest/restored_server.hpp"

#include <gtest/gtest.h>

namespace phusa::test {
namespace {

TEST_F(RestoreTest, WhatWasLoggedAfterTheBackupComesBackFromThePhones) {
  back_up();
  log(volunteer, 4);
  sync_all();
  put_back();
  EXPECT_EQ(total(), 30);
  sync_all();
  EXPECT_EQ(volunteer.phone.resets, 1u);
  EXPECT_EQ(officer.phone.resets, 1u);
  expect_clean();
  sync_all();  // and once more: nothing starts again
  EXPECT_EQ(volunteer.phone.resets, 1u);
  EXPECT_EQ(office.phone.base.size(), 7u);
}

TEST_F(RestoreTest, ACursorBehindTheBackupGoesOnWhereNothingWasLost) {
  back_up();
  put_back();
  log(volunteer, 1);
  sync_all();
  EXPECT_EQ(volunteer.phone.resets + officer.phone.resets + office.phone.resets, 0u);
  expect_clean();
}

// What had moved on in the lost history is behind the page that was read there.
TEST_F(RestoreTest, WhoWasInTheMiddleOfALostHistorysPagesMissesNothing) {
  back_up();
  const RecordId moved = volunteer.phone.base.begin()->first;
  volunteer.phone.edit(moved, FieldKey::value_of(IndicatorNo{0}), value::of_amount({11, Qualifier::kExact}));
  sync(volunteer);
  KeepingPhone reader{9, Rank::kOfficer, "a"};
  server->enrol(reader.phone);
  reader.phone.page_bytes_max = 1;
  while (reader.phone.base.size() < 2) ASSERT_TRUE(reader.exchange(server->engine()).has_value());
  ASSERT_FALSE(reader.phone.base.contains(moved)) << "or this test shows nothing";
  put_back();
  server->enrol(reader.phone);
  sync(reader);
  EXPECT_TRUE(reader.phone.base.contains(moved));
}

TEST_F(RestoreTest, TheSamePositionWithAnotherTagIsAnotherHistory) {
  back_up();
  log(volunteer, 2);
  sync_all();
  const std::uint64_t lost_head = head();
  put_back();
  // Before the volunteer comes, others fill the positions that it knows.
  log(office, 6);
  sync(office);
  ASSERT_GE(head(), lost_head);
  sync(volunteer);
  EXPECT_EQ(volunteer.phone.resets, 1u);
  sync_all();
  expect_clean();
}

TEST_F(RestoreTest, OnlyThoseWhoKnowTheLostPartOfferAgain) {
  back_up();
  log(volunteer, 2);
  sync(volunteer);  // the officer and the office have not seen these
  put_back();
  sync_all();
  EXPECT_EQ(volunteer.phone.resets, 1u);
  EXPECT_EQ(officer.phone.resets, 0u);
  sync_all();
  EXPECT_EQ(office.phone.base.size(), 5u);
  expect_clean();
}

TEST_F(RestoreTest, ADeviceEnrolledAfterTheBackupComesBackWithItsChain) {
  back_up();
  KeepingPhone late(7, Rank::kVolunteer, "a");
  server->enrol(late.phone);
  log(late, 2);
  sync(late);
  sync_all();
  put_back();
  sync(late);
  EXPECT_EQ(late.introductions, 1u);
  EXPECT_EQ(late.phone.base.size(), 2u);
  sync_all();
  expect_clean();
}

TEST_F(RestoreTest, APhoneThatHasReadNothingFindsOutByItsReceipts) {
  back_up();
  log(volunteer, 1);
  sync(volunteer);
  volunteer.phone.cursor.clear();
  put_back();
  sync(volunteer);
  EXPECT_EQ(volunteer.phone.resets, 1u);
  expect_clean();
}

}  // namespace
}  // namespace phusa::test
