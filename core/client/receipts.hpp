#pragma once

#include "core/client/phone.hpp"

namespace phusa {

/// Receipts on their way back from carrier to carrier to who logged. Acts on one phone's store, one
/// transaction a call.
class Receipts {
 public:
  explicit Receipts(Phone& phone) : phone_(phone) {}

  struct Exported {
    Bytes file;  ///< core/sync/hand_over_file.hpp
    std::uint64_t parcels = 0;
    Bytes contents;          ///< names what is inside, for note_given()
    std::uint64_t left = 0;  ///< without room in this file
  };
  /// Everything kept for others, each time, as far as a file has room: what no file has had so far goes in
  /// first. It goes on waiting, for so far the file is in memory alone.
  Result<Exported> give();
  /// The file that has these contents is on a disk: what lies in it no longer waits. kInvalidArgument: not
  /// what give() made.
  Result<void> note_given(BytesView contents);

  struct Imported {
    std::uint64_t received = 0;   ///< changes that are known to be received by now only
    std::uint64_t held = 0;       ///< of them
    std::uint64_t passed_on = 0;  ///< parcels for others, kept for them
    std::uint64_t left_out = 0;   ///< parcels for others without room here, as long as so many wait
    std::uint64_t damaged = 0;    ///< parcels for this phone that were altered on their way: not kept
    std::uint64_t forged = 0;     ///< receipts for this phone that the server did not sign: passed over
  };
  /// Own parcels are opened and their signatures checked; what they prove is noted as if the server had said
  /// so in a sync. Any order, any number of times, also after a sync, also for batches that this store does
  /// not have (restored from a backup). A damaged file changes nothing: kCorrupt; so do damaged parcels where
  /// there is nothing else in the file, and forged receipts: kUnauthorized. kLimitExceeded: the server has to
  /// be asked about those taken before.
  Result<Imported> take(BytesView file);

 private:
  /// What this store knows before a file is read.
  struct Before {
    std::int64_t seq = 0;  ///< of the last batch that receipts may be too old for
    JournalId journal;     ///< what is sealed next goes into this one
  };
  Result<void> verify(const wire::ReceiptParcel::Journal& journal) const;
  bool says_the_server(const wire::ReceiptParcel::Journal& journal) const;
  Result<void> apply(const wire::ReceiptParcel::Journal& journal, const Before& before,
                     Phone::Applying& applying);

  Phone& phone_;
};

}  // namespace phusa
