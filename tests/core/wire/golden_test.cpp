#include "core/journal/personal.hpp"
#include "core/wire/codec.hpp"
#include "core/wire/facts.hpp"
#include "core/wire/fates.hpp"
#include "core/wire/page.hpp"
#include "tests/core/wire/samples.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

/// Bytes that were sealed once must be read for ever, and what writes them must not drift. The files of
/// proto/phusa/v1/golden/ change only together with a version number; PHUSA_WRITE_GOLDEN=1 writes them anew.
namespace phusa::wire {
namespace {

using test::Samples;

std::filesystem::path golden_path(const std::string& name) {
  return std::filesystem::path(PHUSA_GOLDEN_DIR) / (name + ".hex");
}

Bytes golden(const std::string& name, const Bytes& as_written_now) {
  if (std::getenv("PHUSA_WRITE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(golden_path(name).parent_path());
    std::ofstream out(golden_path(name));
    const std::string hex = to_hex(as_written_now);
    for (std::size_t at = 0; at < hex.size(); at += 96) out << hex.substr(at, 96) << '\n';
  }
  std::ifstream in(golden_path(name));
  std::string hex;
  for (std::string line; std::getline(in, line);) hex += line;
  const auto bytes = from_hex(hex);
  EXPECT_FALSE(hex.empty()) << golden_path(name) << " cannot be read";
  return bytes.value_or(Bytes());
}

std::vector<Change> golden_changes() {
  Samples samples(42);
  const std::vector<Change> work = test::field_work(8, true);
  std::vector<Change> changes = work;
  const DeviceId author = work.front().record.device;
  for (int i = 0; i < 4; ++i) changes.push_back(samples.change(author));
  return changes;
}

SealedBatch golden_batch() {
  const std::vector<Change> changes = golden_changes();
  PackedFacts packed = *pack_facts(changes, changes.front().record.device);
  SealedBatch batch = Samples(42).sealed_batch();
  const PersonalPart personal{BatchSalt{}, packed.texts, {}};
  batch.header.changes = static_cast<std::uint32_t>(changes.size());
  batch.header.facts_plain_bytes = packed.plain_bytes;
  batch.header.personal_plain_bytes = personal_plain_bytes(personal);
  batch.facts = std::move(packed.facts);
  batch.personal = pack_personal(personal);
  return batch;
}

TEST(Golden, Batch) {
  const Bytes bytes = golden("batch", encode_batch(golden_batch(), HashForm::kWhole));
  const auto decoded = decode_batch(bytes);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(encode_batch(decoded->batch, HashForm::kWhole), bytes);

  const auto personal = unpack_personal(decoded->batch.personal);
  ASSERT_TRUE(personal.has_value());
  std::vector<Change> expected = golden_changes();
  const DeviceId author = expected.front().record.device;
  const std::vector<Leaf> leaves = journal::leaves_of(personal->salt, personal->texts);
  const auto changes = unpack_facts(decoded->batch.facts, author, leaves, personal->texts);
  ASSERT_TRUE(changes.has_value());
  test::fill_leaves(expected);
  EXPECT_EQ(*changes, expected);
  EXPECT_EQ(pack_facts(*changes, author)->facts, decoded->batch.facts);
}

TEST(Golden, Page) {
  Samples samples(42);
  std::vector<RecordDelta> deltas;
  for (int i = 0; i < 12; ++i) deltas.push_back(samples.delta());
  const Bytes bytes = golden("page", *pack_page(deltas));
  const auto decoded = unpack_page(bytes);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(*decoded, deltas);
  EXPECT_EQ(*pack_page(*decoded), bytes);
}

constexpr std::pair<Frame, const char*> kFrames[] = {{Frame::kOpen, ""}, {Frame::kMeasured, "_measured"}};

TEST(Golden, SyncRequest) {
  for (const auto& [frame, suffix] : kFrames) {
    SyncRequest request = Samples(43).sync_request();
    request.frame = frame;
    const Bytes bytes = golden(std::string("sync_request") + suffix, encode_sync_request(request));
    const auto decoded = decode_sync_request(bytes);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(encode_sync_request(*decoded), bytes);
    EXPECT_EQ(decoded->device_key, request.device_key);
  }
}

TEST(Golden, SyncReply) {
  for (const auto& [frame, suffix] : kFrames) {
    const SyncReply reply = Samples(42).sync_reply();
    const Bytes bytes = golden(std::string("sync_reply") + suffix, encode_sync_reply(reply, frame));
    const auto decoded = decode_sync_reply(bytes, frame);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(encode_sync_reply(*decoded, frame), bytes);
    EXPECT_EQ(decoded->verdicts.size(), reply.verdicts.size());
  }
}

/// One batch of each fate, and its signatures.
ReceiptParcel golden_parcel() {
  const auto hash = [](const char* of) { return hash_of(of); };
  ReceiptParcel::Journal journal;
  journal.device_key = *PublicKey::from(hash("device").view());
  journal.signature = *Signature::from(Bytes(Signature::kSize, 's'));
  journal.fates_signature = *Signature::from(Bytes(Signature::kSize, 'f'));
  for (const VerdictStatus status :
       {VerdictStatus::kAdmitted, VerdictStatus::kDuplicate, VerdictStatus::kHeld, VerdictStatus::kFull}) {
    Verdict verdict;
    verdict.status = status;
    if (verdict.is_durable())
      verdict.point = {1000 + journal.batches.size(), *TransactionTag::from(hash("tag").view().substr(0, 8))};
    journal.verdicts.push_back(verdict);
    journal.batches.push_back(hash(std::to_string(journal.batches.size()).c_str()));
  }
  journal.verdicts[0].held = {{0, HoldReason::kMissingVersion}, {7, HoldReason::kNotYours}};
  journal.verdicts[1].fork = true;
  journal.verdicts[2].reason = HoldReason::kRevoked;
  return {{std::move(journal)}};
}

TEST(Golden, ReceiptParcel) {
  const Bytes bytes = golden("receipt_parcel", encode_receipt_parcel(golden_parcel()));
  const auto decoded = decode_receipt_parcel(bytes);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(encode_receipt_parcel(*decoded), bytes);
  const Bytes fates = golden("fates", encode_fates(golden_parcel().journals[0]));
  EXPECT_EQ(encode_fates(decoded->journals.at(0)), fates) << "what the server signs of it";
}

TEST(Golden, AParcelOfAnEarlierServerHasNoWordOnFates) {
  ReceiptParcel earlier = golden_parcel();
  earlier.journals[0].fates_signature = {};
  const auto decoded = decode_receipt_parcel(encode_receipt_parcel(earlier));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_TRUE(decoded->journals.at(0).fates_signature.is_zero());
  EXPECT_EQ(decoded->journals.at(0).signature, earlier.journals[0].signature);
}

TEST(Golden, Catalogue) {
  const Bytes bytes = golden("catalogue", encode_catalogue(Samples(42).catalogue()));
  const auto decoded = decode_catalogue(bytes);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(*decoded, Samples(42).catalogue());
  EXPECT_EQ(encode_catalogue(*decoded), bytes);
}

}  // namespace
}  // namespace phusa::wire
