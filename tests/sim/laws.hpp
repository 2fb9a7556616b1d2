#pragma once

#include "tests/sim/world.hpp"

namespace phusa::sim {

/// The laws, checked in a world that has come to rest. The first that does not hold is thrown.
class Laws {
 public:
  explicit Laws(World& world) : world_(world) {}
  void check();

 private:
  /// A record as the server has it.
  struct Seen {
    ledger::RecordRow row;
    RecordState state;
    std::map<FieldKey, Intents> versions;
    std::map<FieldKey, IntentId> winners;
    bool counts = false;
  };

  // laws.cpp
  void read_server();
  void nothing_is_lost();
  void every_edit_beats_what_it_saw(const Seen& seen, FieldKey field);
  void conflicts_are_shown(const Seen& seen, FieldKey field);
  bool lacks_good_work(const DeviceId& device) const;
  void holds_have_reasons();
  // laws_figures.cpp
  HoldReason expected_hold(const Seen& seen) const;
  ReviewState expected_review(const Seen& seen) const;
  void records_are_held_rightly();
  void totals_are_exact();
  void replays_agree();
  // laws_phones.cpp
  void phones_agree();
  void phone_agrees(SimPhone& phone);
  void phone_says_it_is_in_doubt(SimPhone& phone);
  bool in_scope(SimPhone& phone, const Seen& seen) const;
  void forks_are_flagged();

  // laws_people.cpp
  void nobody_is_let_in_wrongly();
  void nobody_is_left_outside_wrongly();
  HoldReason reason_against(const Certificate& certificate, WallTime first, WallTime last) const;
  std::uint32_t vouches_of(const DeviceId& officer) const;
  std::size_t vouched_by(const DeviceId& officer, const DeviceId* but, bool with_accepted) const;

  Bytes winning(const Seen& seen, FieldKey field) const;
  Intents existing() const;

  World& world_;
  std::map<RecordId, Seen> records_;
  Intents merged_;
  std::map<IntentId, HoldReason> held_;
};

}  // namespace phusa::sim
