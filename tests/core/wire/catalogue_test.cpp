#include "core/base/limits.hpp"
#include "core/wire/codec.hpp"
#include "tests/core/wire/samples.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace phusa::wire {
namespace {

using test::Samples;

ErrorCode error_of(const auto& result) {
  return result ? ErrorCode::kInternal : result.error().code;
}

RC_GTEST_PROP(CatalogueCodec, CataloguesComeBack, (std::uint64_t seed)) {
  const Catalogue catalogue = Samples(seed).catalogue();
  const auto decoded = decode_catalogue(encode_catalogue(catalogue));
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(*decoded == catalogue);
}

TEST(CatalogueCodec, EqualCataloguesHaveEqualBytes) {
  EXPECT_EQ(encode_catalogue(Samples(3).catalogue()), encode_catalogue(Samples(3).catalogue()));
}

TEST(CatalogueCodec, ReferencesOutOfTheTablesAreRefused) {
  const auto refused = [](const auto& spoil) {
    Catalogue catalogue = Samples(3).catalogue();
    spoil(catalogue);
    return error_of(decode_catalogue(encode_catalogue(catalogue))) == ErrorCode::kCorrupt;
  };
  EXPECT_TRUE(refused([](Catalogue& c) { c.units[0].parent = UnitNo{99}; }));
  EXPECT_TRUE(refused([](Catalogue& c) { c.units[0].successors = {UnitNo{99}}; }));
  EXPECT_TRUE(refused([](Catalogue& c) { c.clusters[0].members = {{UnitNo{99}, {}}}; }));
  EXPECT_TRUE(refused([](Catalogue& c) { c.campaigns[0].parents = {CampaignNo{99}}; }));
  EXPECT_TRUE(refused([](Catalogue& c) { c.indicators[0].parents = {IndicatorNo{99}}; }));
  EXPECT_TRUE(refused([](Catalogue& c) { c.kinds[0].labels = {{LabelNo{99}, false}}; }));
  EXPECT_TRUE(refused([](Catalogue& c) { c.indicators[0].decimals = 200; }));
}

TEST(CatalogueCodec, CirclesAreRefused) {
  Catalogue itself;
  itself.units.resize(1);
  itself.units[0].parent = UnitNo{0};
  EXPECT_EQ(error_of(decode_catalogue(encode_catalogue(itself))), ErrorCode::kCorrupt);
  Catalogue round;
  round.campaigns.resize(3);
  round.campaigns[0].parents = {CampaignNo{1}};
  round.campaigns[1].parents = {CampaignNo{2}};
  round.campaigns[2].parents = {CampaignNo{0}};
  EXPECT_EQ(error_of(decode_catalogue(encode_catalogue(round))), ErrorCode::kCorrupt);
  round.campaigns[2].parents = {};
  EXPECT_TRUE(decode_catalogue(encode_catalogue(round)).has_value());
}

TEST(CatalogueCodec, TooManyRowsAreRefusedBeforeTheyTakeMemory) {
  Bytes bytes;
  for (std::size_t i = 0; i <= limits::kCatalogueRowsMax; ++i) bytes.append("\x12\x00", 2);
  EXPECT_EQ(error_of(decode_catalogue(bytes)), ErrorCode::kCorrupt);
  EXPECT_EQ(error_of(decode_catalogue(Bytes(limits::kCatalogueBytesMax + 1, 'x'))),
            ErrorCode::kLimitExceeded);
}

}  // namespace
}  // namespace phusa::wire
