#include "core/merge/state_codec.hpp"

#include "core/merge/merge.hpp"
#include "tests/core/merge/random_states.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <random>

namespace phusa::merge {
namespace {

using namespace test;

RC_GTEST_PROP(StateCodec, EveryStateComesBackTheSame, ()) {
  const RecordState state = joined(*any_changes());
  const auto again = decode_state(state.id, encode_state(state));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == state);
}

RC_GTEST_PROP(StateCodec, DifferentStatesHaveDifferentBytes, ()) {
  const RecordState a = joined(*any_changes()), b = joined(*any_changes());
  RC_ASSERT((encode_state(a) == encode_state(b)) == (a == b));
}

RC_GTEST_PROP(StateCodec, MutatedBytesAreRefusedOrAreAnotherStatesOwn, (std::uint64_t seed)) {
  const RecordState state = joined(*any_changes());
  const Bytes whole = encode_state(state);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 200; ++round) {
    Bytes bytes = whole;
    for (int mutations = 1 + static_cast<int>(random() % 3); mutations > 0 && !bytes.empty(); --mutations) {
      const std::size_t at = random() % bytes.size();
      switch (random() % 5) {
        case 0:
          bytes[at] = static_cast<char>(bytes[at] ^ (1 << (random() % 8)));
          break;
        case 1:
          bytes[at] = static_cast<char>(random());
          break;
        case 2:
          bytes.erase(at, 1 + random() % 4);
          break;
        case 3:
          bytes.insert(at, 1, static_cast<char>(random() % 40));
          break;
        case 4:
          bytes.insert(at, bytes.substr(at, random() % 40));
          break;
      }
    }
    const auto read = decode_state(state.id, bytes);
    if (!read) {
      RC_ASSERT(read.error().code == ErrorCode::kCorrupt);
      continue;
    }
    RC_ASSERT(encode_state(*read) == bytes);
  }
}

RC_GTEST_PROP(StateCodec, EveryTruncationIsRefusedOrEndsBetweenTwoFields, ()) {
  const RecordState state = joined(*any_changes());
  const Bytes whole = encode_state(state);
  const std::size_t step = 1 + whole.size() / 64;  // a large state is sampled
  for (std::size_t size = *rc::gen::inRange<std::size_t>(0, step); size < whole.size(); size += step) {
    const auto read = decode_state(state.id, whole.substr(0, size));
    if (!read) continue;
    RC_ASSERT(read->registers.size() < state.registers.size());
    RC_ASSERT(encode_state(*read) == whole.substr(0, size));
  }
}

// Each a second way of writing one state.
TEST(StateCodec, NoStateHasTwoEncodings) {
  const DeviceId owner = record().device;
  const Bytes unit = "\1";  // field kUnit
  const Bytes own(owner.view());
  const Bytes value("\1\5", 2);
  const Bytes none("\0", 1);
  const Bytes name = Bytes(device(2).view()) + Bytes("\0\0\1", 3) + Bytes("abcd");
  const Bytes other = Bytes(device(3).view()) + Bytes("\0\0\1", 3) + Bytes("abcd");
  ASSERT_TRUE(decode_state(record(), none + unit + Bytes("\0", 1) + value));
  ASSERT_TRUE(decode_state(record(), none + unit + "\4\2" + name + other + value));
  for (const auto& [what, bytes] : std::initializer_list<std::pair<const char*, Bytes>>{
           {"the owner written out", none + unit + "\1" + own + value},
           {"the first counts written out", none + unit + "\2" + Bytes("\0\0\1", 3) + value},
           {"no names, counted", none + unit + "\4" + Bytes("\0", 1) + value},
           {"names descending", none + unit + "\4\2" + other + name + value},
           {"a name twice", none + unit + "\4\2" + name + name + value},
           {"no text, written", none + "\16" + Bytes("\10", 1) + value + Bytes("\0", 1)},
           {"an unknown flag", none + unit + "\40" + value},
           {"another node that is none", none + unit + "\20" + value},
           {"the same node twice", none + unit + "\20" + value + Bytes("\0", 1) + value},
           {"fields descending", none + "\2" + Bytes("\0", 1) + value + unit + Bytes("\0", 1) + value},
           {"a field twice", none + unit + Bytes("\0", 1) + value + unit + Bytes("\0", 1) + value},
           {"a field that does not exist", none + Bytes("\0\0", 2) + value},
           {"a field of a later version", none + "\21" + Bytes("\0", 1) + value},
           {"words in a field of facts", none + unit + "\10" + value + "\1x"},
           {"nothing at all", ""}}) {
    const auto read = decode_state(record(), bytes);
    EXPECT_FALSE(read) << what;
  }
}

TEST(StateCodec, ACountOfNamesLargerThanTheBytesTakesNoMemory) {
  Bytes bytes("\0\1\4", 3);
  put_varint(bytes, std::numeric_limits<std::uint64_t>::max());
  bytes += std::string(100, 'x');
  EXPECT_FALSE(decode_state(record(), bytes));
}

TEST(StateCodec, AFieldLookedForButNeverSetLeavesNoTrace) {
  RecordState state = joined({});
  join(state.at(FieldKind::kUnit), {{{0, 0, 1}, device(1), value::of_number(1)}, "", {}});
  const Bytes before = encode_state(state);
  state.at(FieldKind::kKind);
  EXPECT_EQ(encode_state(state), before);
}

TEST(StateCodec, AnOrdinaryFieldCostsItsKeyItsValueAndOneByte) {
  RecordState state = joined({});
  join(state.at(FieldKind::kUnit), {{{0, 0, 1}, record().device, value::of_number(1)}, "", {}});
  EXPECT_EQ(encode_state(state).size(), 1u + 1u + 1u + 2u) << "no time, key, flags, length and value";
}

}  // namespace
}  // namespace phusa::merge
