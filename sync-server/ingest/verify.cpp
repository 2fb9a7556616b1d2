#include "sync-server/ingest/verify.hpp"

#include "core/journal/certificate.hpp"
#include "core/journal/office_journal.hpp"
#include "core/journal/sealing.hpp"
#include "core/merge/merge.hpp"
#include "core/merge/state_codec.hpp"
#include "core/wire/codec.hpp"
#include "sync-server/ingest/admission.hpp"
#include "sync-server/ingest/verify_office.hpp"
#include "sync-server/totals/cells.hpp"

#include <map>
#include <tuple>
#include <utility>

namespace phusa::ingest {
namespace {

/// Entries of the throw-away ledger that share a transaction.
constexpr std::uint64_t kEntriesPerTransaction = 256;

class Verification {
 public:
  Verification(const EngineOptions& options, ledger::Snapshot& stored, VerifyReport& report)
      : options_(options),
        organisation_(organisation_id_of(options.root_key)),
        stored_(stored),
        report_(report) {}

  Result<void> replay(ledger::Ledger& ledger) {
    PHUSA_ASSIGN(const LedgerPoint head, stored_.head());
    World world(options_.server_key.public_key);
    for (std::uint64_t next = 1; next <= head.position;) {
      PHUSA_ASSIGN(const auto transaction, ledger.begin_write());
      Admission admission(*transaction, world);
      for (std::uint64_t i = 0; i < kEntriesPerTransaction && next <= head.position; ++i, ++next) {
        PHUSA_ASSIGN(const bool replayed, replay_one(next, admission));
        if (!replayed) {
          differ("the replay stops at position " + std::to_string(next));
          return {};
        }
      }
      PHUSA_TRY(admission.finish());
      PHUSA_TRY(transaction->commit());
    }
    report_.entries = head.position;
    return {};
  }

  Result<void> compare(ledger::Snapshot& replayed) {
    PHUSA_TRY(compare_records(replayed));
    PHUSA_TRY(compare_holds(replayed));
    PHUSA_TRY(compare_cells(replayed));
    PHUSA_TRY(compare_logs(replayed));
    return compare_office(stored_, replayed, [this](std::string what) { differ(std::move(what)); });
  }

  /// Totals added up from the stored records alone, each by itself.
  Result<void> recount(const Catalogue& catalogue) {
    std::vector<totals::FineChange> fine;
    PHUSA_ASSIGN(const std::uint32_t rules, totals::rules_at_head(stored_));
    std::map<std::pair<Bytes, IndicatorNo>, ledger::EventValueRow> chosen;
    PHUSA_TRY(each_record(stored_, [&](const ledger::RecordRow& row) -> Result<void> {
      ++report_.records;
      if (row.hold != HoldReason::kNone || row.retracted) return {};
      PHUSA_ASSIGN(const RecordState state, state_of(stored_, row));
      PHUSA_ASSIGN(auto contribution,
                   totals::contribution_of(state, catalogue, [&](BytesView set) -> Result<std::uint32_t> {
                     PHUSA_ASSIGN(const auto no, stored_.find_set(set));
                     if (!no) return fail(ErrorCode::kCorrupt, "a counted record's set is not in the ledger");
                     return *no;
                   }));
      fine.insert(fine.end(), contribution.sums.begin(), contribution.sums.end());
      for (ledger::EventValueRow& value : contribution.event_values) choose(chosen, std::move(value), rules);
      return {};
    }));
    for (const auto& [event, value] : chosen) fine.push_back({value.cell, value.figures});
    totals::combine(fine);
    std::vector<totals::CoarseChange> coarse;
    for (const totals::FineChange& cell : fine) coarse.push_back({totals::coarse_of(cell.key), cell.figures});
    totals::combine(coarse);
    return compare_counts(fine, coarse);
  }

 private:
  void differ(std::string what) {
    ++report_.differences_found;
    if (report_.differences.size() < kDifferencesShownMax) report_.differences.push_back(std::move(what));
  }

  static Result<RecordState> state_of(ledger::Snapshot& snapshot, const ledger::RecordRow& row) {
    PHUSA_ASSIGN(const auto block, snapshot.block_by_no(row.key.block_no()));
    if (!block) return fail(ErrorCode::kCorrupt, "a record's block is not in the ledger");
    return merge::decode_state({block->device, block->block, row.key.n()}, row.state);
  }

  static Result<void> each_record(ledger::Snapshot& snapshot,
                                  const std::function<Result<void>(const ledger::RecordRow&)>& work) {
    Result<void> trouble;
    PHUSA_TRY(snapshot.for_each_record({}, [&](const ledger::RecordRow& row) {
      trouble = work(row);
      return trouble.has_value();
    }));
    return trouble;
  }

  static void choose(std::map<std::pair<Bytes, IndicatorNo>, ledger::EventValueRow>& chosen,
                     ledger::EventValueRow value, std::uint32_t rules) {
    const auto [at, added] = chosen.try_emplace({value.event, value.indicator}, value);
    const auto rank = [rules](const ledger::EventValueRow& row) {
      const bool is_last = rules >= ledger::kRulesReturnedLast && row.cell.review == ReviewState::kReturned;
      return std::tuple(!row.confirmed, is_last, row.member);
    };
    if (!added && rank(value) < rank(at->second)) at->second = std::move(value);
  }

  Result<bool> replay_one(std::uint64_t position, Admission& admission) {
    PHUSA_ASSIGN(const auto row, stored_.entry(position));
    if (!row) {
      differ("position " + std::to_string(position) + " is missing");
      return false;
    }
    const auto taken = replay_row(*row, admission);
    if (taken) return true;
    // What the ledger says is wrong is a finding; that the disk cannot be read is not.
    if (taken.error().code == ErrorCode::kIo || taken.error().code == ErrorCode::kDiskFull)
      return fail(taken.error());
    differ("position " + std::to_string(position) + ": " + taken.error().context);
    return false;
  }

  Result<void> replay_row(const ledger::EntryRow& row, Admission& admission) {
    if (row.rules_version < rules_)
      return fail(ErrorCode::kCorrupt, "it was judged by older rules than what came before");
    if (row.rules_version > ledger::kRulesVersion)
      return fail(ErrorCode::kCorrupt, "it was judged by rules that this program does not know");
    rules_ = row.rules_version;
    return row.kind == ledger::EntryKind::kBatch ? replay_batch(row, admission)
                                                 : replay_office(row, admission);
  }

  Result<void> replay_batch(const ledger::EntryRow& row, Admission& admission) {
    PHUSA_ASSIGN(const OpenBatch open, open_entry(row));
    PHUSA_ASSIGN(const Hash hash,
                 journal::verify_batch(organisation_, row.device_key, open.batch, open.leaves));
    if (hash != row.hash) return fail(ErrorCode::kCorrupt, "the batch has another hash than its row says");
    if (open.batch.header.journal != row.journal || open.batch.header.number != row.number) {
      return fail(ErrorCode::kCorrupt, "the batch has another number than its row says");
    }
    ExactRecords exact;
    PHUSA_TRY(admission.admit(row, open, exact));
    return {};
  }

  static Result<Certificate> certificate_in(const OfficeEntry& entry) {
    if (entry.act != OfficeAct::kDoubt) return journal::decode_certificate(entry.payload);
    PHUSA_ASSIGN(Doubt doubt, read_doubt_payload(entry.payload));
    return std::move(doubt.certificate);
  }

  /// What right its issuer had to give it, the office has judged, and signed the entry; the certificate's own
  /// signature must be there too.
  Result<void> check_certificate(const OfficeEntry& entry) const {
    const bool has_one = entry.act == OfficeAct::kGrant || entry.act == OfficeAct::kAcceptDevice ||
                         entry.act == OfficeAct::kDoubt;
    if (!has_one) return {};
    PHUSA_ASSIGN(const Certificate certificate, certificate_in(entry));
    if (!journal::is_signed_by_issuer(organisation_, certificate))
      return fail(ErrorCode::kCorrupt, "a certificate is not signed by its issuer");
    return {};
  }

  Result<void> replay_office(const ledger::EntryRow& row, Admission& admission) {
    PHUSA_ASSIGN(const OfficeEntry entry, journal::decode_office_entry(row.envelope));
    PHUSA_ASSIGN(const Hash hash,
                 journal::verify_office_entry(organisation_, options_.server_key.public_key, entry));
    if (hash != row.hash)
      return fail(ErrorCode::kCorrupt, "the office entry has another hash than its row says");
    if (row.received_at != entry.at || row.number != entry.number || !row.device_key.is_zero() ||
        !row.journal.is_zero()) {
      return fail(ErrorCode::kCorrupt,
                  "the office entry has another time, number or author than its row says");
    }
    PHUSA_TRY(check_certificate(entry));
    PHUSA_TRY(admission.apply(row, entry));
    return {};
  }

  static std::string describe(ledger::Snapshot& snapshot, ledger::RecordKey key) {
    const auto block = snapshot.block_by_no(key.block_no());
    if (!block || !*block) return "record #" + std::to_string(key.value);
    return "record " + format_ref({(*block)->block_hash, key.n()});
  }

  /// Whose the records of a block are.
  Result<void> compare_block(ledger::Snapshot& replayed, std::uint32_t no) {
    PHUSA_ASSIGN(const auto there, stored_.block_by_no(no));
    PHUSA_ASSIGN(const auto again, replayed.block_by_no(no));
    if (!there || !again) return {};  // each of its records is missed
    if (there->device != again->device || there->block != again->block ||
        there->block_hash != again->block_hash)
      differ("block #" + std::to_string(no) + " of device " + again->device.hex() + " is stored as another");
    return {};
  }

  Result<void> compare_records(ledger::Snapshot& replayed) {
    std::uint32_t block = 0;
    const auto compare = [&](const ledger::RecordRow& row) -> Result<void> {
      if (std::exchange(block, row.key.block_no()) != row.key.block_no())
        PHUSA_TRY(compare_block(replayed, block));
      PHUSA_ASSIGN(const auto again, replayed.record(row.key));
      if (!again) {
        differ(describe(stored_, row.key) + " is stored, but follows from no batch");
      } else if (again->state != row.state) {
        differ(describe(stored_, row.key) + " is stored in another state than its batches give");
      } else if (again->hold != row.hold || again->held_change != row.held_change ||
                 again->retracted != row.retracted) {
        differ(describe(stored_, row.key) + " is stored as " + std::string(hold_name(row.hold)) +
               ", its batches give " + std::string(hold_name(again->hold)));
      } else if (again->last_position != row.last_position || again->unit != row.unit ||
                 again->person != row.person || again->home_unit != row.home_unit) {
        differ(describe(stored_, row.key) + " is filed under another unit, person or position");
      }
      return {};
    };
    PHUSA_TRY(each_record(stored_, compare));
    return each_record(replayed, [&](const ledger::RecordRow& row) -> Result<void> {
      PHUSA_ASSIGN(const auto there, stored_.record(row.key));
      if (!there) differ(describe(replayed, row.key) + " is missing");
      return {};
    });
  }

  Result<void> compare_holds(ledger::Snapshot& replayed) {
    PHUSA_ASSIGN(const auto held, stored_.held_changes());
    PHUSA_ASSIGN(const auto again, replayed.held_changes());
    if (held != again) differ("the held changes are others than the batches give");
    PHUSA_ASSIGN(const auto batches, stored_.held_batches());
    PHUSA_ASSIGN(const auto batches_again, replayed.held_batches());
    const auto same = [](const ledger::EntryRow& a, const ledger::EntryRow& b) {
      return a.point == b.point && a.hold == b.hold;
    };
    if (!std::equal(batches.begin(), batches.end(), batches_again.begin(), batches_again.end(), same)) {
      differ("the batches held whole are others than the replay gives");
    }
    return {};
  }

  template <class Key>
  using Cells = std::map<Key, ledger::Figures>;

  static Result<Cells<ledger::CellKey>> fine_cells(ledger::Snapshot& snapshot) {
    Cells<ledger::CellKey> cells;
    PHUSA_TRY(snapshot.for_each_cell({}, [&](const ledger::CellKey& key, const ledger::Figures& figures) {
      cells.emplace(key, figures);
      return true;
    }));
    return cells;
  }

  static Result<Cells<ledger::CoarseKey>> coarse_cells(ledger::Snapshot& snapshot) {
    Cells<ledger::CoarseKey> cells;
    PHUSA_TRY(snapshot.for_each_coarse({}, [&](const ledger::CoarseKey& key, const ledger::Figures& figures) {
      cells.emplace(key, figures);
      return true;
    }));
    return cells;
  }

  template <class Key>
  void compare_maps(const Cells<Key>& stored, const Cells<Key>& expected, const std::string& what) {
    for (const auto& [key, figures] : stored) {
      const auto at = expected.find(key);
      if (at == expected.end() || !(at->second == figures)) {
        differ(what + " of indicator #" + std::to_string(key.indicator.value) + ", unit #" +
               std::to_string(key.unit.value) + " is stored as " +
               std::to_string(static_cast<std::int64_t>(figures.sum)) + " from " +
               std::to_string(figures.records) + " records, and should be " +
               (at == expected.end() ? "empty"
                                     : std::to_string(static_cast<std::int64_t>(at->second.sum)) + " from " +
                                           std::to_string(at->second.records)));
      }
    }
    for (const auto& [key, figures] : expected) {
      if (!stored.contains(key))
        differ(what + " of indicator #" + std::to_string(key.indicator.value) + " is missing");
    }
  }

  Result<void> compare_cells(ledger::Snapshot& replayed) {
    PHUSA_ASSIGN(const auto fine, fine_cells(stored_));
    PHUSA_ASSIGN(const auto fine_again, fine_cells(replayed));
    compare_maps(fine, fine_again, "a total");
    PHUSA_ASSIGN(const auto coarse, coarse_cells(stored_));
    PHUSA_ASSIGN(const auto coarse_again, coarse_cells(replayed));
    compare_maps(coarse, coarse_again, "a monthly total");
    return {};
  }

  Result<void> compare_counts(const std::vector<totals::FineChange>& fine,
                              const std::vector<totals::CoarseChange>& coarse) {
    Cells<ledger::CellKey> expected;
    for (const totals::FineChange& cell : fine) expected.emplace(cell.key, cell.figures);
    PHUSA_ASSIGN(const auto stored, fine_cells(stored_));
    compare_maps(stored, expected, "recounted, a total");
    Cells<ledger::CoarseKey> expected_coarse;
    for (const totals::CoarseChange& cell : coarse) expected_coarse.emplace(cell.key, cell.figures);
    PHUSA_ASSIGN(const auto stored_coarse, coarse_cells(stored_));
    compare_maps(stored_coarse, expected_coarse, "recounted, a monthly total");
    return {};
  }

  /// What a total says as of a position comes from the logs.
  Result<void> compare_logs(ledger::Snapshot& replayed) {
    for (const ledger::Grain grain : {ledger::Grain::kFine, ledger::Grain::kCoarse}) {
      const auto digest = [&](ledger::Snapshot& snapshot) -> Result<Hash> {
        Hasher hasher;
        PHUSA_TRY(snapshot.for_each_cell_log(grain, 0, [&](const Bytes& packed) {
          Bytes length;
          put_u64(length, packed.size());
          hasher.add(length).add(packed);
          return true;
        }));
        return hasher.finish();
      };
      PHUSA_ASSIGN(const Hash stored, digest(stored_));
      PHUSA_ASSIGN(const Hash again, digest(replayed));
      if (stored != again)
        differ("the log of totals is another than the batches give: totals as of the past are wrong");
    }
    return {};
  }

  const EngineOptions& options_;
  const OrganisationId organisation_;
  ledger::Snapshot& stored_;
  VerifyReport& report_;
  std::uint32_t rules_ = 0;  // of the entry replayed last
};

}  // namespace

Result<VerifyReport> verify(const EngineOptions& options, ledger::Snapshot& stored, ledger::Ledger& scratch) {
  VerifyReport report;
  Verification verification(options, stored, report);
  PHUSA_TRY(verification.replay(scratch));
  PHUSA_ASSIGN(const auto replayed, scratch.begin_read());
  PHUSA_TRY(verification.compare(*replayed));
  PHUSA_ASSIGN(const World world, World::load(*replayed, options.server_key.public_key));
  PHUSA_TRY(verification.recount(world.standard()));
  return report;
}

}  // namespace phusa::ingest
