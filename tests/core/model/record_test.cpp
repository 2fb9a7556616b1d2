#include "core/model/record.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace phusa {
namespace {

DeviceId device(std::uint8_t n) {
  DeviceId id;
  id.bytes[0] = n;
  return id;
}

TEST(Counts, CompareByOfficeThenOfficerThenVolunteer) {
  EXPECT_GT((Counts{1, 0, 0}), (Counts{0, 9, 9}));
  EXPECT_GT((Counts{0, 1, 0}), (Counts{0, 0, 999}));
  EXPECT_GT((Counts{0, 0, 2}), (Counts{0, 0, 1}));
}

TEST(Counts, OfARankIsThatRanksCount) {
  const Counts counts{7, 5, 3};
  EXPECT_EQ(counts.of(Rank::kOffice), 7u);
  EXPECT_EQ(counts.of(Rank::kOfficer), 5u);
  EXPECT_EQ(counts.of(Rank::kVolunteer), 3u);
}

TEST(Version, ComparesCountsThenDeviceThenValueBytes) {
  const Version base{{0, 0, 1}, device(5), "m"};
  EXPECT_GT((Version{{0, 0, 2}, device(1), "a"}), base);
  EXPECT_GT((Version{{0, 0, 1}, device(6), "a"}), base);
  EXPECT_GT((Version{{0, 0, 1}, device(5), "n"}), base);
  EXPECT_GT((Version{{0, 0, 1}, device(5), "\xff"}), base) << "bytes are unsigned";
  EXPECT_GT((Version{{0, 0, 1}, device(0xff), "a"}), base) << "bytes are unsigned";
  EXPECT_LT((Version{{0, 0, 1}, device(5), ""}), base);
}

TEST(VersionName, BlankIsNamedByZero) {
  EXPECT_EQ(name_of(FieldKind::kDay, {{0, 0, 1}, device(1), ""}).value_hash, 0u);
  EXPECT_EQ(name_of(FieldKind::kNote, {{0, 0, 1}, device(1), ""}).value_hash, 0u);
}

TEST(VersionName, APersonalFieldIsNamedByFourBytesOfItsLeafSoAPhoneThatKnowsNoMoreCanNameIt) {
  const Bytes leaf =
      "\x01\x02\x03\x04"
      "0123456789ab";
  Bytes cut = leaf.substr(0, 4) + Bytes(12, '\0');
  const Version whole{{0, 0, 1}, device(1), leaf};
  const Version known{{0, 0, 1}, device(1), cut};
  EXPECT_EQ(name_of(FieldKind::kNote, whole), name_of(FieldKind::kNote, known));
  EXPECT_EQ(name_of(FieldKind::kNote, whole).value_hash, 0x04030201u);
  EXPECT_NE(name_of(FieldKind::kDay, whole), name_of(FieldKind::kDay, known));
}

RC_GTEST_PROP(RecordState, RegistersStaySortedHoweverTheyAreAdded,
              (const std::vector<std::uint16_t>& codes)) {
  RecordState state;
  for (const std::uint16_t code : codes) state.at(FieldKey::from_code(code)).nodes.push_back({});
  RC_ASSERT(std::is_sorted(state.registers.begin(), state.registers.end(),
                           [](const Register& a, const Register& b) { return a.field < b.field; }));
  for (const std::uint16_t code : codes) {
    const Register* reg = state.find(FieldKey::from_code(code));
    RC_ASSERT(reg != nullptr);
    RC_ASSERT(reg->nodes.size() == static_cast<std::size_t>(std::count(codes.begin(), codes.end(), code)));
  }
  RC_ASSERT(state.find(FieldKey::from_code(1u << 20)) == nullptr);
}

}  // namespace
}  // namespace phusa
