#include "core/journal/sealing.hpp"
#include "sync-server/ingest/batch_opening.hpp"
#include "tests/sim/laws.hpp"

namespace phusa::sim {

bool Laws::in_scope(SimPhone& phone, const Seen& seen) const {
  const People& people = world_.standing_;
  const Certificate& own = people.of(phone.device).back();
  if (own.rank == Rank::kOffice) return true;
  const RecordId& id = seen.state.id;
  if (people.knows(id.device) && people.is_one_person(id.device, phone.device)) {
    if (id.device != phone.device) world_.trace_.mark("a successor reads its predecessor's records");
    return true;
  }
  if (own.rank != Rank::kOfficer) return false;
  const Catalogue& catalogue = world_.catalogues_.back();
  const auto root = catalogue.unit(own.unit);
  const auto within = [&](std::optional<UnitNo> unit) {
    return root && unit && unit->value < catalogue.units.size() && catalogue.is_within(*unit, *root);
  };
  const auto unit = value::number(winning(seen, FieldKind::kUnit));
  if (unit && within(UnitNo{*unit})) return true;
  const bool in_doubt =
      !unit || seen.row.hold == HoldReason::kForeignUnit || seen.row.hold == HoldReason::kUnknownCode;
  return in_doubt && people.knows(id.device) && within(catalogue.unit(people.of(id.device).back().unit));
}

void Laws::phones_agree() {
  for (const auto& phone : world_.phones_) {
    if (phone->lost || !phone->is_joined() || world_.is_shut_out(*phone)) continue;
    // Who is in doubt reads nothing.
    world_.standing_.knows(phone->device) ? phone_agrees(*phone) : phone_says_it_is_in_doubt(*phone);
  }
}

void Laws::phone_says_it_is_in_doubt(SimPhone& phone) {
  const auto walked = phone.phone().for_each([&](const Phone::Shown& shown) -> Result<void> {
    if (shown.layers.own && !shown.layers.base && shown.stage != Stage::kHeld)
      throw LawBroken(7, phone.name() + " is in doubt and says " + std::string(stage_name(shown.stage)));
    return {};
  });
  if (!walked) throw LawBroken(1, phone.name() + " cannot read its records: " + walked.error().context);
}

/// Everything that the phone's person may see and nothing else is there, and says what the server says.
void Laws::phone_agrees(SimPhone& phone) {
  const Oracle& oracle = world_.oracle_;
  std::set<RecordId> there;
  const auto visit = [&](const Phone::Shown& shown) -> Result<void> {
    const RecordId& id = shown.layers.id;
    const auto at = records_.find(id);
    const std::string name = phone.name() + "'s record " + format_ref(ref_of(id));
    if (at == records_.end()) {
      // Only what is held as a whole batch has no record at the server.
      const bool own_held = shown.layers.own_hold != HoldReason::kNone && !shown.layers.base;
      if (!own_held) throw LawBroken(4, name + " is not at the server");
      return {};
    }
    const Seen& seen = at->second;
    if (!in_scope(phone, seen)) {
      // What its own edits are held for is told, though the record is not shown.
      if (shown.layers.base || shown.layers.own_hold == HoldReason::kNone)
        throw LawBroken(10, name + " is not its person's to see any more");
      return {};
    }
    there.insert(id);
    std::map<FieldKey, IntentId> winners;
    for (const Register& reg : shown.state.registers) {
      if (reg.nodes.empty()) continue;
      const IntentId front = oracle.get(key_of(id, reg.field, reg.nodes.front()), name);
      if (!held_.contains(front) || merged_.contains(front)) winners[reg.field] = front;
    }
    for (const auto& [field, winner] : winners) {
      const auto stands = seen.winners.find(field);
      if (stands == seen.winners.end() || stands->second != winner) {
        throw LawBroken(4, name + " shows " + oracle.describe(winner) + " where the server has " +
                               (stands == seen.winners.end() ? "nothing" : oracle.describe(stands->second)));
      }
    }
    for (const auto& [field, winner] : seen.winners) {
      const Register* reg = shown.state.find(field);
      if ((reg == nullptr || reg->nodes.empty()) && !oracle.intent(winner).value.empty())
        throw LawBroken(11, name + " lacks " + oracle.describe(winner));
    }
    const bool own_held =
        shown.layers.own_hold != HoldReason::kNone || seen.row.held_change != HoldReason::kNone;
    const bool is_held = seen.row.hold != HoldReason::kNone;
    if (is_held && shown.stage != Stage::kHeld)
      throw LawBroken(7, name + " is held, and the phone does not say so");
    if (!is_held && !own_held && (shown.stage == Stage::kHeld || shown.stage < Stage::kCounted)) {
      throw LawBroken(7, name + " counts, and the phone says " + std::string(stage_name(shown.stage)));
    }
    return {};
  };
  const auto walked = phone.phone().for_each(visit);
  if (!walked) throw LawBroken(1, phone.name() + " cannot read its records: " + walked.error().context);
  for (const auto& [id, seen] : records_) {
    if (seen.state.registers.empty() || there.contains(id) || !in_scope(phone, seen)) continue;
    throw LawBroken(11, phone.name() + " never received record " + format_ref(ref_of(id)));
  }
}

/// Two stores of one key that sealed under the same numbers: somebody must have been told.
void Laws::forks_are_flagged() {
  std::map<DeviceId, std::size_t> flagged;
  for (const auto& phone : world_.phones_) {
    if (phone->lost || !phone->is_joined()) continue;
    const auto state = phone->phone().sync_state();
    if (state && state->forked) ++flagged[phone->phone().identity().device];
  }
  const auto snapshot = world_.server_.ledger().begin_read();
  if (!snapshot) throw LawBroken(2, "the ledger cannot be read");
  for (const auto& phone : world_.phones_) {
    if (phone->lost || !phone->is_joined()) continue;
    const auto rows = (*snapshot)->batches_of(phone->phone().identity().key.public_key);
    if (!rows) throw LawBroken(2, "batches cannot be read");
    std::set<std::pair<JournalId, std::uint32_t>> numbers;
    std::set<Bytes> unsigned_batches;
    bool forked = false;
    for (const ledger::EntryRow& light : *rows) {
      forked |= !numbers.insert({light.journal, light.number}).second;
      const auto row = (*snapshot)->entry(light.point.position);
      auto open =
          row && *row ? ingest::open_entry(**row) : Result<ingest::OpenBatch>(fail(ErrorCode::kIo, ""));
      if (!open) throw LawBroken(2, "a batch cannot be read");
      open->batch.signature = {};
      if (!unsigned_batches.insert(wire::encode_batch(open->batch, wire::HashForm::kWhole)).second)
        throw LawBroken(3, "one batch stands twice in the ledger: it was signed twice");
    }
    if (!forked) continue;
    world_.trace_.mark("a journal forked");
    // A store that went back may be the one that was told, and no longer know it.
    if (flagged[phone->phone().identity().device] > 0) continue;
    if (!world_.was_restored_.contains(phone->phone().identity().device) && !world_.server_was_restored_)
      throw LawBroken(9, phone->name() + "'s journal forked and no store of it knows");
  }
}

}  // namespace phusa::sim
