#include "sync-server/ingest/engine.hpp"

#include "core/base/day.hpp"
#include "core/journal/office_journal.hpp"
#include "sync-server/ingest/batch_opening.hpp"
#include "sync-server/ingest/exchange.hpp"
#include "sync-server/ingest/office_offers.hpp"
#include "sync-server/ingest/revocation.hpp"
#include "sync-server/ingest/write_queue.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace phusa::ingest {
namespace {

bool carries_batches(const wire::SyncRequest& request) {
  if (!request.bundles.empty()) return true;
  const auto any = [](const wire::JournalUp& journal) { return !journal.batches.empty(); };
  return std::any_of(request.own.begin(), request.own.end(), any) ||
         std::any_of(request.carried.begin(), request.carried.end(), any);
}

class EngineOverLedger final : public Engine {
 public:
  EngineOverLedger(const EngineOptions& options, ledger::Ledger& ledger, const Clock& clock, World world,
                   const LedgerPoint& head)
      : organisation_{organisation_id_of(options.root_key), options.root_key, options.server_key},
        ledger_(ledger),
        clock_(clock),
        random_(options.random),
        world_(std::move(world)),
        head_(head),
        published_(std::make_shared<const World>(world_)),
        opening_keys_(options.opening_keys),
        queue_([this](std::deque<WriteQueue::Job>& jobs) { return run_all(jobs); }) {}

  Result<Bytes> sync(BytesView body) override {
    PHUSA_ASSIGN(const wire::SyncRequest request, wire::decode_sync_request(body));
    const bool carries = carries_batches(request);
    PHUSA_ASSIGN(const Standing standing, authenticate(request));
    const bool may_read = standing == Standing::kReader;
    wire::SyncReply reply;
    if (!may_read || request.push_only) PHUSA_TRY(tell_restored(request, reply));
    if (standing == Standing::kStranger && !carries && !reply.reset) {
      return fail(ErrorCode::kUnauthorized,
                  "this device may not read here: its token is unknown, or it was revoked");
    }
    // A restored server may have forgotten a stranger's token with the rest; and it is not read to.
    reply.introduce = standing == Standing::kNewcomer || standing == Standing::kStranger;
    if (standing == Standing::kRevoked) PHUSA_TRY(tell_revoked(request, reply));
    Delivery delivery;
    OfficeOffers offers;
    // Also from a device that this server has forgotten: it may bring the very entry that let it in.
    if (may_read || standing == Standing::kNewcomer) {
      PHUSA_ASSIGN(offers, sift(request));
    }
    if (carries || !offers.empty()) {
      const auto bundles = open_bundles(request.bundles, opening_keys());
      const auto work = [&](ledger::Transaction& transaction, Admission& admission) -> Result<void> {
        PHUSA_TRY(enact_catalogues(offers, transaction, world_, appender()));
        PHUSA_ASSIGN(delivery, deliver(organisation_, request, bundles, clock_.wall(), transaction, world_,
                                       admission, appender(), *erased()));
        PHUSA_TRY(enact_entries(offers, transaction, world_, appender()));
        return may_read ? note_seen(transaction, request) : Result<void>();
      };
      auto taken = queue_.run(work, false);
      if (!taken) return fail(std::move(taken).error());
      reply.verdicts = std::move(delivery.verdicts);
      reply.receipts = std::move(delivery.receipts);
      reply.tag = delivery.tag;
      reply.bundles = reply_to_bundles(organisation_, bundles, delivery.parcels, random_);
    } else if (may_read) {
      std::ignore = note_day();  // when that cannot be written, what is there can still be read
      note_seen_now_and_then(request);
    }
    if (may_read) PHUSA_TRY(read(request, std::move(delivery.settled), reply));
    return wire::encode_sync_reply(reply, request.frame);
  }

  Result<void> write(const std::function<Result<void>(ledger::Transaction&)>& work) override {
    return queue_.run([&](ledger::Transaction& transaction, Admission&) { return work(transaction); }, true);
  }

  Result<LedgerPoint> append_office(ledger::Transaction& transaction, OfficeAct act,
                                    BytesView payload) override {
    if (writing_ == nullptr || writing_->transaction != &transaction) {
      return fail(ErrorCode::kInternal, "an act of the office is appended within write() alone");
    }
    auto point = append(act, payload);
    // Half applied, it must not be committed, whatever the caller makes of the error.
    if (!point) writing_->failure = point.error();
    return point;
  }

  Result<LedgerPoint> append_office(OfficeAct act, BytesView payload) override {
    LedgerPoint point;
    PHUSA_TRY(write([&](ledger::Transaction& transaction) -> Result<void> {
      PHUSA_ASSIGN(point, append_office(transaction, act, payload));
      return {};
    }));
    return point;
  }

  Result<HoldReason> introduce(ledger::Transaction& transaction, const PublicKey& device,
                               std::span<const Bytes> certificates) override {
    if (writing_ == nullptr || writing_->transaction != &transaction)
      return fail(ErrorCode::kInternal, "a device is introduced within write() alone");
    Introduction introduction(organisation_, world_, clock_.wall(), appender());
    auto reason = introduction.introduce(device, certificates);
    const bool is_answer = reason || reason.error().code == ErrorCode::kUnauthorized ||
                           reason.error().code == ErrorCode::kHeldFull;
    if (!is_answer) writing_->failure = reason.error();
    return reason;
  }

  Result<void> note_day() override {
    if (local_day(clock_.wall()) <= published()->today()) return {};
    return queue_.run([](ledger::Transaction&, Admission&) { return Result<void>(); }, false);
  }

  void add_opening_key(const journal::OpeningKey& key) override {
    const std::lock_guard guard(publishing_);
    opening_keys_.push_back(key);
  }

  void keep_erased(const std::set<Hash>& batches) override {
    const std::lock_guard guard(publishing_);
    auto all = std::make_shared<std::set<Hash>>(*erased_);
    all->insert(batches.begin(), batches.end());
    erased_ = std::move(all);
  }

  std::shared_ptr<const Catalogue> catalogue() const override { return published()->newest(); }
  Result<std::shared_ptr<const Catalogue>> catalogue_of(ledger::Snapshot& snapshot) const override {
    PHUSA_ASSIGN(const auto world, world_of(snapshot));
    return world->newest();
  }
  const OrganisationId& organisation() const override { return organisation_.id; }
  std::vector<DeviceId> devices_of_person(const DeviceId& device) const override {
    return published()->devices_of(device);
  }

 private:
  struct Writing {
    ledger::Transaction* transaction = nullptr;
    Admission* admission = nullptr;
    bool world_changed = false;
    std::optional<Error> failure;
  };

  // Shared with readers that are still at work while the writer publishes the next.
  std::shared_ptr<const World> published() const {
    const std::lock_guard guard(publishing_);
    return published_;
  }

  /// The World of a snapshot's moment. A commit is seen by readers before it is published here.
  Result<std::shared_ptr<const World>> world_of(ledger::Snapshot& snapshot) const {
    auto world = published();
    PHUSA_ASSIGN(const auto newest, snapshot.newest_office_entry());
    if ((newest ? newest->hash : Hash()) == world->office_hash()) return world;
    PHUSA_ASSIGN(World loaded, World::load(snapshot, organisation_.server_key.public_key));
    return std::make_shared<const World>(std::move(loaded));
  }

  std::shared_ptr<const std::set<Hash>> erased() const {
    const std::lock_guard guard(publishing_);
    return erased_;
  }

  std::vector<journal::OpeningKey> opening_keys() const {
    const std::lock_guard guard(publishing_);
    return opening_keys_;
  }

  Result<OfficeOffers> sift(const wire::SyncRequest& request) {
    if (request.catalogues.empty() && request.office_entries.empty()) return OfficeOffers{};
    PHUSA_ASSIGN(const auto snapshot, ledger_.begin_read());
    PHUSA_ASSIGN(const auto world, world_of(*snapshot));
    return sift_offers(organisation_, request, *snapshot, *world);
  }

  enum class Standing {
    kReader,    ///< its token is the device's
    kNewcomer,  ///< has a token, but none of this device is known here: it must introduce itself
    kRevoked,   ///< its token is the device's, but the office has shut it out
    kStranger,
  };

  Result<Standing> authenticate(const wire::SyncRequest& request) {
    const DeviceId id = device_id_of(request.device_key);
    PHUSA_ASSIGN(const auto snapshot, ledger_.begin_read());
    PHUSA_ASSIGN(const auto device, snapshot->device(id));
    if (device && device->revoked && is_token(request.token, device->token_hash)) return Standing::kRevoked;
    if (device && device->revoked) return Standing::kStranger;
    if (!device) {
      PHUSA_ASSIGN(const auto world, world_of(*snapshot));
      if (world->is_revoked(id)) return Standing::kStranger;
    }
    if (!device || device->token_hash.is_zero())
      return request.token.empty() ? Standing::kStranger : Standing::kNewcomer;
    return is_token(request.token, device->token_hash) ? Standing::kReader : Standing::kStranger;
  }

  /// Only to whoever has its token: nobody else learns who was revoked.
  Result<void> tell_revoked(const wire::SyncRequest& request, wire::SyncReply& reply) {
    PHUSA_ASSIGN(const auto snapshot, ledger_.begin_read());
    PHUSA_ASSIGN(const auto at, revoked_at(*snapshot, device_id_of(request.device_key)));
    reply.revoked_at = at.value_or(clock_.wall());
    return {};
  }

  /// Who may not read, or only delivers, gets no page that would tell; what it delivered once may be missing
  /// here all the same, and the point of what it delivers now would take the place of the one that shows it.
  Result<void> tell_restored(const wire::SyncRequest& request, wire::SyncReply& reply) {
    PHUSA_ASSIGN(const auto snapshot, ledger_.begin_read());
    PHUSA_ASSIGN(const bool held, holds_seen(*snapshot, request.cursor, seen_by(request)));
    reply.reset = !held;
    return {};
  }

  AppendOffice appender() {
    return [this](OfficeAct act, BytesView payload) { return append(act, payload); };
  }

  Result<void> note_seen(ledger::Transaction& transaction, const wire::SyncRequest& request) {
    return transaction.set_device_seen(device_id_of(request.device_key), clock_.wall());
  }

  /// A sync that brings nothing is worth no disk write of its own, unless the office would take the device
  /// for lost; and reading must go on when writing fails.
  void note_seen_now_and_then(const wire::SyncRequest& request) {
    constexpr std::chrono::minutes kOften{30};
    const auto snapshot = ledger_.begin_read();
    if (!snapshot) return;
    const auto device = (*snapshot)->device(device_id_of(request.device_key));
    if (!device || !*device || clock_.wall() < (*device)->last_seen + kOften) return;
    std::ignore = queue_.run(
        [&](ledger::Transaction& transaction, Admission&) { return note_seen(transaction, request); }, false);
  }

  Result<void> read(const wire::SyncRequest& request, std::set<std::uint64_t> settled,
                    wire::SyncReply& reply) {
    PHUSA_ASSIGN(const auto snapshot, ledger_.begin_read());
    PHUSA_ASSIGN(const auto world, world_of(*snapshot));
    const KnownDevice* device = world->device(device_id_of(request.device_key));
    // Shut out since it was let in: it must not take an answer without a page for all there is.
    reply.introduce = device == nullptr || device->revoked;
    if (reply.introduce) return {};
    const Hash* newest = world->catalogue_hash(world->newest_revision());
    if (newest != nullptr && (request.catalogue_revision != world->newest_revision() ||
                              request.catalogue_start != ByteReader(newest->view()).u32())) {
      PHUSA_ASSIGN(const auto row, snapshot->newest_catalogue());
      if (row) reply.catalogue = wire::CatalogueSnapshot{row->revision, row->encoded, row->signature};
    }
    const KnownDevice::Grant* newest_grant = device->newest();
    // A device that has read nothing yet has no cursor that a new certificate could end, and one that brings
    // nothing does not say which it has.
    const bool starts = !request.push_only && request.cursor.empty() && request.own.empty();
    const bool may_not_know = starts && device->grants.size() > 1;
    const bool is_behind =
        newest_grant != nullptr &&
        (may_not_know || std::any_of(request.own.begin(), request.own.end(), [&](const auto& journal) {
           return std::any_of(journal.batches.begin(), journal.batches.end(), [&](const auto& batch) {
             return batch.batch.header.certificate != newest_grant->serial;
           });
         }));
    if (is_behind) {
      PHUSA_ASSIGN(reply.certificates, chain_of(*snapshot, device_id_of(device->key)));
    }
    if (request.push_only) return {};
    const FeedRequest feed{request.cursor, seen_by(request), request.page_bytes_max, std::move(settled),
                           reply.catalogue.has_value() || !reply.certificates.empty()};
    PHUSA_ASSIGN(FeedPage page, next_page(*snapshot, *world, scope_of(*device, *world), feed));
    reply.office_entries = std::move(page.office_entries);
    reply.page = std::move(page.page);
    reply.cursor = std::move(page.cursor);
    reply.more = page.more;
    reply.reset = page.reset;
    if (reply.reset && !is_behind) {
      PHUSA_ASSIGN(reply.certificates, chain_of(*snapshot, device_id_of(device->key)));
    }
    return {};
  }

  Result<void> run_all(std::deque<WriteQueue::Job>& jobs) {
    auto outcome = run_transaction(jobs);
    const bool world_changed = writing_changed_world_;
    writing_changed_world_ = false;
    if (!world_changed) return outcome;
    if (!outcome) {
      world_ = *published();
      return outcome;
    }
    const std::lock_guard guard(publishing_);
    published_ = std::make_shared<const World>(world_);
    return outcome;
  }

  Result<void> run_transaction(std::deque<WriteQueue::Job>& jobs) {
    PHUSA_ASSIGN(const auto transaction, ledger_.begin_write());
    PHUSA_TRY(follow(*transaction));
    Admission admission(*transaction, world_);
    Writing writing{transaction.get(), &admission, false, std::nullopt};
    writing_ = &writing;
    auto outcome = run_jobs(jobs, writing);
    writing_ = nullptr;
    writing_changed_world_ = writing.world_changed;
    PHUSA_TRY(outcome);
    if (writing.failure) return fail(*writing.failure);
    PHUSA_TRY(admission.finish());
    PHUSA_ASSIGN(const LedgerPoint head, transaction->head());
    PHUSA_TRY(transaction->commit());
    head_ = head;
    return {};
  }

  /// A commit that was reported as failed may have reached the disk all the same: what the ledger holds
  /// rules.
  Result<void> follow(ledger::Transaction& transaction) {
    PHUSA_ASSIGN(const LedgerPoint head, transaction.head());
    if (head_ == head) return {};
    PHUSA_ASSIGN(world_, World::load(transaction, organisation_.server_key.public_key));
    head_ = head;
    const std::lock_guard guard(publishing_);
    published_ = std::make_shared<const World>(world_);
    return {};
  }

  Result<void> run_jobs(std::deque<WriteQueue::Job>& jobs, Writing& writing) {
    const Day today = local_day(clock_.wall());
    // Nothing is judged before there is a catalogue, and its first entry should be that catalogue.
    if (today > world_.today() && world_.newest_revision() != 0)
      PHUSA_TRY(append(OfficeAct::kDayCome, day_payload(today)));
    for (WriteQueue::Job& job : jobs) PHUSA_TRY(job.work(*writing.transaction, *writing.admission));
    return {};
  }

  Result<LedgerPoint> append(OfficeAct act, BytesView payload) {
    OfficeEntry entry;
    entry.act = act;
    entry.number = world_.office_number() + 1;
    entry.previous = world_.office_hash();
    entry.at = clock_.wall();
    entry.payload = Bytes(payload);
    ledger::EntryRow row;
    row.kind = ledger::EntryKind::kOffice;
    row.hash = journal::sign_office_entry(organisation_.id, organisation_.server_key, entry);
    row.number = static_cast<std::uint32_t>(entry.number);
    row.envelope = journal::encode_office_entry(entry);
    row.received_at = entry.at;
    writing_->world_changed = true;
    return writing_->admission->apply(std::move(row), entry);
  }

  const Organisation organisation_;
  ledger::Ledger& ledger_;
  const Clock& clock_;
  Random* const random_;
  World world_;                         // the writer thread's
  LedgerPoint head_;                    // the writer thread's: what world_ follows from
  Writing* writing_ = nullptr;          // the writer thread's
  bool writing_changed_world_ = false;  // the writer thread's
  mutable std::mutex publishing_;
  std::shared_ptr<const World> published_;         // guarded by publishing_
  std::vector<journal::OpeningKey> opening_keys_;  // guarded by publishing_
  // Shared with the writer while another is put in its place; guarded by publishing_
  std::shared_ptr<const std::set<Hash>> erased_ = std::make_shared<const std::set<Hash>>();
  WriteQueue queue_;  // last: its thread uses all of the above
};

}  // namespace

Result<std::unique_ptr<Engine>> Engine::start(const EngineOptions& options, ledger::Ledger& ledger,
                                              const Clock& clock) {
  if (!options.opening_keys.empty() && options.random == nullptr)
    return fail(ErrorCode::kInvalidArgument, "what opens bundles needs randomness to seal the receipts");
  PHUSA_ASSIGN(const auto snapshot, ledger.begin_read());
  PHUSA_ASSIGN(World world, World::load(*snapshot, options.server_key.public_key));
  PHUSA_ASSIGN(const LedgerPoint head, snapshot->head());
  return std::unique_ptr<Engine>(
      std::make_unique<EngineOverLedger>(options, ledger, clock, std::move(world), head));
}

}  // namespace phusa::ingest
