#pragma once

#include "core/client/phone.hpp"
#include "tests/support/temporary_folder.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace phusa::test {

class FixedClock final : public Clock {
 public:
  WallTime wall() const override { return now; }
  MonotonicTime monotonic() const override { return {}; }
  WallTime now{std::chrono::seconds(1'679'800'000)};  // 2023-03-26
};

/// Repeatable, and not the same for two seeds.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ull + 1) {}
  void fill(std::span<std::uint8_t> out) override;

 private:
  std::uint64_t state_;
};

/// An office by hand: it enrols phones, merges what they send without judging it, and signs what a server
/// signs.
class Office {
 public:
  Office();
  const Catalogue& catalogue() const { return catalogue_; }
  journal::EnrolmentCode code() const;
  wire::EnrolReply enrol(const PublicKey& device, Rank rank, const std::string& unit);
  void join(Phone& phone, Rank rank = Rank::kVolunteer, const std::string& unit = "NA");

  /// Checks an introduction and answers it with the chain it brought.
  Result<wire::EnrolReply> introduce(const wire::EnrolRequest& request) const;
  wire::CatalogueSnapshot snapshot() const;
  /// Another revision; `change` may alter it.
  void publish(const std::function<void(Catalogue&)>& change = {});
  /// Opens a bundle and takes its batches.
  wire::BundleReply open(const Bytes& bundle);
  Signature sign_fates(const wire::ReceiptParcel::Journal& journal) const;
  Bytes signed_entry(OfficeAct act, std::uint64_t number) const;
  Certificate certify(const PublicKey& device, Rank rank, const std::string& unit, std::uint32_t uses = 0);
  std::vector<Bytes> chain_of(const Certificate& certificate) const;

  /// Takes the batches: verdicts ADMITTED, DUPLICATE or NEED_FULL, signed receipts, one page with what
  /// `pages` says.
  enum class Echo { kPage, kSettled, kNothing };
  wire::SyncReply take(const Phone::Loaded& loaded, const PublicKey& device, Echo echo = Echo::kPage);
  /// A page of these records as they stand.
  Bytes page_of(const std::vector<RecordId>& records, HoldReason hold = HoldReason::kNone);
  void sign(wire::SyncReply& reply, const PublicKey& device, const std::vector<Hash>& hashes) const;
  /// A whole round: load, take, apply.
  Phone::Applied sync(Phone& phone, Echo echo = Echo::kPage);
  /// Everything this office has goes down.
  Phone::Applied pull(Phone& phone);

  std::map<RecordId, RecordState> records;
  std::map<Hash, LedgerPoint> batches;
  std::vector<Hash> last_hashes;  ///< of the batches of the last `take`
  OrganisationId organisation;
  std::uint32_t uses = 2;     ///< of certificates that enrol gives
  bool knows_box_key = true;  ///< else bundles are sealed to a key that is not here
  std::function<void(wire::ReceiptParcel::Journal&)> alter_fates;  ///< what bundles come to
  std::uint64_t taken_anew = 0;                                    ///< batches that were not known before

 private:
  /// Zero: the batch before it is not known here.
  wire::Verdict take_batch(const wire::BatchOnWire& on_wire, const PublicKey& device,
                           const TransactionTag& tag, Hash& hash, std::vector<RecordId>& touched);
  Hash hash_of_batch(const wire::BatchOnWire& on_wire, const PublicKey& device, std::vector<Change>& changes);

  SeededRandom random_{7};
  journal::KeyPair root_;
  journal::KeyPair server_;
  Certificate server_certificate_;
  journal::BoxKeyPair box_;
  Catalogue catalogue_;
  Bytes catalogue_bytes_;
  std::uint32_t serial_ = 0;
  std::uint64_t position_ = 0;
  std::map<std::pair<Bytes, std::uint32_t>, Hash> chain_;  // device and journal, number
};

/// A draft of the kind "TREES": unit NA, the day, so many trees, perhaps a note.
Draft trees(std::int64_t count, const std::string& note = "");
FieldValue trees_value(std::int64_t count);
std::int64_t shown_trees(Phone& phone, const RecordId& id);
Stage stage(Phone& phone, const RecordId& id);
std::unique_ptr<Phone> open_phone(const std::string& path, Clock& clock, Random& random);

}  // namespace phusa::test
