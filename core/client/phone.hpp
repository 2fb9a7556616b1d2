#pragma once

#include "core/base/clock.hpp"
#include "core/base/random.hpp"
#include "core/client/layers.hpp"
#include "core/journal/enrolment_code.hpp"
#include "core/journal/keys.hpp"
#include "core/model/catalogue.hpp"
#include "core/store/store.hpp"
#include "core/sync/machine.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace phusa {

struct PhoneOptions {
  std::string path;
  std::optional<KeySeed> seed;  ///< from the platform's key store; without it the key lies inside the store
  bool read_only = false;
  store::Waiter wait;  ///< how to wait for another process; empty: up to limits::kStoreBusyTimeout
};

/// A field and its canonical value (core/model/value.hpp); of a personal field the text. Empty: blank.
struct FieldValue {
  FieldKey field;
  Bytes value;
};
using Draft = std::vector<FieldValue>;

/// Who this device is and whom it belongs to.
struct Identity {
  journal::KeyPair key;
  DeviceId device;
  bool is_joined = false;
  // Only when joined:
  PublicKey root;
  PublicKey server;  ///< whose signature receipts and catalogues must carry
  OrganisationId organisation;
  std::string organisation_name;
  std::string url;
  Bytes token;
  std::uint32_t certificate = 0;
  Rank rank = Rank::kVolunteer;
  std::string unit;
  PersonId person;
  std::uint32_t uses = 0;               ///< devices that this one may vouch for
  std::vector<Bytes> chain;             ///< certificates, own first, up to the server's
  std::optional<PublicKey> officer;     ///< who vouched for this device
  std::optional<DeviceId> predecessor;  ///< whose person this device belongs to
};

/// What people may say of themselves when they join.
struct Applicant {
  std::string name;
  std::string phone;
  std::optional<DeviceId> replaces;
};

/// The local half of a phone: logs, edits, seals, applies what the server said. One SQLite file, one
/// transaction a call.
///
/// Never waits for a network. Not thread-safe (Client locks). Nothing it reported as done is ever lost by a
/// crash. Errors: kBusy (another process), kDiskFull, kCorrupt, kIo, kConflict (not joined, or joined
/// already), kNotFound, kInvalidArgument, kForbidden (a volunteer reviews).
class Phone {
 public:
  static Result<std::unique_ptr<Phone>> open(PhoneOptions options, Clock& clock, Random& random);

  const Identity& identity() const { return identity_; }
  /// The newest catalogue; nullptr before joining.
  const Catalogue* catalogue() const { return catalogue_.get(); }
  std::uint32_t catalogue_revision() const { return catalogue_row_.revision; }
  Day today() const { return local_day(clock_.wall()); }
  /// Reads identity and catalogue again when another process changed the store, or when the last try failed.
  Result<void> refresh();

  // What people do. Fields of a draft are sorted here; each may stand once.
  Result<std::vector<RecordId>> log(std::span<const Draft> drafts);
  /// The id that the next log() will give, for drafts that name one another as their event.
  RecordId id_of_draft(std::uint32_t n);
  Result<void> edit(const RecordId& id, const Draft& draft);
  Result<void> retract(std::span<const RecordId> ids);
  Result<void> restore(std::span<const RecordId> ids);
  Result<void> review(std::span<const RecordId> ids, ReviewState state, const std::string& reason);
  /// Of records that wait because who named their unit may not log for it: names it again, where this device
  /// may. Others are left as they are.
  Result<void> agree_to_unit(std::span<const RecordId> ids);

  // What people see.
  Result<RecordId> find(const RecordRef& ref);
  Result<Layers> layers(const RecordId& id);
  struct Shown {
    const Layers& layers;
    RecordState state;  ///< merge functions apply to it as to a server's
    Stage stage = Stage::kSaved;
    std::uint64_t order = 0;  ///< ascending in the order of arrival on this device
  };
  Result<void> for_each(const std::function<Result<void>(const Shown&)>& visit);
  Result<std::vector<store::HistoryRow>> history(const RecordId& id);
  Result<Delivery> delivery_of(std::int64_t batch);
  /// Whether this device, or the one it replaces, logged the record; a volunteer has the own person's only.
  bool is_mine(const RecordId& id) const;
  struct SyncState {
    std::uint64_t unsent_batches = 0;
    std::optional<WallTime> oldest_handed_at;  ///< of those that nobody has acknowledged
    std::uint64_t carried_bundles = 0;
    std::uint64_t receipts_to_return = 0;
    std::uint32_t vouches_left = 0;
    std::optional<WallTime> last_sync;
    std::string last_error;
    std::optional<WallTime> revoked_at;
    bool forked = false;
    std::string as_of;  ///< "position.tag" of the furthest ledger point known
  };
  Result<SyncState> sync_state();

  // Joining.
  /// The body's parts of an enrolment; repeated for the same store it is the same again. kConflict when
  /// joined.
  Result<wire::EnrolRequest> prepare_enrolment(const journal::EnrolmentCode& code, const std::string& url,
                                               const Applicant& applicant = {});
  /// Checks the reply against the code's fingerprint and keeps it.
  Result<void> accept_enrolment(const journal::EnrolmentCode& code, const std::string& url,
                                const wire::EnrolReply& reply);
  /// The introduction of a device that has its chain already, signed with what was said when joining.
  Result<wire::EnrolRequest> introduction();
  /// Checks the reply to an introduction and keeps what is new in it.
  Result<void> accept_introduction(const wire::EnrolReply& reply);
  Result<void> set_url(const std::string& url);
  /// Whether what must stay secret may go there: not over plain http to another machine, unless
  /// allow_insecure was told of this very address.
  Result<bool> may_send_to(const std::string& url);
  Result<void> allow_insecure(const std::string& url);
  Result<void> note_error(const std::string& message);

  // The exchange's store actions.
  /// What of the store lies in an outbox, so that its answers find their rows.
  struct Sent {
    std::vector<std::int64_t> batches;          ///< seq of each in outbox.batches
    std::vector<std::int64_t> bundles;          ///< likewise
    std::int64_t office_entries_to = 0;         ///< seq of the last one offered; 0: none
    std::uint32_t catalogues_to = 0;            ///< revision of the last one offered; 0: none
    std::optional<DeviceId> device;             ///< who sent it
    bool asked_to_read = true;                  ///< not only to deliver
    std::vector<LedgerPoint> asked_about = {};  ///< outbox.seen
  };
  struct Loaded : Sent {
    Outbox outbox;
  };
  /// `passed_over`: seq of batches that stay at home this time.
  Result<Loaded> load_outbox(std::size_t bytes_max, std::size_t batches_max,
                             const std::set<std::int64_t>& passed_over = {});
  struct Applied {
    std::uint64_t acknowledged = 0;  ///< changes
    std::uint64_t held = 0;
    std::uint64_t records = 0;
    bool forked = false;
    bool more_to_send = false;            ///< beside own batches that the request counted
    std::uint64_t bundles_delivered = 0;  ///< carried ones whose receipts are here
    std::uint64_t bundles_useless = 0;    ///< carried ones that the server cannot read: they are gone
    bool revoked = false;                 ///< the server says that this device was shut out
    std::vector<std::int64_t> full;       ///< seq of batches that the server has no room for: they stay
  };
  /// One transaction: verdicts of `sent`, receipts, catalogue, page, cursor. On an error nothing of it.
  Result<Applied> apply_reply(const wire::SyncReply& reply, const Sent& sent);

  Clock& clock() { return clock_; }
  Random& random() { return random_; }

 private:
  friend class HandOver;  // hand_over.hpp
  friend class Imports;   // imports.hpp
  friend class Receipts;  // receipts.hpp
  friend class Vouching;  // vouching.hpp
  friend class Leaving;   // leaving.hpp
  struct Applying;        // applying.hpp

  Phone(std::unique_ptr<store::Store> store, PhoneOptions options, Clock& clock, Random& random);
  Result<void> load_key();
  Result<void> load_identity();
  Result<void> load_catalogue();
  Result<void> reload();
  void take_up();
  Result<void> require_joined();
  /// The store's lock, with identity and catalogue as they stand under it: whoever held it before may have
  /// brought another rank or catalogue. kBusy: it has joined or left with this phone.
  Result<store::Store::Transaction> begin_write();

  Result<Layers> layers_of(store::RowId row, const RecordId& id);
  Result<void> log_one(const RecordId& id, Draft draft, WallTime at, bool& is_new);
  /// What a field says already is written again only with kAlso.
  enum class SayAgain : std::uint8_t { kNot, kAlso };
  Result<void> edit_row(store::RowId row, const RecordId& id, const Draft& draft, WallTime at,
                        SayAgain again = SayAgain::kNot);
  Result<bool> edit_field(const Layers& layers, const RecordState& shown, const FieldValue& field,
                          RecordState& pending, SayAgain again);
  Result<void> edit_each(std::span<const RecordId> ids,
                         const std::function<Result<std::optional<FieldValue>>(const RecordState&)>& make);
  Result<void> note_replaced(store::RowId row, const RecordId& id, WallTime logged_at, const Register& seen,
                             WallTime at);

  Result<void> seal_pending();
  struct SealedPart {
    SealedBatch batch;
    std::vector<Change> changes;
    std::vector<Leaf> leaves;
  };
  Result<std::optional<SealedPart>> pack(std::span<const Change> changes);
  Result<void> seal_changes(std::span<const Change> changes);
  Result<std::optional<SealedBatch>> read_sealed(const store::BatchRow& row);
  Result<std::vector<Change>> changes_of(const store::BatchRow& row);
  Result<void> seal_again(const store::BatchRow& damaged);
  /// Walks unacknowledged batches in their order of sealing; damaged ones are sealed again and come at the
  /// end. `take` says whether to go on.
  Result<void> for_each_unacknowledged(
      const std::function<Result<bool>(store::BatchRow& row, const SealedBatch& whole)>& take);
  /// Certificates as meta::kChain has them, each with its length.
  static Result<std::vector<Bytes>> read_chain(BytesView kept);
  Result<std::vector<Bytes>> chain_of(std::uint32_t certificate);
  Result<void> load_extras(std::size_t bytes_left, Loaded& out);
  Result<bool> has_extras();

  Result<Bytes> bearer_token();
  Result<wire::EnrolRequest> signed_request(wire::EnrolRequest request);
  struct Chain {
    std::vector<Certificate> certificates;
    Bytes kept;  ///< as meta::kChain has it
  };
  /// kUnauthorized: not this device's, or not up to the root.
  Result<Chain> check_chain(const std::vector<Bytes>& encoded, const PublicKey& root) const;
  bool is_newer_than(const Chain& chain) const;
  /// Within a transaction; take_up after its commit.
  Result<void> take_over_chain(const Chain& chain);

  Result<void> verify_receipts(const wire::SyncReply& reply, const std::vector<store::BatchRow>& rows) const;
  Result<void> keep_catalogue(const wire::CatalogueSnapshot& snapshot, const PublicKey& server,
                              const OrganisationId& org);
  Result<void> apply_verdict(const wire::Verdict& verdict, const TransactionTag& tag, store::BatchRow row,
                             Applying& applying);
  Result<void> hold_changes(const store::BatchRow& row, const wire::Verdict& verdict);
  Result<void> drop_base_of_own(store::RowId row);
  Result<void> release(const store::BatchRow& row);
  Result<void> settle(const store::BatchRow& row);
  Result<void> apply_page(BytesView page, Applying& applying);
  Result<void> take_over(store::RowId row, const RecordState& base, HoldReason held_change, WallTime at);
  Result<void> finish_reply(const wire::SyncReply& reply, const Sent& sent, Applying& applying);
  Result<void> offer_entries();
  Result<void> note_revoked(const wire::SyncReply& reply, bool was_read_to);
  Result<void> take_up_points(const std::vector<LedgerPoint>& held, const Applying& applying);
  Result<void> keep_parcel(std::int64_t seq, BytesView parcel);
  Result<void> take_bundle_replies(const wire::SyncReply& reply, const Sent& sent, Applying& applying);
  Result<void> keep_office_entries(const std::vector<Bytes>& entries);
  Result<void> note_offered(const wire::SyncReply& reply, const Sent& sent);
  Result<void> start_over();
  Result<void> take_back_sealed();
  Result<void> lay_over_base(std::int64_t batch, Change& change);
  Result<void> drop_not_shown();
  Result<void> forget_replaced_words();
  Result<void> note_forked();
  Result<void> drop_gone(store::RowId row);
  Result<void> sweep();

  std::unique_ptr<store::Store> store_;
  PhoneOptions options_;
  Clock& clock_;
  Random& random_;
  Identity identity_;
  bool is_stale_ = true;               ///< what the store has of identity and catalogue is still to be read
  store::CatalogueRow catalogue_row_;  ///< without its bytes
  std::unique_ptr<Catalogue> catalogue_;
  std::uint64_t block_ = 0;   ///< of this opening; minted with the first record
  std::uint32_t logged_ = 0;  ///< records in it
};

}  // namespace phusa
