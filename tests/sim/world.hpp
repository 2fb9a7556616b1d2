#pragma once

#include "core/wire/page.hpp"
#include "tests/sim/people.hpp"
#include "tests/sim/plan.hpp"
#include "tests/sim/sim_phone.hpp"
#include "tests/sim/sim_server.hpp"

#include <deque>
#include <memory>

namespace phusa::sim {

/// Phones, a server and the network between them; and the oracle that knows what everybody meant.
///
/// Single-threaded: one event at a time. Only the engine's own writer thread runs beside it, while it is
/// waited for.
class World {
  static constexpr std::size_t kPhonesMax = 10;

 public:
  /// `folder` is a real one for the lock files; everything else is in memory.
  World(const Plan& plan, std::string folder, Trace& trace);

  /// All events, then peace, then the laws. Throws LawBroken.
  void run();

  std::chrono::seconds passed() const { return time_.passed(); }
  std::size_t phones() const { return phones_.size(); }
  /// Writes and syncs before the peace that a crash could have hit: the server's, then each phone's.
  const std::vector<std::uint64_t>& crash_points() const { return crash_points_; }
  /// Whether the crash that the plan asks for came before the peace.
  bool has_crashed() const { return has_crashed_; }

 private:
  friend class Laws;

  // world_events.cpp
  void happen(const Event& event);
  void log(SimPhone& phone, Dice& dice);
  void edit(SimPhone& phone, Dice& dice, Kind kind);
  void die_in_commit(SimPhone& phone, Dice& dice);
  void phone_event(const Event& event, SimPhone& phone, Dice& dice);
  void server_event(const Event& event, Dice& dice);
  std::optional<RecordId> some_record(SimPhone& phone, Dice& dice);
  FieldValue some_value(Dice& dice);
  bool ready(SimPhone& phone);

  // world_office.cpp
  void office_event(const Event& event, Dice& dice);
  void move_unit(Dice& dice);
  void open_code(Dice& dice);
  void rotate_key(Dice& dice);
  void publish(const char* what, const std::function<void(Catalogue&)>& change);
  void revoke(SimPhone& phone);
  void read_ledger(const std::function<bool(ledger::Snapshot&)>& read);
  bool is_revoked_at_server(const DeviceId& device);
  bool is_in_doubt_at_server(const DeviceId& device);
  void decide(Dice& dice);
  /// A phone, new or given up by whoever had it, joins by a code of the office's.
  void enrol(Dice& dice, Rank rank, const std::string& unit, const std::optional<DeviceId>& replaces);
  bool join(SimPhone& phone, const journal::EnrolmentCode& code, Dice& dice);
  bool office_acts(const char* what, const std::function<Result<void>()>& act);
  void note_catalogue();

  // world_people.cpp
  void vouch(SimPhone& officer, Dice& dice);
  void take_welcome(SimPhone& phone, const Bytes& welcome, Dice& dice);
  void accept_device(Dice& dice);
  void move_device(SimPhone& phone, Dice& dice);
  void leave(SimPhone& phone);
  SimPhone* newcomer(Dice& dice);
  std::optional<DeviceId> some_predecessor(const SimPhone* but, Dice& dice);
  void note_certificates(const DeviceId& device);
  /// Not by the office: it may have been in doubt for a time.
  bool was_vouched_for(const DeviceId& device) const;
  bool is_shut_out(const SimPhone& phone) const { return shut_out_.contains(phone.device); }
  void see_who_is_let_in(ledger::Snapshot& snapshot);

  // world_network.cpp
  void sync(SimPhone& phone, Dice& dice);
  void nothing_is_hidden(SimPhone& phone, const std::set<RecordId>& before, bool only_delivered);
  void step(SimPhone& phone, Dice& dice);
  void carry(SimPhone& phone, Dice& dice, bool peaceful);
  void replay(Dice& dice);
  void together(Dice& dice);
  void note_sealed(SimPhone& phone);
  void check_scope(SimPhone& phone, const HttpReply& reply);
  bool could_see(const DeviceId& reader, const wire::RecordDelta& delta) const;

  // world_hostile.cpp
  void forge(SimPhone& phone, Dice& dice);
  void deliver_frozen(Dice& dice);
  void sign_again(SimPhone& phone, Dice& dice);
  void push_alone(const Identity& self, const SealedBatch& batch, const std::string& told);
  // world_carriers.cpp
  void hand_over(SimPhone& phone, Dice& dice);
  void carry_file(SimPhone& phone, Dice& dice, bool newest);
  void pass_receipts(SimPhone& phone, Dice& dice);
  bool write_receipts(SimPhone& phone);
  void read_receipts(SimPhone& phone, const Bytes& file);
  void errand(SimPhone& phone, Dice& dice);
  bool note_hand(SimPhone& phone, const char* what, const std::optional<Error>& error);

  // world.cpp
  SimPhone& phone(std::uint32_t who) { return *phones_[who % phones_.size()]; }
  SimPhone& add_phone();
  bool was_revoked(const DeviceId& device) const { return revoked_.contains(device); }
  void arm(int number);
  void get_acquainted();
  void make_peace();
  void quiesce();
  void see_what_the_office_did();
  void drain(SimPhone& phone, int round);

  const Plan plan_;
  const std::string folder_;
  Trace& trace_;
  WorldTime time_;
  Oracle oracle_;
  SimServer server_;
  std::vector<std::unique_ptr<SimPhone>> phones_;
  std::deque<SimPhone::Request> limbo_;  ///< requests that may arrive much later, or again
  std::vector<RecordId> records_;        ///< all that anybody tried to log
  std::int64_t next_value_ = 1;

  struct HandFile {
    Bytes bytes;
    Intents intents;
  };
  std::vector<HandFile> files_;
  std::vector<Bytes> receipts_;
  Intents handed_;  ///< in any file

  struct PhoneBackup {
    SimDisk::Image image;
    SimPhone::Memory memory;
    DeviceId device;
  };
  std::map<int, std::vector<PhoneBackup>> phone_backups_;
  struct ServerBackup {
    SimDisk::Image image;
    SimServer::Knowledge knows;
  };
  std::vector<ServerBackup> server_backups_;

  std::vector<std::uint64_t> crash_points_from_;  ///< writes and syncs of the server and each phone by then
  std::vector<std::uint64_t> crash_points_;
  bool has_crashed_ = false;

  // What the office did.
  std::vector<Catalogue> catalogues_;  ///< all revisions that ever stood
  People people_;                      ///< as it was said
  People standing_;                    ///< at the end, as far as the server knows of it
  std::map<std::pair<DeviceId, std::uint32_t>, ledger::DoubtRow> doubts_;  ///< at the end
  std::set<DeviceId> accepted_;                                            ///< by the office, out of doubt
  std::map<DeviceId, WallTime> revoked_;                                   ///< ever, and when first
  std::set<DeviceId> shut_out_;      ///< revoked as far as the server knows
  std::set<DeviceId> was_restored_;  ///< devices of which some store went back, or was lost
  bool server_was_restored_ = false;
  bool office_decided_ = false;
  bool office_rests_ = false;
  bool office_goes_on_ = false;  ///< it publishes, though the ledger lacks revisions that phones know
  Intents good_when_revoked_;    ///< of revoked devices what had been acknowledged by then
};

}  // namespace phusa::sim
