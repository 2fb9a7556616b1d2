#pragma once

#include "core/model/batch.hpp"
#include "core/model/catalogue.hpp"
#include "sync-server/ledger/ledger.hpp"

#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <vector>

namespace phusa::ingest {

/// What the office has granted one device.
struct KnownDevice {
  PublicKey key;
  ledger::PersonNo person = 0;  ///< as first granted; see World::person_of
  struct Grant {
    std::uint32_t serial = 0;
    Rank rank = Rank::kVolunteer;
    std::string unit;
    WallTime issued_at{};
    DeviceId issuer;         ///< an officer's device, or the server's
    std::uint32_t uses = 0;  ///< devices its holder may vouch for
  };
  std::vector<Grant> grants;  ///< in the order of granting
  bool revoked = false;
  std::set<Hash> last_good;  ///< of a revoked device; of a journal that forked or has a gap, several

  const Grant* grant(std::uint32_t serial) const;
  /// The certificate issued last: what it may read, and where it belongs. A certificate that a restored
  /// server is shown again is granted late, but not newer for that. Nothing while none is granted.
  const Grant* newest() const;
};

/// An officer's certificate for a device that the office has not granted.
struct Doubt {
  HoldReason reason = HoldReason::kNone;
  Certificate certificate;
};

/// Everything admission judges by that the office decides: catalogue revisions, grants, revocations, the day
/// that has come. A plain value: the writer changes a draft of its own and publishes it after commit.
class World {
 public:
  /// `server_key`: whose certificates are the office's own.
  explicit World(const PublicKey& server_key) : server_(device_id_of(server_key)) {}
  static Result<World> load(ledger::Snapshot& snapshot, const PublicKey& server_key);

  /// The newest revision as it was written; empty before the first.
  const std::shared_ptr<const Catalogue>& newest() const { return newest_; }
  /// The newest with every window and maximum widened to what any revision ever gave: what records are held
  /// against.
  const Catalogue& standard() const { return *standard_; }
  Day today() const { return today_; }
  void set_today(Day day) { today_ = day; }
  /// Hashes of the revisions, by number; a revision has one. nullptr: not known here.
  const Hash* catalogue_hash(std::uint32_t revision) const;
  /// Whether batches that name this revision can be judged: it stands here, or is lost and let in all the
  /// same.
  bool has_catalogue(std::uint32_t revision, const Hash& hash) const;
  /// Lets in batches that name a revision which is lost.
  void accept_revision(std::uint32_t revision, const Hash& hash) { accepted_.insert({revision, hash}); }
  std::uint32_t newest_revision() const { return newest_->revision; }
  /// The last revision that put an existing unit under another parent: it moves what officers may see.
  std::uint32_t tree_revision() const { return tree_revision_; }
  /// A revision whose number is free, in the order of arrival: a restored server gets back from phones what
  /// it lost, some of it late, some never. One below the newest only widens the standard and makes itself
  /// known. kConflict: the number is taken, or one of both takes back what records rely on (a row, a code, a
  /// measure, a label's group).
  Result<void> add_catalogue(const ledger::CatalogueRow& row);
  /// What add_catalogue would say.
  Result<Catalogue> check_catalogue(const ledger::CatalogueRow& row) const;

  const KnownDevice* device(const DeviceId& id) const;
  /// Devices whose person is another than before, this one among them when it is new.
  std::vector<DeviceId> add_grant(const ledger::DeviceRow& device, const Certificate& certificate);
  /// A device that is not known yet is revoked from its first grant on: a restored server may hear of the
  /// revocation first.
  void revoke(const DeviceId& id, const std::set<Hash>& last_good);
  /// Whether the device is revoked and each of these batches counts.
  bool is_revoked(const DeviceId& id, const std::set<Hash>& last_good) const;
  bool is_revoked(const DeviceId& id) const { return is_revoked(id, {}); }

  // world_people.cpp
  void add_doubt(const Doubt& doubt);
  const Doubt* doubt(const DeviceId& id, std::uint32_t serial) const;
  /// Who answers for what `issuer` vouches for: the nearest device at or above it that is granted, or the
  /// last one whose voucher is known.
  DeviceId answerable(const DeviceId& issuer) const;
  /// The doubts that this device answers for and that wait for the office. Of a device that is revoked the
  /// office has said what it thinks: what lies of it takes nobody else's room.
  std::vector<const Doubt*> doubts_below(const DeviceId& answerable_device) const;
  /// How many certificates of the device itself are in doubt.
  std::size_t doubts_of(const DeviceId& id) const;
  bool is_by_server(const Certificate& certificate) const {
    return device_id_of(certificate.issuer) == server_;
  }
  /// Whether a grant of the issuer's, ever, lets it vouch for such a device.
  bool may_vouch(const DeviceId& issuer, Rank rank, std::string_view unit) const;
  /// Devices other than `but` that hold a certificate by this issuer, and how many it may have.
  std::uint32_t vouched_by(const DeviceId& issuer, const DeviceId& but) const;
  std::uint32_t vouches_of(const DeviceId& issuer) const;
  /// Joins the persons of devices that replaced one another, as far as both are known and the issuer had the
  /// right to say so. Devices whose person changed by that.
  std::vector<DeviceId> join_persons();
  /// All devices of the person who has this one, ascending; empty when it is not known.
  std::vector<DeviceId> devices_of(const DeviceId& device) const;

  /// The same for all devices of one person, those that succeeded one another included. Zero when the device
  /// is not known.
  ledger::PersonNo person_of(const DeviceId& id) const;
  /// Where the device's newest certificate belongs.
  std::optional<UnitNo> home_of(const DeviceId& id) const;
  /// Whether an officer's or the office's grant of the person reaches a unit that the device ever belonged
  /// to.
  bool oversees_device(ledger::PersonNo person, const DeviceId& id) const;
  /// Whether a grant of the device's person ever let it log for the unit, under the tree of any revision.
  bool may_log_for(const DeviceId& id, UnitNo unit) const;
  /// The same for an officer's or the office's grants.
  bool oversees(ledger::PersonNo person, UnitNo unit) const;

  std::uint64_t office_number() const { return office_number_; }
  const Hash& office_hash() const { return office_hash_; }
  void set_office(std::uint64_t number, const Hash& hash) {
    office_number_ = number;
    office_hash_ = hash;
  }

 private:
  struct Root {
    std::string unit;
    Rank rank = Rank::kVolunteer;
  };
  /// A device that names the one it replaces, until both are known.
  struct Succession {
    DeviceId device;
    DeviceId predecessor;
    DeviceId issuer;
  };
  bool may_join(const Succession& succession) const;
  /// Whom the server let replace a device that it forgot since owns that one's records all the same: their
  /// ids are those of lists that both imported. The devices whose person changed.
  std::vector<DeviceId> stand_in(const DeviceId& unseen, ledger::PersonNo person);
  ledger::PersonNo leader_of(ledger::PersonNo person) const;
  std::vector<DeviceId> join(ledger::PersonNo one, ledger::PersonNo other);
  void widen(const Catalogue& newest, const Catalogue& other);
  void note_tree(const Hash& hash, const Catalogue& next);
  /// Units that lay below the root under the tree of any revision, mixing revisions on the way down:
  /// generous, and the same in any order.
  std::vector<bool> subtree_ever(std::string_view root) const;
  bool was_within(UnitNo unit, const std::string& root) const;
  bool was_within(std::string_view unit, const std::string& root) const;

  DeviceId server_;
  std::shared_ptr<const Catalogue> newest_ = std::make_shared<const Catalogue>();
  std::shared_ptr<const Catalogue> standard_ = std::make_shared<const Catalogue>();
  struct Revision {
    Hash hash;
    std::vector<std::optional<UnitNo>> parents;  // by unit
  };
  std::map<std::uint32_t, Revision> revisions_;
  std::set<std::pair<std::uint32_t, Hash>> accepted_;  // lost revisions
  std::vector<std::vector<UnitNo>> parents_ever_;      // by unit: all parents it ever had
  std::uint32_t tree_revision_ = 0;
  Day today_{};
  std::map<DeviceId, KnownDevice> devices_;
  std::unordered_map<DeviceId, std::set<Hash>> revoked_early_;  // last good batches of devices not known yet
  std::map<std::pair<DeviceId, std::uint32_t>, Doubt> doubts_;
  std::vector<Succession> waiting_;                                // in the order of granting
  std::map<DeviceId, ledger::PersonNo> stand_ins_;                 // of devices that are not known
  std::map<ledger::PersonNo, ledger::PersonNo> leaders_;           // of numbers that joined another
  std::unordered_map<ledger::PersonNo, std::vector<Root>> roots_;  // by leader
  std::map<std::string, std::vector<bool>, std::less<>>
      ever_within_;  // by root unit's code: units ever in its subtree
  std::uint64_t office_number_ = 0;
  Hash office_hash_;
};

/// Where the ledger keeps the day that has come.
inline constexpr std::string_view kDayComeKey = "day_come";

}  // namespace phusa::ingest
