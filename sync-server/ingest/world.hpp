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
  ledger::PersonNo person = 0;
  struct Grant {
    std::uint32_t serial = 0;
    Rank rank = Rank::kVolunteer;
    std::string unit;
  };
  std::vector<Grant> grants;  ///< in the order of granting
  bool revoked = false;
  std::set<Hash> last_good;  ///< of a revoked device; of a journal that forked or has a gap, several

  const Grant* grant(std::uint32_t serial) const;
};

/// Everything admission judges by that the office decides: catalogue revisions, grants, revocations, the day
/// that has come. A plain value: the writer changes a draft of its own and publishes it after commit.
class World {
 public:
  static Result<World> load(ledger::Snapshot& snapshot);

  /// The newest revision as it was written; empty before the first.
  const std::shared_ptr<const Catalogue>& newest() const { return newest_; }
  /// The newest with every window and maximum widened to what any revision ever gave: what records are held
  /// against.
  const Catalogue& standard() const { return *standard_; }
  Day today() const { return today_; }
  void set_today(Day day) { today_ = day; }
  /// Hashes of the revisions, by number; a revision has one.
  const Hash* catalogue_hash(std::uint32_t revision) const;
  std::uint32_t newest_revision() const { return newest_->revision; }
  /// The last revision that put an existing unit under another parent: it moves what officers may see.
  std::uint32_t tree_revision() const { return tree_revision_; }
  /// kConflict: not the next revision, or it takes back what records rely on (a row, a code, a measure, a
  /// label's group).
  Result<void> add_catalogue(const ledger::CatalogueRow& row);

  const KnownDevice* device(const DeviceId& id) const;
  void add_grant(const ledger::DeviceRow& device, const Certificate& certificate);
  void revoke(const DeviceId& id, const std::set<Hash>& last_good);
  /// Zero when the device is not known.
  ledger::PersonNo person_of(const DeviceId& id) const;
  /// Where the device's newest certificate belongs.
  std::optional<UnitNo> home_of(const DeviceId& id) const;
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
  Result<void> check_follows(const Catalogue& next) const;
  void widen(const Catalogue& next);
  void note_tree(const Catalogue& next);
  /// Units that lay below the root under the tree of any revision, mixing revisions on the way down:
  /// generous, and the same in any order.
  std::vector<bool> subtree_ever(std::string_view root) const;
  bool was_within(UnitNo unit, const std::string& root) const;

  std::shared_ptr<const Catalogue> newest_ = std::make_shared<const Catalogue>();
  std::shared_ptr<const Catalogue> standard_ = std::make_shared<const Catalogue>();
  std::vector<Hash> catalogue_hashes_;             // revision 1 first
  std::vector<std::vector<UnitNo>> parents_ever_;  // by unit: all parents it ever had
  std::uint32_t tree_revision_ = 0;
  Day today_{};
  std::unordered_map<DeviceId, KnownDevice> devices_;
  std::unordered_map<ledger::PersonNo, std::vector<Root>> roots_;
  std::map<std::string, std::vector<bool>, std::less<>>
      ever_within_;  // by root unit's code: units ever in its subtree
  std::uint64_t office_number_ = 0;
  Hash office_hash_;
};

/// Where the ledger keeps the day that has come.
inline constexpr std::string_view kDayComeKey = "day_come";

}  // namespace phusa::ingest
