#pragma once

#include "core/wire/codec.hpp"

namespace phusa::wire {

/// What became of a journal's batches, in one encoding: count u32 ‖ per batch: hash 32 ‖ status u8 ‖ reason
/// u8 ‖ fork u8 ‖ held changes u32 ‖ per held change: index u32 ‖ reason u8. Integers little-endian. This,
/// and not protobuf's bytes, is what the server signs in a parcel that others carry.
Bytes encode_fates(const ReceiptParcel::Journal& journal);

}  // namespace phusa::wire
