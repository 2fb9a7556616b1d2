#include "core/journal/certificate.hpp"
#include "tests/e2e/whole/real_phone.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

/// Records that reach the server in other people's pockets, and phones that join there.
namespace phusa::test {
namespace {

std::string trees_row(std::int64_t sum, std::size_t records) {
  return "trees|||||||" + std::to_string(sum) + "|" + std::to_string(records) + "|0|0";
}

class Carried : public ::testing::Test {
 protected:
  void sync(RealPhone& phone) {
    const auto synced = phone.sync();
    ASSERT_TRUE(synced.has_value()) << synced.error().context;
  }
  void expect_total(std::int64_t sum, std::size_t records) {
    sync(office);
    const std::vector<std::string> rows =
        records == 0 ? std::vector<std::string>() : std::vector<std::string>{trees_row(sum, records)};
    EXPECT_EQ(totals_of(server, ""), rows);
    EXPECT_EQ(office.totals(""), rows);
    EXPECT_EQ(wrongs_of(server), std::vector<std::string>{});
  }
  static Stage stage(RealPhone& phone, const RecordId& id) {
    const auto layers = phone.phone().layers(id);
    if (!layers) return Stage::kSaved;
    return stage_of(*layers, displayed(*layers), *phone.phone().delivery_of(layers->own_batch));
  }

  TestServer server;
  FolderInMemory folder;
  RealPhone volunteer{server, folder, "volunteer", Rank::kVolunteer, "a"};
  RealPhone officer{server, folder, "officer", Rank::kOfficer, "a"};
  RealPhone office{server, folder, "office", Rank::kOffice, "root"};
};

TEST_F(Carried, OneBundleByThreeCarriersAndTheOriginCountsOnceAndReceiptsComeBack) {
  const RecordId id = volunteer.log(30);
  const Bytes file = volunteer.hand_over();
  std::vector<Bytes> receipts;
  RealPhone neighbour(server, folder, "neighbour", Rank::kVolunteer, "b");
  for (RealPhone* carrier : {&officer, &office, &neighbour}) {
    EXPECT_EQ(carrier->carry(file), 1u);
    sync(*carrier);
    EXPECT_EQ(carrier->state().carried_bundles, 0u);
    EXPECT_EQ(carrier->state().receipts_to_return, 1u);
    receipts.push_back(carrier->receipts());
  }
  EXPECT_EQ(stage(volunteer, id), Stage::kHandedOver);
  EXPECT_EQ(volunteer.take_receipts(receipts[2]), 1u);
  EXPECT_EQ(stage(volunteer, id), Stage::kReceived);
  EXPECT_EQ(volunteer.unsent(), 0u);
  sync(volunteer);
  EXPECT_EQ(stage(volunteer, id), Stage::kCounted);
  for (const Bytes& file_of_receipts : receipts) EXPECT_EQ(volunteer.take_receipts(file_of_receipts), 0u);
  EXPECT_EQ(stage(volunteer, id), Stage::kCounted);
  expect_total(30, 1);
}

TEST_F(Carried, TheOriginThatSyncsFirstAndItsBundleAreOne) {
  const RecordId id = volunteer.log(30);
  officer.carry(volunteer.hand_over());
  volunteer.edit_trees(id, 35);
  sync(volunteer);
  sync(officer);
  EXPECT_EQ(volunteer.take_receipts(officer.receipts()), 0u);
  EXPECT_EQ(volunteer.trees_of(id), 35);
  expect_total(35, 1);
}

TEST_F(Carried, APhoneVouchedForIsCountedBeforeItEverSpokeToTheServer) {
  RealPhone fresh(server, folder, "fresh");
  fresh.join_through(officer, "a1");
  const RecordId id = fresh.log(12, 2);
  volunteer.carry(fresh.hand_over());
  sync(volunteer);
  expect_total(12, 1);
  fresh.take_receipts(volunteer.receipts());
  EXPECT_EQ(fresh.unsent(), 0u);
  fresh.log(5, 2);
  sync(fresh);
  EXPECT_EQ(stage(fresh, id), Stage::kCounted) << "it reads what is its own";
  expect_total(17, 2);
  const std::size_t first = fresh.requests;
  sync(fresh);
  EXPECT_LT(fresh.requests, first) << "it introduces itself once";
}

TEST_F(Carried, AnOfficersLostQuotaHoldsNothingForEverAndLosesNothing) {
  // The officer's phone is put back to before it vouched, and vouches for as many again.
  RealPhone copy(officer, "officer's backup");
  std::vector<std::unique_ptr<RealPhone>> phones;
  for (int i = 0; i < 10; ++i) {
    phones.push_back(std::make_unique<RealPhone>(server, folder, "fresh" + std::to_string(i)));
    phones.back()->join_through(i < 5 ? officer : copy, "a1");
    phones.back()->log(1 + i, 2);
    const auto synced = phones.back()->sync();
    ASSERT_TRUE(synced) << "what it logged is delivered: " << synced.error().context;
    EXPECT_EQ(phones.back()->unsent(), 0u);
    EXPECT_EQ(phones.back()->state().last_error.empty(), i < 5) << phones.back()->state().last_error;
  }
  expect_total(1 + 2 + 3 + 4 + 5, 5);
}

TEST_F(Carried, TheSuccessorOfALostPhoneHasItsPersonsRecordsAndMendsThem) {
  const RecordId kept = volunteer.log(30);
  sync(volunteer);
  volunteer.log(99);  // lost with the phone
  RealPhone next(server, folder, "next");
  next.join_through(officer, "a", volunteer.phone().identity().device.hex());
  sync(next);
  EXPECT_EQ(next.trees_of(kept), 30);
  EXPECT_TRUE(next.phone().is_mine(kept));
  next.edit_trees(kept, 31);
  sync(next);
  EXPECT_EQ(stage(next, kept), Stage::kCounted);
  expect_total(31, 1);
}

TEST_F(Carried, ACopyHandsOverAndTheOriginalSyncs) {
  const RecordId id = volunteer.log(30);
  sync(volunteer);
  RealPhone copy(volunteer, "copy");
  copy.log(7);
  copy.edit_trees(id, 33);
  volunteer.log(8);
  officer.carry(copy.hand_over());
  sync(volunteer);
  sync(officer);
  EXPECT_EQ(copy.take_receipts(officer.receipts()), 2u);
  EXPECT_TRUE(copy.state().forked) << "the receipts tell of it";
  copy.log(9);
  sync(copy);
  sync(volunteer);
  EXPECT_EQ(volunteer.trees_of(id), 33);
  expect_total(33 + 7 + 8 + 9, 4);
}

// Any mix of logging, editing, handing over, passing on, syncing, lost replies and receipts.

struct Deed {
  int what = 0;
  int who = 0;
  int whom = 0;
  int value = 0;
};

std::ostream& operator<<(std::ostream& out, const Deed& deed) {
  return out << "{" << deed.what << ", " << deed.who << ", " << deed.whom << ", " << deed.value << "}";
}

rc::Gen<Deed> any_deed() {
  return rc::gen::build<Deed>(
      rc::gen::set(&Deed::what, rc::gen::inRange(0, 12)), rc::gen::set(&Deed::who, rc::gen::inRange(0, 5)),
      rc::gen::set(&Deed::whom, rc::gen::inRange(0, 5)), rc::gen::set(&Deed::value, rc::gen::inRange(0, 40)));
}

class Village {
 public:
  explicit Village(TestServer& server) {
    add(server, "one", Rank::kVolunteer, "a1");
    add(server, "two", Rank::kVolunteer, "b");
    add(server, "officer", Rank::kOfficer, "a");
    phones_.push_back(std::make_unique<RealPhone>(server, folder_, "fresh"));
    phones_.back()->join_through(*phones_[2], "a1");
    RC_ASSERT(phones_[0]->sync().has_value());
    phones_.push_back(std::make_unique<RealPhone>(*phones_[0], "copy"));
  }

  void act(const Deed& deed) {
    RealPhone& who = *phones_[static_cast<std::size_t>(deed.who)];
    RealPhone& whom = *phones_[static_cast<std::size_t>(deed.whom)];
    switch (deed.what) {
      case 0:
      case 1:
      case 2: {
        const RecordId id = who.log(deed.value + 1, deed.who == 1 ? 3 : 2);
        figures_[id] = deed.value + 1;
        logged_[deed.who].push_back(id);
        return;
      }
      case 3: {
        const auto& own = logged_[deed.who];
        if (own.empty()) return;
        const RecordId id = own[static_cast<std::size_t>(deed.value) % own.size()];
        if (who.edit_trees(id, deed.value + 100)) figures_[id] = deed.value + 100;
        return;
      }
      case 4:
      case 5:
        files_.push_back(who.hand_over(deed.value % 8 == 0));
        whom.carry(files_.back());
        return;
      case 6:
        if (!files_.empty()) whom.carry(files_[static_cast<std::size_t>(deed.value) % files_.size()]);
        return;
      case 7:
        receipts_.push_back(who.receipts());
        whom.take_receipts(receipts_.back());
        return;
      case 8:
        if (!receipts_.empty())
          who.take_receipts(receipts_[static_cast<std::size_t>(deed.value) % receipts_.size()]);
        return;
      case 9:
        RC_ASSERT(!who.sync(true).has_value());
        return;
      default:
        sync(who);
    }
  }

  void end() {
    for (int round = 0; round < 2; ++round) {
      for (const auto& phone : phones_) sync(*phone);
    }
    for (const auto& phone : phones_) {
      RC_ASSERT(phone->unsent() == 0u);
      RC_ASSERT(phone->state().carried_bundles == 0u);
    }
  }

  std::vector<std::string> expected() const {
    std::int64_t sum = 0;
    for (const auto& [id, figure] : figures_) sum += figure;
    return figures_.empty() ? std::vector<std::string>()
                            : std::vector<std::string>{trees_row(sum, figures_.size())};
  }

 private:
  void add(TestServer& server, const std::string& name, Rank rank, const std::string& unit) {
    phones_.push_back(std::make_unique<RealPhone>(server, folder_, name, rank, unit));
  }
  static void sync(RealPhone& phone) {
    const auto synced = phone.sync();
    if (!synced) RC_FAIL(synced.error().context);
    RC_ASSERT(phone.requests < 40u);
  }

  FolderInMemory folder_;
  std::vector<std::unique_ptr<RealPhone>> phones_;
  std::map<int, std::vector<RecordId>> logged_;
  std::map<RecordId, std::int64_t> figures_;
  std::vector<Bytes> files_;
  std::vector<Bytes> receipts_;
};

RC_GTEST_PROP(CarriedByAnyWay, CountsEachChangeOnceAndEndsWithEverythingAcknowledged, ()) {
  const auto count = *rc::gen::resize(100, rc::gen::inRange<std::size_t>(0, 60));
  const auto deeds = *rc::gen::container<std::vector<Deed>>(count, rc::gen::resize(100, any_deed()));
  TestServer server;
  Village village(server);
  for (const Deed& deed : deeds) village.act(deed);
  village.end();
  RC_ASSERT(totals_of(server, "") == village.expected());
  const auto wrongs = wrongs_of(server);
  for (const std::string& wrong : wrongs) RC_LOG() << wrong << "\n";
  RC_ASSERT(wrongs.empty());
}

}  // namespace
}  // namespace phusa::test
