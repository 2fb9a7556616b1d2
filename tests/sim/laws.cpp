#include "tests/sim/laws.hpp"

#include "core/merge/state_codec.hpp"
#include "sync-server/ingest/batch_opening.hpp"

namespace phusa::sim {
namespace {

template <class T>
T must(Result<T> result, const char* what) {
  if (!result) throw LawBroken(2, std::string(what) + " cannot be read: " + result.error().context);
  return std::move(*result);
}

}  // namespace

void Laws::check() {
  read_server();
  nothing_is_lost();
  for (const auto& [id, seen] : records_) {
    for (const auto& [field, versions] : seen.versions) {
      every_edit_beats_what_it_saw(seen, field);
      conflicts_are_shown(seen, field);
    }
  }
  holds_have_reasons();
  nobody_is_let_in_wrongly();
  nobody_is_left_outside_wrongly();
  records_are_held_rightly();
  totals_are_exact();
  phones_agree();
  forks_are_flagged();
  if (world_.plan_.climate.verify) replays_agree();
}

void Laws::read_server() {
  const auto snapshot = must(world_.server_.ledger().begin_read(), "the ledger");
  const auto visit = [&](const ledger::RecordRow& row) {
    const auto block = must(snapshot->block_by_no(row.key.block_no()), "a block");
    const RecordId id{block->device, block->block, row.key.n()};
    Seen seen;
    seen.row = row;
    seen.state = must(merge::decode_state(id, row.state), "a record");
    for (const Register& reg : seen.state.registers) {
      for (const Node& node : reg.nodes) {
        const IntentId intent = world_.oracle_.get(key_of(id, reg.field, node), "the server");
        seen.versions[reg.field].insert(intent);
        merged_.insert(intent);
      }
      if (!reg.nodes.empty()) {
        seen.winners[reg.field] = world_.oracle_.get(key_of(id, reg.field, reg.nodes.front()), "the server");
      }
    }
    if (!records_.emplace(id, std::move(seen)).second)
      throw LawBroken(3, "a record stands twice at the server");
    return true;
  };
  must(snapshot->for_each_record({}, visit) ? Result<bool>(true)
                                            : Result<bool>(fail(ErrorCode::kIo, "records")),
       "records");
  const auto hold = [&](std::uint64_t position, std::optional<std::uint32_t> index, HoldReason reason) {
    const auto entry = must(snapshot->entry(position), "an entry");
    const auto open = must(ingest::open_entry(*entry), "a batch");
    const auto changes = must(ingest::unpack_changes(open), "changes");
    for (std::uint32_t i = 0; i < changes.size(); ++i) {
      if (index && i != *index) continue;
      for (const FieldEdit& edit : changes[i].edits)
        held_[world_.oracle_.get(key_of(changes[i].record, edit.field, edit.node), "a held change")] = reason;
    }
    world_.trace_.mark("held: " + std::string(hold_name(reason)));
  };
  for (const auto& row : must(snapshot->held_changes(), "held changes"))
    hold(row.position, row.index, row.reason);
  for (const auto& row : must(snapshot->held_batches(), "held batches"))
    hold(row.point.position, std::nullopt, row.hold);
}

Intents Laws::existing() const {
  Intents out = world_.server_.knows.holds;
  for (const auto& phone : world_.phones_) {
    if (phone->lost) continue;
    out.insert(phone->memory.saved.begin(), phone->memory.saved.end());
    out.insert(phone->memory.carried.begin(), phone->memory.carried.end());
  }
  return out;
}

/// Everything that some device still had, or that the server said it had, is there: merged, or held with a
/// reason.
void Laws::nothing_is_lost() {
  for (const IntentId id : merged_) {
    if (world_.oracle_.is_forged(id))
      throw LawBroken(10, "a forged edit counts: " + world_.oracle_.describe(id));
  }
  const Intents all = existing();
  Intents replaced;
  for (const IntentId id : all) {
    const Intents& drafts = world_.oracle_.intent(id).coalesced;
    replaced.insert(drafts.begin(), drafts.end());
  }
  for (const IntentId id : all) {
    if (merged_.contains(id) || held_.contains(id)) continue;
    if (world_.server_.knows.holds.contains(id))
      throw LawBroken(2, "what the server acknowledged is gone: " + world_.oracle_.describe(id));
    if (replaced.contains(id)) continue;
    throw LawBroken(9, "what a phone still has never arrived: " + world_.oracle_.describe(id));
  }
}

void Laws::every_edit_beats_what_it_saw(const Seen& seen, FieldKey field) {
  const Oracle& oracle = world_.oracle_;
  const Intents& versions = seen.versions.at(field);
  const IntentId winner = seen.winners.at(field);
  Intents beaten;
  for (const IntentId id : versions)
    beaten.insert(oracle.intent(id).beats.begin(), oracle.intent(id).beats.end());
  if (beaten.contains(winner))
    throw LawBroken(8, "an edit stands over one whose author saw it: " + oracle.describe(winner));
  for (const IntentId id : versions) {
    const Intent& rival = oracle.intent(id);
    const Intent& best = oracle.intent(winner);
    if (!beaten.contains(id) && rival.names == best.names && rival.rank > best.rank)
      throw LawBroken(
          10, "a lower rank's edit stands over a higher one's of the same base: " + oracle.describe(id));
  }
  if (versions.size() > 1) world_.trace_.mark("a field with rivals");
}

void Laws::conflicts_are_shown(const Seen& seen, FieldKey field) {
  const Oracle& oracle = world_.oracle_;
  const Intents& versions = seen.versions.at(field);
  const IntentId winner = seen.winners.at(field);
  Intents settled;
  Intents beaten;
  for (const IntentId id : versions) {
    settled.insert(oracle.intent(id).settles.begin(), oracle.intent(id).settles.end());
    beaten.insert(oracle.intent(id).beats.begin(), oracle.intent(id).beats.end());
  }
  Intents shown;
  for (const Node* node : conflicts(*seen.state.find(field)))
    shown.insert(oracle.get(key_of(seen.state.id, field, *node), "a conflict"));
  for (const IntentId id : shown) {
    if (settled.contains(id) && !oracle.has_two_leaves(id))
      throw LawBroken(4, "what was replaced is shown as a conflict: " + oracle.describe(id));
  }
  for (const IntentId id : versions) {
    if (id == winner || beaten.contains(id) || shown.contains(id)) continue;
    if (oracle.intent(id).value == oracle.intent(winner).value) continue;
    throw LawBroken(
        4, "an edit lost in silence: " + oracle.describe(id) + " against " + oracle.describe(winner));
  }
  if (!shown.empty()) world_.trace_.mark("a conflict is shown");
  if (shown.size() > 2) world_.trace_.mark("three conflicts of one field");
}

/// Whether something that a device was good for when it was revoked is nowhere in the ledger.
bool Laws::lacks_good_work(const DeviceId& device) const {
  return std::any_of(world_.good_when_revoked_.begin(), world_.good_when_revoked_.end(), [&](IntentId id) {
    return world_.oracle_.intent(id).device == device && !merged_.contains(id) && !held_.contains(id);
  });
}

/// A held change must have a reason that the oracle can see too.
void Laws::holds_have_reasons() {
  const Oracle& oracle = world_.oracle_;
  std::set<std::pair<RecordId, DeviceId>> lacking;  // a change is held as a whole: one field may be why
  for (const auto& [id, reason] : held_) {
    const Intent& intent = oracle.intent(id);
    for (const IntentId name : intent.names) {
      if (!merged_.contains(name) || oracle.has_two_leaves(name))
        lacking.insert({intent.record, intent.device});
    }
  }
  for (const auto& [id, reason] : held_) {
    if (oracle.is_forged(id)) continue;
    const Intent& intent = oracle.intent(id);
    const auto unexplained = [&](const char* why) {
      throw LawBroken(7,
                      std::string(why) + " (" + std::string(hold_name(reason)) + "): " + oracle.describe(id));
    };
    const bool revoked = std::any_of(world_.phones_.begin(), world_.phones_.end(), [&](const auto& phone) {
      return world_.is_shut_out(*phone) && phone->memory.saved.contains(id);
    });
    switch (reason) {
      case HoldReason::kMissingVersion:
        if (!lacking.contains({intent.record, intent.device})) unexplained("held for an edit that is there");
        break;
      case HoldReason::kOutsideScope: {
        const auto seen = records_.find(intent.record);
        const auto units = seen == records_.end() ? Intents{} : seen->second.versions[FieldKind::kUnit];
        for (const IntentId unit : units) {
          const auto no = value::number(oracle.intent(unit).value);
          if (no && oracle.intent(unit).device != intent.device &&
              world_.standing_.reaches(intent.device, *no, Rank::kOfficer, world_.catalogues_))
            unexplained("an officer's edit of an own unit's record is held");
        }
        break;
      }
      case HoldReason::kRevoked:
        if (!revoked && !world_.was_revoked(intent.device))
          unexplained("held for a revocation that never was");
        // A copy that seals a draft of before its backup again brings it twice: one of the batches counts.
        if (merged_.contains(id)) break;
        // What leads from the last good batch to this one may be gone with a restore, and with who left.
        if (world_.good_when_revoked_.contains(id) && !lacks_good_work(intent.device))
          unexplained("what counted before a revocation does no more");
        break;
      case HoldReason::kNotYours:
        // A copy that never heard of a demotion, or of a predecessor that a restored server forgot.
        if (world_.standing_.is_one_person(intent.device, intent.record.device))
          unexplained("an edit of an own record is held");
        break;
      case HoldReason::kVouchLate:
      case HoldReason::kVouchQuota:
      case HoldReason::kVouchRevoked: {
        const auto doubt = std::find_if(world_.doubts_.begin(), world_.doubts_.end(), [&](const auto& item) {
          return item.first.first == intent.device && item.second.reason == reason;
        });
        if (doubt == world_.doubts_.end()) unexplained("held for a doubt that nobody has");
        break;
      }
      case HoldReason::kUnknownCatalogue:
        // Nobody is left who has that revision; that a phone which has it brings it back is checked by
        // itself.
        if (!world_.office_rests_) unexplained("held for a catalogue that is there");
        break;
      case HoldReason::kRefusedByOffice:
        if (!world_.office_decided_) unexplained("held for a refusal that never was");
        break;
      default:
        unexplained("held for no reason that the oracle sees");
    }
  }
}

}  // namespace phusa::sim
