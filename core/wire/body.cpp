#include "core/wire/body.hpp"

#include "core/base/limits.hpp"
#include "core/wire/compression.hpp"
#include "core/wire/message.hpp"

namespace phusa::wire {
namespace {

constexpr std::string_view kMeasuredMagic = "PHS2";
constexpr std::string_view kFamily = "PHS";  // the byte after it is the version

Error another_version() {
  return {ErrorCode::kUnsupportedVersion, "the bytes are of another version of Phù Sa: update the program"};
}

}  // namespace

bool is_body(BytesView bytes) {
  return bytes.starts_with(kFamily) && bytes.size() >= kBodyMagic.size();
}

Bytes with_magic(BytesView message) {
  Bytes body(kBodyMagic);
  body.append(message);
  return body;
}

Result<BytesView> without_magic(BytesView body) {
  if (!is_body(body)) {
    return fail(ErrorCode::kUnexpectedReply, "the bytes are not Phù Sa's: something else answered, or asked");
  }
  if (!body.starts_with(kBodyMagic)) return fail(another_version());
  return body.substr(kBodyMagic.size());
}

Bytes framed(Frame frame, BytesView message) {
  if (frame == Frame::kOpen) return with_magic(message);
  Bytes body(kMeasuredMagic);
  put_bytes(body, message);
  return body;
}

Result<Framed> read_frame(BytesView body) {
  if (!body.starts_with(kMeasuredMagic)) {
    PHUSA_ASSIGN(const BytesView message, without_magic(body));
    return Framed{Frame::kOpen, message};
  }
  ByteReader in(body.substr(kMeasuredMagic.size()));
  const BytesView message = in.bytes(body.size());
  if (!in.done()) return fail(ErrorCode::kNetwork, "it was cut short on its way");
  return Framed{Frame::kMeasured, message};
}

Result<BytesView> read_frame(BytesView body, Frame expected) {
  PHUSA_ASSIGN(const Framed read, read_frame(body));
  if (read.frame != expected) return fail(another_version());
  return read.message;
}

void fill_snapshot(const CatalogueSnapshot& from, v1::CatalogueUpdate& to) {
  to.set_revision(from.revision);
  to.set_packed(compress(from.encoded));
  to.set_signature(text_of(from.signature));
}

Result<CatalogueSnapshot> take_snapshot(const v1::CatalogueUpdate& from) {
  CatalogueSnapshot out;
  out.revision = from.revision();
  PHUSA_ASSIGN(out.encoded, decompress(from.packed(), limits::kCatalogueBytesMax));
  PHUSA_ASSIGN(out.signature, Signature::from(from.signature()));
  return out;
}

}  // namespace phusa::wire
