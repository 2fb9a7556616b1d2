#pragma once

#include "core/model/batch.hpp"
#include "core/model/catalogue.hpp"
#include "core/model/hold.hpp"

#include <optional>
#include <string>
#include <vector>

/// protobuf <-> model: the bytes of proto/phusa/v1/{wire,sync,catalogue}.proto. Everything decoded is bounded
/// by core/base/limits.hpp and complete; what cannot be is kCorrupt, kLimitExceeded or kUnsupportedVersion.
namespace phusa::wire {

enum class HashForm { kShort, kWhole };

/// A decoded batch. When a hash was cut short, its first 4 bytes stand in header.previous /
/// header.catalogue_hash, the rest is zero, and the receiver restores it before it verifies.
struct BatchOnWire {
  SealedBatch batch;
  bool previous_is_short = false;
  bool catalogue_is_short = false;
};

Bytes encode_batch(const SealedBatch& batch, HashForm form = HashForm::kShort);
/// A batch as it lies in a store or a ledger. Hashes that were cut short on the way may stand whole there, so
/// this takes more bytes than a request may bring (limits::kBatchKeptBytesMax): what was taken stays readable.
Result<BatchOnWire> decode_batch(BytesView bytes);

Bytes encode_catalogue(const Catalogue& catalogue);
Result<Catalogue> decode_catalogue(BytesView bytes);

struct CatalogueSnapshot {
  std::uint32_t revision = 0;
  Bytes encoded;  ///< what the hash is over
  Signature signature;
};

struct JournalUp {
  std::optional<PublicKey> device_key;
  std::vector<BatchOnWire> batches;
  std::vector<Bytes> encoded_batches;  ///< instead of `batches` when encoding: bytes as they lie in the store
  std::vector<Bytes> certificates;
};

/// In the place of a cursor: of no point of any ledger, so a server begins again, and says all that only the
/// beginning says.
inline constexpr std::string_view kCursorOfNothing{"\0", 1};

/// How a body is put around its message.
enum class Frame : std::uint8_t {
  kOpen = 1,      ///< of earlier programs: one that is cut between two fields reads as a shorter whole one
  kMeasured = 2,  ///< says how long it is
};

struct SyncRequest {
  Frame frame = Frame::kMeasured;
  PublicKey device_key;
  Bytes token;
  std::vector<JournalUp> own;
  std::vector<JournalUp> carried;
  Bytes cursor;
  std::optional<LedgerPoint> furthest;
  std::vector<LedgerPoint> seen;  ///< further ones, which may be of several histories
  std::uint32_t catalogue_revision = 0;
  std::uint32_t catalogue_start = 0;
  std::uint32_t page_bytes_max = 0;
  bool push_only = false;
  std::vector<Bytes> bundles;
  std::vector<Bytes> office_entries;
  std::vector<CatalogueSnapshot> catalogues;
};

enum class VerdictStatus : std::uint8_t {
  kAdmitted = 0,
  kDuplicate = 1,
  kHeld = 2,
  kNeedFull = 3,
  kNeedCertificate = 4,
  kInvalid = 5,
  kFull = 6,  ///< not stored: too much is held for its device already
};

struct HeldChange {
  std::uint32_t index = 0;
  HoldReason reason = HoldReason::kNone;
  friend bool operator==(const HeldChange&, const HeldChange&) = default;
};

struct Verdict {
  VerdictStatus status = VerdictStatus::kAdmitted;
  LedgerPoint point;
  HoldReason reason = HoldReason::kNone;
  std::vector<HeldChange> held;
  bool fork = false;
  bool gap = false;
  bool settled = false;

  /// Whether the server has made the batch durable.
  bool is_durable() const { return status <= VerdictStatus::kHeld; }
};

struct ReceiptSignature {
  std::optional<PublicKey> device_key;
  Signature signature;
};

enum class BundleStatus : std::uint8_t { kTaken = 0, kUnknownKey = 1, kInvalid = 2, kFull = 3 };

struct BundleReply {
  BundleStatus status = BundleStatus::kTaken;
  Bytes parcel;  ///< sealed to the bundle's return key
  /// Of the last of its batches, for the carrier to know a restored server; zero: none.
  LedgerPoint point = {};
};

struct SyncReply {
  std::vector<Verdict> verdicts;
  std::vector<ReceiptSignature> receipts;
  Bytes page;
  Bytes cursor;
  bool more = false;
  std::optional<CatalogueSnapshot> catalogue;
  std::uint32_t retry_after_s = 0;
  bool reset = false;
  std::vector<Bytes> office_entries;
  TransactionTag tag;  ///< of new batches; verdicts with another tag carry their own
  std::vector<BundleReply> bundles;
  bool introduce = false;
  std::vector<Bytes> certificates;
  std::optional<WallTime> revoked_at;  ///< this device was revoked
};

struct EnrolRequest {
  Frame frame = Frame::kMeasured;
  Bytes code;
  PublicKey device_key;
  Hash token_hash;
  Signature signature;
  std::string name;
  std::string phone;
  std::optional<PublicKey> predecessor;
  std::vector<Bytes> certificates;  ///< instead of a code
};

struct EnrolReply {
  std::vector<Bytes> certificates;
  PublicKey root_key;
  Bytes box_key;
  CatalogueSnapshot catalogue;
  std::string organisation_name;
};

struct Refusal {
  Error error;
  std::uint32_t retry_after_s = 0;
};

/// The inside of a bundle: journals hold whole-form batches; when encoding, in `encoded_batches`.
struct BundleContent {
  Bytes return_key;
  std::vector<JournalUp> journals;
};

struct ReceiptParcel {
  struct Journal {
    PublicKey device_key;
    std::vector<Hash> batches;
    std::vector<Verdict> verdicts;  ///< one per batch
    Signature signature;            ///< zero when none is durable
    Signature fates_signature;      ///< over what the verdicts say beside; zero: of an earlier server
  };
  std::vector<Journal> journals;
};

/// What an officer's phone gives a new one.
struct Welcome {
  std::vector<Bytes> certificates;
  PublicKey root_key;
  CatalogueSnapshot catalogue;
  std::string organisation_name;
  std::string url;
};

inline constexpr std::string_view kContentType = "application/vnd.phusa.v1";
/// What bodies that do not say where they end start with, and the insides of files and bundles.
inline constexpr std::string_view kBodyMagic = "PHS1";
/// Whether the bytes start as a body of ours, of whichever version.
bool is_body(BytesView bytes);

/// Whole HTTP bodies. A request is written in its own frame, and its reply in the same. kNetwork: cut short, or
/// more than it says; kUnexpectedReply: none of ours; kUnsupportedVersion: of a later version, or a reply in
/// another frame than the request's.
Bytes encode_sync_request(const SyncRequest& request);
Result<SyncRequest> decode_sync_request(BytesView body);
Bytes encode_sync_reply(const SyncReply& reply, Frame frame = Frame::kMeasured);
Result<SyncReply> decode_sync_reply(BytesView body, Frame frame = Frame::kMeasured);
Bytes encode_enrol_request(const EnrolRequest& request);
Result<EnrolRequest> decode_enrol_request(BytesView body);
Bytes encode_enrol_reply(const EnrolReply& reply, Frame frame = Frame::kMeasured);
Result<EnrolReply> decode_enrol_reply(BytesView body, Frame frame = Frame::kMeasured);
/// Files and insides of bundles, magic included.
Bytes encode_bundle_content(const BundleContent& content);
Result<BundleContent> decode_bundle_content(BytesView bytes);
Bytes encode_receipt_parcel(const ReceiptParcel& parcel);
Result<ReceiptParcel> decode_receipt_parcel(BytesView bytes);
Bytes encode_welcome(const Welcome& welcome);
Result<Welcome> decode_welcome(BytesView bytes);
Bytes encode_refusal(const Refusal& refusal);
Result<Refusal> decode_refusal(BytesView body);

}  // namespace phusa::wire
