#pragma once

#include "core/client/phone.hpp"

namespace phusa {

/// Giving what was logged here to another phone to carry, and carrying for others (decisions:
/// docs/decisions.md). Acts on one phone's store, one transaction a call.
class HandOver {
 public:
  explicit HandOver(Phone& phone) : phone_(phone) {}

  struct Given {
    Bytes file;  ///< core/sync/hand_over_file.hpp
    std::uint64_t changes = 0;
    std::uint64_t carried_bundles = 0;
    Bytes contents;  ///< names what is inside, for note_given()
    // Never handed over so far, and without room in this file:
    std::uint64_t left_changes = 0;
    std::uint64_t left_bundles = 0;
  };
  /// Seals what is pending and puts every own batch that nobody has acknowledged into bundles for the server
  /// (and for the officer who vouched for this device), then the bundles carried here. Nothing counts as
  /// handed over by that: so far the file is in memory alone. A file holds what a carrier may take, what was
  /// never handed over first; the rest is for the next one. kConflict: not joined, or the office has given no
  /// key to seal to.
  Result<Given> give(bool carried_only);
  /// The file that has these contents is on a disk: its batches show as handed over. They go on being
  /// offered, for a file may be lost. kInvalidArgument: not what give() made.
  Result<void> note_given(BytesView contents);

  struct Taken {
    std::uint64_t bundles = 0;
    std::uint64_t known = 0;         ///< carried already, or this device's own
    std::uint64_t changes_seen = 0;  ///< inside those that this device can open
    std::uint64_t damaged = 0;       ///< sealed to this device, and it cannot open them: not kept
    std::uint64_t gave_way = 0;      ///< carried before, and the server had no key for them: dropped for room
    std::uint64_t passed_on_gave_way = 0;  ///< likewise, and somebody else was given them
  };
  /// Keeps the file's bundles, all or none; but of those sealed to this device none that was damaged on its
  /// way: the server could not read it either, and here somebody can still ask for another. kCorrupt: the
  /// file is damaged or cut, or no bundle in it is whole. Where there is no room, the oldest of those that
  /// the server said it has no key for give way, then of those that were passed on; kLimitExceeded: even so
  /// it carries as many as allowed.
  Result<Taken> carry(BytesView file);

 private:
  /// Batches for one bundle, grouped by journal and chain.
  struct Parcelling;
  Result<std::vector<journal::BoxKey>> recipients();
  Result<Bytes> seal(const wire::BundleContent& content, std::span<const journal::BoxKey> recipients);
  struct Filling;
  Result<void> close_part(Filling& file);
  Result<void> give_own(Filling& file, bool again);
  Result<void> pass_on(Filling& file, bool again);
  Result<void> count_left(Given& given, bool carried_only);
  Result<void> make_room(Taken& taken);

  Phone& phone_;
};

}  // namespace phusa
