#include "core/client/methods.hpp"
#include "core/merge/merge.hpp"
#include "tests/e2e/whole/real_phone.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace phusa::test {
namespace {

class LawCases : public ::testing::Test {
 protected:
  void sync(RealPhone& phone) {
    const auto synced = phone.sync();
    ASSERT_TRUE(synced.has_value()) << synced.error().context;
  }
  /// What the server, the office's device and a recount say of the one figure.
  void expect_total(const std::vector<std::string>& rows) {
    sync(office);
    EXPECT_EQ(totals_of(server, ""), rows);
    EXPECT_EQ(office.totals(""), rows);
    EXPECT_EQ(wrongs_of(server), std::vector<std::string>{});
  }
  static std::string trees_row(std::int64_t sum, int records) {
    return "trees|||||||" + std::to_string(sum) + "|" + std::to_string(records) + "|0|0";
  }

  TestServer server;
  FolderInMemory folder;
  RealPhone volunteer{server, folder, "volunteer", Rank::kVolunteer, "a"};
  RealPhone officer{server, folder, "officer", Rank::kOfficer, "a"};
  RealPhone office{server, folder, "office", Rank::kOffice, "root"};
};

TEST_F(LawCases, TwoCopiesEditOneFieldAndNeitherEditIsLost) {
  const RecordId id = volunteer.log(30);
  sync(volunteer);
  RealPhone copy(volunteer, "copy");
  volunteer.edit_trees(id, 31);
  copy.edit_trees(id, 33);
  sync(volunteer);
  sync(copy);
  sync(volunteer);
  EXPECT_EQ(volunteer.trees_of(id), 33);
  EXPECT_EQ(copy.trees_of(id), 33);
  EXPECT_EQ(volunteer.conflicts_of(id), 1u);
  EXPECT_EQ(copy.conflicts_of(id), 1u);
  expect_total({trees_row(33, 1)});
  // The officer decides, and the copies agree again.
  sync(officer);
  EXPECT_EQ(officer.conflicts_of(id), 1u);
  officer.edit_trees(id, 32);
  sync(officer);
  sync(volunteer);
  sync(copy);
  EXPECT_EQ(volunteer.conflicts_of(id) + copy.conflicts_of(id), 0u);
  EXPECT_EQ(copy.trees_of(id), 32);
  expect_total({trees_row(32, 1)});
}

TEST_F(LawCases, TheSameEditOnACopyIsNoConflictHoweverItGoesOn) {
  const RecordId id = volunteer.log(30);
  sync(volunteer);
  RealPhone copy(volunteer, "copy");
  volunteer.edit_trees(id, 31);
  EXPECT_FALSE(volunteer.sync(true).has_value());
  sync(copy);
  copy.edit_trees(id, 32);
  sync(copy);
  // What the copy sealed arrives under the very same edit, which is not sealed yet here.
  ASSERT_TRUE(volunteer.sync(false, [&] { volunteer.edit_trees(id, 32); }).has_value());
  volunteer.edit_trees(id, 33);
  sync(volunteer);
  sync(copy);
  EXPECT_EQ(copy.trees_of(id), 33);
  EXPECT_EQ(volunteer.conflicts_of(id) + copy.conflicts_of(id), 0u);
  expect_total({trees_row(33, 1)});
}

TEST_F(LawCases, CoalescingAcrossACopyAndAcrossAnArrivingOfficersEdit) {
  const RecordId id = volunteer.log(30);
  sync(volunteer);
  sync(officer);
  RealPhone copy(volunteer, "copy");
  // Taps on the copy and on the phone, while the officer's correction comes in between.
  for (int tap = 31; tap < 36; ++tap) volunteer.edit_trees(id, tap);
  for (int tap = 41; tap < 44; ++tap) copy.edit_trees(id, tap);
  officer.edit_trees(id, 20);
  sync(officer);
  sync(copy);
  EXPECT_EQ(copy.trees_of(id), 20) << "the officer had not seen it, and ranks higher";
  EXPECT_EQ(copy.conflicts_of(id), 1u);
  copy.edit_trees(id, 21);
  copy.edit_trees(id, 22);
  sync(copy);
  sync(volunteer);
  sync(officer);
  EXPECT_EQ(volunteer.trees_of(id), 22) << "made after seeing the officer's";
  EXPECT_EQ(officer.trees_of(id), 22);
  volunteer.edit_trees(id, 23);
  volunteer.edit_trees(id, 24);
  sync(volunteer);
  sync(officer);
  EXPECT_EQ(officer.trees_of(id), 24);
  EXPECT_EQ(volunteer.conflicts_of(id), 0u) << "its own earlier edit is named by its next";
  expect_total({trees_row(24, 1)});
}

TEST_F(LawCases, OfBlindEditsOfThreeRanksTheOfficeStandsInEveryOrderOfArrival) {
  std::array<int, 3> order{0, 1, 2};
  do {
    TestServer own;
    FolderInMemory own_folder;
    RealPhone v(own, own_folder, "v", Rank::kVolunteer, "a");
    RealPhone o(own, own_folder, "o", Rank::kOfficer, "a");
    RealPhone c(own, own_folder, "c", Rank::kOffice, "root");
    const RecordId id = v.log(30);
    const std::array<RealPhone*, 3> phones{&v, &o, &c};
    for (RealPhone* phone : phones) sync(*phone);
    for (int times = 1; times <= 5; ++times) v.edit_trees(id, 100 + times);
    for (int times = 1; times <= 3; ++times) o.edit_trees(id, 200 + times);
    c.edit_trees(id, 300);
    for (const int who : order) sync(*phones[static_cast<std::size_t>(who)]);
    for (RealPhone* phone : phones) sync(*phone);
    for (RealPhone* phone : phones) {
      EXPECT_EQ(phone->trees_of(id), 300);
      EXPECT_EQ(phone->conflicts_of(id), 2u) << "both who did not know of it are shown";
    }
    EXPECT_EQ(totals_of(own, ""), std::vector<std::string>{trees_row(300, 1)});
    // One look and one decision end it for all.
    c.edit_trees(id, 300);
    for (int round = 0; round < 2; ++round) {
      for (RealPhone* phone : phones) sync(*phone);
    }
    for (RealPhone* phone : phones) EXPECT_EQ(phone->conflicts_of(id), 0u);
    EXPECT_EQ(wrongs_of(own), std::vector<std::string>{});
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(LawCases, ARecordMovedBetweenUnitsWhileItIsCorrectedBlindCountsOnceInItsNewUnit) {
  const RecordId id = volunteer.log(30, 1);
  sync(volunteer);
  sync(officer);
  sync(office);
  RealPhone of_b(server, folder, "of_b", Rank::kOfficer, "b");
  office.edit(id, {FieldKind::kUnit, value::of_number(3)});
  officer.edit_trees(id, 31);
  volunteer.edit_trees(id, 32);
  sync(office);
  sync(volunteer);
  sync(officer);  // the record lay in the officer's unit once, so the correction counts although it has left
  EXPECT_EQ(officer.trees_of(id), -1) << "it left the officer's sight once the correction was taken";
  sync(of_b);
  EXPECT_EQ(of_b.trees_of(id), 31);
  sync(office);
  EXPECT_EQ(totals_of(server, "unit"), std::vector<std::string>{"trees|b||||||31|1|0|0"});
  EXPECT_EQ(office.totals("unit"), totals_of(server, "unit"));
  expect_total({trees_row(31, 1)});
}

/// A volunteer helps elsewhere; or a slip of two officers leaves a record with a unit that the last of them
/// may not log for. Whoever may has to be able to say so.
TEST_F(LawCases, ARecordForSomebodyElsesUnitCountsOnceThatUnitOrTheOfficeAgrees) {
  RealPhone theirs{server, folder, "theirs", Rank::kOfficer, "b"};
  const auto confirm = [](RealPhone& phone, const RecordId& id) {
    v1::ReviewRequest request;
    request.add_ids(format_ref(ref_of(id)));
    request.set_state("confirmed");
    EXPECT_TRUE(method::review(phone.phone(), request));
  };
  const auto say_unit = [](RealPhone& phone, const RecordId& id, const char* unit) {
    v1::EditRequest request;
    request.set_id(format_ref(ref_of(id)));
    request.mutable_content()->set_unit(unit);
    EXPECT_TRUE(method::edit(phone.phone(), request));
  };
  const auto sync_all = [&] {
    for (RealPhone* phone : {&volunteer, &officer, &theirs, &office, &volunteer}) sync(*phone);
  };
  const RecordId one = volunteer.log(1, 3);
  const RecordId two = volunteer.log(2, 3);
  const RecordId three = volunteer.log(4, 3);
  const RecordId moved = volunteer.log(8);
  sync_all();
  say_unit(volunteer, one, "b");
  confirm(officer, one);  // of the author's unit, not of b
  say_unit(officer, moved, "b");
  sync_all();
  say_unit(theirs, moved, "a");
  sync_all();
  EXPECT_EQ(totals_of(server, ""), std::vector<std::string>{});
  confirm(theirs, one);
  sync_all();
  expect_total({trees_row(1, 1)});
  say_unit(theirs, two, "b");
  sync_all();
  expect_total({trees_row(1 + 2, 2)});
  confirm(office, three);
  sync_all();
  expect_total({trees_row(1 + 2 + 4, 3)});
  say_unit(volunteer, moved, "a");
  sync_all();
  expect_total({trees_row(1 + 2 + 4 + 8, 4)});
  // What counts already is not said again.
  say_unit(theirs, two, "b");
  confirm(officer, moved);
  confirm(officer, moved);
  sync_all();
  expect_total({trees_row(1 + 2 + 4 + 8, 4)});
}

TEST_F(LawCases, ACodeClosedBeforeOrAfterALateBatchGivesTheSameTotals) {
  const auto closed = [] {
    Catalogue next = test_catalogue();
    next.revision = 2;
    next.units[2].validity.until = Day(std::chrono::year(2026) / 3 / 1);
    next.campaigns[1].validity.until = Day(std::chrono::year(2026) / 2 / 1);
    return next;
  }();
  const Draft spring{{FieldKind::kCampaigns, value::of_numbers({1})}};
  std::vector<std::vector<std::string>> outcomes;
  for (const bool closed_first : {false, true}) {
    TestServer own;
    FolderInMemory own_folder;
    RealPhone late(own, own_folder, "late", Rank::kVolunteer, "a");
    late.log(10, 2, spring);
    if (closed_first) own.publish(closed);
    sync(late);
    if (!closed_first) own.publish(closed);
    late.log(20, 2, spring);  // after hearing of it, or before; for a day on which some revision had the code
    sync(late);
    sync(late);
    outcomes.push_back(totals_of(own, "unit,campaign"));
    EXPECT_EQ(wrongs_of(own), std::vector<std::string>{});
  }
  EXPECT_EQ(outcomes[0], outcomes[1]);
  EXPECT_EQ(outcomes[0],
            (std::vector<std::string>{"trees|a1|spring|||||30|2|0|0", "trees|a1|year|||||30|2|0|0"}));
}

TEST_F(LawCases, ACodeThatNoRevisionHasIsHeldAndCountsOnceTheOfficeAddsIt) {
  const RecordId id = volunteer.log(7, 1, {{FieldKind::kCampaigns, value::of_numbers({3})}});
  sync(volunteer);
  expect_total({});
  Catalogue next = test_catalogue();
  next.revision = 2;
  Campaign added;
  added.code = "autumn";
  added.name = "autumn";
  next.campaigns.push_back(added);
  server.publish(next);
  sync(volunteer);
  EXPECT_EQ(volunteer.phone().layers(id)->hold, HoldReason::kNone);
  expect_total({trees_row(7, 1)});
}

TEST_F(LawCases, AFigureAboveTheMaximumCountsOnceTheOfficeRaisesIt) {
  volunteer.log(5001);
  sync(volunteer);
  expect_total({});
  Catalogue next = test_catalogue();
  next.revision = 2;
  next.indicators[0].maximum = 6000;
  server.publish(next);
  sync(volunteer);
  expect_total({trees_row(5001, 1)});
}

}  // namespace
}  // namespace phusa::test
