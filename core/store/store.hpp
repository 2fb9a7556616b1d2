#pragma once

#include "core/base/limits.hpp"
#include "core/model/batch.hpp"
#include "core/model/hold.hpp"
#include "core/store/hold_file.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// A phone's store: one SQLite file (WAL, synchronous=FULL). What a commit reported as done survives a crash
/// and an empty battery (law 1). See schema.hpp for what lies in it.
namespace phusa::store {

/// A record's key here: the reference of its block (blocks table) above, n below.
using RowId = std::int64_t;

enum class BatchState : std::uint8_t {
  kSealed = 0,        ///< not acknowledged
  kAcknowledged = 1,  ///< durable at `point`; kept, for a server may be restored
  kInvalid = 2,       ///< the server cannot read it; kept, not offered again
  kDamaged = 3,       ///< its bytes no longer match its hash; its changes were sealed again
};

/// What this device sealed itself.
struct BatchRow {
  std::int64_t seq = 0;
  JournalId journal;
  std::uint32_t number = 0;
  Hash hash;
  BatchState state = BatchState::kSealed;
  bool send_whole = false;  ///< the server asked for whole hashes
  bool send_chain = false;  ///< the server asked for the certificate chain
  std::uint32_t changes = 0;
  std::uint32_t catalogue_revision = 0;
  LedgerPoint point;
  std::optional<WallTime> handed_at;  ///< when it was first handed over to somebody
  Bytes encoded;                      ///< wire::encode_batch
};

/// The server's merged state of a record.
struct BaseRow {
  HoldReason hold = HoldReason::kNone;
  HoldReason held_change = HoldReason::kNone;
  Bytes state;
  bool is_marked = false;  ///< not delivered again since a reset; put_base takes the mark off
};

/// Own sealed edits that the base does not contain yet.
struct OwnRow {
  std::int64_t batch = 0;  ///< seq of the latest batch in it
  HoldReason hold = HoldReason::kNone;
  Bytes state;
};

struct CatalogueRow {
  std::uint32_t revision = 0;
  Hash hash;
  Signature signature;
  Bytes encoded;  ///< empty for revisions that are no longer kept whole
};

/// A bundle of somebody else's.
struct CarriedRow {
  std::int64_t seq = 0;
  Bytes bundle;
};

/// Sealed receipts for somebody else's bundle.
struct ParcelRow {
  Bytes bundle_id;
  Bytes parcel;
  bool is_by_hand = false;  ///< from a file that somebody brought, not from the server
  std::int64_t seq = 0;     ///< given by the store
};

/// A device that this one vouched for.
struct VouchedRow {
  Bytes subject;  ///< its key
  std::string unit;
  Bytes predecessor;  ///< as the certificate has it; empty: none
  Bytes certificate;
};

/// One version that was replaced, and when.
struct HistoryRow {
  WallTime at{};
  Bytes replaced;  ///< merge::encode_state of a state with that one register
};

/// All that is stored of one record; views are valid until the next row.
struct RecordRows {
  RowId id = 0;
  const BaseRow* base = nullptr;
  const OwnRow* own = nullptr;
  const Bytes* pending = nullptr;
};

struct StoreOptions {
  std::string path;
  bool read_only = false;  ///< never writes, and never waits for a writer
  Waiter wait;             ///< empty: patient_waiter()
};

/// Not thread-safe. Writing methods need a running write transaction; reading ones see the transaction's own
/// writes. Failures: kDiskFull, kCorrupt (damaged pages), kBusy, kIo; nothing of a failed transaction is
/// kept.
class Store {
 public:
  /// Makes the file when it is not there. kCorrupt: not SQLite, or damaged. kConflict: another application's.
  /// kUnsupportedVersion: written by a newer program. A refused file is left as it was.
  static Result<std::unique_ptr<Store>> open(StoreOptions options);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// A transaction; rolled back unless committed.
  class [[nodiscard]] Transaction {
   public:
    Transaction(Transaction&& other) noexcept;
    ~Transaction();
    /// After an error nothing was saved, or the device died: then all of it or nothing was.
    Result<void> commit();

   private:
    friend class Store;
    Transaction(Store& store, bool writes) : store_(&store), writes_(writes) {}
    Store* store_;
    bool writes_;
  };
  /// Waits for other processes as the options' waiter says. kBusy; kForbidden when opened read-only.
  Result<Transaction> begin_write();
  /// A steady view for several reads. Never waits.
  Result<Transaction> begin_read();

  /// Whether another connection has committed since this was asked last.
  Result<bool> changed_elsewhere();

  // Settings and identity: small values by name.
  Result<std::optional<Bytes>> get(std::string_view key);
  Result<void> put(std::string_view key, BytesView value);
  Result<void> drop(std::string_view key);

  // Records. A block gets its reference with its first record.
  Result<RowId> row_of(const RecordId& id);
  Result<std::optional<RowId>> find_row(const RecordId& id);
  Result<std::optional<RecordId>> find_ref(const RecordRef& ref);
  Result<RecordId> id_of(RowId row);

  Result<std::optional<BaseRow>> base(RowId row);
  Result<std::optional<OwnRow>> own(RowId row);
  Result<std::optional<Bytes>> pending(RowId row);
  Result<bool> add_pending(RowId row, BytesView state);  ///< false when the row has one already
  Result<void> put_base(RowId row, const BaseRow& base);
  Result<void> put_own(RowId row, const OwnRow& own);
  Result<void> put_pending(RowId row, BytesView state);
  Result<void> drop_base(RowId row);
  Result<void> drop_own(RowId row);
  Result<void> drop_pending(RowId row);
  Result<std::uint64_t> count_own();
  Result<std::uint64_t> count_pending();

  /// Every record, ascending. The callback returns an error to stop.
  Result<void> for_each_record(const std::function<Result<void>(const RecordRows&)>& visit);
  /// Pending changes, ascending, from `after` on, at most `count`.
  Result<std::vector<std::pair<RowId, Bytes>>> pending_after(RowId after, std::size_t count);
  /// Own rows of records that are in no base.
  Result<std::vector<std::pair<RowId, OwnRow>>> own_without_base();
  Result<std::vector<std::pair<RowId, OwnRow>>> own_of_batch(std::int64_t batch);

  /// Marks all bases; put_base takes the mark off; marked_base gives the rows that still have it.
  Result<void> mark_base();
  Result<std::vector<RowId>> marked_base();

  // Batches, ascending by seq, which is the order of sealing.
  Result<std::int64_t> add_batch(const BatchRow& batch);
  Result<std::optional<BatchRow>> last_batch(const JournalId& journal);
  Result<std::optional<BatchRow>> batch(std::int64_t seq);
  Result<std::optional<BatchRow>> batch_numbered(const JournalId& journal, std::uint32_t number);
  Result<std::optional<BatchRow>> batch_hashed(const Hash& hash);
  Result<std::optional<BatchRow>> next_unacknowledged(std::int64_t after);
  Result<void> update_batch(const BatchRow& batch);  ///< state, send_whole, send_chain, point and handed_at
  Result<void> offer_all_again();                    ///< acknowledged ones too: the server was restored
  struct BatchCounts {
    std::uint64_t batches = 0;
    std::uint64_t changes = 0;
    std::uint64_t unhanded_changes = 0;  ///< of them, those never handed over
    std::optional<WallTime> oldest_handed_at;
  };
  Result<BatchCounts> unacknowledged();
  Result<std::int64_t> last_seq();  ///< 0: no batch yet

  /// Keeps a revision; of older ones only the newest limits::kCataloguesKeptMax stay whole, of the rest the
  /// hash.
  Result<void> put_catalogue(const CatalogueRow& catalogue);
  /// Of the greatest revision, the last that came.
  Result<std::optional<CatalogueRow>> newest_catalogue();
  /// Every catalogue that ever had this number here: one, but for a restored server's.
  Result<std::vector<Hash>> catalogue_hashes(std::uint32_t revision);
  /// Whole ones of a greater revision, ascending, at most `count`.
  Result<std::vector<CatalogueRow>> catalogues_after(std::uint32_t revision, std::size_t count);

  /// The chain of an earlier certificate.
  Result<void> put_chain(std::uint32_t serial, BytesView chain);
  Result<std::optional<Bytes>> chain(std::uint32_t serial);
  Result<std::vector<Bytes>> chains();  ///< of all earlier certificates, the newest numbers first

  // Hand-over: bundles handed over here, others' bundles carried, others' receipts.
  Result<void> add_handed(BytesView bundle_id, WallTime at);
  Result<bool> is_handed(BytesView bundle_id);
  /// False when it is here already and no server took it yet.
  Result<bool> add_carried(BytesView bundle);
  /// The next to send after `after`. Those that the server had no key for are left out when they were tried
  /// under `revision` within a day of `now`.
  Result<std::optional<CarriedRow>> next_carried(std::int64_t after, std::uint32_t revision, WallTime now);
  Result<std::optional<CarriedRow>> any_carried(std::int64_t after);
  /// The next to pass on after `after`, of those that no server took so far, and that were or were not passed
  /// on before.
  Result<std::optional<CarriedRow>> next_to_pass_on(std::int64_t after, bool again);
  Result<std::uint64_t> count_never_passed_on();
  /// A batch or a carried bundle lies in a file: handed_at, the first time.
  Result<void> note_given(std::int64_t seq, const Hash& hash, WallTime at);
  /// Tried, and still to be delivered. `has_no_key`: the server said that it cannot open it.
  Result<void> put_off_carried(std::int64_t seq, std::uint32_t revision, WallTime at, bool has_no_key);
  /// All are offered again, also those that a server took: these are delivered all the same.
  Result<void> retry_carried();
  /// The server has it. It stays, for one that is restored, as far as limits::kTakenBundlesBytesMax allows.
  Result<void> note_taken(std::int64_t seq);
  Result<void> drop_carried(std::int64_t seq);
  Result<std::uint64_t> count_carried();  ///< that no server took so far
  /// Drops the oldest of those that the server has no key for, at most `count`. How many there were.
  Result<std::uint64_t> drop_without_key(std::uint64_t count);
  Result<std::uint64_t> drop_passed_on(std::uint64_t count);  ///< likewise of those that lie in a file
  /// Keeps at most limits::kCarriedBundlesMax. What was exported gives way first, the oldest before all; then
  /// what came by hand, the newest first, for anybody can write such a file. Whether it is kept.
  Result<bool> add_parcel(const ParcelRow& parcel);
  Result<std::vector<ParcelRow>> parcels();  ///< never exported ones before the others, else oldest first
  Result<void> note_exported(std::int64_t seq, const Hash& hash);  ///< it lies in a file
  Result<std::uint64_t> count_parcels_to_return();

  // What the office signed about this device's scope.
  Result<void> add_office_entry(const Hash& hash, BytesView entry);
  Result<std::vector<std::pair<std::int64_t, Bytes>>> office_entries_after(std::int64_t after,
                                                                           std::size_t count);

  // Vouching.
  Result<void> add_vouched(const VouchedRow& row);
  Result<std::vector<VouchedRow>> vouched();

  /// Empties the store for good: not a byte of what was in it stays in the file. Commits the transaction
  /// given, so that what was asked under its lock still holds.
  Result<void> erase(Transaction transaction);

  Result<void> add_history(RowId row, const HistoryRow& entry);
  Result<std::vector<HistoryRow>> history(RowId row);  ///< oldest first
  /// Puts what `change` returns in the place of what was replaced; nothing leaves it.
  Result<void> change_history(
      const std::function<Result<std::optional<Bytes>>(RowId row, BytesView replaced)>& change);
  Result<void> drop_history(RowId row);

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  Result<void> check_file();
  Result<void> prepare_file();
  Result<void> notice_changes();
  std::unique_ptr<Impl> impl_;
};

}  // namespace phusa::store
