#pragma once

#include "sync-server/ledger/ledger.hpp"
#include "sync-server/ledger/sqlite/connection.hpp"

#include <functional>

namespace phusa::ledger {

/// A transaction on one connection; handed out as a Snapshot it is only read. `give_back` returns the
/// connection to the ledger when the session ends.
class Session final : public Transaction {
 public:
  Session(Connection& connection, TransactionTag tag, std::function<void()> give_back)
      : connection_(connection), tag_(tag), give_back_(std::move(give_back)) {}
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  Result<void> begin(bool writing);

  const TransactionTag& tag() const override { return tag_; }
  Result<void> commit() override;

  // Entries
  Result<LedgerPoint> head() override;
  Result<std::optional<LedgerPoint>> point(std::uint64_t position) override;
  Result<std::optional<EntryRow>> entry(std::uint64_t position) override;
  Result<std::optional<EntryRow>> entry_without_bytes(std::uint64_t position) override;
  Result<std::optional<EntryRow>> entry_by_hash(const Hash& hash) override;
  Result<std::vector<EntryRow>> batches(const PublicKey& device, const JournalId& journal,
                                        std::uint32_t number) override;
  Result<std::vector<EntryRow>> batches_of(const PublicKey& device) override;
  Result<std::vector<PublicKey>> forked_devices() override;
  Result<std::optional<EntryRow>> newest_office_entry() override;
  Result<void> for_each_office_entry(std::uint64_t number, BytesView first_bytes,
                                     const Visit<EntryRow>& visit) override;
  Result<void> for_each_entry(std::uint64_t first, const Visit<EntryRow>& visit) override;
  Result<std::vector<EntryRow>> held_batches() override;
  Result<HeldLoad> held_load(const PublicKey& device) override;
  Result<bool> has_held_changes(const PublicKey& device, std::uint64_t at_least) override;
  Result<void> append(EntryRow& row) override;
  Result<void> set_batch_hold(std::uint64_t position, HoldReason hold) override;
  Result<void> set_batch_personal(std::uint64_t position, BytesView personal) override;
  Result<std::vector<HeldChangeRow>> held_changes_of(RecordKey key) override;
  Result<std::vector<HeldChangeRow>> held_changes_at(std::uint64_t position) override;
  Result<std::vector<HeldChangeRow>> held_changes() override;
  Result<void> put_held_change(const HeldChangeRow& row) override;
  Result<void> erase_held_change(std::uint64_t position, std::uint32_t index) override;
  Result<std::optional<DecisionRow>> decision(const Hash& batch, std::uint32_t index) override;
  Result<std::vector<DecisionRow>> decisions() override;
  Result<bool> has_decisions() override;
  Result<void> put_decision(const DecisionRow& row) override;
  Result<std::optional<CatalogueRow>> newest_catalogue() override;
  Result<std::vector<CatalogueRow>> catalogues() override;
  Result<void> add_catalogue(const CatalogueRow& row) override;
  Result<std::vector<AcceptedRevisionRow>> accepted_revisions() override;
  Result<void> put_accepted_revision(const AcceptedRevisionRow& row) override;

  // Records
  Result<std::optional<BlockRow>> block(const DeviceId& device, std::uint64_t block) override;
  Result<std::optional<BlockRow>> block_by_no(std::uint32_t no) override;
  Result<std::vector<BlockRow>> blocks_of(const DeviceId& device) override;
  Result<std::optional<BlockRow>> block_by_hash(std::uint64_t block_hash) override;
  Result<BlockRow> add_block(const DeviceId& device, std::uint64_t block) override;
  Result<void> set_block_n_max(std::uint32_t no, std::uint32_t n_max) override;
  Result<std::optional<RecordRow>> record(RecordKey key) override;
  Result<void> for_each_record(RecordKey after, const Visit<RecordRow>& visit) override;
  Result<void> for_each_changed(std::uint64_t position, RecordKey key,
                                const std::function<bool(const RecordRow&)>& wanted,
                                const Visit<RecordRow>& visit) override;
  Result<std::vector<RecordKey>> records_held_for(HoldReason reason) override;
  Result<std::vector<RecordKey>> records_of_block(std::uint32_t block_no) override;
  Result<void> insert_record(const RecordRow& row) override;
  Result<void> update_record(const RecordRow& row) override;
  Result<void> erase_record(RecordKey key) override;
  Result<void> for_each_departure(std::uint64_t position, RecordKey key,
                                  const Visit<DepartureRow>& visit) override;
  Result<void> add_departure(const DepartureRow& row) override;

  // Cells
  Result<void> for_each_cell(const CellFilter& filter,
                             const std::function<bool(const CellKey&, const Figures&)>& visit) override;
  Result<void> for_each_coarse(const CellFilter& filter,
                               const std::function<bool(const CoarseKey&, const Figures&)>& visit) override;
  Result<void> for_each_cell_log(Grain grain, std::uint64_t position, const Visit<Bytes>& visit) override;
  Result<void> add_to_cell(const CellKey& key, const Figures& figures) override;
  Result<void> add_to_coarse(const CoarseKey& key, const Figures& figures) override;
  Result<void> log_cells(Grain grain, std::uint64_t position, BytesView packed) override;
  Result<std::optional<std::uint32_t>> find_set(BytesView canonical) override;
  Result<Bytes> set_of(std::uint32_t no) override;
  Result<std::uint32_t> intern_set(BytesView canonical) override;
  Result<std::optional<EventValueRow>> event_choice(BytesView event, IndicatorNo indicator,
                                                    std::uint32_t rules) override;
  Result<std::vector<EventPlace>> events_with_returned() override;
  Result<void> put_event_value(const EventValueRow& row) override;
  Result<void> erase_event_value(BytesView event, IndicatorNo indicator, BytesView member) override;

  // Access
  Result<std::vector<DeviceRow>> devices() override;
  Result<std::optional<DeviceRow>> device(const DeviceId& id) override;
  Result<std::vector<GrantRow>> grants() override;
  Result<std::vector<GrantRow>> grants_of(const DeviceId& device) override;
  Result<std::vector<RevocationRow>> revocations() override;
  Result<std::vector<DoubtRow>> doubts() override;
  Result<std::optional<PersonRow>> person(const PersonId& id) override;
  Result<std::vector<PersonRow>> persons() override;
  Result<std::vector<EnrolmentCodeRow>> enrolment_codes() override;
  Result<std::optional<EnrolmentCodeRow>> enrolment_code(const Hash& code_hash) override;
  Result<bool> has_redeemed(const Hash& code_hash, const PublicKey& device) override;
  Result<std::vector<ApiTokenRow>> api_tokens() override;
  Result<std::optional<ApiTokenRow>> api_token(const Hash& token_hash) override;
  Result<std::optional<Bytes>> meta(std::string_view key) override;
  Result<void> put_device(DeviceRow& row) override;
  Result<void> set_device_token(const DeviceId& id, const Hash& token_hash) override;
  Result<void> set_device_seen(const DeviceId& id, WallTime at) override;
  Result<void> set_device_revoked(const DeviceId& id) override;
  Result<void> add_grant(const GrantRow& row) override;
  Result<void> put_revocation(const RevocationRow& row) override;
  Result<void> put_doubt(const DoubtRow& row) override;
  Result<void> erase_doubt(const DeviceId& device, std::uint32_t serial) override;
  Result<void> put_person(const PersonRow& row) override;
  Result<void> erase_person(const PersonId& id) override;
  Result<void> put_enrolment_code(const EnrolmentCodeRow& row) override;
  Result<void> redeem(const Hash& code_hash, const PublicKey& device) override;
  Result<void> put_api_token(const ApiTokenRow& row) override;
  Result<void> put_meta(std::string_view key, BytesView value) override;

 private:
  Connection& connection_;
  TransactionTag tag_;
  std::function<void()> give_back_;
  std::optional<LedgerPoint> head_;
  bool open_ = false;
};

/// Seconds since 1970, as stored.
inline std::int64_t seconds_of(WallTime time) {
  return time.time_since_epoch().count();
}
inline WallTime time_of(std::int64_t seconds) {
  return WallTime(std::chrono::seconds(seconds));
}

}  // namespace phusa::ledger
