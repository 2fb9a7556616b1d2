#pragma once

#include "core/wire/codec.hpp"
#include "proto/phusa/v1/wire.pb.h"

namespace phusa::wire {

void fill_batch(const SealedBatch& batch, HashForm form, v1::Batch& out);
/// A parsed batch as the model's.
Result<BatchOnWire> take_batch(v1::Batch& in);
/// Whether the encoded batch has no more parts than a batch may: asked before it is parsed.
bool has_batch_shape(BytesView bytes);

}  // namespace phusa::wire
