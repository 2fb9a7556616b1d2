#pragma once

#include "core/base/clock.hpp"
#include "core/model/value.hpp"

#include <optional>
#include <vector>

namespace phusa {

/// How often each rank has edited a register, as far as an edit's author had seen. Compared in this order.
struct Counts {
  std::uint32_t office = 0;
  std::uint32_t officer = 0;
  std::uint32_t volunteer = 0;

  std::uint32_t of(Rank rank) const;
  std::uint32_t& of(Rank rank);
  friend auto operator<=>(const Counts&, const Counts&) = default;
};

/// The leaf of a personal text: H(salt ‖ text), what stands for the text in versions and proofs.
using Leaf = FixedBytes<16, struct LeafTag>;

/// The place of one edit in a register's total order: counts, then device, then value bytes; no clock (law 8).
/// `value` is the canonical value; for a personal field the 16 bytes of its leaf, or nothing for blank.
struct Version {
  Counts counts;
  DeviceId device;
  Bytes value;

  friend auto operator<=>(const Version&, const Version&) = default;
};

/// A short reference to a version that an edit replaces.
struct VersionName {
  Counts counts;
  DeviceId device;
  std::uint32_t value_hash = 0;

  friend auto operator<=>(const VersionName&, const VersionName&) = default;
};

/// `value_hash` is 0 for blank, the leaf's first 4 bytes for a personal field, else short_hash_of(value).
VersionName name_of(FieldKey field, const Version& version);

/// One version of a register: what it says and which versions it replaces. `text` is a personal field's text, empty
/// also after erasure; `names` are sorted and without doubles.
struct Node {
  Version version;
  std::string text;
  std::vector<VersionName> names;

  friend bool operator==(const Node&, const Node&) = default;
};

/// An edit of one register within a Change.
struct FieldEdit {
  FieldKey field;
  Node node;

  friend bool operator==(const FieldEdit&, const FieldEdit&) = default;
};

/// What one author changed in one record between two sealings: the unit that batches carry and the server admits or
/// holds as a whole. `edits` are sorted by field, one per field.
struct Change {
  RecordId record;
  WallTime logged_at{};
  std::vector<FieldEdit> edits;

  friend bool operator==(const Change&, const Change&) = default;
};

/// All versions known of one field, greatest first. Never empty inside a RecordState.
struct Register {
  FieldKey field;
  std::vector<Node> nodes;

  friend bool operator==(const Register&, const Register&) = default;
};

/// Whether some version of the register names `version`.
bool is_named(const Register& reg, const Version& version);

/// Versions that nobody named and that lost: edits whose authors did not know of each other. Greatest first; versions
/// that say what the winner says are left out, for there is nothing to decide.
std::vector<const Node*> conflicts(const Register& reg);

/// A record as the union of all versions admitted so far. `registers` are sorted by field.
struct RecordState {
  RecordId id;
  /// Earliest time claimed by a change of the record's own device. Shown, never compared.
  std::optional<WallTime> logged_at;
  std::vector<Register> registers;

  const Register* find(FieldKey field) const;
  Register& at(FieldKey field);  // adds an empty one
  friend bool operator==(const RecordState&, const RecordState&) = default;
};

}  // namespace phusa
