#pragma once

#include "core/wire/codec.hpp"
#include "proto/phusa/v1/sync.pb.h"

namespace phusa::wire {

Bytes with_magic(BytesView message);
/// kUnexpectedReply for bytes that are none of ours (a captive portal's page), kUnsupportedVersion for a
/// later magic.
Result<BytesView> without_magic(BytesView body);

/// Open: kBodyMagic and the message. Measured: "PHS2", the message's size as varint, the message.
Bytes framed(Frame frame, BytesView message);
struct Framed {
  Frame frame = Frame::kMeasured;
  BytesView message;
};
/// As without_magic. kNetwork: a measured body that is shorter or longer than it says.
Result<Framed> read_frame(BytesView body);
/// The message of a reply. kUnsupportedVersion: in another frame.
Result<BytesView> read_frame(BytesView body, Frame expected);

void fill_snapshot(const CatalogueSnapshot& from, v1::CatalogueUpdate& to);
Result<CatalogueSnapshot> take_snapshot(const v1::CatalogueUpdate& from);

}  // namespace phusa::wire
