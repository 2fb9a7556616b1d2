#include "core/merge/merge.hpp"
#include "tests/e2e/whole/real_phone.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace phusa::test {
namespace {

struct Deed {
  int what = 0;
  int who = 0;
  int which = 0;
  int value = 0;
};

std::ostream& operator<<(std::ostream& out, const Deed& deed) {
  return out << "{" << deed.what << ", " << deed.who << ", " << deed.which << ", " << deed.value << "}";
}

rc::Gen<Deed> any_deed() {
  return rc::gen::build<Deed>(rc::gen::set(&Deed::what, rc::gen::inRange(0, 20)),
                              rc::gen::set(&Deed::who, rc::gen::inRange(0, 5)),
                              rc::gen::set(&Deed::which, rc::gen::inRange(0, 12)),
                              rc::gen::set(&Deed::value, rc::gen::inRange(0, 40)));
}

constexpr std::uint32_t kUnits = 4;

/// Volunteers, an officer, the office and a copy of the first volunteer's phone, over one server.
class Story {
 public:
  explicit Story(TestServer& server) {
    add(server, "volunteer", Rank::kVolunteer, "a1");
    add(server, "neighbour", Rank::kVolunteer, "b");
    add(server, "officer", Rank::kOfficer, "a");
    add(server, "office", Rank::kOffice, "root");
    RC_ASSERT(phones_[0]->sync().has_value());
    phones_.push_back(std::make_unique<RealPhone>(*phones_[0], "copy"));
  }

  void act(const Deed& deed) {
    RealPhone& phone = *phones_[static_cast<std::size_t>(deed.who)];
    if (deed.what <= 3 || records_.empty()) return log(phone, deed);
    // Blind edits are those of records that this phone has not seen.
    const RecordId id = records_[static_cast<std::size_t>(deed.which) % records_.size()];
    const auto number = static_cast<std::uint32_t>(deed.value);
    switch (deed.what) {
      case 4:
      case 5:
        phone.edit(id, trees_field(deed.value * 200));
        return;
      case 6:
        phone.edit(id, {FieldKind::kUnit, value::of_number(number % (kUnits + 1))});
        return;
      case 7:
        std::ignore = phone.phone().retract({&id, 1});
        return;
      case 8:
        std::ignore = phone.phone().restore({&id, 1});
        return;
      case 9:
        std::ignore = phone.phone().review({&id, 1}, static_cast<ReviewState>(deed.value % 3), "");
        return;
      case 10:
        phone.edit(id, {FieldKind::kNote, "lời " + std::to_string(deed.value)});
        return;
      case 11:
        phone.edit(id, {FieldKind::kDay, value::of_day(day(deed.value))});
        return;
      case 12:
        phone.edit(id, {FieldKind::kCampaigns, value::of_numbers({number % 3})});
        return;
      case 13:
        phone.edit(id,
                   {FieldKey::value_of(IndicatorNo{2}), value::of_amount({deed.value, Qualifier::kMore})});
        return;
      case 14:
        phone.reopen();
        return;
      case 15:
        RC_ASSERT(!phone.sync(true).has_value());
        return;
      default:
        const auto synced = phone.sync();
        if (!synced) RC_FAIL(synced.error().context);
    }
  }

  void end() {
    for (int round = 0; round < 2; ++round) {
      for (const auto& phone : phones_) {
        const auto synced = phone->sync();
        if (!synced) RC_FAIL(synced.error().context);
      }
    }
  }

  RealPhone& officer() { return *phones_[2]; }
  RealPhone& office() { return *phones_[3]; }

 private:
  static Day day(int value) {
    if (value % 10 == 9) return Day(std::chrono::year(2030) / 12 / 1);
    if (value % 10 == 8) return Day(std::chrono::year(1990) / 1 / 1);
    return Day(std::chrono::year(2026) / (value % 2 == 0 ? 3 : 2) / 10);
  }
  void add(TestServer& server, const std::string& name, Rank rank, const std::string& unit) {
    phones_.push_back(std::make_unique<RealPhone>(server, folder_, name, rank, unit));
  }
  void log(RealPhone& phone, const Deed& deed) {
    Draft more{{FieldKind::kDay, value::of_day(day(deed.value))}};
    if (deed.value % 3 == 0) more.push_back({FieldKind::kCampaigns, value::of_numbers({2})});
    if (deed.value % 4 == 0) {
      more.push_back(
          {FieldKind::kLabels, value::of_numbers({static_cast<std::uint32_t>(deed.value % 8 == 0)})});
    }
    if (deed.value % 5 == 0 && !records_.empty()) {
      more.push_back({FieldKind::kEvent, value::of_record(records_.front())});
      more.push_back({FieldKey::value_of(IndicatorNo{2}), value::of_amount({deed.value, Qualifier::kExact})});
    }
    records_.push_back(phone.log(deed.value * 150, static_cast<std::uint32_t>(deed.which) % kUnits, more));
  }

  FolderInMemory folder_;
  std::vector<std::unique_ptr<RealPhone>> phones_;
  std::vector<RecordId> records_;
};

std::vector<std::string> of_trees(std::vector<std::string> rows) {
  std::erase_if(rows, [](const std::string& row) { return !row.starts_with("trees|"); });
  return rows;
}

// Law 6: the office's device, the server and the server's own recount say the same, whatever was resent,
// edited blind, retracted, reviewed, moved, copied or lost on the way.
RC_GTEST_PROP(Exactness, TheOfficesPhoneTheServerAndARecountAgree, ()) {
  const auto count = *rc::gen::resize(100, rc::gen::inRange<std::size_t>(0, 70));
  const auto deeds = *rc::gen::container<std::vector<Deed>>(count, rc::gen::resize(100, any_deed()));
  TestServer server;
  Story story(server);
  for (const Deed& deed : deeds) story.act(deed);
  story.end();
  for (const char* by : {"", "unit", "unit,month,review", "campaign,kind", "label:level"}) {
    const auto expected = totals_of(server, by);
    RC_ASSERT(story.office().totals(by) == expected);
    RC_CLASSIFY(std::string(by).empty() && !expected.empty(), "something is counted");
    // An officer cannot see which record of an event counts when it lies in another unit; all else is the
    // same.
    RC_ASSERT(of_trees(story.officer().totals(by, "a")) == of_trees(totals_of(server, by, "a")));
  }
  const auto wrongs = wrongs_of(server);
  for (const std::string& wrong : wrongs) RC_LOG() << wrong << "\n";
  RC_ASSERT(wrongs.empty());
}

TEST(Exactness, SumsBeyondSixtyFourBitsAreExactOnThePhoneAndAtTheServer) {
  constexpr std::size_t kRecords = 9'300;  // of 10^15 each: past 2^63
  constexpr std::int64_t kMost = 1'000'000'000'000'000;
  TestServer server;
  FolderInMemory folder;
  // What stands at a day may lie below zero; what was done may not.
  Catalogue next = test_catalogue();
  next.revision = 2;
  Indicator balance;
  balance.code = "balance";
  balance.name = "balance";
  balance.nature = Nature::kStock;
  next.indicators.push_back(balance);
  server.publish(next);
  RealPhone phone(server, folder, "office", Rank::kOffice, "root");
  const FieldKey figure = FieldKey::value_of(IndicatorNo{3});
  const auto log = [&](std::int64_t amount, std::size_t times) {
    std::vector<Draft> drafts(times,
                              Draft{{FieldKind::kUnit, value::of_number(1)},
                                    {FieldKind::kKind, value::of_number(0)},
                                    {FieldKind::kDay, value::of_day(Day(std::chrono::year(2026) / 3 / 10))},
                                    {figure, value::of_amount({amount, Qualifier::kExact})}});
    ASSERT_TRUE(phone.phone().log(drafts).has_value());
    const auto synced = phone.sync();
    ASSERT_TRUE(synced.has_value()) << synced.error().context;
  };
  log(kMost, kRecords);
  const std::vector<std::string> positive{"balance|||||||9300000000000000000|9300|0|0"};
  EXPECT_EQ(totals_of(server, ""), positive);
  EXPECT_EQ(phone.totals(""), positive);
  log(-kMost, kRecords);
  log(-kMost, kRecords);
  const std::vector<std::string> negative{"balance|||||||-9300000000000000000|27900|0|0"};
  EXPECT_EQ(totals_of(server, ""), negative);
  EXPECT_EQ(phone.totals(""), negative);
  EXPECT_EQ(wrongs_of(server), std::vector<std::string>{});
}

}  // namespace
}  // namespace phusa::test
