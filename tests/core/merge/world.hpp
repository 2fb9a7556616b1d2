#pragma once

#include "core/merge/admission.hpp"
#include "core/merge/edit.hpp"
#include "core/merge/merge.hpp"

#include <rapidcheck.h>

#include <iosfwd>
#include <map>
#include <optional>
#include <set>
#include <vector>

/// One record, several phones of three ranks (some copies of one another) and a server that admits by
/// `judge`: the smallest world in which the laws of merging can be broken. It also keeps the truth that no
/// phone and no server knows: what each person had on the screen when editing.
namespace phusa::merge::test {

enum class Act { kEdit, kSeal, kDeliver, kPull, kCopy };

struct Step {
  Act act = Act::kEdit;
  std::uint32_t who = 0;   ///< which phone, modulo how many there are
  std::uint32_t what = 0;  ///< field and value, or which batch, modulo how many there are
};
std::ostream& operator<<(std::ostream& out, const Step& step);

using History = std::vector<Step>;
rc::Gen<History> any_history();

/// An edit that left a phone, beside what its author had seen and overwritten.
struct SealedEdit {
  FieldKey field;
  Node node;
  std::set<VersionName> seen;  ///< versions ever shown on that phone, and its own
  std::set<VersionName>
      overwritten;       ///< known versions on the screen when one of the coalesced edits was made
  Counts greatest_seen;  ///< of everything ever on the screen before the edit
};

struct SealedChange {
  Change change;
  Author author;
  std::vector<SealedEdit> edits;
};

/// Admits to the least fixed point: held changes are judged again after each admission.
class Server {
 public:
  Server();
  void receive(const SealedChange& change);
  void absorb(const Server& other);

  RecordState state;
  std::vector<SealedChange> held;

 private:
  void settle();
};

class World {
 public:
  /// `remembers`: whether a phone goes on naming its own last sealed version once the server has shown it
  /// back.
  explicit World(bool remembers);
  void play(const History& history);
  /// Everybody seals, everything is delivered, everybody pulls.
  void finish();

  /// Whether each phone shows what the server's winner says, with nothing of its own left over.
  bool all_phones_show_the_winner() const;
  /// How many phones (copies of one) write as each device.
  std::map<DeviceId, std::size_t> phones_by_device() const;

  Server server;
  std::vector<SealedChange> sealed;

 private:
  struct Field {
    std::optional<Node> base, own, pending;
    std::optional<VersionName> last_sealed;
    std::set<VersionName> seen, overwritten;
    Counts greatest_seen, greatest_before_edit;

    const Node* displayed() const;
    bool shows_pending() const;
    void note_display(FieldKey key);
  };
  struct Phone {
    DeviceId device;
    Rank rank;
    std::map<FieldKey, Field> fields;
  };

  void edit(Phone& phone, std::uint32_t what);
  void seal(Phone& phone);
  void pull(Phone& phone);
  Author author_of(const Phone& phone) const;

  bool remembers_;
  std::uint32_t salts_ = 0;
  std::vector<Phone> phones_;
};

}  // namespace phusa::merge::test
