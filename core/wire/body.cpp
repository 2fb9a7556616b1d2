#include "core/wire/body.hpp"

#include "core/base/limits.hpp"
#include "core/wire/compression.hpp"
#include "core/wire/message.hpp"

namespace phusa::wire {

Bytes with_magic(BytesView message) {
  Bytes body(kBodyMagic);
  body.append(message);
  return body;
}

Result<BytesView> without_magic(BytesView body) {
  constexpr std::size_t kFamilyBytes = 3;  // the last byte of the magic is the version
  if (body.substr(0, kFamilyBytes) != kBodyMagic.substr(0, kFamilyBytes) || body.size() < kBodyMagic.size()) {
    return fail(ErrorCode::kUnexpectedReply, "the bytes are not Phù Sa's: something else answered, or asked");
  }
  if (body.substr(0, kBodyMagic.size()) != kBodyMagic) {
    return fail(ErrorCode::kUnsupportedVersion,
                "the bytes are of another version of Phù Sa: update the program");
  }
  return body.substr(kBodyMagic.size());
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
