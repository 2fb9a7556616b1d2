#pragma once

#include "core/model/record.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace phusa {

/// Ed25519. Malleable by its signer, so it is never part of an identity.
using Signature = FixedBytes<64, struct SignatureTag>;
using BatchSalt = FixedBytes<16, struct BatchSaltTag>;

inline constexpr std::uint8_t kBatchFormat = 1;

/// What a batch says of itself. Signed in a fixed little-endian layout (core/journal/sealing.hpp).
struct BatchHeader {
  std::uint8_t format = kBatchFormat;
  JournalId journal;
  std::uint32_t number = 0;            ///< 1, 2, 3, ... within the journal
  Hash previous;                       ///< batch hash of number - 1; zero for the first
  std::uint32_t certificate = 0;       ///< serial of the author's certificate
  std::uint32_t catalogue_revision = 0;
  Hash catalogue_hash;
  std::uint32_t changes = 0;
  std::uint32_t facts_plain_bytes = 0;
  std::uint32_t personal_plain_bytes = 0;

  friend bool operator==(const BatchHeader&, const BatchHeader&) = default;
};

/// A part beside the records (unit figures, submissions: to come). Who does not know `type` holds the batch whole.
struct BatchSection {
  std::uint32_t type = 0;
  Bytes data;
  friend bool operator==(const BatchSection&, const BatchSection&) = default;
};

/// The words of a batch: texts in the order of the personal edits in its facts, or only their leaves once erased.
struct PersonalPart {
  BatchSalt salt;
  std::vector<std::string> texts;
  std::vector<Leaf> leaves;            ///< of all texts; the only thing left after erasure
  friend bool operator==(const PersonalPart&, const PersonalPart&) = default;
};

/// A batch as it leaves a phone: from now on its bytes never change. `facts` and `personal` are packed by core/wire.
struct SealedBatch {
  BatchHeader header;
  Bytes facts;
  std::vector<BatchSection> sections;
  Bytes personal;
  Signature signature;
  friend bool operator==(const SealedBatch&, const SealedBatch&) = default;
};

/// A place in the ledger. Positions are dense and equal commit order; the tag tells histories apart.
struct LedgerPoint {
  std::uint64_t position = 0;
  TransactionTag tag;
  friend auto operator<=>(const LedgerPoint&, const LedgerPoint&) = default;
};

/// The server's word that these batches are durable, signed once per journal and reply.
struct Receipt {
  struct Item {
    Hash batch;
    LedgerPoint point;
    friend bool operator==(const Item&, const Item&) = default;
  };
  PublicKey device_key;
  std::vector<Item> items;
  Signature signature;
  friend bool operator==(const Receipt&, const Receipt&) = default;
};

/// What an issuer says of a subject. The root certifies servers only; servers and officers certify devices of a role
/// below their own.
struct Certificate {
  std::uint32_t serial = 0;            ///< the issuer's count
  PublicKey issuer;
  PublicKey subject;
  bool is_server = false;              ///< issued by the root
  Rank rank = Rank::kVolunteer;
  std::string unit;                    ///< code of the unit whose subtree the holder may write (and, from officer on, oversee)
  PersonId person;
  std::uint32_t uses = 0;              ///< devices the holder may vouch for
  WallTime issued_at{};
  std::optional<PublicKey> predecessor;  ///< the device this one replaces: the first of a line
  Signature signature;
  friend bool operator==(const Certificate&, const Certificate&) = default;
};

/// Acts of the office that can change a total; each is an entry of the server's own signed journal with a position.
enum class OfficeAct : std::uint8_t {
  kCatalogue = 1,   ///< payload: a catalogue snapshot as signed
  kGrant = 2,       ///< payload: a certificate
  kRevoke = 3,      ///< payload: device id, then (journal, last good batch hash) pairs
  kDayCome = 4,     ///< payload: the day number; held records of that day are judged again
  kAccept = 5,      ///< payload: batch hash, change index: a held change is admitted
  kRefuse = 6,      ///< payload: as kAccept: it is held for good
  kDoubt = 7,       ///< payload: hold reason u8, then a certificate that an officer issued and the office has not granted
  kAcceptRevision = 8,  ///< payload: revision u32, catalogue hash: batches that name a lost revision are judged all the same
  kAcceptDevice = 9,    ///< payload: a certificate that was in doubt: the office grants it
};

struct OfficeEntry {
  OfficeAct act = OfficeAct::kCatalogue;
  std::uint64_t number = 0;            ///< 1, 2, 3, ...
  Hash previous;                       ///< hash of number - 1; zero for the first
  WallTime at{};
  Bytes payload;
  Signature signature;
  friend bool operator==(const OfficeEntry&, const OfficeEntry&) = default;
};

}  // namespace phusa
