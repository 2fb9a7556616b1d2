#pragma once

#include "core/client/layers.hpp"
#include "core/model/batch.hpp"
#include "core/wire/codec.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

/// What people meant, kept apart from all that the system makes of it: every edit that a phone reported as
/// saved, what its author saw when making it, and where it still exists. No merging, no counts compared, no
/// clock.
namespace phusa::sim {

using IntentId = std::uint32_t;
using Intents = std::set<IntentId>;

/// One value that one person gave one field of one record.
struct Intent {
  RecordId record;
  FieldKey field;
  Bytes value;  ///< canonical; of a personal field the text
  DeviceId device;
  Rank rank = Rank::kVolunteer;
  Intents beats;  ///< what the author saw and replaced: must never stand over this one
  Intents names;  ///< of those what its author had seen sealed
  /// Of those what must not be shown as a conflict with anything once this one is admitted: where two copies
  /// of a phone did the very same, what both had seen sealed.
  Intents settles;
  Intents coalesced;  ///< own edits that it replaced before they were ever sealed
  /// What its author saw of the rest of the record, for retractions and reviews.
  std::map<FieldKey, IntentId> saw;
};

/// What somebody asked a phone to keep: this value of this field, or something and not nothing where the
/// phone itself has to say what (a digest of what was seen).
struct Wish {
  FieldKey field;
  std::optional<Bytes> value;
};
using Wishes = std::vector<Wish>;

/// How an edit is recognised again wherever it turns up.
struct IntentKey {
  RecordId record;
  FieldKey field;
  Counts counts;
  DeviceId device;
  Bytes value;
  friend auto operator<=>(const IntentKey&, const IntentKey&) = default;
};
IntentKey key_of(const RecordId& record, FieldKey field, const Node& node);

class Oracle {
 public:
  /// Throws unless `after` has what was asked for and nothing else that `before` had not.
  static void expect_granted(const Wishes& wishes, const RecordId& record, const Layers* before,
                             const Layers& after);
  /// Throws unless each of `news` was asked for.
  static void expect_wished(const Wishes& wishes, const RecordState& news);
  /// The edits that `after` has pending and `before` had not: one person's act on one record. Adds them to
  /// `saved`.
  void note_act(const RecordId& record, const Layers* before, const Layers& after, const DeviceId& device,
                Rank rank, Intents& saved);
  /// The edits in a batch, by the batch's signature. Throws when it holds what nobody meant.
  const Intents& read_batch(const wire::BatchOnWire& on_wire, const DeviceId& device);
  /// A batch recorded long ago: what stands in it is what was meant.
  void learn_batch(const wire::BatchOnWire& on_wire, const DeviceId& device);
  /// An edit that must never count.
  void note_forged(const RecordId& record, FieldKey field, const Node& node);
  bool is_forged(IntentId id) const { return forged_.contains(id); }
  bool knows_batch(const Signature& signature) const { return batches_.contains(signature.hex()); }

  std::optional<IntentId> find(const IntentKey& key) const;
  /// Throws when nobody meant it.
  IntentId get(const IntentKey& key, const std::string& where) const;
  const Intent& intent(IntentId id) const { return intents_[id]; }
  std::size_t size() const { return intents_.size(); }
  bool is_sealed(IntentId id) const { return sealed_.contains(id); }
  /// Copies of a phone that seal one draft of somebody's words give it different leaves: two versions, one
  /// text.
  bool has_two_leaves(IntentId id) const;
  std::string describe(IntentId id) const;

 private:
  IntentId add(const IntentKey& key, Intent intent);

  std::vector<Intent> intents_;
  std::map<IntentKey, IntentId> by_key_;
  std::map<std::string, Intents> batches_;
  Intents sealed_;
  std::map<IntentId, std::set<Bytes>> leaves_;  ///< of the words that were sealed
  Intents forged_;
};

}  // namespace phusa::sim
