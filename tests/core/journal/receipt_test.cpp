#include "core/journal/receipt.hpp"

#include "tests/core/journal/batches.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace phusa::journal {
namespace {

using namespace test;

Receipt receipt() {
  Receipt out;
  out.device_key = key(4).public_key;
  for (std::uint8_t i = 1; i <= 3; ++i) {
    LedgerPoint point{i * 1'000u, {}};
    point.tag.bytes[0] = i;
    out.items.push_back({hash_of(std::string(1, static_cast<char>(i))), point});
  }
  sign_receipt(organisation(), key(2), out);
  return out;
}

Result<void> verified(const Receipt& receipt) {
  return verify_receipt(organisation(), key(2).public_key, receipt);
}

TEST(Receipt, IsTheServersWord) {
  EXPECT_TRUE(verified(receipt()));
  EXPECT_FALSE(verify_receipt(organisation(), key(3).public_key, receipt()));
  EXPECT_FALSE(verify_receipt(other_organisation(), key(2).public_key, receipt()));
}

TEST(Receipt, EveryPartIsCovered) {
  const Receipt whole = receipt();
  for (std::size_t item = 0; item < whole.items.size(); ++item) {
    for (std::size_t i = 0; i < Hash::kSize; ++i) {
      Receipt changed = whole;
      changed.items[item].batch.bytes[i] ^= 1;
      EXPECT_FALSE(verified(changed));
    }
    for (std::size_t i = 0; i < TransactionTag::kSize; ++i) {
      Receipt changed = whole;
      changed.items[item].point.tag.bytes[i] ^= 1;
      EXPECT_FALSE(verified(changed));
    }
    Receipt moved = whole, gone = whole, doubled = whole;
    moved.items[item].point.position += 1;
    gone.items.erase(gone.items.begin() + static_cast<std::ptrdiff_t>(item));
    doubled.items.push_back(doubled.items[item]);
    EXPECT_FALSE(verified(moved));
    EXPECT_FALSE(verified(gone));
    EXPECT_FALSE(verified(doubled));
  }
  Receipt other_device = whole, swapped = whole;
  other_device.device_key = key(5).public_key;
  std::swap(swapped.items[0], swapped.items[1]);
  EXPECT_FALSE(verified(other_device));
  EXPECT_FALSE(verified(swapped));
}

TEST(Receipt, WithoutItemsStillSaysForWhom) {
  Receipt empty;
  empty.device_key = key(4).public_key;
  sign_receipt(organisation(), key(2), empty);
  EXPECT_TRUE(verified(empty));
  empty.device_key = key(5).public_key;
  EXPECT_FALSE(verified(empty));
}

TEST(Enrolment, CoversEverythingThatIsClaimed) {
  const EnrolmentClaim base{"code", key(4).public_key, hash_of("token"), "An", "09", std::nullopt};
  std::vector<EnrolmentClaim> others(9, base);
  others[0].code = "codf";
  others[1].code = "cod";
  others[2].device_key = key(5).public_key;
  others[3].token_hash = hash_of("tokem");
  others[4].name = "Anh";
  others[5].phone = "08";
  others[6].predecessor = key(5).public_key;
  others[7].predecessor = PublicKey{};
  others[8].name = "An0";  // the same letters, cut otherwise
  others[8].phone = "9";
  for (const EnrolmentClaim& other : others) EXPECT_NE(enrolment_message(base), enrolment_message(other));
}

TEST(CatalogueSignature, CoversOrganisationRevisionAndBytes) {
  const Bytes base = catalogue_message(organisation(), 7, hash_of("rows"));
  EXPECT_NE(base, catalogue_message(other_organisation(), 7, hash_of("rows")));
  EXPECT_NE(base, catalogue_message(organisation(), 8, hash_of("rows")));
  EXPECT_NE(base, catalogue_message(organisation(), 7, hash_of("rowz")));
}

}  // namespace
}  // namespace phusa::journal
