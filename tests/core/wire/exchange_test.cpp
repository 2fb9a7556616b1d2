#include "core/base/limits.hpp"
#include "core/wire/codec.hpp"
#include "core/wire/compression.hpp"
#include "tests/core/wire/samples.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace phusa::wire {
namespace {

using test::Samples;

ErrorCode error_of(const auto& result) {
  return result ? ErrorCode::kInternal : result.error().code;
}

// Messages have no ==: equal ones encode to equal bytes, and these hold every field.
RC_GTEST_PROP(Exchange, RequestsComeBack, (std::uint64_t seed)) {
  const SyncRequest request = Samples(seed).sync_request();
  const auto decoded = decode_sync_request(encode_sync_request(request));
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(encode_sync_request(*decoded) == encode_sync_request(request));
  RC_ASSERT(decoded->device_key == request.device_key && decoded->furthest == request.furthest);
  RC_ASSERT(decoded->seen == request.seen);
  RC_ASSERT(decoded->own.size() == request.own.size() && decoded->carried.size() == request.carried.size());
}

RC_GTEST_PROP(Exchange, RepliesComeBack, (std::uint64_t seed)) {
  const SyncReply reply = Samples(seed).sync_reply();
  const auto decoded = decode_sync_reply(encode_sync_reply(reply));
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(encode_sync_reply(*decoded) == encode_sync_reply(reply));
  RC_ASSERT(decoded->verdicts.size() == reply.verdicts.size());
  for (std::size_t i = 0; i < reply.verdicts.size(); ++i) {
    RC_ASSERT(decoded->verdicts[i].point == reply.verdicts[i].point);
    RC_ASSERT(decoded->verdicts[i].held == reply.verdicts[i].held);
  }
}

RC_GTEST_PROP(Exchange, EnrolmentsComeBack, (std::uint64_t seed)) {
  Samples samples(seed);
  const EnrolRequest request = samples.enrol_request();
  const auto decoded_request = decode_enrol_request(encode_enrol_request(request));
  RC_ASSERT(decoded_request.has_value());
  RC_ASSERT(encode_enrol_request(*decoded_request) == encode_enrol_request(request));
  const EnrolReply reply = samples.enrol_reply();
  const auto decoded_reply = decode_enrol_reply(encode_enrol_reply(reply));
  RC_ASSERT(decoded_reply.has_value());
  RC_ASSERT(encode_enrol_reply(*decoded_reply) == encode_enrol_reply(reply));
}

TEST(Exchange, BatchesFromTheStoreGoUpAsTheyAre) {
  Samples samples(1);
  SyncRequest request;
  request.own.resize(1);
  request.own[0].encoded_batches = {encode_batch(samples.sealed_batch()),
                                    encode_batch(samples.sealed_batch())};
  const auto decoded = decode_sync_request(encode_sync_request(request));
  ASSERT_TRUE(decoded.has_value());
  ASSERT_EQ(decoded->own.at(0).batches.size(), 2u);
  EXPECT_EQ(decoded->own[0].batches[1].batch.signature,
            decode_batch(request.own[0].encoded_batches[1])->batch.signature);
}

TEST(Exchange, ARefusalKeepsItsCode) {
  const Refusal refusal{{ErrorCode::kUnavailable, "full"}, 30};
  const auto decoded = decode_refusal(encode_refusal(refusal));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->error, refusal.error);
  EXPECT_EQ(decoded->retry_after_s, 30u);
}

TEST(Exchange, ACaptivePortalsPageIsNoReply) {
  EXPECT_EQ(error_of(decode_sync_reply("<html><body>Welcome to the hotel</body></html>")),
            ErrorCode::kUnexpectedReply);
  EXPECT_EQ(error_of(decode_sync_reply("")), ErrorCode::kUnexpectedReply);
  EXPECT_EQ(error_of(decode_refusal("Not Found")), ErrorCode::kUnexpectedReply);
  EXPECT_EQ(error_of(decode_sync_reply("PHS3")), ErrorCode::kUnsupportedVersion);
}

/// Every body that begins as `whole` does and ends before it.
template <class Decode>
void expect_no_part_is_read(const Bytes& whole, Decode decode) {
  ASSERT_TRUE(decode(whole).has_value());
  for (std::size_t size = 0; size < whole.size(); ++size)
    ASSERT_FALSE(decode(whole.substr(0, size)).has_value()) << size << " of " << whole.size();
  EXPECT_EQ(error_of(decode(whole.substr(0, whole.size() - 1))), ErrorCode::kNetwork) << "worth another try";
  EXPECT_EQ(error_of(decode(whole + "x")), ErrorCode::kNetwork);
}

TEST(Exchange, ABodyThatIsCutAnywhereIsNoBody) {
  Samples samples(7);
  const auto reads = [](auto read) { return [read](BytesView body) { return read(body); }; };
  expect_no_part_is_read(encode_sync_request(samples.sync_request()), reads(decode_sync_request));
  expect_no_part_is_read(encode_enrol_request(samples.enrol_request()), reads(decode_enrol_request));
  expect_no_part_is_read(encode_sync_reply(samples.sync_reply()),
                         [](BytesView body) { return decode_sync_reply(body); });
  expect_no_part_is_read(encode_enrol_reply(samples.enrol_reply()),
                         [](BytesView body) { return decode_enrol_reply(body); });
  expect_no_part_is_read(encode_sync_reply({}), [](BytesView body) { return decode_sync_reply(body); });
}

TEST(Exchange, AnEarlierProgramsBodiesAreOpen) {
  SyncRequest request = Samples(7).sync_request();
  request.frame = Frame::kOpen;
  const Bytes body = encode_sync_request(request);
  EXPECT_TRUE(body.starts_with(kBodyMagic));
  EXPECT_EQ(decode_sync_request(body)->frame, Frame::kOpen);
  const Bytes reply = encode_sync_reply(Samples(7).sync_reply(), Frame::kOpen);
  EXPECT_TRUE(decode_sync_reply(reply, Frame::kOpen));
  EXPECT_EQ(error_of(decode_sync_reply(reply)), ErrorCode::kUnsupportedVersion)
      << "or a measured one, cut and with its version forged, would be read";
}

TEST(Exchange, TooManyBatchesAreRefused) {
  SyncRequest request;
  request.own.resize(1);
  request.own[0].encoded_batches.assign(limits::kBatchesPerRequestMax,
                                        encode_batch(Samples(1).sealed_batch()));
  EXPECT_TRUE(decode_sync_request(encode_sync_request(request)).has_value());
  request.carried.resize(1);
  request.carried[0].encoded_batches = {encode_batch(Samples(1).sealed_batch())};
  EXPECT_FALSE(decode_sync_request(encode_sync_request(request)).has_value());
}

TEST(Exchange, EmptySubMessagesInGreatNumberAreRefused) {
  // Two bytes each on the wire, hundreds in memory.
  Bytes body(kBodyMagic);
  for (int i = 0; i < 200'000; ++i) body.append("\x1a\x00", 2);
  EXPECT_EQ(error_of(decode_sync_request(body)), ErrorCode::kCorrupt);
  Bytes reply(kBodyMagic);
  for (int i = 0; i < 200'000; ++i) reply.append("\x0a\x00", 2);
  EXPECT_EQ(error_of(decode_sync_reply(reply, Frame::kOpen)), ErrorCode::kCorrupt);
}

TEST(Exchange, OversizedBodiesAreRefused) {
  EXPECT_EQ(error_of(decode_sync_request(Bytes(limits::kRequestBytesMax + 1, 'x'))),
            ErrorCode::kLimitExceeded);
  EXPECT_EQ(error_of(decode_enrol_request(Bytes(limits::kRequestBytesMax + 1, 'x'))),
            ErrorCode::kLimitExceeded);
  EXPECT_EQ(error_of(decode_sync_reply(Bytes(limits::kReplyBytesMax + 1, 'x'))), ErrorCode::kLimitExceeded);
}

TEST(Exchange, HeldChangesOutOfOrderAreRefused) {
  SyncReply reply;
  reply.verdicts.resize(1);
  reply.verdicts[0].held = {{5, HoldReason::kNotYours}, {5, HoldReason::kNotYours}};
  EXPECT_EQ(error_of(decode_sync_reply(encode_sync_reply(reply))), ErrorCode::kCorrupt);
}

TEST(Exchange, ACatalogueBombIsRefused) {
  SyncReply reply;
  reply.catalogue = CatalogueSnapshot{1, Bytes(limits::kCatalogueBytesMax + 1, '\0'), {}};
  EXPECT_EQ(error_of(decode_sync_reply(encode_sync_reply(reply))), ErrorCode::kLimitExceeded);
}

}  // namespace
}  // namespace phusa::wire
