#pragma once

#include "core/model/record.hpp"

namespace phusa::merge {

/// A record's state as one compact blob, for both stores. The record's id is not inside (it is the row's key). A field
/// with one version, by the record's own device, first edit of that device's rank, naming nothing, costs its key, its
/// value and one byte. Equal states give equal bytes.
Bytes encode_state(const RecordState& state);

/// kCorrupt for anything encode_state cannot have written.
Result<RecordState> decode_state(const RecordId& id, BytesView bytes);

}  // namespace phusa::merge
