#include "core/client/imports.hpp"

#include "tests/core/client/phone_fixture.hpp"

#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>

namespace phusa::test {
namespace {

std::vector<ImportLine> lines_of(const std::vector<Draft>& drafts) {
  std::vector<ImportLine> lines;
  for (const Draft& draft : drafts) lines.push_back({static_cast<std::uint32_t>(lines.size()) + 2, draft});
  return lines;
}

class ImportsTest : public PhoneTest {
 protected:
  Imported import(const Bytes& file, std::vector<ImportLine> lines, Alike alike = Alike::kAsk) {
    const auto imported = Imports::of(*phone_)->import(file, std::move(lines), alike, false);
    EXPECT_TRUE(imported) << (imported ? "" : imported.error().context);
    return imported.value_or(Imported());
  }
  Imported import(const Bytes& file, const std::vector<Draft>& drafts, Alike alike = Alike::kAsk) {
    return import(file, lines_of(drafts), alike);
  }
  std::size_t count_records() {
    std::size_t count = 0;
    EXPECT_TRUE(phone_->for_each([&](const Phone::Shown&) -> Result<void> {
      ++count;
      return {};
    }));
    return count;
  }
};

TEST_F(ImportsTest, TheVerySameFileCountsOnceWhateverIsSaidOfIt) {
  const std::vector<Draft> list{trees(1), trees(2)};
  const Imported first = import("a file", list);
  EXPECT_EQ(first.logged, 2u);
  for (const Alike alike : {Alike::kAsk, Alike::kSame, Alike::kOthers}) {
    const Imported again = import("a file", list, alike);
    EXPECT_TRUE(again.was_imported_before);
    EXPECT_FALSE(again.is_in_doubt);
    EXPECT_EQ(again.logged, 0u);
    EXPECT_EQ(again.ids, first.ids);
  }
  office_.sync(*phone_);
  edit(*phone_, first.ids[0], 9);
  EXPECT_EQ(import("a file", list).ids, first.ids);
  EXPECT_EQ(count_records(), 2u);
}

// A list that grew, and the lists of two sites of one day, a donor to a line: only people can tell.
TEST_F(ImportsTest, WhereALineSaysWhatARecordSaysNothingIsLoggedUntilPeopleSayWhatItIs) {
  const RecordId typed = log(1);
  const std::vector<Draft> list{trees(1), trees(2)};
  const Imported asked = import("a file", list);
  EXPECT_TRUE(asked.is_in_doubt);
  ASSERT_EQ(asked.alike.size(), 1u);
  EXPECT_EQ(asked.alike[0].index, 0u);
  EXPECT_EQ(asked.alike[0].record, typed);
  EXPECT_EQ(count_records(), 1u);
  EXPECT_EQ(import("a file", list, Alike::kSame).logged, 1u);
  EXPECT_EQ(import("of another site", list, Alike::kOthers).logged, 2u);
  EXPECT_EQ(import("of another site", list, Alike::kOthers).logged, 0u);
  EXPECT_EQ(count_records(), 4u);
}

TEST_F(ImportsTest, AFileOfWhichNothingWasLoggedCanStillBeOfOtherActivities) {
  const std::vector<Draft> list{trees(1), trees(1)};
  import("one site", list);
  EXPECT_TRUE(import("the other", list).is_in_doubt);
  EXPECT_EQ(import("the other", list, Alike::kSame).logged, 0u);
  EXPECT_EQ(import("the other", list, Alike::kOthers).logged, 2u);
}

TEST_F(ImportsTest, ARecordIsKnownByWhatItSaysAndByWhatItSaidWhenItWasImported) {
  const RecordId id = import("a file", std::vector<Draft>{trees(10)}).ids[0];
  edit(*phone_, id, 12);
  EXPECT_EQ(import("the list as it was", {trees(10), trees(1)}, Alike::kSame).logged, 1u);
  EXPECT_EQ(import("the list put right", {trees(12), trees(2)}, Alike::kSame).logged, 1u);
  const Imported both = import("one record is not two", {trees(12), trees(10)}, Alike::kSame);
  EXPECT_EQ(both.logged, 1u);
  EXPECT_EQ(both.ids[0], id);
}

TEST_F(ImportsTest, ARetractedRecordIsToldOfAndALastResort) {
  const RecordId retracted = log(1);
  ASSERT_TRUE(phone_->retract({&retracted, 1}));
  const Imported one = import("a file", std::vector<Draft>{trees(1)}, Alike::kSame);
  ASSERT_EQ(one.alike.size(), 1u);
  EXPECT_TRUE(one.alike[0].is_retracted);
  const RecordId good = log(1);
  EXPECT_EQ(import("another", std::vector<Draft>{trees(1)}, Alike::kSame).alike[0].record, good);
}

TEST_F(ImportsTest, ALineWithoutADayIsTheSameOnEveryDay) {
  const std::vector<ImportLine> today{{2, trees(1), false}};
  import("a file", today);
  std::vector<ImportLine> tomorrow{{2, trees(1), false}, {3, trees(5), false}};
  for (ImportLine& line : tomorrow) {
    for (FieldValue& field : line.draft) {
      if (field.field == FieldKind::kDay) field.value = value::of_day(day_from_number(19'443));
    }
  }
  EXPECT_EQ(import("it grew", tomorrow, Alike::kSame).logged, 1u);
}

// Who belongs to another unit since, and imports the list that grew.
TEST_F(ImportsTest, ALineWithoutAUnitIsTheSameInEveryUnitThatOneLoggedFor) {
  const auto without_unit = [](std::uint32_t line, std::int64_t count) {
    ImportLine out{line, trees(count)};
    out.has_unit = false;
    return out;
  };
  import("a file", {without_unit(2, 1)});
  std::vector<ImportLine> later{without_unit(2, 1), without_unit(3, 5)};
  for (ImportLine& line : later) {
    for (FieldValue& field : line.draft) {
      if (field.field == FieldKind::kUnit) field.value = value::of_number(2);
    }
  }
  const Imported grown = import("it grew", later);
  EXPECT_TRUE(grown.is_in_doubt);
  EXPECT_EQ(grown.alike.size(), 1u);
  for (ImportLine& line : later) line.has_unit = true;
  EXPECT_EQ(import("it says of whom", later).logged, 2u);
}

TEST_F(ImportsTest, OfTheVerySameFileOfSomebodyElseOneIsAskedWhateverItsRecordsSayNow) {
  const std::vector<Draft> list{trees(1), trees(2)};
  const std::vector<RecordId> ids = import("a file", list).ids;
  edit(*phone_, ids[0], 9);
  office_.sync(*phone_);
  phone_ = open_phone(folder_.file("officer"), clock_, random_);
  office_.join(*phone_, Rank::kOfficer);
  office_.pull(*phone_);
  const Imported asked = import("a file", list);
  EXPECT_TRUE(asked.is_in_doubt);
  EXPECT_EQ(asked.alike.size(), 2u);
  EXPECT_EQ(asked.ids, ids);
  EXPECT_EQ(import("a file", list, Alike::kSame).logged, 0u);
  EXPECT_EQ(import("a file", list, Alike::kOthers).logged, 2u);
}

// Two donations of one day, in two places: their donors say the same but for the event.
TEST_F(ImportsTest, WhatBelongsToAnotherEventIsAnotherActivity) {
  const auto donation = [this](const Bytes& file, const std::string& place) {
    Draft header{trees(0)[0], trees(0)[1], trees(0)[2], {FieldKind::kEventHeader, value::of_flag(true)}};
    header.push_back({FieldKind::kPlace, place});
    Draft donor = trees(1);
    donor.push_back({FieldKind::kEvent, value::of_record(Imports::of(*phone_)->id_of_line(file, 3))});
    return std::vector<ImportLine>{{2, donor}, {3, header}};
  };
  const Imported here = import("here", donation("here", "Ninh Kiều"));
  EXPECT_EQ(here.logged, 2u);
  const Imported there = import("there", donation("there", "Cái Răng"));
  EXPECT_FALSE(there.is_in_doubt);
  EXPECT_EQ(there.logged, 2u);
  const Imported again = import("here once more", donation("here once more", "Ninh Kiều"), Alike::kSame);
  EXPECT_EQ(again.logged, 0u);
  EXPECT_EQ(again.ids, here.ids);
}

TEST_F(ImportsTest, LinesThatNameEachOtherInACircleAreImported) {
  std::vector<ImportLine> lines = lines_of({trees(1), trees(2)});
  for (std::size_t i = 0; i < 2; ++i) {
    const RecordId other = Imports::of(*phone_)->id_of_line("a file", lines[1 - i].line);
    lines[i].draft.push_back({FieldKind::kEvent, value::of_record(other)});
  }
  EXPECT_EQ(import("a file", lines).logged, 2u);
}

TEST_F(ImportsTest, ACheckLogsNothing) {
  const auto checked = Imports::of(*phone_)->import("a file", lines_of({trees(1)}), Alike::kAsk, true);
  ASSERT_TRUE(checked);
  EXPECT_EQ(count_records(), 0u);
  EXPECT_EQ(import("a file", std::vector<Draft>{trees(1)}).logged, 1u);
}

// Law: of equal lines `same` makes as many records as the file has, `others` adds them, a question nothing,
// and the very same file adds nothing at all.
RC_GTEST_FIXTURE_PROP(ImportsTest, NoSequenceOfImportsCountsTwiceOrLoses, ()) {
  using Amounts = std::vector<std::uint8_t>;
  const auto files = *rc::gen::container<std::vector<Amounts>>(
      4, rc::gen::nonEmpty(rc::gen::container<Amounts>(rc::gen::inRange<std::uint8_t>(1, 4))));
  const auto acts = *rc::gen::container<std::vector<std::pair<std::uint8_t, std::uint8_t>>>(
      rc::gen::pair(rc::gen::inRange<std::uint8_t>(0, 4), rc::gen::inRange<std::uint8_t>(0, 3)));
  std::map<std::uint8_t, std::size_t> expected;
  std::set<std::uint8_t> imported;
  for (const auto& [file, choice] : acts) {
    std::map<std::uint8_t, std::size_t> in_file;
    std::vector<Draft> drafts;
    for (const std::uint8_t amount : files[file]) {
      drafts.push_back(trees(amount));
      ++in_file[amount];
    }
    const auto alike = static_cast<Alike>(choice);
    const Imported done = import("file " + std::to_string(file), drafts, alike);
    const bool meets =
        std::any_of(in_file.begin(), in_file.end(), [&](const auto& one) { return expected[one.first] > 0; });
    std::size_t logged = 0;
    if (!imported.contains(file) && !(alike == Alike::kAsk && meets)) {
      for (const auto& [amount, count] : in_file) {
        std::size_t& there = expected[amount];
        const std::size_t after = alike == Alike::kSame ? std::max(there, count) : there + count;
        logged += after - there;
        there = after;
      }
    }
    if (logged > 0) imported.insert(file);
    RC_ASSERT(done.logged == logged);
    RC_ASSERT(done.is_in_doubt == (alike == Alike::kAsk && meets && !done.was_imported_before));
  }
  std::size_t all = 0;
  for (const auto& [amount, count] : expected) all += count;
  RC_ASSERT(count_records() == all);
}

}  // namespace
}  // namespace phusa::test
