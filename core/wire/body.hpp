#pragma once

#include "core/wire/codec.hpp"
#include "proto/phusa/v1/sync.pb.h"

namespace phusa::wire {

Bytes with_magic(BytesView message);
/// kUnexpectedReply for bytes that are none of ours (a captive portal's page), kUnsupportedVersion for a
/// later magic.
Result<BytesView> without_magic(BytesView body);

void fill_snapshot(const CatalogueSnapshot& from, v1::CatalogueUpdate& to);
Result<CatalogueSnapshot> take_snapshot(const v1::CatalogueUpdate& from);

}  // namespace phusa::wire
