#include "core/wire/compression.hpp"

#include "core/base/limits.hpp"

#include <gtest/gtest.h>
#include <zstd.h>

#include <array>

/// Frames whose header lies about their size, as somebody hostile would write them.
namespace phusa::wire {
namespace {

constexpr std::size_t kAllowed = 1'000'000;

ErrorCode error_of(const Result<Bytes>& result) {
  return result ? ErrorCode::kInternal : result.error().code;
}

/// What compress() made, saying of itself that it holds `plain_bytes`.
Bytes saying(const Bytes& frame, std::uint32_t plain_bytes) {
  // RFC 8878: four bytes of magic, one that says how long the size behind it is; a frame made in one piece
  // has nothing between them.
  const auto descriptor = static_cast<unsigned char>(frame.at(4));
  EXPECT_TRUE((descriptor & 0x20) != 0) << "one segment";
  const std::size_t size_bytes = std::array<std::size_t, 4>{1, 2, 4, 8}.at(descriptor >> 6);
  Bytes out = frame.substr(0, 4);
  out += static_cast<char>((descriptor & 0x3f) | 0x80);  // a size of four bytes
  for (unsigned shift = 0; shift < 32; shift += 8) out += static_cast<char>(plain_bytes >> shift & 0xff);
  return out + frame.substr(5 + size_bytes);
}

Bytes of_unsaid_size(const Bytes& plain) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  Bytes out(ZSTD_compressBound(plain.size()), '\0');
  out.resize(ZSTD_compress2(context, out.data(), out.size(), plain.data(), plain.size()));
  ZSTD_freeCCtx(context);
  return out;
}

TEST(LyingFrame, WrittenAnewWithItsOwnSizeIsTheSame) {
  const Bytes plain(100'000, 'a');
  EXPECT_EQ(*decompress(saying(compress(plain), 100'000), kAllowed), plain);
}

TEST(LyingFrame, ThatSaysLittleAndHoldsMuchIsDamaged) {
  for (const std::size_t real : {101, 100'000, 2 * 1024 * 1024}) {
    const Bytes frame = compress(Bytes(real, 'a'));
    EXPECT_EQ(error_of(decompress(saying(frame, 100), kAllowed)), ErrorCode::kCorrupt) << real;
    EXPECT_EQ(error_of(decompress(saying(frame, 0), kAllowed)), ErrorCode::kCorrupt) << real;
  }
}

TEST(LyingFrame, ThatSaysMuchAndHoldsLittleIsDamaged) {
  const Bytes frame = compress(Bytes(100, 'a'));
  EXPECT_EQ(error_of(decompress(saying(frame, 101), kAllowed)), ErrorCode::kCorrupt);
  EXPECT_EQ(error_of(decompress(saying(frame, kAllowed), kAllowed)), ErrorCode::kCorrupt);
}

TEST(LyingFrame, ThatSaysMoreThanAllowedIsTooLargeWhateverItHolds) {
  const Bytes frame = compress(Bytes(100, 'a'));
  EXPECT_EQ(error_of(decompress(saying(frame, kAllowed + 1), kAllowed)), ErrorCode::kLimitExceeded);
  EXPECT_EQ(error_of(decompress(saying(frame, UINT32_MAX), kAllowed)), ErrorCode::kLimitExceeded);
}

TEST(LyingFrame, ThatSaysNothingIsRefused) {
  EXPECT_EQ(error_of(decompress(of_unsaid_size(Bytes(100'000, 'a')), kAllowed)), ErrorCode::kCorrupt);
}

TEST(LyingFrame, WithAnotherBehindItIsRefusedWhateverThatHolds) {
  const Bytes first = compress("first");
  for (const Bytes& plain : {Bytes(2 * 1024 * 1024, 'a'), Bytes("second"), Bytes()}) {
    EXPECT_EQ(error_of(decompress(first + compress(plain), kAllowed)), ErrorCode::kCorrupt) << plain.size();
    EXPECT_EQ(error_of(decompress(first + of_unsaid_size(plain), kAllowed)), ErrorCode::kCorrupt)
        << plain.size();
    EXPECT_EQ(error_of(decompress(
                  saying(first, static_cast<std::uint32_t>(5 + plain.size())) + compress(plain), kAllowed)),
              plain.size() > kAllowed ? ErrorCode::kLimitExceeded : ErrorCode::kCorrupt)
        << plain.size();
  }
  // A frame that every reader skips: four bytes of its own magic, and its length.
  const Bytes skipped("\x50\x2a\x4d\x18\x04\x00\x00\x00....", 12);
  EXPECT_EQ(error_of(decompress(first + skipped, kAllowed)), ErrorCode::kCorrupt);
  EXPECT_EQ(error_of(decompress(skipped + first, kAllowed)), ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace phusa::wire
