#include "core/model/value.hpp"

#include "core/base/limits.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>

namespace phusa {
namespace {

using namespace limits;

constexpr std::uint32_t kNumberMax = (1u << 24) - 33;  // the largest indicator that a field key can name

Bytes raw(const std::vector<std::uint8_t>& bytes) {
  return Bytes(bytes.begin(), bytes.end());
}

std::vector<FieldKey> all_fields() {
  std::vector<FieldKey> out;
  for (std::uint32_t code = 1; code <= 16; ++code) out.push_back(FieldKey::from_code(code));
  out.push_back(FieldKey::value_of(IndicatorNo{0}));
  out.push_back(FieldKey::value_of(IndicatorNo{kNumberMax}));
  return out;
}

/// What `field`'s reader makes of `bytes`, written again; nullopt when the reader refuses.
std::optional<Bytes> rewrite(FieldKey field, BytesView bytes) {
  const auto map = [](const auto& read, auto write) {
    return read ? std::optional<Bytes>(write(*read)) : std::nullopt;
  };
  switch (field.kind()) {
    case FieldKind::kUnit:
    case FieldKind::kKind:
      return map(value::number(bytes), value::of_number);
    case FieldKind::kDay:
    case FieldKind::kLastDay:
      return map(value::day(bytes), value::of_day);
    case FieldKind::kCampaigns:
    case FieldKind::kLabels:
      return map(value::numbers(bytes), value::of_numbers);
    case FieldKind::kPartners:
      return map(value::partners(bytes), value::of_partners);
    case FieldKind::kMembers:
      return map(value::strings(bytes), value::of_strings);
    case FieldKind::kEvent:
      return map(value::record(bytes), value::of_record);
    case FieldKind::kEventHeader:
    case FieldKind::kHighlight:
      return value::flag(bytes) ? std::optional(value::of_flag(true)) : std::nullopt;
    case FieldKind::kPhotos:
      return map(value::hashes(bytes), value::of_hashes);
    case FieldKind::kPlace:
    case FieldKind::kNote:
      return Bytes(bytes);
    case FieldKind::kRetracted:
      return map(value::retraction(bytes), value::of_retraction);
    case FieldKind::kReview:
      return map(value::review(bytes), value::of_review);
    case FieldKind::kValue:
      return map(value::amount(bytes), value::of_amount);
  }
  return std::nullopt;
}

rc::Gen<Hash> any_hash() {
  return rc::gen::map(rc::gen::container<std::vector<std::uint8_t>>(32, rc::gen::arbitrary<std::uint8_t>()),
                      [](const std::vector<std::uint8_t>& bytes) { return *Hash::from(raw(bytes)); });
}

rc::Gen<std::uint32_t> any_number() {
  return rc::gen::inRange<std::uint32_t>(0, kNumberMax + 1);
}

rc::Gen<std::string> any_code() {
  return rc::gen::map(rc::gen::container<std::string>(rc::gen::inRange<char>('!', '~')),
                      [](std::string code) {
                        code.resize(std::min(code.size(), kCodeBytesMax));
                        return code.empty() ? std::string("x") : code;
                      });
}

template <class T>
std::vector<T> capped(std::vector<T> items, std::size_t max) {
  if (items.size() > max) items.resize(max);
  return items;
}

rc::Gen<Bytes> any_partners() {
  const auto partner =
      rc::gen::oneOf(rc::gen::map(any_number(), [](std::uint32_t no) { return Partner(UnitNo{no}); }),
                     rc::gen::map(any_number(), [](std::uint32_t no) { return Partner(ClusterNo{no}); }),
                     rc::gen::map(any_code(), [](std::string name) { return Partner(std::move(name)); }));
  return rc::gen::map(rc::gen::container<std::vector<Partner>>(partner), [](std::vector<Partner> partners) {
    return value::of_partners(capped(std::move(partners), kSetItemsMax));
  });
}

/// Canonical bytes of a random value of `field`, blank among them.
rc::Gen<Bytes> any_value(FieldKey field) {
  using rc::gen::map;
  switch (field.kind()) {
    case FieldKind::kUnit:
    case FieldKind::kKind:
      return map(any_number(), value::of_number);
    case FieldKind::kDay:
    case FieldKind::kLastDay:
      return map(rc::gen::inRange<std::int64_t>(-25'567, 2'932'897),
                 [](std::int64_t days) { return value::of_day(day_from_number(days)); });
    case FieldKind::kCampaigns:
    case FieldKind::kLabels:
      return map(rc::gen::container<std::vector<std::uint32_t>>(any_number()),
                 [](std::vector<std::uint32_t> numbers) {
                   return value::of_numbers(capped(std::move(numbers), kSetItemsMax));
                 });
    case FieldKind::kPartners:
      return any_partners();
    case FieldKind::kMembers:
      return map(rc::gen::container<std::vector<std::string>>(any_code()), value::of_strings);
    case FieldKind::kEvent:
      return map(rc::gen::tuple(any_hash(), rc::gen::arbitrary<std::uint64_t>(),
                                rc::gen::arbitrary<std::uint32_t>()),
                 [](const std::tuple<Hash, std::uint64_t, std::uint32_t>& parts) {
                   const auto& [hash, block, n] = parts;
                   return value::of_record({*DeviceId::from(hash.view().substr(0, 16)), block, n});
                 });
    case FieldKind::kEventHeader:
    case FieldKind::kHighlight:
      return map(rc::gen::arbitrary<bool>(), value::of_flag);
    case FieldKind::kPhotos:
      return map(rc::gen::container<std::vector<Hash>>(any_hash()), [](std::vector<Hash> hashes) {
        return value::of_hashes(capped(std::move(hashes), kSetItemsMax));
      });
    case FieldKind::kPlace:
    case FieldKind::kNote:
      return rc::gen::just(Bytes("Nhơn Ái"));
    case FieldKind::kRetracted:
      return map(any_hash(), [](const Hash& hash) {
        return value::of_retraction({*ContentDigest::from(hash.view().substr(0, 8))});
      });
    case FieldKind::kReview:
      return map(rc::gen::tuple(rc::gen::inRange(0, 3), any_hash(), any_code()),
                 [](const std::tuple<int, Hash, std::string>& parts) {
                   const auto& [state, hash, reason] = parts;
                   return value::of_review({static_cast<ReviewState>(state),
                                            *ContentDigest::from(hash.view().substr(0, 8)), reason});
                 });
    case FieldKind::kValue:
      return map(rc::gen::tuple(rc::gen::inRange(-kAmountMax, kAmountMax + 1), rc::gen::inRange(0, 3)),
                 [](const std::tuple<std::int64_t, int>& parts) {
                   return value::of_amount({std::get<0>(parts), static_cast<Qualifier>(std::get<1>(parts))});
                 });
  }
  return rc::gen::just(Bytes());
}

RC_GTEST_PROP(Value, WhatIsWrittenIsCanonicalAndReadsBackTheSame, ()) {
  const FieldKey field = *rc::gen::elementOf(all_fields());
  const Bytes bytes = *any_value(field);
  RC_ASSERT(value::is_canonical(field, bytes));
  if (!bytes.empty()) RC_ASSERT(rewrite(field, bytes) == bytes);
}

RC_GTEST_PROP(Value, WhateverAReaderAcceptsHasNoOtherEncoding, ()) {
  const FieldKey field = *rc::gen::elementOf(all_fields());
  if (field.is_personal()) return;
  Bytes bytes = *any_value(field);
  const int mutations = *rc::gen::inRange(1, 4);
  for (int i = 0; i < mutations; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size() + 1);
    const auto byte = static_cast<char>(*rc::gen::element(0, 1, 2, 3, 0x7f, 0x80, 0x81, 0xff));
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        bytes.insert(at, 1, byte);
        break;
      case 1:
        if (at < bytes.size()) bytes.erase(at, 1);
        break;
      case 2:
        if (at < bytes.size()) bytes[at] = byte;
        break;
      case 3:
        bytes += bytes.substr(at);
        break;
    }
  }
  const auto again = rewrite(field, bytes);
  if (again) RC_ASSERT(*again == bytes);
  if (!bytes.empty()) RC_ASSERT(value::is_canonical(field, bytes) == again.has_value());
}

RC_GTEST_PROP(Value, RandomBytesAreReadOneWayOrNotAtAll, (const std::vector<std::uint8_t>& noise)) {
  const Bytes bytes = raw(noise);
  for (const FieldKey field : all_fields()) {
    if (field.is_personal()) continue;
    const auto again = rewrite(field, bytes);
    if (again) RC_ASSERT(*again == bytes);
  }
}

TEST(Value, BlankIsCanonicalEverywhereAndNoReaderTakesItForAValue) {
  for (const FieldKey field : all_fields()) {
    EXPECT_TRUE(value::is_canonical(field, ""));
    if (field.is_personal()) continue;
    EXPECT_EQ(rewrite(field, ""), std::nullopt) << field.code;
  }
}

TEST(Value, ZeroIsNotBlank) {
  EXPECT_FALSE(value::of_amount({}).empty());
  EXPECT_FALSE(value::of_number(0).empty());
  EXPECT_FALSE(value::of_day(Day{}).empty());
  EXPECT_FALSE(value::of_numbers({0}).empty());
  EXPECT_TRUE(value::of_flag(false).empty());
  EXPECT_TRUE(value::of_numbers({}).empty());
}

TEST(Value, AmountsEndAtTheCap) {
  const FieldKey field = FieldKey::value_of(IndicatorNo{3});
  for (const std::int64_t amount : {kAmountMax, -kAmountMax, kAmountMax - 1}) {
    EXPECT_EQ(value::amount(value::of_amount({amount, Qualifier::kMore})),
              (Amount{amount, Qualifier::kMore}));
  }
  for (const std::int64_t amount : {kAmountMax + 1, -kAmountMax - 1, std::numeric_limits<std::int64_t>::max(),
                                    std::numeric_limits<std::int64_t>::min()}) {
    EXPECT_FALSE(value::is_canonical(field, value::of_amount({amount, Qualifier::kExact}))) << amount;
  }
  EXPECT_FALSE(value::is_canonical(field, Bytes("\0\3", 2))) << "an unknown qualifier";
}

TEST(Value, DaysLieBetween1900And9999) {
  for (const std::int64_t days : {-25'567, 2'932'896}) {
    EXPECT_TRUE(value::is_canonical(FieldKind::kDay, value::of_day(day_from_number(days))));
  }
  for (const std::int64_t days :
       {std::int64_t{-25'568}, std::int64_t{2'932'897}, std::numeric_limits<std::int64_t>::max(),
        std::numeric_limits<std::int64_t>::min()}) {
    EXPECT_FALSE(value::is_canonical(FieldKind::kDay, value::of_day(day_from_number(days)))) << days;
  }
}

TEST(Value, NumbersEndAtTheLargestAFieldKeyCanName) {
  EXPECT_TRUE(value::is_canonical(FieldKind::kUnit, value::of_number(kNumberMax)));
  EXPECT_FALSE(value::is_canonical(FieldKind::kUnit, value::of_number(kNumberMax + 1)));
  EXPECT_TRUE(value::is_canonical(FieldKind::kLabels, value::of_numbers({0, kNumberMax})));
  EXPECT_FALSE(value::is_canonical(FieldKind::kLabels, value::of_numbers({0, kNumberMax + 1})));
  EXPECT_FALSE(value::is_canonical(FieldKind::kLabels, value::of_numbers({kNumberMax, UINT32_MAX})));
  EXPECT_TRUE(FieldKey::value_of(IndicatorNo{kNumberMax}).is_known());
  EXPECT_FALSE(FieldKey::value_of(IndicatorNo{kNumberMax + 1}).is_known());
}

TEST(Value, SetsEndAtTheirLimits) {
  std::vector<std::uint32_t> numbers;
  std::vector<Partner> partners;
  std::vector<Hash> hashes;
  std::vector<std::string> members;
  for (std::uint32_t i = 0; i < kSetItemsMax; ++i) {
    numbers.push_back(i);
    partners.emplace_back(UnitNo{i});
    hashes.push_back(hash_of(std::to_string(i)));
  }
  for (std::size_t i = 0; i < kMembersMax; ++i)
    members.push_back(std::string(kCodeBytesMax - 4, 'm') + std::to_string(1000 + i));
  EXPECT_TRUE(value::is_canonical(FieldKind::kCampaigns, value::of_numbers(numbers)));
  EXPECT_TRUE(value::is_canonical(FieldKind::kPartners, value::of_partners(partners)));
  EXPECT_TRUE(value::is_canonical(FieldKind::kPhotos, value::of_hashes(hashes)));
  EXPECT_TRUE(value::is_canonical(FieldKind::kMembers, value::of_strings(members)));
  numbers.push_back(kSetItemsMax);
  partners.emplace_back(ClusterNo{1});
  hashes.push_back(hash_of("one more"));
  members.push_back("one more");
  EXPECT_FALSE(value::is_canonical(FieldKind::kCampaigns, value::of_numbers(numbers)));
  EXPECT_FALSE(value::is_canonical(FieldKind::kPartners, value::of_partners(partners)));
  EXPECT_FALSE(value::is_canonical(FieldKind::kPhotos, value::of_hashes(hashes)));
  EXPECT_FALSE(value::is_canonical(FieldKind::kMembers, value::of_strings(members)));
}

TEST(Value, CodesAndTextsEndAtTheirLimits) {
  const std::string code(kCodeBytesMax, 'c');
  const std::string text(kTextBytesMax, 't');
  EXPECT_TRUE(value::is_canonical(FieldKind::kMembers, value::of_strings({code})));
  EXPECT_FALSE(value::is_canonical(FieldKind::kMembers, value::of_strings({code + "c"})));
  EXPECT_TRUE(value::is_canonical(FieldKind::kPartners, value::of_partners({code})));
  EXPECT_FALSE(value::is_canonical(FieldKind::kPartners, value::of_partners({code + "c"})));
  EXPECT_TRUE(value::is_canonical(FieldKind::kNote, text));
  EXPECT_FALSE(value::is_canonical(FieldKind::kNote, text + "t"));
  EXPECT_TRUE(value::is_canonical(FieldKind::kReview, value::of_review({ReviewState::kReturned, {}, text})));
  EXPECT_FALSE(
      value::is_canonical(FieldKind::kReview, value::of_review({ReviewState::kReturned, {}, text + "t"})));
}

TEST(Value, TextThatIsNotComposedIsNotCanonical) {
  const std::string decomposed = "a\xcc\x80";
  EXPECT_FALSE(value::is_canonical(FieldKind::kNote, decomposed));
  EXPECT_FALSE(value::is_canonical(FieldKind::kPlace, "\xff"));
  EXPECT_FALSE(value::is_canonical(FieldKind::kMembers, value::of_strings({decomposed})));
  EXPECT_FALSE(value::is_canonical(FieldKind::kMembers, value::of_strings({""})));
  EXPECT_FALSE(value::is_canonical(FieldKind::kPartners, value::of_partners({decomposed})));
  EXPECT_FALSE(value::is_canonical(FieldKind::kPartners, value::of_partners({std::string()})));
  EXPECT_FALSE(
      value::is_canonical(FieldKind::kReview, value::of_review({ReviewState::kReturned, {}, decomposed})));
}

TEST(Value, SetsAreSortedAndWithoutDoublesHoweverTheyWereGiven) {
  EXPECT_EQ(value::of_numbers({7, 3, 7, 0}), value::of_numbers({0, 3, 7}));
  EXPECT_EQ(value::of_strings({"b", "a", "b"}), value::of_strings({"a", "b"}));
  EXPECT_EQ(value::of_partners({std::string("x"), ClusterNo{1}, UnitNo{9}, ClusterNo{1}}),
            value::of_partners({UnitNo{9}, ClusterNo{1}, std::string("x")}));
  EXPECT_EQ(value::of_hashes({hash_of("b"), hash_of("a")}), value::of_hashes({hash_of("a"), hash_of("b")}));
  // Twice the same, or descending, is another encoding of the same set: refused.
  EXPECT_EQ(value::numbers(Bytes("\3\0", 2)), std::nullopt);
  EXPECT_EQ(value::strings("\1b\1a"), std::nullopt);
  EXPECT_EQ(value::strings("\1a\1a"), std::nullopt);
  EXPECT_EQ(value::partners(Bytes("\1\1\0\11", 4)), std::nullopt) << "a cluster before a unit";
}

TEST(Value, FieldsOfALaterVersionAreUnknown) {
  for (const std::uint32_t code : {0u, 17u, 31u, 1u << 24, UINT32_MAX}) {
    EXPECT_FALSE(FieldKey::from_code(code).is_known()) << code;
    EXPECT_FALSE(value::is_canonical(FieldKey::from_code(code), "")) << code;
  }
}

}  // namespace
}  // namespace phusa
