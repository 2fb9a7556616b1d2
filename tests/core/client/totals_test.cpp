#include "core/client/totals.hpp"

#include "core/client/fault.hpp"
#include "proto/phusa/v1/client.pb.h"
#include "tests/core/client/phone_fixture.hpp"

namespace phusa::test {
namespace {

/// An officer's phone, and trees count once per event.
class TotalsOfAPhone : public PhoneTest {
 protected:
  void SetUp() override {
    office_.publish([](Catalogue& catalogue) { catalogue.indicators[0].per_event = PerEvent::kOnce; });
    officer_ = open_phone(folder_.file("officer"), clock_, officer_random_);
    office_.join(*officer_, Rank::kOfficer);
    Draft header = trees(0);
    header.back() = {FieldKind::kEventHeader, value::of_flag(true)};
    event_ = officer_->log({&header, 1})->front();
  }
  RecordId log_for_event(std::int64_t count) {
    Draft draft = trees(count);
    draft.push_back({FieldKind::kEvent, value::of_record(event_)});
    return officer_->log({&draft, 1})->front();
  }
  std::string total(const std::string& review = "") {
    v1::TotalsRequest request;
    request.set_review(review);
    v1::ClientTotalsReply reply;
    EXPECT_TRUE(compute_totals(*officer_, request, reply));
    return reply.rows_size() == 0 ? "" : reply.rows(0).total();
  }
  void review(const RecordId& id, ReviewState state) { ASSERT_TRUE(officer_->review({&id, 1}, state, "")); }

  SeededRandom officer_random_{2};
  std::unique_ptr<Phone> officer_;
  RecordId event_;
};

TEST_F(TotalsOfAPhone, WhatAMergedUnitDidCountsForItsSuccessor) {
  log_for_event(30);
  const auto total_of = [&](const char* unit) {
    v1::TotalsRequest request;
    request.set_unit(unit);
    v1::ClientTotalsReply reply;
    EXPECT_TRUE(compute_totals(*officer_, request, reply));
    return reply.rows_size() == 0 ? std::string() : reply.rows(0).total();
  };
  EXPECT_EQ(total_of("NA"), "30");
  EXPECT_EQ(total_of("CK"), "");
  office_.publish([](Catalogue& catalogue) {
    catalogue.units[1].validity.until = day_from_number(19'500);
    catalogue.units[1].successors = {UnitNo{2}};
  });
  wire::SyncReply reply;
  reply.catalogue = office_.snapshot();
  ASSERT_TRUE(officer_->apply_reply(reply, {}));
  EXPECT_EQ(total_of("CK"), "30");
  EXPECT_EQ(total_of("DK"), "30");
}

TEST_F(TotalsOfAPhone, OfAnEventThatCountsOnceAReturnedRecordGivesWayToTheOthers) {
  const RecordId one = log_for_event(40);
  const RecordId two = log_for_event(50);
  EXPECT_EQ(total(), "40");
  review(one, ReviewState::kReturned);
  EXPECT_EQ(total(), "50");
  EXPECT_EQ(total("all"), "50");
  EXPECT_EQ(total("returned"), "");
  review(two, ReviewState::kReturned);
  EXPECT_EQ(total(), "");
  EXPECT_EQ(total("all"), "40");
  review(two, ReviewState::kConfirmed);
  EXPECT_EQ(total(), "50");
}

}  // namespace
}  // namespace phusa::test
