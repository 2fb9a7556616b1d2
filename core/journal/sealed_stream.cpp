#include "core/journal/sealed_stream.hpp"

#include <sodium.h>

namespace phusa::journal {
namespace {

constexpr BytesView kMagic = "PHF1";
constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kChunkBytes = 64 * 1024;
constexpr std::size_t kExtraBytes = crypto_secretstream_xchacha20poly1305_ABYTES;
constexpr std::size_t kHeaderBytes = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr std::size_t kSealedKeyBytes = crypto_secretstream_xchacha20poly1305_KEYBYTES + crypto_box_SEALBYTES;
constexpr std::size_t kHeadBytes = 4 + 1 + BoxKeyId::kSize + kSealedKeyBytes;

using StreamKey = FixedBytes<crypto_secretstream_xchacha20poly1305_KEYBYTES, struct StreamKeyTag>;

unsigned char* raw(Bytes& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}
const unsigned char* raw(BytesView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

struct StreamState {
  crypto_secretstream_xchacha20poly1305_state state{};
  ~StreamState() { sodium_memzero(&state, sizeof state); }
};

/// The content key, once the head is known to be one of ours.
Result<StreamKey> key_in(BytesView head, std::span<const OpeningKey> keys) {
  ByteReader in(head);
  if (in.take(kMagic.size()) != kMagic) return fail(ErrorCode::kCorrupt, "this is not a sealed file of ours");
  if (in.u8() != kFormat)
    return fail(ErrorCode::kUnsupportedVersion, "the file is of a later version: update the program");
  const BytesView id = in.take(BoxKeyId::kSize);
  const BytesView sealed = in.take(kSealedKeyBytes);
  if (!in.done()) return fail(ErrorCode::kCorrupt, "the file is cut short");
  for (const OpeningKey& key : keys) {
    if (box_key_id_of(key.public_key).view() != id) continue;
    PHUSA_ASSIGN(const Bytes opened, open_parcel(sealed, key));
    return StreamKey::from(opened);
  }
  return fail(ErrorCode::kNotFound,
              "the file is sealed to another key, the one whose id starts with " + to_hex(id.substr(0, 4)));
}

}  // namespace

Result<void> seal_stream(const Source& plain, const BoxKey& to, Random& random, const Sink& sealed) {
  const auto key = random.fixed<StreamKey>();
  Bytes head(kMagic);
  put_u8(head, kFormat);
  head += box_key_id_of(to).view();
  PHUSA_ASSIGN(const Bytes sealed_key, seal_parcel(key.view(), to, random));
  head += sealed_key;
  StreamState stream;
  Bytes header(kHeaderBytes, '\0');
  crypto_secretstream_xchacha20poly1305_init_push(&stream.state, raw(header), key.bytes.data());
  PHUSA_TRY(sealed(head));
  PHUSA_TRY(sealed(header));
  PHUSA_ASSIGN(Bytes chunk, plain(kChunkBytes));
  for (bool is_last = false; !is_last;) {
    Bytes next;
    if (chunk.size() == kChunkBytes) {
      PHUSA_ASSIGN(next, plain(kChunkBytes));
    }
    is_last = next.empty();
    Bytes out(chunk.size() + kExtraBytes, '\0');
    crypto_secretstream_xchacha20poly1305_push(&stream.state, raw(out), nullptr, raw(chunk), chunk.size(),
                                               raw(head), head.size(),
                                               is_last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
    head.clear();
    PHUSA_TRY(sealed(out));
    chunk = std::move(next);
  }
  return {};
}

Result<void> open_stream(const Source& sealed, std::span<const OpeningKey> keys, const Sink& plain) {
  PHUSA_ASSIGN(Bytes head, sealed(kHeadBytes));
  PHUSA_ASSIGN(const StreamKey key, key_in(head, keys));
  PHUSA_ASSIGN(const Bytes header, sealed(kHeaderBytes));
  StreamState stream;
  if (header.size() != kHeaderBytes ||
      crypto_secretstream_xchacha20poly1305_init_pull(&stream.state, raw(header), key.bytes.data()) != 0)
    return fail(ErrorCode::kCorrupt, "the file is cut short");
  for (;;) {
    PHUSA_ASSIGN(const Bytes chunk, sealed(kChunkBytes + kExtraBytes));
    if (chunk.size() < kExtraBytes) return fail(ErrorCode::kCorrupt, "the file is cut short");
    Bytes out(chunk.size() - kExtraBytes, '\0');
    unsigned char tag = 0;
    if (crypto_secretstream_xchacha20poly1305_pull(&stream.state, raw(out), nullptr, &tag, raw(chunk),
                                                   chunk.size(), raw(head), head.size()) != 0)
      return fail(ErrorCode::kCorrupt, "the file was altered or is damaged");
    head.clear();
    PHUSA_TRY(plain(out));
    if (tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL) continue;
    PHUSA_ASSIGN(const Bytes behind, sealed(1));
    if (!behind.empty()) return fail(ErrorCode::kCorrupt, "something follows the end of the file");
    return {};
  }
}

}  // namespace phusa::journal
