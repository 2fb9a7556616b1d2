#pragma once

#include "core/base/clock.hpp"
#include "core/model/batch.hpp"
#include "core/model/hold.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What a ledger keeps, as plain values. No engine's types appear here: SQLite and PostgreSQL store the same
/// rows.
namespace phusa::ledger {

/// How admission judged when an entry was written. A replay judges each entry by its own, so that what a
/// ledger said as of any position is what it says again. 1: of an event that counts once, the confirmed
/// record, then the least; 2: and returned ones last.
inline constexpr std::uint32_t kRulesVersion = 2;
/// The first by which a returned record gives way to the others of its event.
inline constexpr std::uint32_t kRulesReturnedLast = 2;

enum class EntryKind : std::uint8_t { kBatch = 1, kOffice = 2 };

/// One dense position. Everything but `personal` and `hold` is written once.
struct EntryRow {
  LedgerPoint point;
  EntryKind kind = EntryKind::kBatch;
  Hash hash;             ///< unique
  PublicKey device_key;  ///< of a batch; zero for the office's entries
  JournalId journal;
  std::uint32_t number = 0;  ///< within (device, journal), or within the office's journal
  Bytes
      envelope;  ///< batch: wire::encode_batch (whole hashes) without its personal part; else an office entry
  Bytes personal;  ///< a batch's words, apart because they can be erased by law
  WallTime received_at{};
  std::uint32_t rules_version = kRulesVersion;
  HoldReason hold = HoldReason::kNone;  ///< why the whole batch is held
};

/// A block's row number << 32 | n: rows of one phone lie together, and a key fits a rowid.
struct RecordKey {
  std::uint64_t value = 0;

  static constexpr RecordKey of(std::uint32_t block_no, std::uint32_t n) {
    return {static_cast<std::uint64_t>(block_no) << 32 | n};
  }
  constexpr std::uint32_t block_no() const { return static_cast<std::uint32_t>(value >> 32); }
  constexpr std::uint32_t n() const { return static_cast<std::uint32_t>(value); }
  friend constexpr auto operator<=>(const RecordKey&, const RecordKey&) = default;
};

struct BlockRow {
  std::uint32_t no = 0;  ///< from 1, by arrival; below 2^31
  DeviceId device;
  std::uint64_t block = 0;
  std::uint64_t block_hash = 0;  ///< block_hash_of(device, block): what people type
  std::uint32_t n_max = 0;       ///< no record of the block has a greater n
};

/// Small dense number of a person, for indexes. 0: the record's device is not known here.
using PersonNo = std::uint32_t;

struct RecordRow {
  RecordKey key;
  Bytes state;                      ///< merge::encode_state
  std::uint64_t last_position = 0;  ///< of the entry that last changed anything a reader could see
  PersonNo person = 0;              ///< whose record it is
  std::optional<UnitNo> unit;       ///< whose officers see it
  std::optional<UnitNo> home_unit;  ///< the author's own unit, whose officers see it too while it is in doubt
  HoldReason hold = HoldReason::kNone;         ///< why it is not counted
  HoldReason held_change = HoldReason::kNone;  ///< a change to it is held, and the least reason of those
  bool retracted = false;
};

/// A record that officers of `unit` saw until `position`.
struct DepartureRow {
  std::uint64_t position = 0;
  RecordKey key;
  UnitNo unit;
};

/// A change that is kept but not merged: number `index` of the batch at `position`.
struct HeldChangeRow {
  std::uint64_t position = 0;
  std::uint32_t index = 0;
  RecordKey key;
  HoldReason reason = HoldReason::kNone;
  friend bool operator==(const HeldChangeRow&, const HeldChangeRow&) = default;
};

/// The office's word on a held change, which outlives every re-judging.
struct DecisionRow {
  Hash batch;
  std::uint32_t index = 0;
  bool accepted = false;
};

/// What the ledger holds of one device without merging it.
struct HeldLoad {
  std::uint64_t batches = 0;  ///< held whole
  std::uint64_t bytes = 0;    ///< of those batches, as they came
  std::uint64_t changes = 0;  ///< held in batches that are not
};

/// A catalogue revision that is lost, whose batches the office lets in all the same.
struct AcceptedRevisionRow {
  std::uint32_t revision = 0;
  Hash hash;
};

struct CatalogueRow {
  std::uint32_t revision = 0;
  Bytes encoded;  ///< wire::encode_catalogue, as hashed and signed
  Hash hash;
  Signature signature;
};

}  // namespace phusa::ledger
