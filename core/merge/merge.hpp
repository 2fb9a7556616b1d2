#pragma once

#include "core/model/record.hpp"

#include <vector>

/// The merge: pure functions over values. A RecordState is a join-semilattice: `join` is commutative, associative and
/// idempotent, because a register is the set of its nodes and equal versions unite their names. Everything people
/// see - winner, conflicts, digest - is a function of that set, so no order of arrival can show.
namespace phusa::merge {

/// Adds one version. Returns whether the register learnt anything.
bool join(Register& into, Node node);

/// Adds all edits of an admitted change. Returns whether the record learnt anything.
bool join(RecordState& into, const Change& change);

/// Union of two states of one record.
void join(RecordState& into, const RecordState& other);

/// The greatest version, or nullptr when the field was never set.
const Node* winner(const RecordState& state, FieldKey field);
/// Its canonical value (a personal field's: its text); empty when blank or never set.
BytesView winning_value(const RecordState& state, FieldKey field);

// Of one register, and without any knowledge of the merge: the model has them.
using phusa::conflicts;
using phusa::is_named;

/// What a review or a retraction saw: over the winning versions of all fields but review, retraction and the personal
/// ones (erasing a person's words must not undo a review; nor may mending a comma in a note).
ContentDigest content_digest(const RecordState& state);

bool is_retracted(const RecordState& state);
/// Retracted by someone who had not seen the present content: still out of totals, but flagged.
bool is_retraction_outdated(const RecordState& state);
/// The state that counts: a review of other content is awaiting again.
ReviewState review_state(const RecordState& state);
/// Reviewed, but the content has changed since.
bool is_review_outdated(const RecordState& state);

}  // namespace phusa::merge
