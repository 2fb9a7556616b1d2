#include "core/journal/bundle.hpp"
#include "core/sync/hand_over_file.hpp"
#include "tests/core/client/hand_over_fixture.hpp"

#include <algorithm>

namespace phusa::test {
namespace {

TEST_F(HandOverTest, NoMoreIsCarriedThanAllowed) {
  std::vector<Bytes> bundles;
  const std::array keys{*journal::BoxKey::from(office_.catalogue().box_key)};
  for (std::size_t i = 0; i <= limits::kCarriedBundlesMax; ++i)
    bundles.push_back(*journal::seal_bundle("x", keys, *randoms_.front()));
  const auto refused = HandOver(*carrier_).carry(write_hand_over_file(bundles));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(status(*carrier_).carried_bundles(), 0u);
  bundles.pop_back();
  EXPECT_EQ(carry(*carrier_, write_hand_over_file(bundles)).bundles, limits::kCarriedBundlesMax);
}

TEST_F(HandOverTest, AFileHoldsWhatACarrierMayTakeAndTheNextOneTheRest) {
  std::vector<Bytes> bundles;
  const std::array keys{*journal::BoxKey::from(office_.catalogue().box_key)};
  for (std::size_t i = 0; i < limits::kCarriedBundlesMax; ++i)
    bundles.push_back(*journal::seal_bundle("x", keys, *randoms_.front()));
  carry(*phone_, write_hand_over_file(bundles));
  log(10);
  const auto first = HandOver(*phone_).give(false);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->changes, 1u);
  EXPECT_EQ(first->left_changes, 0u);
  EXPECT_EQ(first->left_bundles, 1u);
  EXPECT_EQ(carry(*carrier_, first->file).bundles, limits::kCarriedBundlesMax);
  ASSERT_TRUE(HandOver(*phone_).note_given(first->contents));
  log(20);
  const auto second = HandOver(*phone_).give(false);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->left_changes + second->left_bundles, 0u);
  EXPECT_EQ(second->changes, 2u);
  auto last = open("last");
  office_.join(*last);
  EXPECT_EQ(carry(*last, second->file).bundles, limits::kCarriedBundlesMax);
  const auto has = [&](const Given& given, const Bytes& bundle) {
    const auto inside = read_hand_over_file(given.file);
    return std::find(inside->begin(), inside->end(), bundle) != inside->end();
  };
  for (const Bytes& bundle : bundles) EXPECT_TRUE(has(*first, bundle) || has(*second, bundle));
}

}  // namespace
}  // namespace phusa::test
