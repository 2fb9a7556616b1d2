#pragma once

#include "core/model/batch.hpp"

#include <span>
#include <string>
#include <vector>

namespace phusa::wire {

/// The facts of a batch, and the texts of its personal edits in the order in which they stand there.
struct PackedFacts {
  Bytes facts;
  std::vector<std::string> texts;
  std::uint32_t plain_bytes = 0;  ///< size of the same changes in plain rows: what unpacking may cost
};

/// What a change costs in plain rows: 24 bytes, and per edit 8, its value's bytes (none for a personal
/// field's) and 28 per name. Who cuts batches keeps the sum within limits::kBatchPlainBytesMax.
std::size_t plain_bytes_of(const Change& change);

/// Packs `changes` of one author into columns. Versions must carry `author` as their device; the value (leaf)
/// of a personal edit is left out, for the receiver computes it from the personal part.
/// Facts of more plain bytes than limits::kBatchPlainBytesMax nobody unpacks: the caller looks, and cuts the
/// batch. kLimitExceeded past limits::kChangesPerBatchMax or limits::kFieldsPerChangeMax; kInvalidArgument
/// for what no decoder would take: values that are not canonical, edits out of order, an erased text.
Result<PackedFacts> pack_facts(std::span<const Change> changes, const DeviceId& author);

/// The reverse. `leaves` and `texts` are the personal part's (texts empty after erasure). Every length, index
/// and count is checked before memory is taken; every value is canonical, edits are sorted, one per field.
/// Else kCorrupt.
Result<std::vector<Change>> unpack_facts(BytesView facts, const DeviceId& author,
                                         std::span<const Leaf> leaves, std::span<const std::string> texts);

/// The personal part of a batch: its texts, packed, or its leaves. A part without either is empty bytes.
/// Texts are those of a batch that pack_facts made: at most two of each change, none longer than
/// limits::kTextBytesMax.
Bytes pack_personal(const PersonalPart& part);
/// kCorrupt, or kLimitExceeded when it would unpack to more than limits::kBatchPlainBytesMax. Leaves are
/// given only for an erased part; else the caller computes them from salt and texts (journal::leaves_of).
Result<PersonalPart> unpack_personal(BytesView bytes);
/// The texts' bytes and 2 for each. Who cuts batches keeps it within limits::kBatchPlainBytesMax.
std::uint32_t personal_plain_bytes(const PersonalPart& part);

}  // namespace phusa::wire
