#pragma once

#include "sync-server/ledger/access_rows.hpp"
#include "sync-server/ledger/cell_rows.hpp"
#include "sync-server/ledger/rows.hpp"

#include <functional>
#include <memory>
#include <span>

namespace phusa::ledger {

/// Called per row; false ends the walk.
template <class Row>
using Visit = std::function<bool(const Row&)>;

/// One unchanging view of the ledger: sees every transaction up to head(), and none after. For one thread at
/// a time. Errors: kIo, kDiskFull, kCorrupt; kNotFound only where it says so.
class Snapshot {
 public:
  virtual ~Snapshot() = default;

  /// The newest position; {0, zero} while the ledger is empty.
  virtual Result<LedgerPoint> head() = 0;
  /// The point at a position, with its tag.
  virtual Result<std::optional<LedgerPoint>> point(std::uint64_t position) = 0;
  virtual Result<std::optional<EntryRow>> entry(std::uint64_t position) = 0;
  virtual Result<std::optional<EntryRow>> entry_without_bytes(std::uint64_t position) = 0;
  virtual Result<std::optional<EntryRow>> entry_by_hash(const Hash& hash) = 0;
  /// All batches with this number, more than one after a fork; without their bytes, ascending positions.
  virtual Result<std::vector<EntryRow>> batches(const PublicKey& device, const JournalId& journal,
                                                std::uint32_t number) = 0;
  /// All batches of a device, without their bytes, ascending positions.
  virtual Result<std::vector<EntryRow>> batches_of(const PublicKey& device) = 0;
  /// Devices of which two batches have one number in one journal, held ones too; ascending keys. Reads an
  /// index to its end.
  virtual Result<std::vector<PublicKey>> forked_devices() = 0;
  /// The last entry of the office's journal, without its bytes.
  virtual Result<std::optional<EntryRow>> newest_office_entry() = 0;
  /// Entries of the office's journal numbered after `number`, ascending, whose envelope starts with one of
  /// `first_bytes`.
  virtual Result<void> for_each_office_entry(std::uint64_t number, BytesView first_bytes,
                                             const Visit<EntryRow>& visit) = 0;
  /// Ascending positions, from `first` on.
  virtual Result<void> for_each_entry(std::uint64_t first, const Visit<EntryRow>& visit) = 0;
  /// Batches held whole, ascending positions, without their bytes.
  virtual Result<std::vector<EntryRow>> held_batches() = 0;
  virtual Result<HeldLoad> held_load(const PublicKey& device) = 0;
  /// Whether a device has so many changes held in batches that are not. Cheap while the ledger holds fewer in
  /// all.
  virtual Result<bool> has_held_changes(const PublicKey& device, std::uint64_t at_least) = 0;

  virtual Result<std::optional<BlockRow>> block(const DeviceId& device, std::uint64_t block) = 0;
  virtual Result<std::optional<BlockRow>> block_by_no(std::uint32_t no) = 0;
  virtual Result<std::vector<BlockRow>> blocks_of(const DeviceId& device) = 0;
  /// Two blocks of one hash are kConflict.
  virtual Result<std::optional<BlockRow>> block_by_hash(std::uint64_t block_hash) = 0;

  virtual Result<std::optional<RecordRow>> record(RecordKey key) = 0;
  /// Ascending keys, from the first after `after`.
  virtual Result<void> for_each_record(RecordKey after, const Visit<RecordRow>& visit) = 0;
  /// Records changed after (position, key), in that order; `wanted` sees the row without its state and
  /// decides whether the state is worth reading.
  virtual Result<void> for_each_changed(std::uint64_t position, RecordKey key,
                                        const std::function<bool(const RecordRow&)>& wanted,
                                        const Visit<RecordRow>& visit) = 0;
  virtual Result<std::vector<RecordKey>> records_held_for(HoldReason reason) = 0;
  virtual Result<std::vector<RecordKey>> records_of_block(std::uint32_t block_no) = 0;
  /// Departures after (position, key), in that order.
  virtual Result<void> for_each_departure(std::uint64_t position, RecordKey key,
                                          const Visit<DepartureRow>& visit) = 0;

  virtual Result<std::vector<HeldChangeRow>> held_changes_of(RecordKey key) = 0;
  virtual Result<std::vector<HeldChangeRow>> held_changes_at(std::uint64_t position) = 0;
  virtual Result<std::vector<HeldChangeRow>> held_changes() = 0;
  virtual Result<std::optional<DecisionRow>> decision(const Hash& batch, std::uint32_t index) = 0;
  /// By batch and index.
  virtual Result<std::vector<DecisionRow>> decisions() = 0;
  /// Whether there is any: most ledgers have none, and every change would ask for its own.
  virtual Result<bool> has_decisions() = 0;

  /// The newest revision, or nothing.
  virtual Result<std::optional<CatalogueRow>> newest_catalogue() = 0;
  /// Ascending revisions, with their bytes.
  virtual Result<std::vector<CatalogueRow>> catalogues() = 0;
  virtual Result<std::vector<AcceptedRevisionRow>> accepted_revisions() = 0;

  virtual Result<void> for_each_cell(const CellFilter& filter,
                                     const std::function<bool(const CellKey&, const Figures&)>& visit) = 0;
  virtual Result<void> for_each_coarse(
      const CellFilter& filter, const std::function<bool(const CoarseKey&, const Figures&)>& visit) = 0;
  /// The packed changes of every position after `position`.
  virtual Result<void> for_each_cell_log(Grain grain, std::uint64_t position, const Visit<Bytes>& visit) = 0;
  /// Canonical bytes (value::of_numbers) of interned set `no`; empty for 0.
  virtual Result<Bytes> set_of(std::uint32_t no) = 0;
  /// The number of a set, or nothing when no record ever had it.
  virtual Result<std::optional<std::uint32_t>> find_set(BytesView canonical) = 0;
  /// The figure that an event counts by these rules: confirmed first, returned last, then the smallest
  /// member.
  virtual Result<std::optional<EventValueRow>> event_choice(BytesView event, IndicatorNo indicator,
                                                            std::uint32_t rules) = 0;
  /// Events of whose figures some are returned: where rules may choose differently. Ascending.
  virtual Result<std::vector<EventPlace>> events_with_returned() = 0;

  virtual Result<std::vector<DeviceRow>> devices() = 0;
  virtual Result<std::optional<DeviceRow>> device(const DeviceId& id) = 0;
  /// In the order of granting.
  virtual Result<std::vector<GrantRow>> grants() = 0;
  virtual Result<std::vector<GrantRow>> grants_of(const DeviceId& device) = 0;
  virtual Result<std::vector<RevocationRow>> revocations() = 0;
  /// By device and serial.
  virtual Result<std::vector<DoubtRow>> doubts() = 0;
  virtual Result<std::optional<PersonRow>> person(const PersonId& id) = 0;
  virtual Result<std::vector<PersonRow>> persons() = 0;
  /// Ever handed out, in the order of making.
  virtual Result<std::vector<EnrolmentCodeRow>> enrolment_codes() = 0;
  virtual Result<std::optional<EnrolmentCodeRow>> enrolment_code(const Hash& code_hash) = 0;
  /// Whether this device key has redeemed the code before: enrolling again is idempotent.
  virtual Result<bool> has_redeemed(const Hash& code_hash, const PublicKey& device) = 0;
  virtual Result<std::vector<ApiTokenRow>> api_tokens() = 0;
  virtual Result<std::optional<ApiTokenRow>> api_token(const Hash& token_hash) = 0;
  virtual Result<std::optional<Bytes>> meta(std::string_view key) = 0;
};

/// The one write transaction. Reads see its own writes. Destroyed without commit(), it leaves nothing behind.
class Transaction : public Snapshot {
 public:
  /// The random tag of every position this transaction takes.
  virtual const TransactionTag& tag() const = 0;
  /// Durable when it returns. The transaction is over either way.
  virtual Result<void> commit() = 0;

  /// Takes the next dense position and writes it into `row.point`, under the transaction's tag unless
  /// `row.point.tag` is set (a replay keeps the tags it reads).
  virtual Result<void> append(EntryRow& row) = 0;
  virtual Result<void> set_batch_hold(std::uint64_t position, HoldReason hold) = 0;
  /// Its words give way to their leaves; nothing else of an entry is ever written twice.
  virtual Result<void> set_batch_personal(std::uint64_t position, BytesView personal) = 0;

  /// Finds or adds; the caller raises `n_max` with set_block_n_max.
  virtual Result<BlockRow> add_block(const DeviceId& device, std::uint64_t block) = 0;
  virtual Result<void> set_block_n_max(std::uint32_t no, std::uint32_t n_max) = 0;
  /// The caller vouches that no such key is there.
  virtual Result<void> insert_record(const RecordRow& row) = 0;
  virtual Result<void> update_record(const RecordRow& row) = 0;
  virtual Result<void> erase_record(RecordKey key) = 0;
  virtual Result<void> add_departure(const DepartureRow& row) = 0;

  /// Adds, or changes the reason.
  virtual Result<void> put_held_change(const HeldChangeRow& row) = 0;
  virtual Result<void> erase_held_change(std::uint64_t position, std::uint32_t index) = 0;
  virtual Result<void> put_decision(const DecisionRow& row) = 0;
  virtual Result<void> add_catalogue(const CatalogueRow& row) = 0;
  virtual Result<void> put_accepted_revision(const AcceptedRevisionRow& row) = 0;

  virtual Result<void> add_to_cell(const CellKey& key, const Figures& figures) = 0;
  virtual Result<void> add_to_coarse(const CoarseKey& key, const Figures& figures) = 0;
  virtual Result<void> log_cells(Grain grain, std::uint64_t position, BytesView packed) = 0;
  virtual Result<std::uint32_t> intern_set(BytesView canonical) = 0;
  virtual Result<void> put_event_value(const EventValueRow& row) = 0;
  virtual Result<void> erase_event_value(BytesView event, IndicatorNo indicator, BytesView member) = 0;

  /// Adds the device or renews rank and unit; `person_no` is filled in.
  virtual Result<void> put_device(DeviceRow& row) = 0;
  virtual Result<void> set_device_token(const DeviceId& id, const Hash& token_hash) = 0;
  virtual Result<void> set_device_seen(const DeviceId& id, WallTime at) = 0;
  virtual Result<void> set_device_revoked(const DeviceId& id) = 0;
  virtual Result<void> add_grant(const GrantRow& row) = 0;
  virtual Result<void> put_revocation(const RevocationRow& row) = 0;
  /// Adds, or changes the reason.
  virtual Result<void> put_doubt(const DoubtRow& row) = 0;
  virtual Result<void> erase_doubt(const DeviceId& device, std::uint32_t serial) = 0;
  virtual Result<void> put_person(const PersonRow& row) = 0;
  virtual Result<void> erase_person(const PersonId& id) = 0;
  virtual Result<void> put_enrolment_code(const EnrolmentCodeRow& row) = 0;
  /// Writes down that the device redeemed the code and takes one use. kNotFound: no such code; kForbidden:
  /// used up.
  virtual Result<void> redeem(const Hash& code_hash, const PublicKey& device) = 0;
  virtual Result<void> put_api_token(const ApiTokenRow& row) = 0;
  virtual Result<void> put_meta(std::string_view key, BytesView value) = 0;
};

/// The server's durable memory: entries in dense positions (position order = commit order), and everything
/// that follows from them. One writer, any number of readers, none of whom waits for another. Thread-safe.
class Ledger {
 public:
  virtual ~Ledger() = default;
  /// Waits while another thread writes.
  virtual Result<std::unique_ptr<Transaction>> begin_write() = 0;
  virtual Result<std::unique_ptr<Snapshot>> begin_read() = 0;
  /// Writes the whole file anew, so that what was erased is in none of its unused parts. Slow. kBusy: done,
  /// but a reader kept an older copy from being dropped; again later.
  virtual Result<void> compact() = 0;
  /// Writes one unchanging view of everything into a new file, while others go on reading and writing.
  /// Durable when it returns; what is there of the file after a failure is for the caller to remove.
  /// `progress` hears how much of how much is done, in whatever unit the engine counts. kConflict: there is
  /// such a file.
  virtual Result<void> copy_to(
      const std::string& path,
      const std::function<void(std::uint64_t done, std::uint64_t total)>& progress) = 0;
};

}  // namespace phusa::ledger
