#pragma once

#include "core/client/conversation.hpp"
#include "core/client/phone.hpp"
#include "tests/sim/oracle.hpp"
#include "tests/sim/sim_clock.hpp"
#include "tests/sim/sim_disk.hpp"
#include "tests/sim/trace.hpp"

#include <memory>
#include <optional>

namespace phusa::sim {

/// A phone as somebody carries it: the real code over a disk of the simulation, and what its owner remembers.
class SimPhone {
 public:
  SimPhone(int number, const std::string& folder, const WorldTime& time, std::uint64_t seed, Trace& trace);
  ~SimPhone();

  /// Instead of a first opening: the empty store that one leaves.
  void install();
  /// Opens the store if it is not open. false: the disk does not let it.
  bool start();
  void draw_crashes_from(Dice dice) { crash_dice_ = dice; }
  /// The other of two programs over the one store is in hand from now on, each with what it has in memory; it
  /// is opened if it is not there. A conversation of the one goes on.
  void switch_program();
  /// Leaves the program in hand alone with the store. Ends a conversation.
  void close_other_program();
  void stop();
  bool is_up() const { return in_hand_.phone != nullptr; }
  void bury_if_dead();
  Phone& phone() { return *in_hand_.phone; }
  int number() const { return number_; }
  std::string name() const { return "phone " + std::to_string(number_); }
  SimDisk& disk() { return disk_; }
  SimClock& clock() { return clock_; }
  bool is_joined() const { return is_up() && in_hand_.phone->identity().is_joined; }
  Rank rank() const { return in_hand_.phone->identity().rank; }

  /// What its owner was told is saved.
  struct Memory {
    Intents saved;
    /// An act that ended in an error, with the record as it stood before: it may have been kept after all,
    /// until the next thing that is written for certain.
    struct Doubt {
      RecordId id;
      std::optional<Layers> before;
      Wishes wishes;
    };
    std::vector<Doubt> doubts;
    std::vector<RecordId> logged;
    Intents carried;  ///< in bundles of others
    bool joined = false;
    bool leaving = false;  ///< it died while it was leaving: gone or still there
  };
  Memory memory;

  /// Runs `act` on record `id`, looks that it did what its owner wishes, and tells the oracle. An error that
  /// no fault explains breaks law 1.
  bool act(const RecordId& id, Oracle& oracle, const char* what, const Wishes& wishes,
           const std::function<Result<void>()>& act);
  /// Looks whether doubtful acts were kept after all.
  void resolve(Oracle& oracle);

  // The exchange. One conversation at a time; a request waits in `wire` until the world moves it.
  std::unique_ptr<Conversation> talk;
  struct Request {
    std::uint64_t id = 0;
    std::string path;
    Bytes body;
  };
  std::optional<Request> wire;
  std::optional<HttpReply> reply;  ///< the answer to `wire`, on its way
  struct Outcome {
    bool ok = false;
    ErrorCode code = ErrorCode::kInternal;
    std::string message;
  };
  Outcome outcome;
  /// After it opened, or joined: what its owner may rely on from now on.
  void note_joined();
  bool start_sync(const std::string& url, bool push_only = false);
  /// What its owner sees; nothing when the disk does not let it be read.
  std::optional<std::set<RecordId>> shown();
  bool start_join(const journal::EnrolmentCode& code, const std::string& url);
  /// Lets the conversation go on until it waits for the wire or ends.
  void pump();
  void give(const HttpReply* answer);

  // What the world knows of it.
  DeviceId device;               ///< once it has joined
  std::uint32_t page_bytes = 0;  ///< the largest page it asks for; 0: the server's limit
  bool is_copied = false;        ///< another phone has, or had, this key
  bool lost = false;             ///< nobody will ever switch it on again

 private:
  int number_;
  SimDisk disk_;
  SimClock clock_;
  std::uint64_t seed_;
  std::uint64_t openings_ = 0;
  Trace& trace_;
  Dice crash_dice_;
  /// A program over the store, with the random numbers that it draws.
  struct Program {
    std::unique_ptr<SimRandom> random;
    std::unique_ptr<Phone> phone;
  };
  Result<Program> open_program();
  Program in_hand_;
  Program other_;
};

}  // namespace phusa::sim
