#include "sync-server/ingest/exchange.hpp"

#include "core/base/limits.hpp"
#include "core/journal/receipt.hpp"
#include "core/journal/sealing.hpp"
#include "sync-server/ingest/erasure.hpp"

#include <algorithm>

namespace phusa::ingest {
namespace {

bool starts_alike(const Hash& a, const Hash& b) {
  return std::equal(a.bytes.begin(), a.bytes.begin() + 4, b.bytes.begin());
}

class Intake {
 public:
  Intake(const Organisation& organisation, WallTime received_at, ledger::Transaction& transaction,
         const World& world, Admission& admission, const AppendOffice& append, const std::set<Hash>& erased)
      : organisation_(organisation),
        received_at_(received_at),
        transaction_(transaction),
        world_(world),
        admission_(admission),
        erased_(erased),
        introduction_(organisation, world, received_at, append) {}

  Result<void> take_all(const wire::SyncRequest& request, std::span<const OpenedBundle> bundles) {
    delivery_.tag = transaction_.tag();
    for (const wire::JournalUp& journal : request.own)
      PHUSA_TRY(take_journal(request.device_key, journal, true));
    for (const wire::JournalUp& journal : request.carried) {
      PHUSA_TRY(take_journal(journal.device_key.value_or(request.device_key), journal, false));
    }
    sign_receipts(request.device_key);
    for (const OpenedBundle& bundle : bundles) {
      wire::ReceiptParcel& parcel = delivery_.parcels.emplace_back();
      for (const wire::JournalUp& journal : bundle.content.journals) {
        PHUSA_ASSIGN(auto taken, take_bundled(*journal.device_key, journal));
        parcel.journals.push_back(std::move(taken));
      }
    }
    return {};
  }

  Delivery finish() { return std::move(delivery_); }

 private:
  Result<void> take_journal(const PublicKey& device, const wire::JournalUp& journal, bool own) {
    const bool is_strange = is_strangers(device, journal);
    for (const wire::BatchOnWire& on_wire : journal.batches) {
      // Only what the asking device wrote itself can be settled: a carrier may never have seen what it
      // carries.
      ExactRecords not_own;
      Hash hash;
      PHUSA_ASSIGN(wire::Verdict verdict,
                   is_strange ? refused(wire::VerdictStatus::kNeedCertificate)
                              : take(device, on_wire, journal.certificates, own ? exact_ : not_own, hash));
      verdict.settled = verdict.settled && own;
      if (verdict.settled) delivery_.settled.insert(verdict.point.position);
      if (verdict.is_durable()) receipts_[device].push_back({hash, verdict.point});
      delivery_.verdicts.push_back(std::move(verdict));
    }
    return {};
  }

  Result<wire::ReceiptParcel::Journal> take_bundled(const PublicKey& device, const wire::JournalUp& journal) {
    wire::ReceiptParcel::Journal out;
    out.device_key = device;
    std::vector<Receipt::Item> items;
    const bool is_strange = is_strangers(device, journal);
    for (const wire::BatchOnWire& on_wire : journal.batches) {
      ExactRecords not_own;
      Hash hash;
      PHUSA_ASSIGN(wire::Verdict verdict, is_strange
                                              ? refused(wire::VerdictStatus::kNeedCertificate)
                                              : take(device, on_wire, journal.certificates, not_own, hash));
      verdict.settled = false;
      if (verdict.is_durable()) items.push_back({hash, verdict.point});
      out.batches.push_back(hash);
      out.verdicts.push_back(std::move(verdict));
    }
    if (!items.empty()) out.signature = signed_receipt(device, std::move(items));
    return out;
  }

  static Result<wire::Verdict> refused(wire::VerdictStatus status) {
    wire::Verdict verdict;
    verdict.status = status;
    return verdict;
  }

  /// Of a device that nothing here and nothing it brings shows to be one of ours. Its batches are not opened:
  /// anybody can send such, and there is one writer for all.
  bool is_strangers(const PublicKey& device, const wire::JournalUp& journal) const {
    const DeviceId id = device_id_of(device);
    if (world_.device(id) != nullptr || world_.doubts_of(id) > 0) return false;
    return journal.certificates.empty() || !introduction_.is_proven(device, journal.certificates);
  }

  Result<wire::Verdict> take(const PublicKey& device, const wire::BatchOnWire& on_wire,
                             const std::vector<Bytes>& chain, ExactRecords& exact, Hash& hash) {
    const BatchHeader& header = on_wire.batch.header;
    if (header.format != kBatchFormat || header.number == 0 || header.changes > limits::kChangesPerBatchMax ||
        header.facts_plain_bytes > limits::kBatchPlainBytesMax ||
        header.personal_plain_bytes > limits::kBatchPlainBytesMax) {
      return refused(wire::VerdictStatus::kInvalid);
    }
    auto open = open_batch(device, on_wire.batch);
    if (!open) return refused(wire::VerdictStatus::kInvalid);
    // The signature would be right: it covers the leaves alone. Whoever can read a batch could bring it first
    // without its words, and its author's own would be a duplicate.
    if (open->is_erased()) return refused(wire::VerdictStatus::kInvalid);
    PHUSA_ASSIGN(const auto predecessors, transaction_.batches(device, header.journal, header.number - 1));
    auto verified = restore_and_verify(*open, on_wire, predecessors);
    if (!verified) {
      const bool was_short = on_wire.previous_is_short || on_wire.catalogue_is_short;
      return refused(was_short ? wire::VerdictStatus::kNeedFull : wire::VerdictStatus::kInvalid);
    }
    hash = *verified;
    PHUSA_ASSIGN(const auto known, transaction_.entry_by_hash(hash));
    if (known) return duplicate(*known);
    const auto certified = is_certified(*open, chain);
    if (!certified && certified.error().code == ErrorCode::kHeldFull)
      return refused(wire::VerdictStatus::kFull);
    if (!certified) return fail(certified.error());
    if (!*certified) return refused(wire::VerdictStatus::kNeedCertificate);
    PHUSA_ASSIGN(const auto same_number, transaction_.batches(device, header.journal, header.number));
    if (erased_.contains(hash)) PHUSA_TRY(drop_words(*open));
    ledger::EntryRow row = entry_of(*open, hash);
    row.received_at = received_at_;
    PHUSA_ASSIGN(Admitted admitted,
                 admission_.admit(std::move(row), *open, exact, IntakeBounds::kWithinLimits));
    if (admitted.is_full) return refused(wire::VerdictStatus::kFull);
    wire::Verdict verdict = verdict_of(admitted.point, admitted.hold, admitted.held);
    verdict.status =
        admitted.hold == HoldReason::kNone ? wire::VerdictStatus::kAdmitted : wire::VerdictStatus::kHeld;
    verdict.settled = admitted.settled;
    verdict.fork = !same_number.empty();
    verdict.gap =
        header.number > 1 && std::none_of(predecessors.begin(), predecessors.end(), [&](const auto& before) {
          return before.hash == open->batch.header.previous;
        });
    return verdict;
  }

  /// The batch's hash once its short hashes are whole and its signature is right.
  Result<Hash> restore_and_verify(OpenBatch& open, const wire::BatchOnWire& on_wire,
                                  const std::vector<ledger::EntryRow>& predecessors) {
    BatchHeader& header = open.batch.header;
    if (on_wire.catalogue_is_short) {
      const Hash* catalogue = world_.catalogue_hash(header.catalogue_revision);
      if (catalogue == nullptr || !starts_alike(*catalogue, header.catalogue_hash)) {
        return fail(ErrorCode::kNotFound, "the batch names a catalogue by a short hash that is not known");
      }
      header.catalogue_hash = *catalogue;
    }
    if (!on_wire.previous_is_short)
      return journal::verify_batch(organisation_.id, open.device_key, open.batch, open.leaves);
    const Hash start = header.previous;
    for (const ledger::EntryRow& before : predecessors) {
      if (!starts_alike(before.hash, start)) continue;
      header.previous = before.hash;
      if (auto hash = journal::verify_batch(organisation_.id, open.device_key, open.batch, open.leaves))
        return *hash;
    }
    return fail(ErrorCode::kNotFound, "the batch before this one is not known");
  }

  Result<bool> is_certified(const OpenBatch& open, const std::vector<Bytes>& chain) {
    const std::uint32_t serial = open.batch.header.certificate;
    const KnownDevice* device = world_.device(open.device);
    if (device != nullptr && device->grant(serial) != nullptr) return true;
    // A chain up to the root proves that the device is one of ours, even where it is not the batch's own
    // certificate that it shows: the batch waits, held, for that one.
    if (chain.empty()) return world_.doubt(open.device, serial) != nullptr;
    const auto introduced = introduction_.introduce(open.device_key, chain);
    if (!introduced && introduced.error().code != ErrorCode::kUnauthorized) return fail(introduced.error());
    return introduced.has_value();
  }

  Result<wire::Verdict> duplicate(const ledger::EntryRow& row) {
    PHUSA_ASSIGN(const auto held, transaction_.held_changes_at(row.point.position));
    wire::Verdict verdict = verdict_of(row.point, row.hold, held);
    verdict.status = wire::VerdictStatus::kDuplicate;
    // The first answer may have been lost, and with it the word that another batch had the number before.
    PHUSA_ASSIGN(const auto same_number, transaction_.batches(row.device_key, row.journal, row.number));
    verdict.fork = !same_number.empty() && same_number.front().point.position < row.point.position;
    return verdict;
  }

  static wire::Verdict verdict_of(const LedgerPoint& point, HoldReason hold,
                                  const std::vector<ledger::HeldChangeRow>& held) {
    wire::Verdict verdict;
    verdict.point = point;
    verdict.reason = hold;
    for (const ledger::HeldChangeRow& row : held) verdict.held.push_back({row.index, row.reason});
    return verdict;
  }

  Signature signed_receipt(const PublicKey& device, std::vector<Receipt::Item> items) const {
    Receipt receipt;
    receipt.device_key = device;
    receipt.items = std::move(items);
    journal::sign_receipt(organisation_.id, organisation_.server_key, receipt);
    return receipt.signature;
  }

  void sign_receipts(const PublicKey& asking) {
    for (auto& [device, items] : receipts_) {
      wire::ReceiptSignature signature{std::nullopt, signed_receipt(device, std::move(items))};
      if (device != asking) signature.device_key = device;
      delivery_.receipts.push_back(signature);
    }
  }

  const Organisation& organisation_;
  const WallTime received_at_;
  ledger::Transaction& transaction_;
  const World& world_;
  Admission& admission_;
  const std::set<Hash>& erased_;
  Introduction introduction_;
  Delivery delivery_;
  ExactRecords exact_;
  std::map<PublicKey, std::vector<Receipt::Item>> receipts_;
};

}  // namespace

Result<Delivery> deliver(const Organisation& organisation, const wire::SyncRequest& request,
                         std::span<const OpenedBundle> bundles, WallTime received_at,
                         ledger::Transaction& transaction, const World& world, Admission& admission,
                         const AppendOffice& append, const std::set<Hash>& erased) {
  Intake intake(organisation, received_at, transaction, world, admission, append, erased);
  PHUSA_TRY(intake.take_all(request, bundles));
  return intake.finish();
}

bool is_token(BytesView token, const Hash& token_hash) {
  const Hash given = hash_of(token);
  unsigned difference = 0;
  for (std::size_t i = 0; i < Hash::kSize; ++i) difference |= given.bytes[i] ^ token_hash.bytes[i];
  return difference == 0 && !token_hash.is_zero() && !token.empty();
}

}  // namespace phusa::ingest
