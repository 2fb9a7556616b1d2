#pragma once

#include "core/merge/merge.hpp"
#include "core/store/store.hpp"

#include <optional>

namespace phusa {

/// How far a record has come; exclusive, and the least advanced of its parts wins. The numbers are an order.
enum class Stage : std::uint8_t { kSaved, kHandedOver, kReceived, kCounted, kHeld, kReturned, kConfirmed };
std::string_view stage_name(Stage stage);

/// A record as this device knows it, layer by layer.
struct Layers {
  RecordId id;
  std::optional<RecordState> base;             ///< the server's: winners and versions in conflict
  std::optional<RecordState> own;              ///< sealed here, not in the base yet: one version a field
  std::optional<RecordState> pending;          ///< not sealed: one version a field
  HoldReason hold = HoldReason::kNone;         ///< of the record
  HoldReason held_change = HoldReason::kNone;  ///< of somebody's change to it
  HoldReason own_hold = HoldReason::kNone;     ///< of an own change
  std::int64_t own_batch = 0;
};

Result<Layers> decode_layers(const RecordId& id, const store::RecordRows& rows);

/// Versions are one, also when one of two personal leaves is cut to its first 4 bytes.
bool is_same_version(FieldKey field, const Version& a, const Version& b);

/// What people see: register by register the greatest version of all layers, the base's others behind it.
RecordState displayed(const Layers& layers);
/// The same without the own sealed layer: for figures, while an own change is held.
RecordState displayed_without_own(const Layers& layers);

/// Takes out of `own` what `base` has as its winner. What the base beat stays: the next edit must name it.
/// Returns whether anything is left.
bool prune_own(RecordState& own, const RecordState& base);

/// Whether some own sealed version is what people see, so that the server's state does not contain it yet.
bool own_shows(const Layers& layers);

/// Whether an own change is held. What a batch that is held whole set is of no account while the base has
/// passed over it.
bool own_waits(const Layers& layers);

/// The reason that people are told.
HoldReason shown_hold(const Layers& layers);

/// How far a sealed batch has come.
enum class Delivery : std::uint8_t { kSealed, kHandedOver, kAcknowledged };

/// `own`: of the batch layers.own_batch.
Stage stage_of(const Layers& layers, const RecordState& shown, Delivery own);

/// Cuts leaves of personal versions to the 4 bytes that a name needs.
void cut_leaves(RecordState& base);

/// Who made a version: the lowest rank that has counted.
Rank rank_of(const Counts& counts);

}  // namespace phusa
